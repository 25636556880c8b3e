"""The health of mailboxes: what `imap status` and `check` say, and when people should look after one."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Config, build
from bot.mail import MailFolder
from bot.operations.check import run_checks
from bot.operations.mailboxes import LATE, check_mailboxes, mailbox_rows, mailboxes_as_text
from storage import fetched
from storage.opening import Opened
from tests.daemons import write_config
from tests.storage.rows import NOW

INBOX = MailFolder(account="main", folder="INBOX", uidvalidity=1)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


@pytest.fixture
def config(tmp_path: Path, opened: Opened) -> Config:
    values: dict[str, object] = {"name": "main", "host": "imap.example.jp", "user": "hosho"}
    path = write_config(tmp_path, "maildir:letters")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["storage"]["url"] = opened.database.url
    content["imap"] = [values | {"password_file": tmp_path / "password"}]
    return build(content, {}, "test")


def test_a_mailbox_that_was_never_passed_needs_looking_after(config: Config) -> None:
    [row] = mailbox_rows(config, NOW)
    assert (row["ok"], row["passed"], row["age_seconds"]) == (False, None, None)
    assert mailboxes_as_text([row]) == "FAIL main (INBOX): never passed"


@pytest.mark.parametrize(("late", "ok"), [(timedelta(0), True), (LATE, True), (LATE + timedelta(1), False)])
def test_a_mailbox_is_well_while_its_last_pass_is_not_long_ago(
    config: Config, opened: Opened, late: timedelta, ok: bool
) -> None:
    opened.database.write(lambda session: fetched.passed(session, INBOX, NOW))
    [row] = mailbox_rows(config, NOW + late)
    assert (row["ok"], row["age_seconds"]) == (ok, int(late.total_seconds()))
    assert "last pass 2026-04-06T10:00:00+09:00" in mailboxes_as_text([row])


def test_a_mail_that_was_too_big_is_for_people_to_look_at(config: Config, opened: Opened) -> None:
    opened.database.write(lambda session: fetched.passed(session, INBOX, NOW))
    opened.database.write(lambda session: fetched.leave(session, INBOX, 17, NOW))
    [row] = mailbox_rows(config, NOW)
    assert not row["ok"]
    assert mailboxes_as_text([row]).endswith("too big, left in the folder: UID 17")


def test_the_pass_of_another_folder_says_nothing_of_this_one(config: Config, opened: Opened) -> None:
    other = INBOX.but(folder="old")
    opened.database.write(lambda session: fetched.passed(session, other, NOW))
    assert mailbox_rows(config, NOW)[0]["passed"] is None


def test_check_says_whether_there_is_a_password(config: Config, tmp_path: Path) -> None:
    [found] = check_mailboxes(config)
    assert (found.name, found.ok) == ("imap main", False)
    assert "No such file" in found.found
    (tmp_path / "password").write_text("hunter2")
    (tmp_path / "password").chmod(0o600)
    [found] = check_mailboxes(config)
    assert found.ok
    assert "hunter2" not in found.found
    assert "imap main" in [one.name for one in run_checks(config, {})]


def test_without_mailboxes_all_is_well(tmp_path: Path) -> None:
    path = write_config(tmp_path, "maildir:letters")
    run = CliRunner().invoke(app, ["imap", "status", "--config", str(path)])
    assert (run.exit_code, run.stdout) == (0, "no [[imap]] in the configuration\n")
