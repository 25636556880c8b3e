"""One verifying helper for all; a DNS server and a house for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.identity.direct import DirectRules
from bot.reading.client import ReadingHelper
from storage.database import Database
from storage.opening import Opened
from storage.sealed import load_key_file
from tests.verification.dns_server import DnsServer, dns_serving
from tests.verification.house import House, zone


@pytest.fixture(scope="session")
def helper() -> Iterator[ReadingHelper]:
    """The reading helper as the daemon runs it where it verifies."""
    running = ReadingHelper(verifying=True)
    running.start()
    yield running
    running.close()


@pytest.fixture
def dns_server() -> Iterator[DnsServer]:
    with dns_serving(zone()) as running:
        yield running


@pytest.fixture
def house(sqlite_url: str, key_file: Path, helper: ReadingHelper, dns_server: DnsServer) -> Iterator[House]:
    opened = Opened(Database(sqlite_url), load_key_file(key_file))
    try:
        yield House(opened, helper, dns_server, DirectRules())
    finally:
        opened.database.close()
