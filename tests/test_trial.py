"""The trial is configuration only: it stays on this machine, and its database is no service's."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.app import LIVE_STAMPS, is_loopback, relay_is_local
from bot.clock import tokyo_date
from bot.config import BadConfig
from bot.operations import trial
from bot.surety.form import read_form
from storage.database import make_engine
from storage.opening import CannotOpen, open_storage
from storage.tables import StampRow
from tests.daemons import Daemon, serving, until, write_config
from tests.mails.ledger import AT

ROOT = Path(__file__).parents[1]


def test_the_trial_as_it_stands_is_sound() -> None:
    config = trial.trial_config({})
    assert config.smtp.listen == "127.0.0.1:8025"
    assert config.relay.url == "maildir:var/letters"
    assert config.storage.url == "sqlite:///var/trial.db"
    assert config.service.subject_prefix == "【試行】"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "[::]", "[2001:db8::1]", "mx.invalid"])
def test_a_trial_that_others_could_reach_is_refused(host: str) -> None:
    with pytest.raises(BadConfig, match="a trial listens on loopback only"):
        trial.trial_config({"HOSHOBIN__SMTP__LISTEN": f"{host}:8025"})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "[::1]"])
def test_a_trial_may_listen_anywhere_on_loopback(host: str) -> None:
    assert trial.trial_config({"HOSHOBIN__SMTP__LISTEN": f"{host}:8025"})


@pytest.mark.parametrize("url", ["smtp://192.0.2.7:25", "smtp://mx.invalid", "smtp://[2001:db8::1]:25"])
def test_a_trial_whose_letters_would_leave_this_machine_is_refused(url: str) -> None:
    with pytest.raises(BadConfig, match="a trial's letters stay on this machine"):
        trial.trial_config({"HOSHOBIN__RELAY__URL": url})


def test_a_trial_may_use_a_relay_on_loopback() -> None:
    assert trial.trial_config({"HOSHOBIN__RELAY__URL": "smtp://127.0.0.1:2525"})
    assert relay_is_local("smtp://[::1]:25")
    assert not is_loopback("")


@pytest.mark.parametrize("prefix", ["", "【本番】", "試行"])
def test_a_trial_whose_subjects_do_not_say_so_is_refused(prefix: str) -> None:
    with pytest.raises(BadConfig, match="a trial's subjects carry 【試行】"):
        trial.trial_config({"HOSHOBIN__SERVICE__SUBJECT_PREFIX": prefix})


def test_all_that_a_trial_refuses_is_said_at_once() -> None:
    environment = {
        "HOSHOBIN__SMTP__LISTEN": "0.0.0.0:25",
        "HOSHOBIN__RELAY__URL": "smtp://192.0.2.7:25",
        "HOSHOBIN__SERVICE__SUBJECT_PREFIX": "",
    }
    with pytest.raises(BadConfig) as refused:
        trial.trial_config(environment)
    assert len(str(refused.value).splitlines()) == 4


@pytest.mark.parametrize(("made", "opened"), [(trial.STAMPS, LIVE_STAMPS), (LIVE_STAMPS, trial.STAMPS)])
def test_a_database_serves_only_what_it_was_made_for(
    made: dict[str, str], opened: dict[str, str], empty_storage_url: str, tmp_path: Path
) -> None:
    open_storage(empty_storage_url, tmp_path / "service.key", stamps=made).database.close()
    with pytest.raises(CannotOpen, match="it belongs to another service"):
        open_storage(empty_storage_url, tmp_path / "service.key", stamps=opened)
    engine = make_engine(empty_storage_url, read_only=True)
    with Session(engine) as session:
        assert session.get_one(StampRow, "trial").value == made["trial"]
    engine.dispose()


def refusal(arguments: list[str], environment: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


def trial_environment(directory: Path) -> dict[str, str]:
    return {
        "HOSHOBIN__STORAGE__URL": f"sqlite:///{directory / 'hoshobin.db'}",
        "HOSHOBIN__STORAGE__KEY_FILE": str(directory / "service.key"),
        "HOSHOBIN__RELAY__URL": f"maildir:{directory / 'letters'}",
        "HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0",
    }


@pytest.mark.slow
def test_serve_refuses_the_database_of_a_trial_and_a_trial_that_of_a_service(tmp_path: Path) -> None:
    environment = trial_environment(tmp_path)
    with serving(tmp_path, ["--trial"], environment):
        pass
    config = write_config(tmp_path, f"maildir:{tmp_path / 'letters'}")
    text = refusal(["serve", "--config", str(config)], {})
    assert "this database is stamped trial = yes, not no" in text
    (tmp_path / "live").mkdir()
    live = write_config(tmp_path / "live", f"maildir:{tmp_path / 'letters'}")
    with serving(tmp_path / "live", ["--config", str(live)]):
        pass
    text = refusal(["serve", "--trial"], trial_environment(tmp_path / "live"))
    assert "this database is stamped trial = no, not yes" in text


@pytest.mark.slow
def test_the_greeting_of_a_trial_can_be_followed_to_an_answer(tmp_path: Path) -> None:
    environment = trial_environment(tmp_path)

    def hoshobin(*arguments: str, at: Daemon) -> str:
        listen = {"HOSHOBIN__SMTP__LISTEN": f"{at.host}:{at.port}"}
        return subprocess.run(
            [sys.executable, "-m", "bot", "trial", *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **environment, **listen},
            timeout=60,
        ).stdout

    with serving(tmp_path, ["--trial"], environment) as daemon:
        hoshobin("send", "--proof", at=daemon)
        box = tmp_path / "letters" / "soumu@iyo-kensetsu.example" / "new"
        until(lambda: any(box.glob("*")), "the read-back")
        shown = hoshobin("letters", at=daemon)
    assert "【試行】【保証便】お申込み内容のご確認" in shown
    assert "この内容で申し込みます" in shown


def test_a_trial_that_does_not_run_is_named_where_mail_is_sent_to_it(tmp_path: Path) -> None:
    config = trial.trial_config({"HOSHOBIN__SMTP__LISTEN": "127.0.0.1:1"})
    with pytest.raises(BadConfig, match="start the trial first"):
        trial.send(config, "soumu@iyo-kensetsu.example", b"Subject: x\r\n\r\nx\r\n")


def test_the_sample_application_is_a_whole_one() -> None:
    text = trial.sample_application(tokyo_date(AT))
    assert "{" not in text
    assert read_form(text, tokyo_date(AT)).faults == ()


def names_trial(tree: ast.Module) -> list[int]:
    """Return the lines whose code (names, attributes, imports; no docstrings) speaks of the trial."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and "trial" in node.id.lower())
        or (isinstance(node, ast.Attribute) and "trial" in node.attr.lower())
        or (isinstance(node, ast.arg) and "trial" in node.arg.lower())
        or (isinstance(node, ast.alias) and "trial" in node.name.lower())
        or (isinstance(node, ast.ImportFrom) and "trial" in (node.module or ""))
    ]


def branches_on_trial(tree: ast.Module) -> list[int]:
    """Return the lines where a test or comparison holds a string of the trial's."""
    conditional = (ast.If, ast.IfExp, ast.While, ast.Assert)
    tests: list[ast.AST] = [node.test for node in ast.walk(tree) if isinstance(node, conditional)]
    tests += [node for node in ast.walk(tree) if isinstance(node, (ast.Compare, ast.BoolOp))]
    return [
        inner.lineno
        for test in tests
        for inner in ast.walk(test)
        if isinstance(inner, ast.Constant)
        and isinstance(inner.value, str)
        and ("trial" in inner.value or "試行" in inner.value)
    ]


def test_nothing_but_operations_and_the_command_line_knows_of_the_trial() -> None:
    found = []
    for path in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("storage/**/*.py")]):
        name = str(path.relative_to(ROOT))
        if name.startswith(("bot/operations/", "bot/cli")):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{name}:{line}" for line in names_trial(tree) + branches_on_trial(tree)]
    assert found == []
