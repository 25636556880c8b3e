"""The demo ends well on both databases, and leaves what it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.operations.demo import run_demo

pytestmark = pytest.mark.slow


def test_the_demo_exits_0_and_leaves_every_step_each_mail_and_each_paper(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = [sys.executable, "-m", "bot", "demo", "--json", "--dir", str(out)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert shown["ok"]
    assert shown["repeats"] == 0
    assert all(step["faults"] == [] for step in shown["steps"])
    assert len(shown["steps"]) > 50
    sent = {step["number"] for step in shown["steps"] if step["who"] != "hoshobin"}
    assert {int(file.name[:3]) for file in out.glob("*-in.eml")} == sent
    letters = sum(len(step["milliseconds"]) for step in shown["steps"])
    assert len(list(out.glob("*-out-*.eml"))) == letters
    papers = {file.name.split("-", 3)[3].partition("_")[0] for file in out.glob("*.pdf")}
    assert papers == {"certificate-contractor-copy", "certificate-orderer-copy", "key-notice"}
    assert all(file.read_bytes().startswith(b"%PDF-") for file in out.glob("*.pdf"))


def test_the_demo_ends_the_same_on_postgresql(empty_postgres_url: str, tmp_path: Path) -> None:
    shown = run_demo(tmp_path, print, storage_url=empty_postgres_url)
    assert shown.ok, shown.different
