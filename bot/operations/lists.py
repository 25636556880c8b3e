"""Lists and single rows for people (tables) and programs (plain values); read-only."""

import email
import email.policy
from collections.abc import Callable
from typing import Any

import rich.box
from rich.console import Console
from rich.table import Table
from sqlalchemy import Select, func
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, col, select

from bot.clock import TOKYO
from bot.config import Config
from storage import inbox, letters
from storage.database import looking
from storage.sealed import Sealer, load_key_file
from storage.states import InboxState, LetterState
from storage.tables import InboxRow, LetterRow


def rows_of(url: str, statement: Any) -> list[Any]:
    """Return all rows of one statement, from a database that is only read."""
    with looking(url) as session:
        return list(session.exec(statement))


def count_states(url: str) -> dict[str, dict[str, int]]:
    """Count inbox rows and letters by state; states without rows count 0."""
    mails = dict(rows_of(url, select(InboxRow.state, func.count()).group_by(InboxRow.state)))
    sent = dict(rows_of(url, select(LetterRow.state, func.count()).group_by(LetterRow.state)))
    return {
        "inbox": {state.value: mails.get(state.value, 0) for state in InboxState},
        "letters": {state.value: sent.get(state.value, 0) for state in LetterState},
    }


def states_as_text(counted: dict[str, dict[str, int]]) -> str:
    """Print counts, one line a table, without the zeroes."""
    lines = []
    for name, states in counted.items():
        shown = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        lines.append(f"{name}: {shown or 'nothing'}")
    return "\n".join(lines)


def inbox_rows(url: str, state: str, limit: int, *, automatic: bool = False) -> list[dict[str, Any]]:
    """List the newest inbox rows, newest first; only those that programs sent, if so."""
    statement: Select[Any] = select(InboxRow).order_by(col(InboxRow.id).desc()).limit(limit)
    if state:
        statement = statement.where(col(InboxRow.state) == state)
    if automatic:
        statement = statement.where(col(InboxRow.reason).startswith("automatic"))
    return [
        {
            "id": row.id,
            "received": _local(row.received_at),
            "state": row.state,
            "from": row.writer_address or row.order_key or "",
            "subject": row.subject,
            "reason": row.reason,
        }
        for row in rows_of(url, statement)
    ]


def letter_rows(url: str, state: str, limit: int, *, bounced: bool = False) -> list[dict[str, Any]]:
    """List the newest letters, newest first; only those that came back, if so."""
    statement: Select[Any] = select(LetterRow).order_by(col(LetterRow.id).desc()).limit(limit)
    if state:
        statement = statement.where(col(LetterRow.state) == state)
    if bounced:
        statement = statement.where(col(LetterRow.bounced).is_not(None))
    return [
        {
            "id": row.id,
            "created": _local(row.created_at),
            "state": row.state,
            "to": row.recipient,
            "subject": row.subject or row.templates,
            "reason": row.reason or _came_back(row),
        }
        for row in rows_of(url, statement)
    ]


def _came_back(row: LetterRow) -> str:
    return f"bounced: {row.bounced} {row.bounce_reason or ''}".rstrip() if row.bounced else ""


def inbox_row(url: str, inbox_id: int) -> dict[str, Any]:
    """Return all columns of one inbox row. Raises KeyError where there is none."""
    found = rows_of(url, select(InboxRow).where(InboxRow.id == inbox_id))
    return _one(found, f"inbox {inbox_id}")


def letter_row(url: str, letter_id: int) -> dict[str, Any]:
    """Return all columns of one letter. Raises KeyError where there is none."""
    found = rows_of(url, select(LetterRow).where(LetterRow.id == letter_id))
    return _one(found, f"letter {letter_id}")


def _one(found: list[Any], name: str) -> dict[str, Any]:
    if not found:
        raise KeyError(f"there is no {name}")
    values: dict[str, Any] = found[0].model_dump(mode="json")
    return values


def inbox_bytes(config: Config, inbox_id: int) -> bytes:
    """Open the bytes of one mail. Raises KeyError where there is none."""
    return _bytes(config, inbox.data_of, inbox_id, f"inbox {inbox_id}")


def letter_bytes(config: Config, letter_id: int) -> bytes:
    """Open the bytes of one written letter. Raises KeyError where there is none."""
    return _bytes(config, letters.data_of, letter_id, f"letter {letter_id} that is written")


def _bytes(config: Config, data_of: Callable[[Session, Sealer, int], bytes], row_id: int, name: str) -> bytes:
    sealer = load_key_file(config.storage.key_file)
    try:
        with looking(config.storage.url) as session:
            return data_of(session, sealer, row_id)
    except NoResultFound as error:
        raise KeyError(f"there is no {name}") from error


def as_table(rows: list[dict[str, Any]]) -> str:
    """Draw rows as a plain table."""
    if not rows:
        return "nothing"
    table = Table(box=rich.box.SIMPLE_HEAD)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console = Console(width=140)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name} {amount:,}" for name, amount in value.items())
    return "" if value is None else str(value)


def as_fields(row: dict[str, Any]) -> str:
    """Print one row, a column a line."""
    return "\n".join(f"{name}: {value}" for name, value in row.items() if value not in (None, "", {}))


def letter_as_text(data: bytes) -> str:
    """Print the headers that matter and the plain part of a letter, and name its attachments."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    body = mail.get_body(("plain",))
    lines = [f"To: {mail['To']}", f"Subject: {mail['Subject']}", ""]
    lines.append(str(body.get_content()) if body is not None else "")
    lines += [f"[attached: {part.get_filename()}]" for part in mail.iter_attachments()]
    return "\n".join(lines) + "\n" + "=" * 60


def _local(moment: Any) -> str:
    return str(moment.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S"))
