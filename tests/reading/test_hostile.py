"""Mails made or broken to hurt: every one is a Mail or Unreadable, soon, whatever the bytes."""

import inspect
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import courtesies, doubts, folding, politeness, requests
from bot.mail import Unreadable
from bot.reading import banners, charset, headers, html, keys_in_text, mailboxes, mime, quoting, uuencode
from bot.reading.mail import OpenedMail, read_mail
from tests.reading.builders import mail

CORPUS = sorted((Path(__file__).parent.parent / "mails").glob("*.eml"))
SMALL = [data for data in (path.read_bytes() for path in CORPUS) if len(data) < 6000]
FROM = b"From: a@b.example\r\n"
WORD = b"=?iso-2022-jp?B?GyRCLSEtahsoQg==?="

HOSTILE: dict[str, bytes] = {
    "448 kB of encoded words in the subject": mail(subject=b"\r\n ".join([WORD] * 11_000)),
    "120 kB of encoded words in the subject": mail(subject=b"\r\n ".join([WORD] * 3_300)),
    "half-begun encoded words": mail(subject=b"=?a?q?" * 20_000),
    "question marks in an encoded word": mail(subject=b"=?utf-8?q?" + b"?x" * 60_000),
    "233 kB of addresses": mail(to=b", ".join(b"u%d@b.example" % i for i in range(15_000))),
    "120 kB of addresses": mail(to=b", ".join(b"u%d@b.example" % i for i in range(7_000))),
    "quotes in an address": mail(to=b'"' * 120_000),
    "commas in an address": mail(to=b"a," * 60_000),
    "raw JIS in an address": mail(to=b"\x1b$B" * 40_000),
    "parameters": mail(content_type=b"text/plain" + b"".join(b";a%d=" % i for i in range(9_000))),
    "blanks in parameters": mail(content_type=b"text/plain;x" + b" " * 120_000 + b"x"),
    "comments in parameters": mail(content_type=b"text/plain;" + b"(" * 120_000),
    "lost escapes": mail(subject=b"$B" * 60_000),
    "lost escapes that never end": mail(subject=b" $Bab" * 24_000),
    "a thousand multiparts in each other": FROM
    + b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (i, i) for i in range(999)),
    "a thousand mails in each other": FROM + b"Content-Type: message/rfc822\r\n\r\n" * 1000,
    "one boundary for all": FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 1000,
    "a hundred thousand parts": FROM
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    + b"--x\r\n\r\na\r\n" * 100_000,
    "what is nearly a boundary": FROM
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    + b"\n--xy" * 400_000,
    "a header block without an end": FROM + b"X: y\r\n" * 30_000,
    "one line of 5 MB": mail(b"a" * 5_000_000),
    "one Japanese line of 5 MB": mail("あ" * 1_600_000),
    "300,000 blank lines": mail(b"\n" * 300_000),
    "300,000 quoted blank lines": mail(b">\n" * 300_000),
    "half-begun old headers": mail(b"From: a\n" * 100_000),
    "padding in base64": mail(b"YQ==" * 600_000, content_transfer_encoding="base64"),
    "junk in base64": mail(b"!@#" * 1_000_000, content_transfer_encoding="base64"),
    "escapes of JIS": mail(b"\x1b$B" * 700_000, content_type="text/plain; charset=iso-2022-jp"),
    "an unknown charset": mail("提出", content_type="text/plain; charset=x-unknown"),
    "an identifier with brackets": mail(message_id=b"<[x@microsoft.com]>", references=b"<" * 60_000),
    "an unclosed From": b"From: <\r\n\r\n",
    "two From headers": FROM + FROM + b"\r\n",
    "no body": b"From: a@b.example",
    "nothing": b"",
}


def readable_soon(data: bytes, seconds: float) -> None:
    began = time.process_time()
    found = read_mail(data)
    assert time.process_time() - began < seconds
    assert isinstance(found, OpenedMail | Unreadable)
    assert "reading failed" not in getattr(found, "reason", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_or_refused_soon(name: str) -> None:
    """Trap: the standard parser took 12.5 s for the subject, 2.9 s for the addresses, raises on others."""
    readable_soon(HOSTILE[name], 4)


CUTS = st.tuples(st.integers(0, 6000), st.integers(0, 6000))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SMALL), st.sampled_from(SMALL), CUTS, st.binary(max_size=8))
def test_mails_cut_and_spliced_are_read(one: bytes, other: bytes, cuts: tuple[int, int], junk: bytes) -> None:
    readable_soon(one[: cuts[0]] + junk + other[cuts[1] :], 1)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SMALL), st.lists(st.tuples(st.integers(0, 5999), st.integers(0, 255)), max_size=30))
def test_mails_with_changed_bytes_are_read(data: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(data)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    readable_soon(bytes(changed), 1)


MODULES: dict[ModuleType, int] = {  # how many characters its patterns get to see
    quoting: quoting._LONGEST,
    banners: banners._LONGEST,
    courtesies: politeness.LONGEST_SENTENCE,
    politeness: politeness.LONGEST_SENTENCE,
    doubts: politeness.LONGEST_SENTENCE,
    requests: politeness.LONGEST_SENTENCE,
    folding: 20_000,
    keys_in_text: 20_000,
    headers: 20_000,
    mailboxes: 20_000,
    mime: 20_000,
    charset: 20_000,
    html: 2_000,
    uuencode: 20_000,
}


def patterns() -> Iterator[tuple[str, int, re.Pattern[str] | re.Pattern[bytes]]]:
    for module, longest in MODULES.items():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{module.__name__}.{name}", longest, value


PATTERNS = {name: (longest, pattern) for name, longest, pattern in patterns()}


def looks_anywhere(name: str) -> bool:
    """Whether its module lets a pattern look anywhere in a text, or only where it is told to."""
    module, _, constant = name.rpartition(".")
    source = inspect.getsource(sys.modules[module])
    return not re.search(rf"\b{constant}\.(?:full)?match\b", source)


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_is_slow_on_runs_of_its_own_characters(name: str) -> None:
    """A pattern that is quadratic, or worse, shows on the longest text it may see."""
    longest, pattern = PATTERNS[name]
    look = pattern.search if looks_anywhere(name) else pattern.match
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    plain = re.sub(r"\\.|[()\[\]{}|?*+^$]", "\0", source)
    letters = {*plain} - {"\0"} | set("a0 -あ漢>\t")
    runs = {part[:12] for part in plain.split("\0") if len(part) > 1}
    for unit in sorted(letters | runs)[:60]:
        text = (unit * longest)[:longest]
        began = time.process_time()
        look(text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace"))  # type: ignore[arg-type]
        assert time.process_time() - began < 0.5, unit
