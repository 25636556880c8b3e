"""All that a handler may see (Desk) and cause (Outcome): values only; others apply them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from pydantic import AwareDatetime, JsonValue, SecretStr

from bot.clock import tokyo_date
from bot.directory import Directory
from bot.ledger import Change, Ledger, Put, row_of
from bot.mail import Mail, PaperReading
from bot.surety.office import Office
from bot.surety.party import Sender
from bot.surety.work import Case
from bot.values import Value


class KeyRef(Value):
    """Stands for the secret key of one guarantee in a letter: writing fetches the key itself."""

    guarantee_number: str
    version: int


class DocumentRef(Value):
    """Stands for one stored paper; writing makes it where it does not exist yet."""

    of: str  # guarantee:<number>, application:<id>, enquiry:<number>
    version: int
    kind: str  # certificate_contractor, certificate_orderer, key_notice, ...


class Section(Value):
    """One matter in a letter: a template and its values."""

    template: str
    values: dict[str, JsonValue] = {}
    key: KeyRef | None = None  # only sections that carry the key notice


class Letter(Value):
    """One letter to one mailbox of the directory. Several sections when one mail asked for several things."""

    recipient: str
    sections: tuple[Section, ...]
    documents: tuple[DocumentRef, ...] = ()
    case_code: str | None = None
    answers: bool = False  # it answers the mail that caused it: In-Reply-To and References
    subject: str | None = None  # prescribed by an orderer; otherwise the first section's own
    once: str | None = None  # a letter of which there may be only one of this name, e.g. one a day
    not_before: AwareDatetime | None = None  # it is held back until then, and other letters go ahead of it


WRONG_CODE = "wrong confirmation code"  # the note of an outcome, and so the reason of its mail
COURTESY = "courtesy"  # the reason of a mail that asked for nothing


class Hold(Value):
    """What the mail waits for before it can be decided again."""

    kind: str
    until: datetime
    party_id: int | None = None  # whose mailbox has to answer; none where a registration is waited for
    tries_left: int = 0  # wrong codes that are forgiven
    code_only: bool = False  # a proven copy of the mail does not end it: the code is wanted in any case


class Outcome(Value):
    """What one request causes. Nothing has happened yet."""

    note: str  # English, for log, journal and explain; holds no secret
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    hold: Hold | None = None
    refused: bool = False


class Refusal(Exception):
    """The sender must change something: answered with a template that says how to put it right."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values


class TryLater(Exception):
    """The outside world, or another node, was busy: the mail goes back and is tried again.

    With `gives_way` no later mail of the same envelope sender waits for it: anybody can write such a sender.
    """

    def __init__(self, reason: str, *, gives_way: bool = False) -> None:
        super().__init__(reason)
        self.gives_way = gives_way


class Desk(Protocol):
    """窓口: what a handler sees of the office."""

    @property
    def sender(self) -> Sender:
        """Who wrote, and how far that is proven."""
        ...

    @property
    def mail(self) -> Mail | None:
        """The mail; None for the command line."""
        ...

    @property
    def papers(self) -> tuple[PaperReading, ...]:
        """What its attachments turned out to be."""
        ...

    @property
    def case(self) -> Case | None:
        """The case that the thread names, if it is one the sender may see."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The surety's record, read-only."""
        ...

    @property
    def directory(self) -> Directory:
        """The directory, read-only."""
        ...

    @property
    def office(self) -> Office:
        """What the desk says of itself."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of the decision, UTC."""
        ...

    @property
    def received_at(self) -> datetime:
        """The moment the mail arrived, UTC: the time of an application is this one."""
        ...

    def next_number(self, kind: str) -> int:
        """Give out the next number of a series; taken back where the outcome is not applied."""
        ...

    def new_key(self) -> SecretStr:
        """Make a new auth key of our own."""
        ...

    def code(self, *bound_to: object, digits: int = 4) -> str:
        """Make the code that belongs to these things and no others; the same each time it is asked."""
        ...

    def suffix(self, *bound_to: object) -> str:
        """Make the four letters that end a case code."""
        ...


def answer(
    desk: Desk,
    template: str,
    values: Mapping[str, object] | None = None,
    *,
    case: Case | None = None,
    key: KeyRef | None = None,
) -> Letter:
    """Make the letter that answers the sender with one section. Values must be plain JSON."""
    code = case.code if case is not None else None
    letter_section = section(template, values or {}, key)
    return Letter(recipient=desk.sender.answer_to, sections=(letter_section,), case_code=code, answers=True)


def section(template: str, values: Mapping[str, object], key: KeyRef | None = None) -> Section:
    """Make a section; pydantic refuses values that are not plain JSON."""
    return Section.model_validate({"template": template, "values": dict(values), "key": key})


def once_each(letters: Iterable[Letter], name: str) -> tuple[Letter, ...]:
    """Name letters of which each recipient may get only one under this name, e.g. one a day."""
    return tuple(one.but(once=f"{name}:{one.recipient}") for one in letters)


def today(desk: Desk) -> date:
    """Return the calendar day in Asia/Tokyo."""
    return tokyo_date(desk.now)


def add_up(outcomes: Sequence[Outcome]) -> Outcome:
    """Add the outcomes of one mail up: one letter a recipient, in the order of the requests.

    What two of them store anew is stored once, as the last has it.
    """
    letters: dict[str, Letter] = {}
    for letter in (one for outcome in outcomes for one in outcome.letters):
        before = letters.get(letter.recipient)
        letters[letter.recipient] = letter if before is None else _join(before, letter)
    return Outcome(
        note="; ".join(outcome.note for outcome in outcomes),
        changes=_stored_once([change for outcome in outcomes for change in outcome.changes]),
        letters=tuple(letters.values()),
        hold=next((outcome.hold for outcome in outcomes if outcome.hold), None),
        refused=bool(outcomes) and all(outcome.refused for outcome in outcomes),
    )


def _stored_once(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Keep the last of the changes that store one and the same thing, in the place of the first."""
    kept: dict[object, Change] = {}
    for number, change in enumerate(changes):
        kept[row_of(change.value) if isinstance(change, Put) else number] = change
    return tuple(kept.values())


def _join(first: Letter, second: Letter) -> Letter:
    return first.but(
        sections=first.sections + second.sections,
        documents=first.documents + tuple(d for d in second.documents if d not in first.documents),
        case_code=first.case_code or second.case_code,
        answers=first.answers or second.answers,
    )
