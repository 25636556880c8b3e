"""Forwarded key notice → verification letter at the relay: our daemon against a plain receiver."""

import shutil
import smtplib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from statistics import median

from tests.bench import notices
from tests.bench.machine import cpu_seconds, fsyncs_a_second, spent_between
from tests.bench.sink import Arrived, Sink, running_sink
from tests.daemons import Daemon, serving, write_config

SESSIONS = 8
OURS, FIRST, PLAIN = "our daemon", "our daemon, first look (2 letters a mail)", "plain receiver"
_SECONDS = 60.0
_ALONE = 10  # mails that come one after the other, each when the last is answered
_LIMITS = {"letters_an_hour": 1_000_000, "shown_a_day": 1_000_000}


@dataclass(frozen=True)
class Measured:
    """One receiver in one round."""

    mails_a_second: float  # from the first byte in to the last letter out
    alone_ms: float  # one mail on an idle receiver, until its letter is at the relay
    cpu_ms: dict[str, float]  # a mail, by role
    fsyncs_a_second: float


Results = dict[str, list[Measured]]


@dataclass(frozen=True)
class _Start:
    """What one kind of round starts from."""

    room: Path
    mails: list[bytes]


def measure(directory: Path, rounds: Iterable[int], mails: int, say: Callable[[str], None]) -> Results:
    """Measure all receivers, one after the other in each round, with the same mails and the same sink."""
    starts = {name: _start(directory / f"start-{name}", mails) for name in ("again", "first")}
    results: Results = {OURS: [], PLAIN: [], FIRST: []}
    with running_sink() as sink:
        for number in rounds:
            for name, measured in _one_round(directory / "receiver", starts, sink):
                results[name].append(measured)
                say(f"round {number}: {name}: {measured.mails_a_second:.1f} mails/s")
    return results


def _start(room: Path, count: int) -> _Start:
    room.mkdir()
    return _Start(room, notices.prepare(room, count + _ALONE, seen_before=room.name.endswith("again")))


def _one_round(room: Path, starts: dict[str, _Start], sink: Sink) -> Iterator[tuple[str, Measured]]:
    yield OURS, _ours(room, starts["again"], sink)
    yield PLAIN, _plain(room, starts["again"], sink)
    yield FIRST, _ours(room, starts["first"], sink)


def _ours(room: Path, start: _Start, sink: Sink) -> Measured:
    shutil.copytree(start.room, room)
    config = write_config(room, f"smtp://127.0.0.1:{sink.port}", service=_LIMITS)
    with serving(room, ["--config", str(config)]) as daemon:
        measured = _clocked(daemon, start, sink)
    shutil.rmtree(room)
    return measured


def _plain(room: Path, start: _Start, sink: Sink) -> Measured:
    shutil.copytree(start.room, room)
    program = (sys.executable, "-m", "tests.bench.plain_receiver")
    arguments = [str(room / notices.PLAIN_FILE), str(sink.port)]
    with serving(room, arguments, program=program) as daemon:
        measured = _clocked(daemon, start, sink)
    shutil.rmtree(room)
    return measured


def _clocked(daemon: Daemon, start: _Start, sink: Sink) -> Measured:
    """First a few mails alone, which warm everything up, then all others at once."""
    sink.forget()
    alone = [_answered_in(daemon, mail, sink) for mail in start.mails[:_ALONE]]
    sink.forget()
    rest = start.mails[_ALONE:]
    fsyncs = fsyncs_a_second(daemon.log.parent)
    before, began = cpu_seconds(daemon.process_id), time.monotonic()
    _send_all(daemon, rest)
    letters = sink.wait(notices.ORDERER, len(rest), _SECONDS)
    elapsed = letters[-1].at - began
    spent = spent_between(before, cpu_seconds(daemon.process_id))
    _check(letters, len(rest))
    cpu_ms = {role: 1e3 * seconds / len(rest) for role, seconds in spent.items()}
    return Measured(len(rest) / elapsed, median(alone), cpu_ms, fsyncs)


def _answered_in(daemon: Daemon, mail: bytes, sink: Sink) -> float:
    """Send one mail and wait for its letter; return milliseconds."""
    before = sum(one.recipient == notices.ORDERER for one in sink.letters)
    began = time.monotonic()
    _send_all(daemon, [mail])
    return 1e3 * (sink.wait(notices.ORDERER, before + 1, _SECONDS)[-1].at - began)


def _send_all(daemon: Daemon, mails: list[bytes]) -> None:
    def one_session(share: list[bytes]) -> None:
        with smtplib.SMTP(daemon.host, daemon.port, timeout=_SECONDS) as connection:
            for mail in share:
                connection.sendmail(notices.ORDERER, [notices.DESK], mail)

    shares = [share for number in range(SESSIONS) if (share := mails[number::SESSIONS])]
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(one_session, shares))


def _check(letters: list[Arrived], count: int) -> None:
    """Every mail has one letter, and it says what it must: a quick receiver that is wrong counts nothing."""
    subjects = set()
    for one in letters:
        letter = message_from_bytes(one.data, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        assert "一致しました" in letter["Subject"], letter["Subject"]
        assert [part.get_content_type() for part in letter.iter_attachments()] == ["application/pdf"]
        subjects.add(letter["Subject"])
    assert len(letters) == len(subjects) == count


def middle(measured: list[Measured]) -> Measured:
    """Return the medians."""
    roles = measured[0].cpu_ms
    return Measured(
        median(one.mails_a_second for one in measured),
        median(one.alone_ms for one in measured),
        {role: median(one.cpu_ms.get(role, 0.0) for one in measured) for role in roles},
        median(one.fsyncs_a_second for one in measured),
    )
