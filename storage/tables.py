"""All tables. A row is the columns we search, sort or constrain on, and one JSON body of a frozen value."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite keeps no time zone: what is stored there is UTC by this class alone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Any:
    return Field(default=None, primary_key=True, sa_type=_Id)


def _ref(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(_Id, ForeignKey(target), index=index, nullable=nullable))


def _body() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _moment(*, index: bool = False, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Moment, index=index, nullable=nullable))


def _sealed() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


class InboxRow(SQLModel, table=True):
    """One received mail or command, and what became of it (states: storage/states.py)."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_state_due_at", "state", "due_at"),
        Index("ix_inbox_order_key_state", "order_key", "state"),
        Index("ix_inbox_writer_address_message_id", "writer_address", "message_id"),
        Index("ix_inbox_words_digest_decided_at", "words_digest", "decided_at"),
        Index("ix_inbox_thread_digest_decided_at", "thread_digest", "decided_at"),
        Index("ix_inbox_party_id_decided_at", "party_id", "decided_at"),
    )
    id: int | None = _id()
    state: str
    source: str  # smtp, lmtp, imap, file, or command for the command line
    transport_digest: str = Field(unique=True)  # keyed, of bytes and envelope: a client's retries
    envelope: dict[str, Any] = _body()
    order_key: str | None  # folded envelope sender; NULL has no order
    received_at: datetime = _moment(index=True)
    due_at: datetime = _moment()
    claimed_until: datetime | None = _moment(nullable=True)
    claimed_by: str | None = None
    fence: int = 0  # grows by one with every claim; every result names it
    attempt: int = 0  # claims without a result
    round: int = 0  # how often it was resumed after a hold
    reason: str = ""
    writer_address: str | None = None  # the visible From, folded, once read
    proof: str | None = None  # how far that From was proven, once decided
    subject: str = ""  # once read, cut short
    message_id: str | None = None
    parents: str | None = None  # the newest of what it hangs on (References), without < >, by spaces
    logical_digest: str | None = None
    words_digest: str | None = None  # of the new words alone, folded: what bots tell each other
    thread_digest: str | None = None  # of the case, or else of the subject without Re:
    signed_digest: str | None = Field(default=None, index=True)  # From, Message-ID, and what was signed
    party_id: int | None = _ref("party.id", index=False, nullable=True)  # whose mailbox wrote, once decided
    case_id: int | None = _ref("work_case.id", nullable=True)
    held_for: str | None = None
    held_until: datetime | None = _moment(nullable=True)
    held: dict[str, Any] = _body()  # what the hold waits for (a Hold)
    known: dict[str, Any] = _body()  # what later mails added, for the next round
    decided_at: datetime | None = _moment(nullable=True)  # last; of a held one when it was held


class InboxBlob(SQLModel, table=True):
    """The sealed bytes of one inbox row: beside it, so that a change of state never rewrites them."""

    __tablename__ = "inbox_blob"
    inbox_id: int = Field(sa_column=Column(_Id, ForeignKey("inbox.id"), primary_key=True))
    size: int
    sealed: bytes = _sealed()


class InboxVerification(SQLModel, table=True):
    """What was verified of one mail at its first reading (DKIM, SPF, DMARC, ARC), and the DNS answers."""

    __tablename__ = "inbox_verification"
    inbox_id: int = Field(sa_column=Column(_Id, ForeignKey("inbox.id"), primary_key=True))
    at: datetime = _moment()
    body: dict[str, Any] = _body()


class FetchedRow(SQLModel, table=True):
    """One mail as a mailbox at a provider holds it (RFC 9051 §2.3.1.1), and how far we have come with it."""

    __tablename__ = "fetched"
    __table_args__ = (UniqueConstraint("account", "folder", "uidvalidity", "uid"),)
    id: int | None = _id()
    account: str
    folder: str
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    digest: str = Field(index=True)  # sha256 of the bytes
    inbox_id: int | None = _ref("inbox.id", nullable=True)
    filed: bool = False  # flagged or moved at the provider, after our commit
    fetched_at: datetime = _moment()


class ImapPassRow(SQLModel, table=True):
    """The last full pass over one mailbox at a provider: what health is judged by."""

    __tablename__ = "imap_pass"
    account: str = Field(primary_key=True)
    folder: str
    uidvalidity: int = Field(sa_type=BigInteger)
    passed_at: datetime = _moment()


class LetterRow(SQLModel, table=True):
    """One letter to one envelope recipient (states: storage/states.py)."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_state_due_at", "state", "due_at"),
        Index("ix_letter_order_key_state", "order_key", "state"),
    )
    id: int | None = _id()
    state: str
    cause_key: str = Field(unique=True)  # <cause>:<id>:<round>:<n>: the same cause never writes twice
    recipient: str = Field(index=True)
    order_key: str  # case and recipient: these go out in order
    case_id: int | None = _ref("work_case.id", nullable=True)
    inbox_id: int | None = _ref("inbox.id", nullable=True)
    templates: str  # names, for lists
    subject: str = ""
    message_id: str | None = Field(default=None, index=True)
    created_at: datetime = _moment()
    due_at: datetime | None = _moment(nullable=True)
    claimed_until: datetime | None = _moment(nullable=True)
    claimed_by: str | None = None
    fence: int = 0
    attempt: int = 0
    transmissions: int = 0  # how often its bytes began to go to the relay
    reason: str = ""
    sent_at: datetime | None = _moment(nullable=True)
    bounced: str | None = None  # what a report said became of it: failed, delayed
    bounced_at: datetime | None = _moment(nullable=True)
    bounce_reason: str | None = None


class LetterDraft(SQLModel, table=True):
    """What one letter is to say (the sealed Letter value; never a key): beside its row, which stays small."""

    __tablename__ = "letter_draft"
    letter_id: int = Field(sa_column=Column(_Id, ForeignKey("letter.id"), primary_key=True))
    sealed: bytes = _sealed()


class LetterBlob(SQLModel, table=True):
    """The sealed bytes of one written letter."""

    __tablename__ = "letter_blob"
    letter_id: int = Field(sa_column=Column(_Id, ForeignKey("letter.id"), primary_key=True))
    size: int
    sealed: bytes = _sealed()


class DocumentRow(SQLModel, table=True):
    """One paper, stored once: first writer wins, a resend is byte-identical."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("of", "version", "kind"),)
    id: int | None = _id()
    of: str  # what the paper is about, e.g. guarantee:2080001234
    version: int
    kind: str  # the rendition, e.g. key_notice
    file_name: str  # ASCII
    media_type: str
    created_at: datetime = _moment()


class DocumentBlob(SQLModel, table=True):
    """The sealed bytes of one document."""

    __tablename__ = "document_blob"
    document_id: int = Field(sa_column=Column(_Id, ForeignKey("document.id"), primary_key=True))
    size: int
    sealed: bytes = _sealed()


class JournalRow(SQLModel, table=True):
    """One line of the append-only journal; each chain is hash-chained from its first row."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("chain", "seq"),)
    id: int | None = _id()
    chain: str
    seq: int
    at: datetime = _moment()
    event: str
    actor: str
    cause: str  # inbox:<id>, letter:<id>, clock:<tick>
    detail_digest: str  # sha256 of salt and details: stays provable when the details are erased
    previous_digest: str
    digest: str


class JournalDetail(SQLModel, table=True):
    """The erasable details of one journal line, with the salt of their digest."""

    __tablename__ = "journal_detail"
    journal_id: int = Field(sa_column=Column(_Id, ForeignKey("journal.id"), primary_key=True))
    salt: str
    detail: dict[str, Any] = _body()


class PartyRow(SQLModel, table=True):
    """受注者, 発注者 or the 保証会社 itself: whoever mailboxes belong to."""

    __tablename__ = "party"
    id: int | None = _id()
    number: str = Field(unique=True)  # customer number, or the directory's own name for the party
    kind: str  # contractor, orderer, surety
    name: str
    name_folded: str = Field(index=True)
    domain: str | None = Field(default=None, unique=True)  # mails from it belong to the party
    registered_box: str | None = None  # where answers go when only the domain is known
    body: dict[str, Any] = _body()


class MailboxRow(SQLModel, table=True):
    """One registered mailbox: the only kind of address that is ever answered."""

    __tablename__ = "mailbox"
    id: int | None = _id()
    address: str = Field(unique=True)  # folded
    party_id: int = _ref("party.id")
    stopped: bool = False  # 停止: no letters that may be stopped
    unreachable_since: datetime | None = _moment(nullable=True)  # three of its letters bounced within a week
    body: dict[str, Any] = _body()


class EnrolmentRow(SQLModel, table=True):
    """利用登録: one wish to be registered, or to have mailboxes changed, until staff have decided."""

    __tablename__ = "enrolment"
    id: int | None = _id()
    number: str = Field(unique=True)  # E8-00456
    address: str = Field(index=True)  # folded: the mailbox that asked
    party_name: str
    state: str = Field(index=True)
    created_at: datetime = _moment()
    revision: int = 0
    body: dict[str, Any] = _body()


class OrdererRow(SQLModel, table=True):
    """One 発注者 as a certificate names it (an office-holder), with its profile. A city may have several."""

    __tablename__ = "orderer"
    id: int | None = _id()
    addressee: str = Field(unique=True)  # 松山市長
    addressee_folded: str = Field(index=True)
    party_id: int = _ref("party.id")
    body: dict[str, Any] = _body()


class CaseRow(SQLModel, table=True):
    """案件: one work of one contractor; what a case code names."""

    __tablename__ = "work_case"
    id: int | None = _id()
    code: str = Field(unique=True)  # R8-01234-7KQ4
    contractor_id: int = _ref("party.id")
    orderer_id: int | None = _ref("orderer.id", nullable=True)
    work_name: str
    search_text: str  # folded work name
    revision: int = 0
    created_at: datetime = _moment()
    body: dict[str, Any] = _body()


class ApplicationRow(SQLModel, table=True):
    """申込: one application of one case."""

    __tablename__ = "application"
    id: int | None = _id()
    case_id: int = _ref("work_case.id")
    contractor_id: int = _ref("party.id")
    state: str = Field(index=True)
    needed_on: date | None = Field(default=None, index=True)
    revision: int = 0
    body: dict[str, Any] = _body()


class GuaranteeRow(SQLModel, table=True):
    """保証: one guarantee of one case, from the application on."""

    __tablename__ = "guarantee"
    id: int | None = _id()
    case_id: int = _ref("work_case.id")
    application_id: int = _ref("application.id")
    contractor_id: int = _ref("party.id")
    orderer_id: int = _ref("orderer.id")
    kind: str
    number: str | None = Field(default=None, unique=True)  # 保証契約番号
    state: str = Field(index=True)
    issued_on: date | None = None
    search_text: str = ""  # folded: work name, orderer, numbers
    revision: int = 0
    body: dict[str, Any] = _body()


class AuthKeyRow(SQLModel, table=True):
    """認証キー: sealed; a new key is a new version, and only the newest opens."""

    __tablename__ = "auth_key"
    __table_args__ = (UniqueConstraint("guarantee_number", "version"),)
    id: int | None = _id()
    guarantee_number: str
    version: int
    issuer: str  # own, external
    registered_at: datetime = _moment()
    sealed: bytes = _sealed()


class EnquiryRow(SQLModel, table=True):
    """照会: one verification asked for, and what was answered. A wrong typed key is a guess."""

    __tablename__ = "enquiry"
    __table_args__ = (Index("ix_enquiry_party_id_at", "party_id", "at"),)
    id: int | None = _id()
    number: str = Field(unique=True)  # K8-07788
    mailbox: str
    party_id: int = _ref("party.id", index=False)
    at: datetime = _moment()
    guarantee_id: int | None = _ref("guarantee.id", nullable=True)
    verdict: str
    guess: bool = False
    body: dict[str, Any] = _body()


class CounterRow(SQLModel, table=True):
    """The last number given out of each series."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


class StampRow(SQLModel, table=True):
    """What this database is: whether it was made for a trial, and the identity of its service key."""

    __tablename__ = "stamp"
    name: str = Field(primary_key=True)
    value: str


def table(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table of a model, for Core statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


metadata = SQLModel.metadata
