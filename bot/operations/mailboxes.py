"""How the mailboxes at providers stand: when each was last passed, what waits there, what nobody took."""

from datetime import datetime, timedelta
from typing import Any

from bot.clock import TOKYO
from bot.config import Config, ImapPart
from bot.fetched import mailbox_settings
from bot.intake.imap_settings import NoSecret, read_secret
from bot.operations.checked import CheckResult
from storage.database import looking
from storage.fetched import PassState, pass_states

LATE = timedelta(minutes=35)  # a pass is made at every connection and each quarter of an hour


def mailbox_rows(config: Config, now: datetime) -> list[dict[str, Any]]:
    """Say of each configured mailbox how it stands; `ok` where people need not look after it."""
    if not config.imap:
        return []
    with looking(config.storage.url) as session:
        states = pass_states(session)
    return [_row(one, states.get(one.name), now) for one in config.imap]


def _row(part: ImapPart, state: PassState | None, now: datetime) -> dict[str, Any]:
    if state is not None and state.folder != part.folder:
        state = None  # of a folder that is not read any more
    age = None if state is None else max(0, int((now - state.passed_at).total_seconds()))
    return {
        "name": part.name,
        "folder": part.folder,
        "ok": state is not None and age is not None and age <= LATE.total_seconds() and not state.left,
        "passed": None if state is None else state.passed_at.astimezone(TOKYO).isoformat(timespec="seconds"),
        "age_seconds": age,
        "unfiled": 0 if state is None else state.unfiled,
        "too_big": [] if state is None else list(state.left),
    }


def mailboxes_as_text(rows: list[dict[str, Any]]) -> str:
    """Print a line for each mailbox."""
    return "\n".join(_line(row) for row in rows) or "no [[imap]] in the configuration"


def _line(row: dict[str, Any]) -> str:
    parts = [f"last pass {row['passed']}, {row['age_seconds']} s ago" if row["passed"] else "never passed"]
    if row["unfiled"]:
        parts.append(f"{row['unfiled']} taken in but not filed yet")
    if row["too_big"]:
        uids = ", ".join(str(uid) for uid in row["too_big"])
        parts.append(f"too big, left in the folder: UID {uids}")
    return f"{'ok  ' if row['ok'] else 'FAIL'} {row['name']} ({row['folder']}): {'; '.join(parts)}"


def check_mailboxes(config: Config) -> list[CheckResult]:
    """Look whether each mailbox could be opened: that its password can be read, or a token had."""
    return [_checked(config, part) for part in config.imap]


def _checked(config: Config, part: ImapPart) -> CheckResult:
    try:
        secret = read_secret(mailbox_settings(part, config))
    except NoSecret as error:
        return CheckResult(f"imap {part.name}", False, str(error))
    return CheckResult(f"imap {part.name}", True, f"there is a {secret.kind}; hoshobin imap status says more")
