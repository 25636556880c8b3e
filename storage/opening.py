"""Open the service's database: schema, key, stamps, and the right to be the only one."""

import fcntl
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from storage import migrations
from storage.database import Database, make_engine
from storage.sealed import KeyMissing, Sealer, load_key_file, make_key_file
from storage.tables import StampRow


class CannotOpen(Exception):
    """The database cannot be opened as asked; the text says why and what to do."""


@dataclass(frozen=True)
class Opened:
    """A database that may be used, and the key that opens its columns."""

    database: Database
    sealer: Sealer


def open_storage(url: str, key_file: Path, *, stamps: dict[str, str]) -> Opened:
    """Open a database, made new with its key where neither exists, brought to the newest schema.

    `stamps` are what a new database is marked with and an old one must carry, e.g. {"trial": "no"}.
    Raises CannotOpen where the key file is missing beside a database, a stamp differs, or a newer program
    has changed the schema.
    """
    file = _sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url)
    try:
        new = _is_new(engine)
        sealer = _key(key_file, new=new)
        _upgrade(engine)
        _check_stamps(engine, {**stamps, "service key": sealer.root_id})
    finally:
        engine.dispose()
    return Opened(Database(url), sealer)


def _upgrade(engine: Engine) -> None:
    try:
        migrations.upgrade(engine)
    except CommandError as error:
        raise CannotOpen(
            "this database has a schema that this program does not know: it was last used by a newer "
            f"version ({error})"
        ) from error


def _is_new(engine: Engine) -> bool:
    with engine.connect() as connection:
        return migrations.current(connection) is None


def _key(key_file: Path, *, new: bool) -> Sealer:
    if not key_file.exists():
        if not new:
            raise CannotOpen(
                f"the key file {key_file} is missing beside an existing database: nothing in it can be "
                "opened. Put the key file back (from the backup); a new key would not open the old mails."
            )
        make_key_file(key_file)
    if key_file.stat().st_mode & 0o077:
        raise CannotOpen(f"the key file {key_file} can be read by others: chmod 600 {key_file}")
    try:
        return load_key_file(key_file)
    except KeyMissing as error:
        raise CannotOpen(str(error)) from error


def _check_stamps(engine: Engine, stamps: dict[str, str]) -> None:
    with Session(engine) as session, session.begin():
        for name, value in stamps.items():
            row = session.get(StampRow, name)
            if row is None:
                session.add(StampRow(name=name, value=value))
            elif row.value != value:
                raise CannotOpen(
                    f"this database is stamped {name} = {row.value}, not {value}: it belongs to another "
                    "service. Choose another [storage] url or key_file."
                )


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def hold_node(database: Database, node: str) -> Callable[[], None]:
    """Be the only `serve` of this node (on SQLite: of this database); return how to let go.

    Raises CannotOpen where another process is it already.
    """
    file = _sqlite_file(database.url)
    if file is not None:
        return _hold_file(file.with_name(file.name + ".serve"))
    autocommit = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    return _hold_advisory(autocommit, node)


def _hold_file(path: Path) -> Callable[[], None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise CannotOpen(f"another `hoshobin serve` has this database open ({path} is locked)") from error
    return lambda: os.close(descriptor)


def _hold_advisory(connection: Connection, node: str) -> Callable[[], None]:
    name = int.from_bytes(hashlib.sha256(f"hoshobin node {node}".encode()).digest()[:8], "big", signed=True)
    taken: Any = connection.execute(text("SELECT pg_try_advisory_lock(:name)"), {"name": name}).scalar()
    if not taken:
        connection.close()
        raise CannotOpen(f"another `hoshobin serve` is node {node!r}: give each node its own [service] node")
    connection.detach()  # closed for good when let go: back in the pool it would go on holding the lock
    return connection.close
