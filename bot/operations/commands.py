"""What staff do to single rows on the command line: retry, park, withdraw, import."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from bot.clock import SystemClock
from bot.config import Config
from bot.operations import directory_files
from bot.wakeups import wake
from storage import enrolments, inbox, journal, letters
from storage.directory import Imported
from storage.opening import Opened

T = TypeVar("T")


def retry_mail(config: Config, opened: Opened, inbox_id: int) -> None:
    """Bring a parked mail back. Raises LostClaim where it is not parked."""
    now = SystemClock().now()
    _change(config, opened, lambda session: inbox.retry(session, inbox_id, now))


def park_mail(config: Config, opened: Opened, inbox_id: int, reason: str) -> None:
    """Set a waiting mail aside. Raises LostClaim where it is not waiting."""
    _change(config, opened, lambda session: inbox.park(session, inbox_id, reason))


def retry_letter(config: Config, opened: Opened, letter_id: int) -> None:
    """Send a letter again. Raises LostClaim where its state does not allow it."""
    now = SystemClock().now()
    _change(config, opened, lambda session: letters.retry(session, letter_id, now))


def withdraw_letter(config: Config, opened: Opened, letter_id: int, reason: str) -> None:
    """Withdraw a letter of which nothing has left. Raises LostClaim where something may have."""
    _change(config, opened, lambda session: letters.withdraw(session, letter_id, reason))


def _change(config: Config, opened: Opened, job: Callable[[Session], T]) -> T:
    """Write, let the database go in any case, and wake the daemon."""
    try:
        done = opened.database.write(job)
    finally:
        opened.database.close()
    wake(config.storage.url)
    return done


def import_file(config: Config, opened: Opened, file: Path) -> Imported:
    """Import a directory file. Raises BadDirectory naming every fault; nothing is stored then."""
    now = SystemClock().now()

    def job(session: Session) -> Imported:
        done = directory_files.import_file(session, file)
        enrolments.resume_registered(session, now)
        journal.append(
            session,
            journal.SERVICE,
            "directory imported",
            at=now,
            actor="command line",
            cause=f"file:{file.name}",
            detail={"parties": done.parties, "mailboxes": done.mailboxes, "orderers": done.orderers},
        )
        return done

    return _change(config, opened, job)
