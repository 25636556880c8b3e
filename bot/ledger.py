"""What may be asked of the ledger, and the changes that may be made to it. Read-only for handlers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import AwareDatetime, JsonValue, SecretStr

from bot.surety.application import Application
from bot.surety.enquiry import Enquiry
from bot.surety.enrolment import Enrolment
from bot.surety.guarantee import Guarantee
from bot.surety.party import Mailbox, Party
from bot.surety.work import Case
from bot.values import Value


class Put(Value):
    """Store this value as the new state of what it names; refused where it was changed in between."""

    value: Case | Mailbox | Application | Guarantee | Enquiry | Party | Enrolment


def row_of(
    value: Case | Mailbox | Application | Guarantee | Enquiry | Party | Enrolment,
) -> tuple[str, int | str]:
    """Return what tells one stored thing from all others."""
    match value:
        case Mailbox():
            return "mailbox", value.address
        case Enquiry() | Enrolment():
            return type(value).__name__, value.number
        case _:
            return type(value).__name__, value.id


class RegisterKey(Value):
    """Keep a new auth key of a guarantee: only the newest version opens."""

    guarantee_number: str
    version: int
    issuer: str
    key: SecretStr


class RegisterParty(Value):
    """Register a new party with its first mailbox; storing it gives both the party's id (0 until then)."""

    party: Party
    mailbox: Mailbox


class RemoveMailbox(Value):
    """Take a mailbox out of the directory: it is a stranger at once, and what it left unconfirmed ends."""

    address: str
    party_id: int
    by_staff: bool = False  # staff may take the last one that may apply, too
    check: str = ""  # how it was checked outside mail


class Resume(Value):
    """Decide a held mail again, with more known."""

    inbox_id: int
    known: dict[str, str]


class WrongCode(Value):
    """A wrong code was typed for a held mail: one try less; the last one ends the hold."""

    inbox_id: int


class Bounced(Value):
    """A report said that a letter of ours did not arrive, or not yet: it stays sent, and is marked."""

    letter_id: int
    kind: Literal["failed", "delayed"]
    reason: str


class Unreachable(Value):
    """So many letters to a mailbox came back that staff must reach its people in another way."""

    address: str


class Moot(Value):
    """A letter that one mail has caused need not be sent any more, where no byte of it has left."""

    inbox_id: int
    template: str


class Reachable(Value):
    """A mailbox that was taken for unreachable has shown that somebody reads it."""

    address: str


Change = (
    Put
    | RegisterKey
    | RegisterParty
    | RemoveMailbox
    | Resume
    | WrongCode
    | Bounced
    | Unreachable
    | Reachable
    | Moot
)


class MailState(Value):
    """What became of one earlier mail of a sender."""

    inbox_id: int
    received_at: AwareDatetime
    subject: str
    state: str
    reason: str


class HeldMail(Value):
    """One mail of a party that waits for a confirmation."""

    inbox_id: int
    round: int
    until: AwareDatetime
    tries_left: int
    code_only: bool = False  # only its code ends it


class HeldArchive(Value):
    """One mail of a party whose archive waits for its password."""

    inbox_id: int
    address: str  # the folded From
    subject: str
    until: AwareDatetime
    known: dict[str, str]  # what earlier notices brought


class GuaranteePage(Value):
    """One page of a list, and how many there are in all."""

    rows: tuple[Guarantee, ...]
    total: int


class OurLetter(Value):
    """One letter of ours that somebody answers."""

    recipient: str
    templates: tuple[str, ...]
    values: tuple[dict[str, JsonValue], ...]  # of each section, in the same order
    case_id: int | None


class SentLetter(Value):
    """One letter of ours whose bytes have left, as far as a report about it needs to know."""

    id: int
    recipient: str
    templates: tuple[str, ...]
    subject: str
    case_code: str | None
    bounced: str | None  # what an earlier report said: failed, delayed


class Ledger(Protocol):
    """The surety's record."""

    def remember(self, changes: Sequence[Change]) -> None:
        """Show cases, applications and guarantees from here on as one request of this mail changed them."""
        ...

    def mails_of(self, address: str, limit: int) -> tuple[MailState, ...]:
        """List the newest mails of one writer, newest first, without the one that is being decided."""
        ...

    def same_mail(
        self, address: str, message_id: str, content_digest: str, *, proven: bool
    ) -> MailState | None:
        """Find an earlier mail that this one repeats: same writer, Message-ID and content.

        A proven mail repeats no unproven one that came to nothing: a forger may have been quicker.
        """
        ...

    def proven_before(self, address: str, message_id: str, signed_digest: str | None) -> MailState | None:
        """Find an earlier mail of the same writer and Message-ID whose source was proven.

        With the digest of what was signed, only one with the very same; without it, any. One that acted comes
        before one that is held, and this before all others.
        """
        ...

    def mails_since(self, address: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one writer that were decided since a moment; only proven ones, if so."""
        ...

    def same_content_since(self, address: str, content_digest: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one writer with this very content since a moment; only proven ones, if so."""
        ...

    def same_words_since(
        self, party_id: int, words_digest: str, moment: datetime, *, proven: bool, address: str | None = None
    ) -> int:
        """Count the mails of one party, or one writer of it, with these new words in one thread."""
        ...

    def mails_of_party_since(self, party_id: int, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one party that were decided since a moment; only proven ones, if so."""
        ...

    def mails_in_thread_since(
        self, party_id: int, thread_digest: str, moment: datetime, *, proven: bool
    ) -> int:
        """Count the mails of one party in one thread since a moment; only proven ones, if so."""
        ...

    def wrong_codes_since(self, party_id: int, moment: datetime) -> int:
        """Count the wrong confirmation codes that were typed in the name of a party since a moment."""
        ...

    def held_for_confirmation(self, party_id: int) -> tuple[HeldMail, ...]:
        """List the party's mails that wait for a confirmation, oldest first."""
        ...

    def held_for_registration(self, address: str, domain: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of an address, or of a domain where one is given, held since for registration."""
        ...

    def held_for_password(self, party_id: int) -> tuple[HeldArchive, ...]:
        """List the party's mails whose archives wait for their password, newest first."""
        ...

    def password_notices(self, party_id: int, address: str) -> tuple[int, ...]:
        """List the party's password notices that wait for their archive, most trustworthy first."""
        ...

    def enrolment(self, number: str) -> Enrolment | None:
        """Find an enrolment by its number."""
        ...

    def enrolment_asked_by(self, address: str) -> Enrolment | None:
        """Return the newest enrolment of a company that one mailbox has asked for."""
        ...

    def open_enrolments(self) -> tuple[Enrolment, ...]:
        """List the enrolments that wait for a decision of staff, oldest first."""
        ...

    def has_letter(self, once: str) -> bool:
        """Say whether a letter of this name, of which there may be only one, is there already."""
        ...

    def case(self, code: str) -> Case | None:
        """Find a case by its code."""
        ...

    def application(self, case_id: int) -> Application | None:
        """Return the newest application of a case."""
        ...

    def applications_of(self, contractor_id: int) -> tuple[Application, ...]:
        """List the applications of a contractor, newest first."""
        ...

    def applications(self, contractor_words: str, work_words: str) -> tuple[Application, ...]:
        """Search applications by folded parts of the contractor's name and the work's name (staff)."""
        ...

    def guarantees(self, case_id: int) -> tuple[Guarantee, ...]:
        """List the guarantees of a case, in the order in which they were made."""
        ...

    def guarantee(self, number: str) -> Guarantee | None:
        """Find a guarantee by its ten-digit number."""
        ...

    def guarantees_of(self, contractor_id: int, words: str, offset: int, limit: int) -> GuaranteePage:
        """List a contractor's registered guarantees whose work, orderer or number holds all the words."""
        ...

    def key_opens(self, number: str, typed: str) -> bool:
        """Compare a typed key with the newest one of a guarantee, in constant time."""
        ...

    def guesses_since(self, party_id: int, moment: datetime) -> int:
        """Count the wrong keys that one party typed since a moment."""
        ...

    def verified_by(self, guarantee_id: int) -> tuple[Enquiry, ...]:
        """List the enquiries that opened a guarantee, oldest first."""
        ...

    def our_letters(self, message_ids: Sequence[str]) -> tuple[OurLetter, ...]:
        """Find which letters of ours a mail answers, by their Message-IDs."""
        ...

    def sent_letters(
        self, message_ids: Sequence[str], letter_id: int | None = None
    ) -> tuple[SentLetter, ...]:
        """Find letters whose bytes have left, by their Message-IDs or by the number of one."""
        ...

    def bounced_since(self, address: str, moment: datetime, *, besides: int) -> int:
        """Count the letters to one mailbox, besides one, that reports since a moment call failed."""
        ...

    def unreachable_since(self, address: str) -> datetime | None:
        """Say since when a mailbox is taken for unreachable, if it is."""
        ...

    def shown_since(self, address: str, moment: datetime) -> int:
        """Count the letters that went to one mailbox since a moment."""
        ...
