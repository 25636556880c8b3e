"""What only SQLite needs: durable commits, many writers of one file, and a small log of changes."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlmodel import Session

from storage import inbox
from storage.database import Database
from storage.opening import Opened, open_storage
from storage.tables import CounterRow, InboxRow, table

from .rows import LEASE, NOW, accept, claimed, do, mail, ready, ripen, taken

ROOT = Path(__file__).parents[2]
MAIL_BYTES = 140_000
CHANGES = 100


@pytest.fixture
def opened(sqlite_url: str, key_file: Path) -> Iterator[Opened]:
    """Open a SQLite database; the tests here have nothing to say of PostgreSQL."""
    storage = open_storage(sqlite_url, key_file, stamps={"trial": "no"})
    yield storage
    storage.database.close()


def pragma(session: Session, name: str) -> object:
    return session.execute(text(f"PRAGMA {name}")).scalar()


def log_bytes(opened: Opened) -> int:
    return Path(f"{make_url(opened.database.url).database}-wal").stat().st_size


def test_a_commit_waits_for_the_disk(opened: Opened) -> None:
    """A 250 is a promise: `synchronous=NORMAL` in WAL mode would lose the last commits in a power cut."""
    full = 2
    assert do(opened, lambda s: pragma(s, "synchronous")) == full
    assert do(opened, lambda s: pragma(s, "journal_mode")) == "wal"
    assert do(opened, lambda s: pragma(s, "foreign_keys")) == 1
    with opened.database.reading() as session:
        assert pragma(session, "query_only") == 1
        assert pragma(session, "journal_mode") == "wal"


def read_then_write(session: Session) -> None:
    """Grow a counter the way that locks nothing by itself: only the transaction can make it safe."""
    row = session.get_one(CounterRow, "n")
    row.value += 1
    session.flush()


def make_counter(opened: Opened) -> None:
    do(opened, lambda s: s.add(CounterRow(name="n", value=0)))


def counted(opened: Opened) -> int:
    with opened.database.reading() as session:
        return session.get_one(CounterRow, "n").value


def test_three_threads_that_read_and_then_write_lose_no_increment(opened: Opened) -> None:
    """Trap: with SQLAlchemy's own defaults 3 × 40 such increments ended at 41, without any error."""
    make_counter(opened)
    databases = [Database(opened.database.url) for _ in range(3)]

    def forty(database: Database) -> None:
        for _ in range(40):
            database.write(read_then_write)

    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(forty, databases))
    finally:
        for database in databases:
            database.close()
    assert counted(opened) == 120


_WRITE_FORTY = """
import sys
from storage.database import Database
from tests.storage.test_sqlite_file import read_then_write
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(40):
    database.write(read_then_write)
database.close()
"""


@pytest.mark.slow
def test_three_processes_write_one_file_and_none_finds_it_locked(opened: Opened) -> None:
    """Trap: with a deferred BEGIN, 592 of 800 such transactions failed despite a time-out of 5 s."""
    make_counter(opened)
    command = [sys.executable, "-c", _WRITE_FORTY, opened.database.url]
    start = partial(subprocess.Popen, command, cwd=ROOT, text=True)
    pipe = subprocess.PIPE
    processes = [start(stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert counted(opened) == 120


def test_changes_of_state_beside_a_large_mail_write_little(opened: Opened) -> None:
    """Trap: a state in one row with 140 kB of bytes costs 288 kB of log each time it changes."""
    accept(opened, b"x" * MAIL_BYTES)
    before = _log_without_checkpoints(opened)
    for _ in range(CHANGES // 2):
        mine = taken(opened)
        do(opened, partial(inbox.try_later, claim=mine, due_at=NOW, reason="busy"))
    assert (log_bytes(opened) - before) / CHANGES < 20_000


def test_changes_of_state_beside_a_large_letter_write_little(opened: Opened) -> None:
    ready(opened)
    sealed = b"x" * MAIL_BYTES
    do(opened, lambda s: s.execute(text("UPDATE letter_blob SET sealed = :sealed"), {"sealed": sealed}))
    before = _log_without_checkpoints(opened)
    for n in range(CHANGES // 2):
        moment = NOW + n * 2 * LEASE
        claimed(opened, moment)
        assert ripen(opened, moment + LEASE) == 1
    assert (log_bytes(opened) - before) / CHANGES < 20_000


def _log_without_checkpoints(opened: Opened) -> int:
    do(opened, lambda s: pragma(s, "wal_autocheckpoint = 0"))
    return log_bytes(opened)


def test_a_row_of_state_stays_under_one_kilobyte(opened: Opened) -> None:
    inbox_id = accept(opened, b"x" * MAIL_BYTES)
    mine = taken(opened)
    held = {"party_id": 1, "tries_left": 3, "shown": "証書"}
    do(opened, lambda s: inbox.hold(s, mine, "confirmation", NOW + LEASE, held, subject="件" * 100))
    row = mail(opened, inbox_id)
    size = sum(len(str(getattr(row, column.name)).encode()) for column in table(InboxRow).columns)
    assert size < 1_000
