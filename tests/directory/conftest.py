"""A fresh desk for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, open_desk


@pytest.fixture
def desk(sqlite_url: str, key_file: Path) -> Iterator[Desk]:
    with open_desk(sqlite_url, key_file) as opened:
        yield opened
