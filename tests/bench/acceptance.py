"""Durable acceptance: our door against a Postfix that receives only, by Postfix's own load generator."""

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlmodel import Session, func, select

from storage.database import make_engine
from storage.tables import InboxRow
from tests.bench.machine import cpu_seconds, fsyncs_a_second, spent_between
from tests.daemons import serving, until, write_config
from tests.postfix import Postfix, receive_only, smtp_source

DESK = "hosho@hoshobin.example"
WARM_UP = 100  # mails before the clock starts: Postfix starts a process for each session only then
DOOR, WHOLE, POSTFIX = "our door", "our daemon, deciding meanwhile", "Postfix, receive only"
_DOOR_PROGRAM = (sys.executable, "-m", "tests.bench.door")
_WHOLE_PROGRAM = (sys.executable, "-m", "bot", "serve")


@dataclass(frozen=True)
class Load:
    """How many sessions bring how many mails of which size."""

    sessions: int
    length: int  # bytes of the text
    mails: int

    def __str__(self) -> str:
        return f"{self.sessions} sessions × {self.length // 1000} kB"


@dataclass(frozen=True)
class Measured:
    """One receiver under one load in one round."""

    mails_a_second: float
    cpu_microseconds: float  # a mail, all its processes
    fsyncs_a_second: float  # of the disk, just before


Results = dict[Load, dict[str, list[Measured]]]


def loads(small: int, big: int) -> list[Load]:
    """Return the four loads, for so many mails of 2 kB and of 60 kB."""
    sizes = ((2_000, small), (60_000, big))
    return [Load(sessions, length, mails) for length, mails in sizes for sessions in (10, 50)]


def measure(directory: Path, rounds: Iterable[int], loads: list[Load], say: Callable[[str], None]) -> Results:
    """Measure all receivers under all loads, one after the other in each round."""
    results: Results = {load: {DOOR: [], WHOLE: [], POSTFIX: []} for load in loads}
    with receive_only() as postfix:
        for number in rounds:
            for load in results:
                for name, measured in _one_round(directory, load, postfix):
                    results[load][name].append(measured)
                    say(f"round {number}: {load}: {name}: {measured.mails_a_second:.0f} mails/s")
    return results


def _one_round(directory: Path, load: Load, postfix: Postfix) -> Iterator[tuple[str, Measured]]:
    yield DOOR, _ours(directory, load, _DOOR_PROGRAM)
    yield POSTFIX, _of_postfix(directory, load, postfix)
    yield WHOLE, _ours(directory, load, _WHOLE_PROGRAM)


def _ours(directory: Path, load: Load, program: tuple[str, ...]) -> Measured:
    room = directory / "door"
    room.mkdir()
    config = write_config(room, f"maildir:{room / 'letters'}")
    with serving(room, ["--config", str(config)], program=program) as daemon:
        measured = _clocked(room, load, daemon.port, daemon.process_id)
    accepted = _accepted(room)
    assert accepted == load.mails + WARM_UP, f"{accepted} mails are in the inbox"
    shutil.rmtree(room)
    return measured


def _of_postfix(directory: Path, load: Load, postfix: Postfix) -> Measured:
    postfix.empty()
    measured = _clocked(directory, load, postfix.port, postfix.process_id)
    expected = load.mails + WARM_UP
    until(lambda: postfix.held() == expected, f"{expected} mails in Postfix's queue")
    return measured


def _clocked(directory: Path, load: Load, port: int, process_id: int) -> Measured:
    """Let smtp-source bring the mails: each has its 250 when it ends."""
    _bring(load, WARM_UP, port)
    fsyncs = fsyncs_a_second(directory)
    before, began = cpu_seconds(process_id), time.monotonic()
    _bring(load, load.mails, port)
    elapsed = time.monotonic() - began
    spent = sum(spent_between(before, cpu_seconds(process_id)).values())
    return Measured(load.mails / elapsed, 1e6 * spent / load.mails, fsyncs)


def _bring(load: Load, mails: int, port: int) -> None:
    done = smtp_source(port, sessions=load.sessions, mails=mails, length=load.length, recipient=DESK)
    assert done.returncode == 0, done.stderr


def _accepted(room: Path) -> int:
    engine = make_engine(f"sqlite:///{room / 'hoshobin.db'}", read_only=True)
    with Session(engine) as session:
        count = session.exec(select(func.count()).select_from(InboxRow)).one()
    engine.dispose()
    return count


def middle(measured: list[Measured]) -> Measured:
    """Return the medians."""
    return Measured(
        median(one.mails_a_second for one in measured),
        median(one.cpu_microseconds for one in measured),
        median(one.fsyncs_a_second for one in measured),
    )
