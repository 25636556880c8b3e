"""Bounces of programs that know no RFC 3464, as they came; and how long hostile ones may take."""

import re
import time
from pathlib import Path

import pytest

from bot.mail import Mail
from bot.reading.client import ReadingHelper
from bot.reading.mail import OpenedMail, read_mail

BOUNCES = Path(__file__).with_name("foreign_bounces")
TOLD: dict[str, tuple[str, ...]] = {
    "aol_01": ("screenname@aol.com",),
    "caiwireless_01": ("userx@example.com",),
    "dsn_12": ("userx@example.jp",),
    "exim_01": ("userx@its.example.nl",),
    "groupwise_01": ("userx@example.EDU",),
    "groupwise_02": ("userx@example.com",),
    "llnl_01": ("user1@example.gov",),
    "microsoft_01": ("userx@example.COM",),
    "microsoft_04": ("userx@example.COM",),
    "netscape_01": ("aaaaa@corel.com", "bbbbb@corel.com"),
    "postfix_02": ("yyyyy@digicool.com",),
    "qmail_01": ("userx@example.de",),
    "qmail_05": ("userx@example.com",),
    "simple_07": ("userx@example.net",),
    "simple_12": ("userx@example.ac.jp",),
    "simple_15": ("userx@example.be",),
    "simple_26": ("userx@example.it",),
    "simple_36": ("userx@example.com",),
    "simple_38": ("userx@example.com",),
    "smtp32_04": ("after_another@example.net", "one_bad_address@example.net"),
    "yahoo_01": ("userx@example.com",),
    "yahoo_11": ("bad_user@aol.com",),
    "yahoo_12": ("user@yahoo.com",),
}


def raw(name: str) -> bytes:
    data = (BOUNCES / f"{name}.eml").read_bytes()
    return data.partition(b"\n")[2] if data.startswith(b"From ") else data


def read(data: bytes) -> Mail:
    found = read_mail(data)
    assert isinstance(found, OpenedMail), found
    return found.mail


@pytest.mark.parametrize("name", TOLD)
def test_a_foreign_bounce_names_whom_it_could_not_reach(name: str) -> None:
    found = read(raw(name))
    assert (found.automatic_kind, found.bounced_kind) == ("bounce", "failed")
    assert found.failed_recipients == TOLD[name]


@pytest.mark.parametrize("name", TOLD)
def test_a_foreign_bounce_is_one_even_under_the_name_of_a_person(name: str) -> None:
    """Nothing but content tells: neither return path nor From are what a mail program would write."""
    head, cut, body = raw(name).replace(b"\r\n", b"\n").partition(b"\n\n")
    head = re.sub(rb"(?mi)^(?:return-path|from):.*\n(?:[ \t].*\n)*", b"", head + b"\n")
    found = read(b"From: soumu@iyo-kensetsu.example\n" + head + cut[1:] + body)
    assert found.from_address == "soumu@iyo-kensetsu.example"
    assert found.automatic != ""


def test_a_letter_that_only_waits_is_no_failure() -> None:
    found = read(raw("simple_35"))
    assert (found.bounced_kind, found.failed_recipients) == ("delayed", ("calvin@example.com",))


def test_a_persons_mail_is_no_bounce() -> None:
    found = read(raw("groupwise_03"))
    assert (found.automatic, found.bounced_kind, found.failed_recipients) == ("", "", ())


def test_the_confined_child_reads_a_foreign_bounce_as_this_process_does() -> None:
    """Trap: what loads at first use cannot be loaded in a child that opens no file."""
    helper = ReadingHelper()
    helper.start()
    try:
        for name in ("qmail_01", "exim_01", "netscape_01"):
            with helper.read(raw(name), null_sender=False) as conversation:
                assert conversation.mail == read(raw(name))
    finally:
        helper.close()


MEGABYTE = 1 << 20
HOSTILE = {
    "blank lines": b"\r\n",
    "addresses": b"a@b.example\r\n",
    "error lines": b"550 5.1.1 <a@b.example>:\r\n",
    "one long line": b"550 5.1.1 a@",
    "half a header": b"Message-ID: <",
    "blanks": b" " * 70 + b"\r\n",
    "phrases": b"could not mailbox delivery of the user ",
    "asks to click": b"click reply confirm the message ",
    "absent": "不在です。11月16日から".encode(),
    "passwords": "パスワード".encode(),
}


@pytest.mark.parametrize("shape", HOSTILE)
@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "multipart/report; boundary=x"])
def test_a_hostile_megabyte_is_read_in_time(shape: str, kind: str) -> None:
    """Trap: the standard `email` package is quadratic; flufl.bounce gets a small piece of a mail only."""
    piece = HOSTILE[shape]
    body = piece * (MEGABYTE // len(piece))
    if "report" in kind:
        body = b"--x\r\nContent-Type: message/delivery-status\r\n\r\n" + body + b"\r\n--x--\r\n"
    head = f"From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\nContent-Type: {kind}\r\n\r\n"
    started = time.process_time()
    found = read(head.encode() + body)
    assert time.process_time() - started < 5
    assert found.automatic_kind == "bounce"
