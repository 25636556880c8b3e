"""What is decided about (Item), and what was decided (Decision)."""

from dataclasses import dataclass, field
from typing import Literal

from bot.mail import Envelope, Mail, PaperReading, Unreadable
from bot.outcome import Outcome
from bot.requests import Request, Unclear
from bot.surety.party import Sender, Stranger
from bot.surety.work import Case

State = Literal["done", "refused", "ignored", "held", "parked"]


@dataclass(frozen=True)
class Command:
    """What the command line asks for, as a named member of the staff."""

    word: str
    arguments: dict[str, str]
    person: str  # the folded address of a registered mailbox
    case_code: str | None = None


@dataclass(frozen=True)
class Item:
    """One inbox item as it was read."""

    inbox_id: int
    round: int
    envelope: Envelope
    content: Mail | Unreadable | Command
    papers: tuple[PaperReading, ...] = ()
    known: dict[str, str] = field(default_factory=dict)  # what later mails added
    told_by: tuple[int, ...] = ()  # the waiting notices whose passwords were tried on its archives ...
    opened_by: tuple[int, ...] = ()  # ... and those of which one was right


@dataclass(frozen=True)
class Decision:
    """What is to become of the item, and why."""

    state: State
    reason: str
    outcome: Outcome
    sender: Sender | Stranger | None = None
    requests: tuple[Request, ...] | Unclear = ()
    case: Case | None = None
