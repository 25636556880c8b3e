"""The one writer: group commit, savepoints, the order of jobs, and what a failed commit does."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from storage.changes import next_number
from storage.database import BATCH, Database
from storage.opening import Opened
from storage.tables import CounterRow, StampRow, table

from .rows import PATIENCE, busy_writer


def stamp(name: str, value: str = "") -> Callable[[Session], None]:
    return lambda session: session.add(StampRow(name=name, value=value))


def stamped(database: Database) -> set[str]:
    with database.reading() as session:
        return {name for (name,) in session.execute(text("SELECT name FROM stamp"))}


def grow(name: str) -> Callable[[Session], int]:
    return lambda session: next_number(session, name, 1)


@contextmanager
def commits_counted(database: Database) -> Iterator[list[object]]:
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(database.engine, "commit", note)
    yield seen
    event.remove(database.engine, "commit", note)


def test_jobs_that_wait_share_one_commit(opened: Opened) -> None:
    with commits_counted(opened.database) as commits:
        with busy_writer(opened.database):
            futures = [opened.database.submit(stamp(f"job {n}")) for n in range(BATCH)]
        for future in futures:
            future.result(PATIENCE)
    assert len(commits) == 1
    assert {f"job {n}" for n in range(BATCH)} <= stamped(opened.database)


def test_a_transaction_holds_no_more_than_a_batch(opened: Opened) -> None:
    with commits_counted(opened.database) as commits:
        with busy_writer(opened.database):
            futures = [opened.database.submit(grow("n")) for _ in range(BATCH + 1)]
        assert [future.result(PATIENCE) for future in futures] == list(range(1, BATCH + 2))
    assert len(commits) == 2


def test_a_job_that_raises_is_undone_and_alone_hears_of_it(opened: Opened) -> None:
    def half(session: Session) -> None:
        session.add(StampRow(name="half", value=""))
        session.flush()
        raise ZeroDivisionError("our own fault")

    with busy_writer(opened.database):
        before = opened.database.submit(stamp("before"))
        wrong = opened.database.submit(half)
        after = opened.database.submit(stamp("after"))
    before.result(PATIENCE)
    after.result(PATIENCE)
    with pytest.raises(ZeroDivisionError, match="our own fault"):
        wrong.result(PATIENCE)
    assert stamped(opened.database) >= {"before", "after"}
    assert "half" not in stamped(opened.database)


def test_a_row_that_the_database_refuses_is_undone_and_alone_hears_of_it(opened: Opened) -> None:
    with busy_writer(opened.database):
        first = opened.database.submit(stamp("same"))
        second = opened.database.submit(stamp("same"))
        third = opened.database.submit(stamp("other"))
    first.result(PATIENCE)
    third.result(PATIENCE)
    with pytest.raises(IntegrityError):
        second.result(PATIENCE)


def _child_before_its_parent(database: Database) -> None:
    def make(session: Session) -> None:
        session.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        reference = "REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED"
        session.execute(text(f"CREATE TABLE child (parent INTEGER {reference})"))

    database.write(make)


def test_when_the_commit_itself_fails_each_job_runs_again_alone(fresh: Opened) -> None:
    """A deferred constraint is looked at by the commit, when every job has already succeeded."""
    _child_before_its_parent(fresh.database)
    runs = {"orphan": 0, "sound": 0}

    def orphan(session: Session) -> None:
        runs["orphan"] += 1
        session.execute(text("INSERT INTO child VALUES (4711)"))

    def sound(session: Session) -> str:
        runs["sound"] += 1
        session.add(StampRow(name="sound", value=""))
        return "stored"

    with busy_writer(fresh.database):
        first, second = fresh.database.submit(sound), fresh.database.submit(orphan)
    assert first.result(PATIENCE) == "stored"
    with pytest.raises(IntegrityError):
        second.result(PATIENCE)
    assert runs == {"orphan": 2, "sound": 2}
    assert "sound" in stamped(fresh.database)
    assert fresh.database.write(grow("still at work")) == 1


def test_nobody_is_answered_before_the_commit(opened: Opened) -> None:
    at_commit, go_on = Event(), Event()

    def hold_back(_connection: object) -> None:
        at_commit.set()
        assert go_on.wait(PATIENCE)

    event.listen(opened.database.engine, "commit", hold_back)
    future = opened.database.submit(stamp("a promise"))
    assert at_commit.wait(PATIENCE)
    assert not future.done()
    assert "a promise" not in stamped(opened.database)
    go_on.set()
    future.result(PATIENCE)
    event.remove(opened.database.engine, "commit", hold_back)
    assert "a promise" in stamped(opened.database)


def test_urgent_jobs_go_first(opened: Opened) -> None:
    order: list[str] = []

    def noted(name: str) -> Callable[[Session], None]:
        return lambda _session: order.append(name)

    with busy_writer(opened.database):
        futures = [opened.database.submit(noted(f"usual {n}")) for n in range(2)]
        futures += [opened.database.submit(noted(f"intake {n}"), urgent=True) for n in range(2)]
    for future in futures:
        future.result(PATIENCE)
    assert order == ["intake 0", "intake 1", "usual 0", "usual 1"]


def test_a_job_sees_what_the_jobs_before_it_in_the_same_transaction_changed(opened: Opened) -> None:
    """One session serves a whole batch: a row that one job has read must not look the same to the next."""
    opened.database.write(grow("n"))
    kept: list[Any] = []
    rows = table(CounterRow)
    with busy_writer(opened.database):
        opened.database.submit(lambda session: kept.append(session.get_one(CounterRow, "n")))
        opened.database.submit(lambda session: session.execute(update(rows).values(value=41)))
        seen = opened.database.submit(lambda session: session.get_one(CounterRow, "n").value)
    assert seen.result(PATIENCE) == 41


def test_a_caller_that_gave_up_while_it_waited_stops_nobody(opened: Opened) -> None:
    """A peer that hangs up cancels what its session waits for; an answer to nobody once ended the writer."""
    ran: list[str] = []
    with busy_writer(opened.database):
        given_up = opened.database.submit(lambda _session: ran.append("for nobody"))
        assert given_up.cancel()
        patient = opened.database.submit(lambda _session: ran.append("for somebody"))
    patient.result(PATIENCE)
    assert ran == ["for somebody"]
    assert opened.database.write(grow("n")) == 1


def test_a_caller_that_gives_up_during_its_job_stops_nobody(opened: Opened) -> None:
    begun, go_on = Event(), Event()

    def slow(_session: Session) -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return "done all the same"

    future = opened.database.submit(slow)
    assert begun.wait(PATIENCE)
    assert not future.cancel()
    go_on.set()
    assert future.result(PATIENCE) == "done all the same"


def test_closing_finishes_what_is_queued_and_takes_nothing_more(fresh: Opened) -> None:
    with busy_writer(fresh.database):
        futures = [fresh.database.submit(grow("n")) for _ in range(5)]
        closing = Thread(target=fresh.database.close)
        closing.start()
    closing.join(PATIENCE)
    assert [future.result(0) for future in futures] == [1, 2, 3, 4, 5]
    with pytest.raises(RuntimeError, match="closed"):
        fresh.database.submit(grow("n"))


def test_three_nodes_give_out_forty_numbers_each_and_none_twice(opened: Opened) -> None:
    databases = [Database(opened.database.url) for _ in range(3)]

    def forty(database: Database) -> list[int]:
        return [database.write(grow("n")) for _ in range(40)]

    try:
        with ThreadPoolExecutor(3) as pool:
            numbers = [number for got in pool.map(forty, databases) for number in got]
    finally:
        for database in databases:
            database.close()
    assert sorted(numbers) == list(range(1, 121))


def test_a_reading_session_cannot_write(opened: Opened) -> None:
    with opened.database.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(text("INSERT INTO stamp VALUES ('sly', '')"))
    assert "sly" not in stamped(opened.database)


def test_the_victim_of_a_deadlock_between_two_nodes_runs_again(postgres_url: str) -> None:
    nodes = [Database(postgres_url) for _ in range(2)]
    for name in ("x", "y"):
        nodes[0].write(grow(name))
    both_hold_one = Barrier(2)
    runs: list[str] = []

    def cross(first: str, second: str) -> Callable[[Session], int]:
        def job(session: Session) -> int:
            again = first in runs
            runs.append(first)
            next_number(session, first, 1)
            if not again:
                both_hold_one.wait(PATIENCE)
            return next_number(session, second, 1)

        return job

    try:
        futures = [nodes[0].submit(cross("x", "y")), nodes[1].submit(cross("y", "x"))]
        assert sorted(future.result(PATIENCE) for future in futures) == [2, 3]
    finally:
        for node in nodes:
            node.close()
    assert len(runs) > 2  # at least one of them was the victim
