"""swaks, as a stranger at a keyboard uses it, sends to a real daemon; the answers arrive in Maildirs."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import tokyo_date
from bot.config import load
from bot.operations.trial import greeting, sample_application, trial_config
from tests.daemons import PATIENCE, Daemon, serving, write_config
from tests.interop.post import BUILDER, DIRECTORY, as_data, letters_in, swaks, text_of
from tests.postfix import program

pytestmark = pytest.mark.interop

SUBJECT = "保証申込 市道中央線舗装補修工事"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon with a configuration of its own and the trial's people."""
    config = write_config(tmp_path, f"maildir:{tmp_path / 'letters'}", service={"directory": DIRECTORY})
    load(config, {})
    with serving(tmp_path, ["--config", str(config)]) as running:
        yield running


def application() -> str:
    return sample_application(tokyo_date(datetime.now(UTC)))


def test_an_application_with_proof_is_read_back_to_the_builder(daemon: Daemon, tmp_path: Path) -> None:
    swaks(daemon, "--data", as_data(tmp_path, SUBJECT, application(), proof=True))
    [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert "この内容で申し込みます" in text_of(letter)
    assert "48,400,000円" in text_of(letter)


def test_an_application_without_proof_is_confirmed_first(daemon: Daemon, tmp_path: Path) -> None:
    swaks(daemon, "--data", as_data(tmp_path, SUBJECT, application(), proof=False))
    [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert "この内容で申し込みます" not in text_of(letter)
    assert "確認コード" in text_of(letter)


def test_a_form_typed_into_swaks_without_any_mime_header_is_understood(
    daemon: Daemon, tmp_path: Path
) -> None:
    """Raw UTF-8 in subject and body, labelled by nothing: what swaks sends by itself."""
    form = tmp_path / "form.txt"
    form.write_text(application(), encoding="utf-8")
    swaks(daemon, "--header", f"Subject: {SUBJECT}", "--body", f"@{form}")
    [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert "市道中央線舗装補修工事" in text_of(letter)


def test_the_commands_that_the_trial_prints_work_as_they_stand(tmp_path: Path) -> None:
    environment = {
        "HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0",
        "HOSHOBIN__RELAY__URL": f"maildir:{tmp_path / 'letters'}",
        "HOSHOBIN__STORAGE__URL": f"sqlite:///{tmp_path / 'trial.db'}",
        "HOSHOBIN__STORAGE__KEY_FILE": str(tmp_path / "trial.key"),
    }
    with serving(tmp_path, ["--trial"], environment) as daemon:
        printed = greeting(trial_config(environment), (daemon.host, daemon.port))
        commands = [line.strip() for line in printed.splitlines() if line.strip().startswith("swaks ")]
        assert len(commands) == 2
        for command in commands:
            _, *arguments = shlex.split(command)
            run([program("swaks"), *arguments])
        letters = letters_in(tmp_path / "letters", BUILDER, count=2)
    assert all("【試行】" in letter["Subject"] for letter in letters)


def test_trial_send_does_the_same_without_swaks(tmp_path: Path) -> None:
    environment = {
        "HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0",
        "HOSHOBIN__RELAY__URL": f"maildir:{tmp_path / 'letters'}",
        "HOSHOBIN__STORAGE__URL": f"sqlite:///{tmp_path / 'trial.db'}",
        "HOSHOBIN__STORAGE__KEY_FILE": str(tmp_path / "trial.key"),
    }
    with serving(tmp_path, ["--trial"], environment) as daemon:
        there = {**environment, "HOSHOBIN__SMTP__LISTEN": f"{daemon.host}:{daemon.port}"}
        run([sys.executable, "-m", "bot", "trial", "send", "--proof"], there)
        [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert "この内容で申し込みます" in text_of(letter)


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(environment or {})},
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
