"""Who takes part: parties, their registered mailboxes with roles, and the proven (or unproven) sender."""

from enum import StrEnum

from bot.values import Value


class PartyKind(StrEnum):
    """受注者, 発注者, 保証会社."""

    CONTRACTOR = "contractor"
    ORDERER = "orderer"
    SURETY = "surety"


class Role(StrEnum):
    """What a mailbox may do. Staff decide by separate hands: examination, approval, collection."""

    APPLY = "申込できる"
    VIEW = "閲覧のみ"
    VERIFY = "照会"
    EXAMINE = "審査"
    DECIDE = "決裁"
    COLLECT = "収納"
    MANAGE = "管理"


class Party(Value):
    """受注者・発注者・保証会社: one body that mailboxes belong to."""

    id: int
    number: str  # customer number, or the directory's name for it
    kind: PartyKind
    name: str
    domain: str | None = None  # folded; mails from it belong to this party, with proof each time
    registered_box: str | None = None  # where answers to domain-only writers go
    shared_domain_ok: bool = False  # staff have looked at who else uses the domain
    address: str = ""  # 住所, printed on certificates
    representative: str = ""  # printed after the name where given
    phone: str = ""
    monthly_billing: bool = False  # 保証料一括納付: issued before the premium is paid


class Mailbox(Value):
    """One registered mailbox."""

    address: str  # folded
    party_id: int
    person: str = ""  # who reads it, for the salutation
    roles: frozenset[Role] = frozenset()
    stopped: bool = False


class Proof(StrEnum):
    """How far the source of a mail is proven (RFC 8601 results of a trusted peer, or a typed code)."""

    NONE = "none"
    READER = "reader"  # aligned SPF alone: good for showing, never for a change
    FULL = "full"  # DMARC-aligned DKIM
    CONFIRMED = "confirmed"  # a code from the registered mailbox was typed
    COMMAND_LINE = "command line"

    @property
    def may_change(self) -> bool:
        """Say whether this proof is enough for what changes state."""
        return self in (Proof.FULL, Proof.CONFIRMED, Proof.COMMAND_LINE)


class Sender(Value):
    """Somebody the directory knows. `mailbox` is None where only the domain is registered."""

    address: str  # the visible From, folded
    party: Party
    mailbox: Mailbox | None
    proof: Proof
    how: str = ""  # for explain and the journal: what proved it

    @property
    def answer_to(self) -> str:
        """The only address that is answered: the registered mailbox, or the party's registered box."""
        if self.mailbox is not None:
            return self.mailbox.address
        assert self.party.registered_box is not None
        return self.party.registered_box

    @property
    def person(self) -> str:
        """The name to greet, as registered; empty where only the domain is known."""
        return self.mailbox.person if self.mailbox is not None else ""

    def may(self, role: Role) -> bool:
        """Say whether the mailbox has a role. A domain-only sender may verify, nothing else."""
        if self.mailbox is None:
            return role == Role.VERIFY and self.party.kind == PartyKind.ORDERER
        return role in self.mailbox.roles


class Stranger(Value):
    """Somebody the directory does not know, or a From that cannot be one person."""

    address: str | None
    proof: Proof
    refused_by_dmarc: bool = False
    dmarc_unknown: bool = False  # DMARC may refuse it: something kept us from finding out
    how: str = ""
