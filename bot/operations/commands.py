"""What staff do to single rows on the command line: retry, park, withdraw, import."""

from pathlib import Path

from sqlmodel import Session

from bot.clock import SystemClock
from bot.config import Config
from bot.wakeups import wake
from storage import inbox, journal, letters
from storage.directory import Imported, import_directory
from storage.opening import Opened


def retry_mail(config: Config, opened: Opened, inbox_id: int) -> None:
    """Bring a parked mail back. Raises LostClaim where it is not parked."""
    now = SystemClock().now()
    opened.database.write(lambda session: inbox.retry(session, inbox_id, now))
    _done(config, opened)


def park_mail(config: Config, opened: Opened, inbox_id: int, reason: str) -> None:
    """Set a waiting mail aside. Raises LostClaim where it is not waiting."""
    opened.database.write(lambda session: inbox.park(session, inbox_id, reason))
    _done(config, opened)


def retry_letter(config: Config, opened: Opened, letter_id: int) -> None:
    """Send a letter again. Raises LostClaim or ValueError where its state does not allow it."""
    now = SystemClock().now()
    opened.database.write(lambda session: letters.retry(session, letter_id, now))
    _done(config, opened)


def withdraw_letter(config: Config, opened: Opened, letter_id: int, reason: str) -> None:
    """Withdraw a letter of which nothing has left."""
    opened.database.write(lambda session: letters.withdraw(session, letter_id, reason))
    _done(config, opened)


def import_file(config: Config, opened: Opened, file: Path) -> Imported:
    """Import a directory file. Raises BadDirectory naming every fault; nothing is stored then."""
    now = SystemClock().now()

    def job(session: Session) -> Imported:
        done = import_directory(session, file)
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

    done = opened.database.write(job)
    _done(config, opened)
    return done


def _done(config: Config, opened: Opened) -> None:
    opened.database.close()
    wake(config.storage.url)
