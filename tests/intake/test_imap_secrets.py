"""How the mailbox door proves who it is, to whom, and where its secret comes from."""

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.intake.imap_settings import MailboxSettings, NoSecret, Secret, read_secret
from storage.opening import Opened
from tests.daemons import until
from tests.intake.imap_door import door, inbox, mail, settings_for
from tests.intake.imap_stand_in import EVERYTHING, Provider, provider

SETTINGS = MailboxSettings(
    name="main", host="imap.example.jp", port=993, user="hosho", desk="desk@example.jp"
)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


@pytest.fixture
def server() -> Iterator[Provider]:
    with provider(*EVERYTHING) as running:
        yield running


def token_command(directory: Path, code: str) -> tuple[str, ...]:
    script = directory / "token.py"
    script.write_text(code, encoding="utf-8")
    return (sys.executable, str(script))


def test_a_password_is_read_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" 秘密 with spaces \r\n", encoding="utf-8")
    file.chmod(0o600)
    secret = read_secret(replace(SETTINGS, password_file=file))
    assert secret == Secret("password", " 秘密 with spaces ")
    assert "秘密" not in repr(secret)


def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2")
    file.chmod(0o640)
    with pytest.raises(NoSecret, match="chmod 600"):
        read_secret(replace(SETTINGS, password_file=file))


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe", b"nul\0"])
def test_what_is_no_password_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(NoSecret) as refused:
        read_secret(replace(SETTINGS, password_file=file))
    assert "lines" not in str(refused.value)


def test_a_password_may_stand_in_the_environment() -> None:
    settings = replace(SETTINGS, password_env="IMAP_PASSWORD")
    assert read_secret(settings, {"IMAP_PASSWORD": "hunter2"}) == Secret("password", "hunter2")
    with pytest.raises(NoSecret, match="variable IMAP_PASSWORD gives nothing"):
        read_secret(settings, {})


def test_a_command_prints_a_token(tmp_path: Path) -> None:
    command = token_command(tmp_path, "print('ya29.token')")
    assert read_secret(replace(SETTINGS, token_command=command)) == Secret("token", "ya29.token")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; print('ya29.token', file=sys.stderr); sys.exit(3)", "ended with code 3"),
        ("", "the token command gives nothing"),
        ("print('日本')", "no token"),
    ],
)
def test_a_command_without_a_token_is_told_of_without_its_words(tmp_path: Path, code: str, why: str) -> None:
    with pytest.raises(NoSecret, match=why) as refused:
        read_secret(replace(SETTINGS, token_command=token_command(tmp_path, code)))
    assert "ya29" not in str(refused.value)


def test_a_command_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.imap_settings._TOKEN_SECONDS", 0.3)
    command = token_command(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(NoSecret, match="no answer"):
        read_secret(replace(SETTINGS, token_command=command))


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSecret, match="no-such-program"):
        read_secret(replace(SETTINGS, token_command=("no-such-program", "--refresh-token=hunter2")))


def test_an_access_token_opens_by_xoauth2_and_is_asked_for_anew_each_time(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    lines = ["import os", "path = 'count'", "n = os.path.getsize(path) + 1 if os.path.exists(path) else 1"]
    lines += ["open(path, 'a').write('x')", "print(f't{n}')"]
    code = "\n".join(lines).replace("'count'", repr(str(tmp_path / "count")))
    server.token = "t1"
    settings = settings_for(server, tmp_path, password_file=None, token_command=token_command(tmp_path, code))
    with door(opened, settings):
        until(server.idling, "the login")
        server.token = "t2"
        server.kick()
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail")
    assert server.said("AUTHENTICATE") == ["AUTHENTICATE XOAUTH2"] * 2


def test_a_stale_token_is_refused_without_a_word_of_it_in_the_log(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.token = "fresh"
    command = token_command(tmp_path, "print('stale-token')")
    with door(opened, settings_for(server, tmp_path, password_file=None, token_command=command)):
        until(lambda: "refuses the login" in caplog.text, "the refusal")
    assert "stale-token" not in caplog.text


def test_a_server_without_auth_plain_gets_a_login_with_every_character_quoted(
    opened: Opened, tmp_path: Path
) -> None:
    with provider("IDLE") as server:
        server.password = 'a "quoted" \\ word'
        settings = settings_for(server, tmp_path)
        assert settings.password_file is not None
        settings.password_file.write_text(server.password)
        with door(opened, settings):
            until(server.idling, "the login")
        assert server.said("LOGIN")


def test_a_server_without_tls_is_not_spoken_to_where_tls_is_asked_for(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The stand-in offers no STARTTLS, as a man in the middle would make it look: no password is said."""
    with door(opened, settings_for(server, tmp_path, tls="starttls")):
        until(lambda: "STARTTLS" in caplog.text, "a complaint")
    assert not server.said("LOGIN")
    assert not server.said("AUTHENTICATE")
