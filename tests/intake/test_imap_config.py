"""The configuration of mailboxes at providers: the shipped example, and what the door makes of it."""

import re
from pathlib import Path

import pytest

from bot.config import BadConfig, Config, ImapPart, load
from bot.fetched import mailbox_settings

SHIPPED = Path(__file__).parents[2] / "config.toml"


def with_mailboxes(directory: Path, text: str) -> Config:
    path = directory / "config.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + text, encoding="utf-8")
    return load(path, {})


def shipped_example() -> list[str]:
    """Return the commented table of config.toml, as its owner would put it to work."""
    found = re.search(r"(?m)^#\[\[imap\]\].*\n(?:#   .*\n)+", SHIPPED.read_text(encoding="utf-8"))
    assert found is not None
    return [line.removeprefix("#").strip() for line in found[0].splitlines()]


def test_without_a_table_there_is_no_mailbox() -> None:
    assert load(SHIPPED, {}).imap == ()


def test_the_shipped_example_explains_every_key_and_works_with_one_secret(tmp_path: Path) -> None:
    lines = shipped_example()
    assert {line.partition(" = ")[0] for line in lines[1:]} == set(ImapPart.model_fields)
    chosen = [line for line in lines if not line.startswith(("password_env", "token_command", "processed"))]
    [mailbox] = with_mailboxes(tmp_path, "\n".join(chosen)).imap
    assert (mailbox.folder, mailbox.after, mailbox.idle_seconds) == ("INBOX", "flag", 540)


@pytest.mark.parametrize(
    ("tls", "port", "means"), [("implicit", 0, 993), ("starttls", 0, 143), ("starttls", 1143, 1143)]
)
def test_the_port_goes_with_the_tls_unless_it_is_named(
    tmp_path: Path, tls: str, port: int, means: int
) -> None:
    text = f'[[imap]]\nname="a"\nhost="h.example"\nuser="u"\npassword_env="P"\ntls="{tls}"\nport={port}\n'
    config = with_mailboxes(tmp_path, text)
    settings = mailbox_settings(config.imap[0], config)
    assert (settings.port, settings.desk) == (means, config.service.desk)
    assert settings.max_bytes == config.smtp.max_bytes


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_without_tls_only_this_machine_is_spoken_to(tmp_path: Path, host: str) -> None:
    text = f'[[imap]]\nname="a"\nhost="{host}"\nuser="u"\npassword_env="P"\ntls="none"\n'
    assert with_mailboxes(tmp_path, text).imap[0].tls == "none"
    with pytest.raises(BadConfig, match="only over TLS"):
        with_mailboxes(tmp_path, text.replace(host, "127.0.0.1.example.jp"))
