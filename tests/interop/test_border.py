"""`hoshobin check --border` through a real Postfix, with and without the header check that is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Ran, hoshobin
from tests.daemons import Daemon, serving, write_config
from tests.interop.border_postfix import postfix_border
from tests.interop.post import DIRECTORY

pytestmark = pytest.mark.interop

STRICT = "/^Authentication-Results[[:space:]]*:/ IGNORE\n"  # as the README has it


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    config = write_config(
        tmp_path, f"maildir:{tmp_path / 'letters'}", service={"directory": DIRECTORY}, identity={"border": ""}
    )
    with serving(tmp_path, ["--config", str(config)]) as running:
        yield running


def probed(daemon: Daemon, directory: Path, header_checks: str) -> Ran:
    with postfix_border(daemon.port, header_checks) as port:
        environment = {"HOSHOBIN__IDENTITY__BORDER": f"smtp://127.0.0.1:{port}"}
        command = ("check", "--border", "--wait", "40", "--config", directory / "config.toml")
        return hoshobin(*command, environment=environment)


def test_postfix_with_the_header_check_passes(daemon: Daemon, tmp_path: Path) -> None:
    run = probed(daemon, tmp_path, STRICT)
    assert run.code == 0, run.out + run.err
    assert "ok   border: forged results: all 8 were taken out" in run.out


def test_postfix_as_it_comes_hands_forged_results_on(daemon: Daemon, tmp_path: Path) -> None:
    run = probed(daemon, tmp_path, "")
    assert run.code == 1, run.out + run.err
    assert "FAIL border: forged results: 8 of 8 came through" in run.out


def test_a_header_check_of_our_own_id_alone_is_found_out(daemon: Daemon, tmp_path: Path) -> None:
    """Such a check is what one finds first; comments, quotes and folding go past it."""
    run = probed(daemon, tmp_path, "/^Authentication-Results: border\\.hoshobin\\.example/ IGNORE\n")
    assert run.code == 1, run.out + run.err
    for spelling in ("with comments", "folded", "with the id in quotes"):
        assert spelling in run.out
    assert "plainly" not in run.out
