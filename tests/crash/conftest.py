"""Fixtures of the crash tests: a fork server, and as many fresh databases as there are tellings."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import BOTH, PostgresServer
from tests.crash.fork_server import ForkServer

FreshStorage = Callable[[], tuple[str, Path]]


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Start the server that lives are forked from."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(params=BOTH)
def fresh_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FreshStorage]:
    """Give a maker of (URL of a database with nothing in it, directory), once for each kind."""
    numbers = itertools.count(1)
    drops: list[Callable[[], None]] = []

    def make() -> tuple[str, Path]:
        directory = tmp_path / str(next(numbers))
        directory.mkdir()
        if request.param == "sqlite":
            return f"sqlite:///{directory / 'hoshobin.db'}", directory
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url, drop = server.new_database()
        drops.append(drop)
        return url, directory

    yield make
    for drop in drops:
        drop()
