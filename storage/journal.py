"""The append-only journal: one chain a case and one named `service`, each hash-chained from its first row."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.tables import JournalDetail, JournalRow

SERVICE = "service"
_START = "0" * 64


def append(
    session: Session,
    chain: str,
    event: str,
    *,
    at: datetime,
    actor: str,
    cause: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one line to a chain. Two nodes that append to one chain at once: one waits for the other."""
    _wait_for_chain(session, chain)
    newest = select(JournalRow).where(JournalRow.chain == chain).order_by(col(JournalRow.seq).desc()).limit(1)
    last = session.exec(newest).first()
    salt = secrets.token_hex(8)
    row = JournalRow(
        chain=chain,
        seq=last.seq + 1 if last else 1,
        at=at,
        event=event,
        actor=actor,
        cause=cause,
        detail_digest=_detail_digest(salt, detail or {}),
        previous_digest=last.digest if last else _START,
        digest="",
    )
    row.digest = _digest(row)
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(JournalDetail(journal_id=row.id, salt=salt, detail=detail or {}))


def _wait_for_chain(session: Session, chain: str) -> None:
    """Keep other nodes off the chain until this transaction ends; SQLite has one writer at any time."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"hoshobin journal {chain}", 0)
        session.execute(select(func.pg_advisory_xact_lock(name)))


def _detail_digest(salt: str, detail: dict[str, Any]) -> str:
    body = json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}{body}".encode()).hexdigest()


def _digest(row: JournalRow) -> str:
    moment = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [row.chain, str(row.seq), moment, row.event, row.actor, row.cause]
    parts += [row.detail_digest, row.previous_digest]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def lines(session: Session, chain: str) -> Iterator[tuple[JournalRow, dict[str, Any] | None]]:
    """Walk one chain in order, with the details that were not erased."""
    rows = session.exec(
        select(JournalRow, JournalDetail)
        .join(JournalDetail, isouter=True)
        .where(JournalRow.chain == chain)
        .order_by(col(JournalRow.seq))
    )
    for row, detail in rows:
        yield row, detail.detail if detail is not None else None


def faults(session: Session) -> list[str]:
    """Recompute every chain; return one English line for each row that does not fit."""
    found: list[str] = []
    previous: JournalRow | None = None
    rows = session.exec(
        select(JournalRow, JournalDetail)
        .join(JournalDetail, isouter=True)
        .order_by(col(JournalRow.chain), col(JournalRow.seq))
    )
    for row, detail in rows:
        before = previous if previous is not None and previous.chain == row.chain else None
        expected_seq, expected_previous = (before.seq + 1, before.digest) if before else (1, _START)
        if row.seq != expected_seq or row.previous_digest != expected_previous or row.digest != _digest(row):
            found.append(f"journal {row.chain} #{row.seq}: the chain is broken here")
        if detail is not None and row.detail_digest != _detail_digest(detail.salt, detail.detail):
            found.append(f"journal {row.chain} #{row.seq}: the details were changed")
        previous = row
    return found
