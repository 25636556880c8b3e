"""The engine, the one writer thread with group commit, and readers: the only commit is here."""

import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

log = logging.getLogger("hoshobin.storage")

T = TypeVar("T")
Job = Callable[[Session], T]

BATCH = 100  # jobs in one transaction at most: bounds what a failed commit repeats
TRIES_ALONE = 3  # two nodes that were each other's victims may meet again


@dataclass
class _Waiting:
    job: Job[Any]
    future: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def make_engine(url: str, *, read_only: bool = False) -> Engine:
    """Open an engine on SQLite (WAL, FULL, immediate transactions) or PostgreSQL.

    A 250 is a promise, so SQLite runs with synchronous=FULL; BEGIN IMMEDIATE because a deferred
    transaction that turns into a writer fails with "database is locked" whatever the time-out.
    A database that is only read is never made, and may be a copy that cannot be written.
    Errors never show what a statement was given: they are logged, and it may be anybody's mail.
    """
    if make_url(url).get_backend_name() != "sqlite":
        options = "-c default_transaction_read_only=on" if read_only else ""
        return create_engine(url, connect_args={"options": options}, pool_pre_ping=True, hide_parameters=True)
    file = Path(make_url(url).database or "")
    engine = (
        create_engine(url, creator=lambda: _open_to_read(file), hide_parameters=True)
        if read_only
        else create_engine(
            url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True
        )
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        if read_only:
            connection.execute("PRAGMA query_only=ON")
            return
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _open_to_read(file: Path) -> sqlite3.Connection:
    """Open an existing SQLite file. In WAL mode even a reader writes beside it, unless it never changes."""
    beside = file.with_name(file.name + "-wal")
    writable = os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)
    frozen = file.exists() and not beside.exists() and not writable
    address = f"{file.absolute().as_uri()}?{'immutable=1' if frozen else 'mode=rw'}"
    return sqlite3.connect(address, uri=True, check_same_thread=False, timeout=30)


def _lost_a_race(error: Exception) -> bool:
    """Say whether PostgreSQL gave this one up for another node: deadlock or serialization failure."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) in ("40P01", "40001")


@contextmanager
def looking(url: str) -> Iterator[Session]:
    """Open one session on a database that is only read, and close everything again behind it."""
    engine = make_engine(url, read_only=True)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


class Database:
    """One writing connection behind one thread, and as many reading ones as are asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.readers = make_engine(url, read_only=True)
        self._urgent: deque[_Waiting] = deque()
        self._usual: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T], *, urgent: bool = False) -> Future[T]:
        """Queue a job for the writer; the future answers after the commit. `urgent` is for intake."""
        waiting = _Waiting(job)
        with self._wake:
            if self._closing:
                raise RuntimeError("the database is closed")
            (self._urgent if urgent else self._usual).append(waiting)
            self._wake.notify()
        return waiting.future

    def write(self, job: Job[T], *, urgent: bool = False) -> T:
        """Run a job in the writer and wait until it is committed; raise what it raised."""
        return self.submit(job, urgent=urgent).result()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that can only read, on a connection of its own."""
        with Session(self.readers) as session:
            yield session

    def close(self) -> None:
        """Finish what is queued, then stop the writer and close all connections."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self.engine.dispose()
        self.readers.dispose()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            if batch:
                self._write_batch(batch)
            for waiting in batch:
                waiting.answer()

    def _next_batch(self) -> list[_Waiting] | None:
        with self._wake:
            while not (self._urgent or self._usual):
                if self._closing:
                    return None
                self._wake.wait()
            batch: list[_Waiting] = []
            while len(batch) < BATCH and (queue := self._urgent or self._usual):
                waiting = queue.popleft()
                if waiting.future.set_running_or_notify_cancel():  # a peer that hung up waits no more
                    batch.append(waiting)
            return batch

    def _write_batch(self, batch: list[_Waiting]) -> None:
        """Commit all in one transaction; where the commit itself fails, each job runs again alone.

        Running again is safe: accepting is keyed by its transport digest, all else by its fence.
        A job that was the victim of a deadlock with another node counts as a failed commit.
        """
        try:
            self._transaction(batch)
            return
        except Exception as error:
            log.warning("commit of %d jobs failed, each runs alone: %s", len(batch), type(error).__name__)
        for waiting in batch:
            self._write_alone(waiting)

    def _write_alone(self, waiting: _Waiting) -> None:
        for _ in range(TRIES_ALONE):
            waiting.result, waiting.error = None, None
            try:
                self._transaction([waiting])
                return
            except Exception as error:
                waiting.error = error
                if not _lost_a_race(error):
                    return

    def _transaction(self, batch: list[_Waiting]) -> None:
        try:
            with Session(self.engine) as session:
                for waiting in batch:
                    self._run_in_savepoint(session, waiting)
                self._commit(session)
        except Exception:
            # A COMMIT that SQLite refuses leaves its transaction open, and SQLAlchemy pools it like that:
            # every later BEGIN on this connection would fail.
            self.engine.dispose()
            raise

    def _run_in_savepoint(self, session: Session, waiting: _Waiting) -> None:
        savepoint = session.begin_nested()
        try:
            waiting.result = waiting.job(session)
            session.flush()
        except Exception as error:
            if _lost_a_race(error):
                raise
            waiting.error = error
            savepoint.rollback()
        else:
            savepoint.commit()
        session.expunge_all()  # the next job must see the rows as they are, not as this one read them

    def _commit(self, session: Session) -> None:
        session.commit()
