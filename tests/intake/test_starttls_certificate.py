"""The certificate of the door: what cannot be used is named at the start, and a renewal needs no restart."""

import ssl
from pathlib import Path

import pytest

from bot.intake.tls import BadCertificate, Certificate
from tests.certificates import Authority

from .callers import SETTINGS, Inbox, open_door, pass_by, run

NAME = SETTINGS.hostname


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_files_that_are_not_there_are_named(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue(NAME)
    missing = tmp_path / "missing.pem"
    for pair in ((missing, key), (certificate, missing)):
        with pytest.raises(BadCertificate, match=r"missing\.pem: No such file or directory"):
            Certificate(*pair)


def test_files_that_hold_something_else_are_named(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue(NAME)
    other = tmp_path / "other.txt"
    other.write_text("a letter")
    for pair in ((other, key), (certificate, other), (key, certificate)):
        with pytest.raises(BadCertificate, match="no PEM pair"):
            Certificate(*pair)


def test_the_key_of_another_certificate_is_named(authority: Authority) -> None:
    certificate, _ = authority.issue(NAME)
    _, other = authority.issue("other.example.jp")
    with pytest.raises(BadCertificate, match=r"other\.example\.jp\.key: is not the key of .*\.pem"):
        Certificate(certificate, other)


def test_a_key_under_a_password_is_refused_and_nobody_is_asked_for_it(authority: Authority) -> None:
    """OpenSSL would ask on the terminal, where nobody sits."""
    certificate, key = authority.issue(NAME, password="hunter2")
    with pytest.raises(BadCertificate, match="a key under a password cannot be used"):
        Certificate(certificate, key)


async def shown_to(host: str, port: int, authority: Authority) -> int:
    """Return the serial number of the certificate that the door shows now."""
    from .callers import Caller

    async with Caller(host, port) as caller:
        await caller.reply()
        await caller.say("STARTTLS")
        context = ssl.create_default_context(cafile=authority.file)
        await caller.writer.start_tls(context, server_hostname=NAME)
        shown = caller.writer.get_extra_info("peercert")
        return int(shown["serialNumber"], 16)


def test_a_renewed_certificate_is_shown_within_a_minute(authority: Authority) -> None:
    certificate = Certificate(*authority.issue(NAME))

    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate) as opened:
            where = (opened.host, opened.port, authority)
            first = await shown_to(*where)
            authority.issue(NAME)
            assert await shown_to(*where) == first
            await pass_by(61)
            renewed = await shown_to(*where)
            assert renewed != first
            await pass_by(61)
            assert await shown_to(*where) == renewed

    run(story())


def test_a_renewal_seen_half_done_keeps_the_last_good_pair(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    file, key = authority.issue(NAME)
    certificate = Certificate(file, key)

    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate) as opened:
            where = (opened.host, opened.port, authority)
            first = await shown_to(*where)
            new_file, new_key = authority.issue(NAME, into="new")
            new_file.replace(file)
            await pass_by(61)
            assert await shown_to(*where) == first
            key.unlink()
            await pass_by(61)
            assert await shown_to(*where) == first
            new_key.replace(key)
            await pass_by(61)
            assert await shown_to(*where) != first

    run(story())
    assert [record.levelname for record in caplog.records if "TLS certificate" in record.message] == [
        "ERROR",
        "ERROR",
    ]
