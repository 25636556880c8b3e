"""swaks at doors that speak STARTTLS and LMTP: right and wrong usages, and what each is answered."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.daemons import PATIENCE, serving, write_config
from tests.interop.post import BUILDER, DESK, DIRECTORY, envelopes, inbox_states
from tests.postfix import free_port, program

pytestmark = [pytest.mark.interop, pytest.mark.slow]

SHINSA = "postmaster@hoshobin.example"
BIG = 20_000_000


@dataclass(frozen=True)
class House:
    """A daemon with an SMTP door that requires TLS, and LMTP doors on loopback or on a socket."""

    smtp: int
    lmtp: str
    directory: Path


@pytest.fixture(scope="module", params=["tcp", "unix"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("house")
    certificate, key = Authority(directory).issue("localhost", "127.0.0.1")
    port = free_port()
    lmtp = f"127.0.0.1:{port}" if request.param == "tcp" else f"unix:{directory / 'lmtp'}"
    config = write_config(
        directory,
        f"maildir:{directory / 'letters'}",
        service={"directory": DIRECTORY},
        smtp={"tls_certificate": str(certificate), "tls_key": str(key), "tls_required": True},
        lmtp={"listen": lmtp},
    )
    with serving(directory, ["--config", str(config)]) as daemon:
        yield House(daemon.port, lmtp, directory)


def said(house: House, *arguments: str, lmtp: bool = False) -> tuple[int, str]:
    """Run swaks; return its exit code and the transcript."""
    if not lmtp:
        where = ["--server", f"127.0.0.1:{house.smtp}"]
    elif house.lmtp.startswith("unix:"):
        where = ["--protocol", "LMTP", "--socket", house.lmtp.removeprefix("unix:")]
    else:
        where = ["--protocol", "LMTP", "--server", house.lmtp, "-tls"]
    command = [program("swaks"), *where, "--from", BUILDER, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=PATIENCE
    )
    return done.returncode, done.stdout + done.stderr


def count(house: House) -> int:
    return len(inbox_states(house.directory))


def test_a_mail_over_starttls_is_taken(house: House) -> None:
    before = count(house)
    code, transcript = said(house, "-tls", "--to", DESK, "--header", "Subject: TLS")
    assert code == 0, transcript
    assert "~> EHLO" in transcript
    assert "250-STARTTLS" in transcript
    assert "<~  250-STARTTLS" not in transcript
    assert count(house) == before + 1


def test_a_mail_without_tls_is_refused_with_530(house: House) -> None:
    before = count(house)
    code, transcript = said(house, "--to", DESK)
    assert code != 0
    assert "<** 530 5.7.0 Must issue a STARTTLS command first" in transcript
    assert count(house) == before


def test_pipelined_commands_over_tls_are_taken(house: House) -> None:
    before = count(house)
    code, transcript = said(house, "-tls", "--pipeline", "--to", f"{DESK},{SHINSA}", "--header", "Subject: P")
    assert code == 0, transcript
    assert count(house) == before + 1


def test_a_mail_of_20_mb_arrives_whole_by_both(house: House, tmp_path: Path) -> None:
    body = tmp_path / "big.txt"
    body.write_text(("0123456789" * 7 + "\n") * (BIG // 71))
    for lmtp in (False, True):
        before = count(house)
        tls = () if lmtp else ("-tls",)
        arguments = (
            *tls,
            "--to",
            DESK,
            "--body",
            f"@{body}",
            "--suppress-data",
            "--header",
            f"Subject: {lmtp}",
        )
        code, transcript = said(house, *arguments, lmtp=lmtp)
        assert code == 0, transcript[-2000:]
        assert count(house) == before + 1


def test_lmtp_answers_each_recipient(house: House) -> None:
    before = count(house)
    code, transcript = said(
        house, "--to", f"{DESK},nobody@hoshobin.example,{SHINSA}", "--header", "Subject: L", lmtp=True
    )
    assert code == 0, transcript
    assert transcript.count(" 250 2.0.0 OK") == 2
    assert "550 5.1.1" in transcript
    assert count(house) == before + 1
    assert envelopes(house.directory)[-1]["recipients"] == [DESK, SHINSA]


@pytest.mark.parametrize(
    ("protocol", "reply"),
    [
        ("ESMTP", '500 Error: command "EHLO" not recognized'),
        ("SMTP", '500 Error: command "HELO" not recognized'),
    ],
)
def test_smtp_at_the_lmtp_door_is_told_so(house: House, protocol: str, reply: str) -> None:
    if house.lmtp.startswith("unix:"):
        where = ["--socket", house.lmtp.removeprefix("unix:")]
    else:
        where = ["--server", house.lmtp]
    command = [program("swaks"), *where, "--protocol", protocol, "--from", BUILDER, "--to", DESK]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    assert done.returncode != 0
    assert reply in done.stdout


def test_lmtp_at_the_smtp_door_is_told_so(house: House) -> None:
    code, transcript = said(house, "--protocol", "LMTP", "--to", DESK)
    assert code != 0
    assert '500 Error: command "LHLO" not recognized' in transcript


def test_a_login_is_not_offered(house: House) -> None:
    code, transcript = said(house, "-tls", "--auth", "PLAIN", "-au", "desk", "-ap", "x", "--to", DESK)
    assert code != 0
    assert "*** Host did not advertise authentication" in transcript
