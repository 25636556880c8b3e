"""How long to soak, what was told already, and the report."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crash.conftest import fork_server, fresh_storage

__all__ = ["fork_server", "fresh_storage"]

REPORTS = Path(__file__).parents[2] / "reports"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line say how much."""
    parser.addoption("--seeds", default="1:6", help="FIRST:LAST; what was told before is not told again")
    parser.addoption("--deaths", type=int, default=10, help="deaths in one telling")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every story every seed."""
    if "seed" in metafunc.fixturenames:
        first, _, last = metafunc.config.getoption("--seeds").partition(":")
        metafunc.parametrize("seed", range(int(first), int(last or first) + 1))


class Diary:
    """One line for each telling, kept beside the report: what ended well is not told again."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        self._lines = directory / "soak.jsonl"
        self._report = directory / "soak.md"

    def entries(self) -> list[dict[str, Any]]:
        """Return what was told so far."""
        return (
            [json.loads(one) for one in self._lines.read_text().splitlines()] if self._lines.exists() else []
        )

    def has(self, **telling: Any) -> bool:
        """Say whether this telling ended well before."""
        return any(telling.items() <= one.items() for one in self.entries())

    def add(self, **told: Any) -> None:
        """Note a telling that ended well, and write the report."""
        with self._lines.open("a") as lines:
            lines.write(json.dumps(told) + "\n")
        self._report.write_text(_report(self.entries()))


def _report(entries: list[dict[str, Any]]) -> str:
    lines = ["# Soak: stories with kill -9 at drawn moments", ""]
    lines += ["Every telling below ended as the one in which nobody died: the same mails, letters, flags and"]
    lines += [
        "journal, every letter at the sink, and no repeat but of letters that were being sent at a death."
    ]
    lines += ["", "| story | database | seeds | deaths | letters | repeats | in flight | s a telling |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for story, database in sorted({(one["story"], one["database"]) for one in entries}):
        mine = [one for one in entries if (one["story"], one["database"]) == (story, database)]
        sums = [sum(one[name] for one in mine) for name in ("died", "letters", "repeats", "in_flight")]
        seeds = f"{min(one['seed'] for one in mine)}–{max(one['seed'] for one in mine)} ({len(mine)})"
        seconds = sum(one["seconds"] for one in mine) / len(mine)
        lines.append(f"| {story} | {database} | {seeds} | {' | '.join(map(str, sums))} | {seconds:.1f} |")
    return "\n".join(lines) + "\n"


@pytest.fixture
def diary() -> Diary:
    """Give the diary of all soaking."""
    return Diary(REPORTS)
