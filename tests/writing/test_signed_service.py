"""A service with DKIM keys: what leaves the real daemon is signed, and dkimpy finds both signatures good."""

import smtplib
from pathlib import Path

import pytest

from bot.config import load
from bot.writing.signing_keys import load_signing_keys
from tests.command_line import hoshobin
from tests.daemons import serving, until, write_config
from tests.writing.keys import verdicts

pytestmark = pytest.mark.slow
BUILDER, DESK = "soumu@iyo-kensetsu.example", "hosho@hoshobin.example"
DIRECTORY = str(Path("bot/operations/trial_directory.toml").resolve())
MAIL = (
    f"From: {BUILDER}\r\nTo: {DESK}\r\nSubject: =?utf-8?b?54q25rOB?=\r\n"
    "Message-ID: <1@iyo-kensetsu.example>\r\nReferences: <0@iyo-kensetsu.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n状況\r\n"
).encode()


def test_a_letter_leaves_the_daemon_with_both_signatures_in_its_thread(tmp_path: Path) -> None:
    rsa, ed25519 = tmp_path / "rsa.pem", tmp_path / "ed25519.pem"
    assert hoshobin("dkim-key", rsa, "--trial").code == 0
    assert hoshobin("dkim-key", ed25519, "--ed25519", "--trial").code == 0
    config = write_config(
        tmp_path,
        f"maildir:{tmp_path / 'letters'}",
        service={"directory": DIRECTORY},
        signing={"rsa_key_file": str(rsa), "ed25519_key_file": str(ed25519)},
    )
    with serving(tmp_path, ["--config", str(config)]) as daemon:
        with smtplib.SMTP(daemon.host, daemon.port, timeout=30) as connection:
            connection.sendmail(BUILDER, [DESK], MAIL)
        box = tmp_path / "letters" / BUILDER / "new"
        until(lambda: box.exists() and any(box.iterdir()), "one letter to the builder")
        process = Path(f"/proc/{daemon.process_id}")
        assert b"PRIVATE" not in (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
    [letter] = box.iterdir()
    data = letter.read_bytes()
    assert verdicts(data, *load_signing_keys(load(config, {}))) == [True, True]
    assert b"In-Reply-To: <1@iyo-kensetsu.example>\r\n" in data
    assert b"References: <0@iyo-kensetsu.example> <1@iyo-kensetsu.example>\r\n" in data
