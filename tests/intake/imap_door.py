"""A mailbox door on a stand-in provider, over a real database; and short ways to look at both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlmodel import Session, select

from bot.bells import Bell
from bot.clock import FixedClock, SystemClock
from bot.fetched import FetchedBook
from bot.intake.imap import ImapDoor, MailboxSettings
from storage import fetched
from storage.fetched import PassState
from storage.opening import Opened
from storage.tables import FetchedRow, InboxRow
from tests.intake.imap_stand_in import PASSWORD, USER, Provider

DESK = "desk@hosho.example.jp"
QUICK = Random(0)


def mail(number: int, size: int = 200) -> bytes:
    """Make a mail that differs from the others."""
    head = f"From: taro@kensetsu.example.jp\r\nTo: {DESK}\r\nSubject: {number}\r\n\r\n".encode()
    return head + b"x" * max(0, size - len(head)) + b"\r\n"


def settings_for(provider: Provider, directory: Path, **changes: object) -> MailboxSettings:
    """Make settings with the right password; time limits are short enough for a test."""
    secret = directory / "imap.password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    secret.chmod(0o600)
    settings = MailboxSettings(
        name="main",
        host="127.0.0.1",
        port=provider.port,
        user=USER,
        desk=DESK,
        tls="none",
        password_file=secret,
        max_bytes=1_000_000,
        read_seconds=5.0,
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


class _Hurried(Random):
    """Draws the shortest pauses: a test does not wait for a provider's sake."""

    def uniform(self, a: float, b: float) -> float:
        return 0.02


@contextmanager
def door(opened: Opened, *mailboxes: MailboxSettings, clock: FixedClock | None = None) -> Iterator[ImapDoor]:
    """Run a door until the block ends."""
    when = clock or SystemClock()
    book = FetchedBook(opened.database, opened.sealer, when, Bell())
    running = ImapDoor(mailboxes, book, when, _Hurried())
    running.start()
    try:
        yield running
    finally:
        running.stop()


def inbox(opened: Opened) -> list[InboxRow]:
    """Return the inbox, oldest first."""
    with Session(opened.database.readers) as session:
        rows = list(session.exec(select(InboxRow).order_by("id")))
        session.expunge_all()
    return rows


def noted(opened: Opened) -> list[tuple[int, int, bool]]:
    """Return (uidvalidity, uid, filed) of all that was fetched."""
    with Session(opened.database.readers) as session:
        rows = session.exec(select(FetchedRow).order_by("id")).all()
        return [(one.uidvalidity, one.uid, one.filed) for one in rows]


def state(opened: Opened, account: str = "main") -> PassState | None:
    """Return how a mailbox stands."""
    with Session(opened.database.readers) as session:
        return fetched.pass_states(session).get(account)
