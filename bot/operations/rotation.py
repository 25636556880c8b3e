"""Rotate the service key: a new key first in the file, then every sealed column sealed with it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Column, func, select, update
from sqlmodel import Session

from bot.config import Config
from storage.database import Database
from storage.sealed import Sealer, add_key, load_key_file
from storage.tables import (
    AuthKeyRow,
    DocumentBlob,
    DocumentRow,
    InboxBlob,
    InboxRow,
    LetterBlob,
    LetterDraft,
    LetterRow,
    table,
)

BATCH = 100


def rotate(config: Config) -> Iterator[tuple[int, int]]:
    """Add a key and seal everything with it; yields (done, total). Safe to stop and to run again.

    The old keys stay in the file: the first one also derives the secrets of codes that are still out.
    Run it while the service is stopped, or restart the service afterwards so that it loads the new key.
    """
    add_key(config.storage.key_file)
    sealer = load_key_file(config.storage.key_file)
    database = Database(config.storage.url)
    try:
        yield from _all(database, sealer)
    finally:
        database.close()


def _all(database: Database, sealer: Sealer) -> Iterator[tuple[int, int]]:
    with database.reading() as session:
        total = sum(
            int(session.execute(select(func.count()).select_from(t)).scalar_one()) for t, *_ in _SEALED
        )
    done = 0
    yield done, total
    for blob, key, statement, name in _SEALED:
        last: Any = -1
        while True:
            with database.reading() as session:
                page = statement.where(key > last).order_by(key).limit(BATCH)
                rows = [tuple(row) for row in session.execute(page)]
            if not rows:
                break
            again = [(row[0], sealer.seal(sealer.unseal(row[1], name(row)), name(row))) for row in rows]
            database.write(partial(_store, blob=blob, key=key, rows=again))
            last = rows[-1][0]
            done += len(rows)
            yield done, total


def _store(session: Session, *, blob: Any, key: Column[Any], rows: list[tuple[Any, bytes]]) -> None:
    for row_id, sealed in rows:
        session.execute(update(blob).where(key == row_id).values(sealed=sealed))


_IB, _LB, _DB, _AK = table(InboxBlob), table(LetterBlob), table(DocumentBlob), table(AuthKeyRow)
_LD = table(LetterDraft)
_I, _L, _D = table(InboxRow), table(LetterRow), table(DocumentRow)
# table, its key column, what to select (key, sealed, naming columns), and how the row is named when sealed
_SEALED: tuple[Any, ...] = (
    (
        _IB,
        _IB.c.inbox_id,
        select(_IB.c.inbox_id, _IB.c.sealed, _I.c.transport_digest).join(_I, _I.c.id == _IB.c.inbox_id),
        lambda row: f"inbox:{row[2]}",
    ),
    (
        _LB,
        _LB.c.letter_id,
        select(_LB.c.letter_id, _LB.c.sealed, _L.c.cause_key).join(_L, _L.c.id == _LB.c.letter_id),
        lambda row: f"letter:{row[2]}",
    ),
    (
        _LD,
        _LD.c.letter_id,
        select(_LD.c.letter_id, _LD.c.sealed, _L.c.cause_key).join(_L, _L.c.id == _LD.c.letter_id),
        lambda row: f"draft:{row[2]}",
    ),
    (
        _DB,
        _DB.c.document_id,
        select(_DB.c.document_id, _DB.c.sealed, _D.c.of, _D.c.version, _D.c.kind).join(
            _D, _D.c.id == _DB.c.document_id
        ),
        lambda row: f"document:{row[2]}/{row[3]}/{row[4]}",
    ),
    (
        _AK,
        _AK.c.id,
        select(_AK.c.id, _AK.c.sealed, _AK.c.guarantee_number, _AK.c.version),
        lambda row: f"auth_key:{row[2]}/{row[3]}",
    ),
)
