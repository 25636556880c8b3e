"""State tables of inbox and letter: every legal step, why it is taken, and the diagrams made from them."""

from dataclasses import dataclass
from enum import StrEnum


class InboxState(StrEnum):
    """Where one received mail (or command) stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    HELD = "held"
    DONE = "done"
    REFUSED = "refused"
    IGNORED = "ignored"
    EXPIRED = "expired"
    PARKED = "parked"


class LetterState(StrEnum):
    """Where one outgoing letter stands."""

    WAITING = "waiting"
    WRITING = "writing"
    READY = "ready"
    CLAIMED = "claimed"
    SENDING = "sending"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    PARKED = "parked"


@dataclass(frozen=True)
class Step:
    """One legal step. `fenced`: only the holder of the current claim may take it."""

    source: str
    target: str
    why: str
    fenced: bool = True


_I = InboxState
INBOX_STEPS = (
    Step(_I.WAITING, _I.CLAIMED, "a worker takes it; attempt + 1 is committed before the work", fenced=False),
    Step(_I.CLAIMED, _I.CLAIMED, "its lease ran out without a result; taken again", fenced=False),
    Step(_I.CLAIMED, _I.DONE, "decided and applied"),
    Step(_I.CLAIMED, _I.REFUSED, "decided: the sender must change something and was told"),
    Step(_I.CLAIMED, _I.IGNORED, "automatic, a repeat, or over a limit; the reason is kept"),
    Step(_I.CLAIMED, _I.HELD, "waits for a confirmation, a password, a choice or a registration"),
    Step(_I.CLAIMED, _I.WAITING, "try later: the outside world or another node was busy"),
    Step(_I.CLAIMED, _I.PARKED, "unreadable, or our own fault three times"),
    Step(_I.HELD, _I.WAITING, "what it waited for arrived; round + 1", fenced=False),
    Step(_I.HELD, _I.EXPIRED, "what it waited for never came", fenced=False),
    Step(_I.PARKED, _I.WAITING, "staff say retry", fenced=False),
    Step(_I.WAITING, _I.PARKED, "staff say park", fenced=False),
)

_L = LetterState
LETTER_STEPS = (
    Step(_L.WAITING, _L.WRITING, "a writer takes it; attempt + 1 is committed before the work", fenced=False),
    Step(_L.WRITING, _L.WRITING, "its lease ran out without a result; taken again", fenced=False),
    Step(_L.WRITING, _L.READY, "bytes and Message-ID are stored; they never change again"),
    Step(_L.WRITING, _L.WAITING, "writing failed; tried again"),
    Step(_L.WRITING, _L.PARKED, "writing failed three times"),
    Step(_L.READY, _L.CLAIMED, "a sender takes it", fenced=False),
    Step(_L.CLAIMED, _L.READY, "its lease ran out before a byte went to the relay", fenced=False),
    Step(_L.CLAIMED, _L.SENDING, "committed before the first byte goes to the relay"),
    Step(_L.CLAIMED, _L.DEFERRED, "the relay could not be reached"),
    Step(_L.SENDING, _L.SENT, "the relay said 250"),
    Step(_L.SENDING, _L.DEFERRED, "the relay said 4xx, or could not be reached"),
    Step(_L.SENDING, _L.FAILED, "the relay said 5xx; staff are told"),
    Step(_L.SENDING, _L.UNCERTAIN, "the connection or the program died after the bytes left"),
    Step(_L.SENDING, _L.UNCERTAIN, "its lease ran out: nobody can know", fenced=False),
    Step(_L.DEFERRED, _L.READY, "its time has come", fenced=False),
    Step(_L.UNCERTAIN, _L.READY, "by itself three times, then by staff", fenced=False),
    Step(_L.WAITING, _L.WITHDRAWN, "moot or withdrawn by staff", fenced=False),
    Step(_L.WRITING, _L.WITHDRAWN, "moot or withdrawn by staff", fenced=False),
    Step(_L.READY, _L.WITHDRAWN, "moot or withdrawn by staff", fenced=False),
    Step(_L.CLAIMED, _L.WITHDRAWN, "moot or withdrawn by staff", fenced=False),
    Step(_L.DEFERRED, _L.WITHDRAWN, "moot or withdrawn by staff", fenced=False),
    Step(_L.UNCERTAIN, _L.WITHDRAWN, "staff found that it had arrived", fenced=False),
    Step(_L.PARKED, _L.WITHDRAWN, "withdrawn by staff", fenced=False),
    Step(_L.PARKED, _L.WAITING, "staff say retry", fenced=False),
    Step(_L.FAILED, _L.READY, "staff say retry", fenced=False),
)


def is_legal(steps: tuple[Step, ...], source: str, target: str, *, fenced: bool) -> bool:
    """Say whether a step from source to target exists, for a claim holder (fenced) or for anybody."""
    return any(s.source == source and s.target == target and s.fenced == fenced for s in steps)


def diagram(steps: tuple[Step, ...]) -> str:
    """Draw the steps as a Mermaid state diagram, for storage/README.md."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {s.source} --> {s.target}: {s.why}" for s in steps]
    return "\n".join(lines)
