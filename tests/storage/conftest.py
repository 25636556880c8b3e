"""One open database of each kind for the whole area, emptied before each test: most tests need no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from storage.opening import Opened, open_storage
from storage.sealed import make_key_file
from storage.tables import metadata
from tests.conftest import BOTH, PostgresServer


def _open(url: str, directory: Path) -> Opened:
    key_file = directory / "kept.key"
    make_key_file(key_file)
    return open_storage(url, key_file, stamps={"trial": "no"})


@pytest.fixture(scope="session")
def _kept_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    directory = tmp_path_factory.mktemp("kept")
    storage = _open(f"sqlite:///{directory / 'hoshobin.db'}", directory)
    yield storage
    storage.database.close()


@pytest.fixture(scope="session")
def _kept_postgresql(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    url, drop = postgres_server.new_database()
    storage = _open(url, tmp_path_factory.mktemp("kept"))
    yield storage
    storage.database.close()
    drop()


def _empty(session: Session) -> None:
    for rows in reversed(metadata.sorted_tables):
        if rows.name != "stamp":
            session.execute(rows.delete())
        if session.get_bind().dialect.name == "postgresql" and "id" in rows.columns:
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{rows.name}', 'id'), 1, false)"))
    session.execute(text("DELETE FROM stamp WHERE name NOT IN ('trial', 'service key')"))


@pytest.fixture(params=BOTH)
def opened(request: pytest.FixtureRequest) -> Opened:
    """Give an empty database, once on each kind. It is not to be closed, altered or given another key."""
    storage: Opened = request.getfixturevalue(f"_kept_{request.param}")
    storage.database.write(_empty)
    return storage


@pytest.fixture
def fresh(storage_url: str, key_file: Path) -> Iterator[Opened]:
    """Give a database of this test's own, once on each kind: it may be closed, altered, rotated."""
    storage = open_storage(storage_url, key_file, stamps={"trial": "no"})
    yield storage
    storage.database.close()
