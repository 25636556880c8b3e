"""Short ways to put rows into storage, move them, and look at them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TypeVar

from sqlmodel import Session

from storage import inbox, letters
from storage.database import Database
from storage.inbox import Arrival, Claim
from storage.letters import LetterClaim
from storage.opening import Opened
from storage.sealed import Sealer
from storage.states import InboxState, LetterState
from storage.tables import InboxRow, LetterRow

T = TypeVar("T")

NOW = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
PATIENCE = 20.0  # seconds until a test that hangs gives up
KENSETSU, KOMUTEN = "jimu@kensetsu.example.jp", "uketsuke@komuten.example.jp"
SHINSEI = "[R8-01234-7KQ4] 証書"


def arrival(sealer: Sealer, data: bytes, sender: str = KENSETSU, at: datetime = NOW) -> Arrival:
    envelope = {"mail_from": sender, "recipients": ["hosho@hosho.example.jp"]}
    return inbox.arrival(sealer, "smtp", envelope, data, sender, at)


def accept(opened: Opened, data: bytes = b"Subject: x\r\n\r\n", sender: str = KENSETSU) -> int:
    new = arrival(opened.sealer, data, sender)
    return opened.database.write(lambda session: inbox.accept(session, new))


def claim(opened: Opened, at: datetime = NOW, node: str = "one") -> Claim | None:
    return opened.database.write(lambda session: inbox.claim(session, node, at, LEASE))


def taken(opened: Opened, at: datetime = NOW, node: str = "one") -> Claim:
    found = claim(opened, at, node)
    assert found is not None
    return found


def finish(opened: Opened, claim: Claim, target: InboxState = InboxState.DONE) -> None:
    opened.database.write(lambda session: inbox.finish(session, claim, target, NOW))


def hold(opened: Opened, claim: Claim, until: datetime = NOW + LEASE, tries: int = 3) -> None:
    held = {"party_id": 1, "tries_left": tries}
    opened.database.write(lambda session: inbox.hold(session, claim, "confirmation", until, held))


def mail(opened: Opened, inbox_id: int) -> InboxRow:
    with opened.database.reading() as session:
        return session.get_one(InboxRow, inbox_id)


def queue(
    opened: Opened, cause: str = "inbox:1:0:0", recipient: str = KENSETSU, case_id: int | None = None
) -> int | None:
    return opened.database.write(
        lambda session: letters.queue(
            session,
            opened.sealer,
            cause_key=cause,
            recipient=recipient,
            body={"sections": []},
            templates="status",
            now=NOW,
            case_id=case_id,
        )
    )


def queued(opened: Opened, cause: str = "inbox:1:0:0", recipient: str = KENSETSU) -> int:
    letter_id = queue(opened, cause, recipient)
    assert letter_id is not None
    return letter_id


def to_write(opened: Opened, at: datetime = NOW, node: str = "one") -> LetterClaim | None:
    return opened.database.write(lambda session: letters.claim_to_write(session, node, at, LEASE))


def to_send(opened: Opened, at: datetime = NOW, node: str = "one") -> LetterClaim | None:
    return opened.database.write(lambda session: letters.claim_to_send(session, node, at, LEASE))


def writing(opened: Opened, at: datetime = NOW) -> LetterClaim:
    found = to_write(opened, at)
    assert found is not None
    return found


def claimed(opened: Opened, at: datetime = NOW) -> LetterClaim:
    found = to_send(opened, at)
    assert found is not None
    return found


def written(opened: Opened, claim: LetterClaim, data: bytes = b"From: us\r\n\r\n") -> None:
    sealed = letters.seal_letter(opened.sealer, claim.cause_key, data)
    opened.database.write(
        lambda session: letters.written(
            session,
            claim,
            message_id=f"<{claim.letter_id}@hosho.example.jp>",
            subject=SHINSEI,
            size=len(data),
            sealed=sealed,
            now=NOW,
        )
    )


def ready(opened: Opened, cause: str = "inbox:1:0:0", recipient: str = KENSETSU) -> int:
    letter_id = queued(opened, cause, recipient)
    written(opened, writing(opened))
    return letter_id


def sending(opened: Opened, at: datetime = NOW) -> LetterClaim:
    """Take the next ready letter as far as its first byte."""
    found = claimed(opened, at)
    opened.database.write(lambda session: letters.sending(session, found))
    return found


def letter(opened: Opened, letter_id: int) -> LetterRow:
    with opened.database.reading() as session:
        return session.get_one(LetterRow, letter_id)


def letter_state(opened: Opened, letter_id: int) -> LetterState:
    return LetterState(letter(opened, letter_id).state)


def ripen(opened: Opened, at: datetime) -> int:
    return opened.database.write(lambda session: letters.ripen(session, at))


def do(opened: Opened, job: Callable[[Session], T]) -> T:
    return opened.database.write(job)


@contextmanager
def busy_writer(database: Database) -> Iterator[None]:
    """Keep the writer in one job meanwhile, so that what is submitted waits together."""
    begun, go_on = Event(), Event()

    def wait(_session: Session) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    waiting = database.submit(wait)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        go_on.set()
        waiting.result(PATIENCE)


def put_off(opened: Opened, claim: LetterClaim, source: LetterState = LetterState.SENDING) -> None:
    do(opened, lambda s: letters.deferred(s, claim, source, NOW + MINUTE, "451 later"))


def lose(opened: Opened, claim: LetterClaim) -> None:
    do(opened, lambda s: letters.uncertain(s, claim, NOW, "the connection broke"))


def send(opened: Opened, claim: LetterClaim) -> None:
    do(opened, lambda s: letters.sent(s, claim, NOW))


def retry_letter(opened: Opened, letter_id: int) -> None:
    do(opened, lambda s: letters.retry(s, letter_id, NOW))
