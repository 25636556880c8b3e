"""A real daemon as the border: its own door, DNS on loopback, DKIM on the bytes as they came."""

import email
import re
import smtplib
import sqlite3
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.clock import tokyo_date
from bot.operations.trial import HERE, sample_application
from tests.daemons import Daemon, serving, until, write_config
from tests.verification.cases import IYO, IYO_SIGNS, head
from tests.verification.dns_server import dns_serving
from tests.verification.house import zone
from tests.verification.signing import signed

pytestmark = pytest.mark.slow


def send(daemon: Daemon, subject: str, body: str, number: int) -> None:
    fields = {
        "subject": subject,
        "date": format_datetime(datetime.now(UTC)),
        "message_id": f"<{number}@iyo-kensetsu.example>",
    }
    data = signed(head(**fields), body.replace("\n", "\r\n"), IYO_SIGNS)
    with smtplib.SMTP(daemon.host, daemon.port, timeout=30) as client:
        client.sendmail(IYO, ["hosho@hoshobin.example"], data)


def rows(database: Path) -> list[tuple[str, str, str | None]]:
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT state, proof, held_for FROM inbox ORDER BY id").fetchall()


def subjects(box: Path, address: str) -> list[str]:
    """Return the subjects of the letters that went to an address: each has a Maildir of its own."""
    mails = [email.message_from_bytes(one.read_bytes()) for one in (box / address / "new").glob("*")]
    return [str(make_header(decode_header(str(one["Subject"])))) for one in mails]


def test_an_application_and_its_yes_are_accepted_without_a_confirmation(tmp_path: Path) -> None:
    box, database = tmp_path / "letters", tmp_path / "hoshobin.db"
    with dns_serving(zone()) as dns:
        config = write_config(
            tmp_path,
            f"maildir:{box}",
            service={"directory": str(HERE / "trial_directory.toml")},
            identity={"authserv_id": "", "trusted_peers": []},
            verification={"direct": True, "nameservers": [dns.address]},
        )
        with serving(tmp_path, ["--config", str(config)]) as daemon:
            send(daemon, "apply", sample_application(tokyo_date(datetime.now(UTC))), 1)
            until(lambda: rows(database) == [("done", "full", None)], "the application is decided")
            until(lambda: bool(subjects(box, IYO)), "the read-back is sent")
            (subject,) = subjects(box, IYO)
            code = re.search(r"\[[^\]]+\]", subject)
            assert code is not None
            send(daemon, f"Re: {code[0]}", "この内容で申し込みます\n", 2)
            until(lambda: rows(database) == [("done", "full", None)] * 2, "the yes is decided")
            until(lambda: bool(subjects(box, "shinsa@surety.example")), "the review mail is sent")
    with sqlite3.connect(database) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM inbox_verification").fetchone()
    assert kept == 2
    assert ("s._domainkey.iyo-kensetsu.example", "TXT") in dns.asked
