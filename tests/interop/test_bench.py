"""The bench runs, and what it prints are figures of letters and mails that were counted and read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bench import acceptance, report, verification

pytestmark = [pytest.mark.interop, pytest.mark.slow]


def test_a_very_small_bench_writes_its_report(tmp_path: Path) -> None:
    said: list[str] = []
    accepted = acceptance.measure(tmp_path, [1], [acceptance.Load(5, 2_000, 20)], said.append)
    verified = verification.measure(tmp_path, [1], 5, said.append)
    when = datetime(2026, 11, 22, tzinfo=UTC)
    path = report.write(tmp_path / "reports", when, 5, accepted, verified)
    text = path.read_text(encoding="utf-8")
    assert "| plain receiver |" in text
    assert "| 5 sessions × 2 kB | Postfix, receive only |" in text
    assert path.with_suffix(".json").exists()
    assert len(said) == 6
