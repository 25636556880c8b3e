"""Tell stories with deaths at drawn moments; the same seed draws the same moments.

Run by `make soak`; `--seeds 7:20` goes on with further seeds, and what ended well is not told again.
"""

import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bot.operations import demo
from storage.database import make_engine
from tests.crash.conftest import FreshStorage
from tests.crash.ending import End, read_end, sent
from tests.crash.fork_server import ForkServer
from tests.crash.points import KillAtMoment
from tests.crash.story import Mail, Story, Strike
from tests.crash.test_many_at_once import SENDERS
from tests.soak.conftest import Diary
from tests.soak.mortal import Death, ForgivingSink, MortalHouse

# Case codes, codes that people type, and ids, of which a rollback on PostgreSQL skips some.
_DRAWN = re.compile(r"R\d+-\d{5}-\w{4}|\b\d{4,6}\b|(?<=inbox )\d+|(?<=letter:)\d+")
_BASELINES: dict[str, tuple[End, int]] = {}


def drawn_deaths(seed: int, count: int, moments: int) -> list[Death]:
    """Spread deaths over so many moments: half of them exact, half blurred as a signal from outside is."""
    draw = random.Random(seed)
    cuts = sorted(draw.sample(range(1, moments), count))
    gaps = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
    return [KillAtMoment(n=gap) if draw.random() < 0.5 else Strike(gap) for gap in gaps]


def test_many_mails_at_once(
    fork_server: ForkServer, fresh_storage: FreshStorage, seed: int, diary: Diary, pytestconfig: pytest.Config
) -> None:
    url, directory = fresh_storage()
    telling = {"story": "many at once", "database": url.partition(":")[0], "seed": seed}
    if diary.has(**telling):
        return
    draw, began = random.Random(seed), time.monotonic()
    with Story(fork_server, url, directory, [Mail(one, "停止") for one in SENDERS]) as story:
        strikes = [Strike(draw.randint(1, 30)) for _ in range(pytestconfig.getoption("--deaths"))]
        died = story.tell(strikes)
        end, repeats = story.end(), story.repeats().total()
        assert end.stopped == tuple(sorted(SENDERS)), story.trail
        assert {one[2] for one in end.mails} == {"done"}, story.trail
        assert {one[3] for one in end.letters} == {"sent"}, story.trail
        assert len(end.mails) == len(end.letters) == len(end.journal) == len(SENDERS), story.trail
        assert not end.faults
        counted = {"letters": len(end.letters), "repeats": repeats}
        counted |= {"died": died, "in_flight": story.lives.in_flight.total()}
    diary.add(**telling, **counted, seconds=time.monotonic() - began)


def test_the_demo(
    fork_server: ForkServer,
    fresh_storage: FreshStorage,
    seed: int,
    diary: Diary,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, directory = fresh_storage()
    database = url.partition(":")[0]
    telling = {"story": "demo", "database": database, "seed": seed}
    if diary.has(**telling):
        return
    if database not in _BASELINES:
        baseline, _, moments = _play(fork_server, fresh_storage(), [], monkeypatch)
        _BASELINES[database] = baseline, moments
    baseline, moments = _BASELINES[database]
    began = time.monotonic()
    deaths = drawn_deaths(seed, pytestconfig.getoption("--deaths"), moments)
    end, counted, _ = _play(fork_server, (url, directory), deaths, monkeypatch)
    for name, rows in vars(end).items():
        assert set(rows) ^ set(getattr(baseline, name)) == set(), name
    assert end == baseline
    diary.add(**telling, **counted, seconds=time.monotonic() - began)


def _play(
    server: ForkServer, storage: tuple[str, Path], deaths: list[Death], monkeypatch: pytest.MonkeyPatch
) -> tuple[End, dict[str, Any], int]:
    """Play the demo; return its end, what is counted, and how many moments its daemon passed."""
    url, directory = storage
    engine = make_engine(url, read_only=True)
    sinks: list[ForgivingSink] = []
    houses: list[MortalHouse] = []

    def sink() -> ForgivingSink:
        sinks.append(ForgivingSink())
        return sinks[0]

    def house(home: Path, relay_port: int, storage_url: str) -> MortalHouse:
        houses.append(MortalHouse(home, relay_port, storage_url, server=server, engine=engine, deaths=deaths))
        return houses[0]

    monkeypatch.setattr(demo, "Sink", sink)
    monkeypatch.setattr(demo, "House", house)
    shown = demo.run_demo(directory / "out", lambda _line: None, storage_url=url)
    assert not shown.different, f"{shown.different}\n{deaths}\n{directory}"
    assert sorted(sinks[0].known) == sent(engine)
    assert not sinks[0].other_bytes
    assert sinks[0].again <= houses[0].in_flight
    end = _plain(read_end(engine))
    engine.dispose()
    counted = {"letters": len(end.letters), "repeats": sinks[0].again.total()}
    counted |= {"died": houses[0].died, "in_flight": houses[0].in_flight.total()}
    return end, counted, houses[0].moments


def _plain(end: End) -> End:
    """Take away what is drawn anew for each telling."""

    def plain(rows: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        return tuple(sorted((_DRAWN.sub("…", repr(row)),) for row in rows))

    assert not end.faults
    return End(plain(end.mails), plain(end.letters), end.stopped, plain(end.journal), ())
