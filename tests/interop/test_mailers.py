"""People's own mail programs at the door over STARTTLS: mutt by itself, and mutt by msmtp."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.clock import tokyo_date
from bot.operations.trial import sample_application
from bot.reading.mail import OpenedMail, read_mail
from storage import inbox
from storage.database import make_engine
from storage.sealed import load_key_file
from storage.tables import InboxRow
from tests.certificates import Authority
from tests.daemons import PATIENCE, Daemon, serving, write_config
from tests.interop.post import BUILDER, DESK, DIRECTORY, letters_in, text_of
from tests.postfix import program

pytestmark = [pytest.mark.interop, pytest.mark.slow]

SUBJECT, PDF_NAME = "保証申込　市道中央線舗装補修工事①", "契約書の写し（令和8年度）.pdf"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

_MUTTRC = """\
set from="{sender}"
set realname="高橋 一郎"
set use_from=yes
set envelope_from=yes
set charset="utf-8"
set send_charset="{charset}"
set rfc2047_parameters=yes
set copy=no
set crypt_autosign=no
{how}
"""
_BY_ITSELF = """\
set smtp_url="smtp://localhost:{port}/"
set ssl_starttls=yes
set ssl_force_tls=yes
set ssl_ca_certificates_file="{ca}"
set ssl_usesystemcerts=no"""
_BY_MSMTP = 'set sendmail="{msmtp} -C {directory}/msmtprc"'
_MSMTPRC = """\
defaults
tls on
tls_starttls on
tls_trust_file {ca}
auth off
logfile {directory}/msmtp.log
account default
host localhost
port {port}
from {sender}
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def daemon(tmp_path: Path, authority: Authority) -> Iterator[Daemon]:
    """A daemon that takes no mail before STARTTLS."""
    certificate, key = authority.issue("localhost", "127.0.0.1")
    tls = {"tls_certificate": str(certificate), "tls_key": str(key), "tls_required": True}
    config = write_config(
        tmp_path, f"maildir:{tmp_path / 'letters'}", service={"directory": DIRECTORY}, smtp=tls
    )
    with serving(tmp_path, ["--config", str(config)]) as running:
        yield running


def compose(directory: Path, how: str, charset: str) -> None:
    """Let mutt write a mail with an attachment and send it."""
    (directory / "muttrc").write_text(_MUTTRC.format(sender=BUILDER, how=how, charset=charset))
    (directory / PDF_NAME).write_bytes(PDF)
    command = [program("mutt"), "-n", "-F", str(directory / "muttrc"), "-s", SUBJECT]
    command += ["-a", str(directory / PDF_NAME), "--", DESK]
    body = sample_application(tokyo_date(datetime.now(UTC)))
    environment = {"HOME": str(directory), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "TERM": "dumb"}
    done = subprocess.run(
        command, input=body.encode(), capture_output=True, env=environment, timeout=PATIENCE
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


def received(directory: Path) -> OpenedMail:
    """Read the one mail in the inbox as the daemon's reading does."""
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    sealer = load_key_file(directory / "service.key")
    with Session(engine) as session:
        [inbox_id] = session.exec(select(InboxRow.id)).all()
        assert inbox_id is not None
        data = inbox.data_of(session, sealer, inbox_id)
    engine.dispose()
    found = read_mail(data)
    assert isinstance(found, OpenedMail)
    return found


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii:iso-2022-jp:utf-8"])
@pytest.mark.parametrize("by", ["itself", "msmtp"])
def test_an_application_written_in_mutt_is_read_and_answered(
    by: str, charset: str, daemon: Daemon, authority: Authority, tmp_path: Path
) -> None:
    values = {"port": daemon.port, "ca": authority.file, "directory": tmp_path, "sender": BUILDER}
    if by == "msmtp":
        (tmp_path / "msmtprc").write_text(_MSMTPRC.format(**values))
        (tmp_path / "msmtprc").chmod(0o600)
        compose(tmp_path, _BY_MSMTP.format(msmtp=program("msmtp"), **values), charset)
    else:
        compose(tmp_path, _BY_ITSELF.format(**values), charset)
    [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert "市道中央線舗装補修工事" in text_of(letter)
    mail = received(tmp_path).mail
    assert mail.subject == SUBJECT
    assert mail.from_address == BUILDER
    [attachment] = mail.attachments
    assert (attachment.name, attachment.kind, attachment.size) == (PDF_NAME, "pdf", len(PDF))


def test_msmtp_sends_nothing_where_the_certificate_is_not_the_one_it_trusts(
    daemon: Daemon, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = Authority(tmp_path / "elsewhere")
    values = {"port": daemon.port, "ca": other.file, "directory": tmp_path, "sender": BUILDER}
    (tmp_path / "msmtprc").write_text(_MSMTPRC.format(**values))
    (tmp_path / "msmtprc").chmod(0o600)
    command = [program("msmtp"), "-C", str(tmp_path / "msmtprc"), DESK]
    done = subprocess.run(command, input=b"Subject: x\n\nx\n", capture_output=True, timeout=PATIENCE)
    assert done.returncode != 0
    assert b"TLS certificate verification failed" in done.stderr
