"""Files that stand in uuencode between the lines of a text."""

import binascii
import time

import pytest

from bot.reading.mail import OpenedMail, read_mail
from bot.reading.uuencode import Inline, apart
from tests.reading.builders import encoded_word, mail

PDF = b"%PDF-1.4\n" * 20


def uuencoded(data: bytes, name: bytes = b"a.pdf", end: bytes = b"\n") -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n") for at in range(0, len(data), 45)]
    return end.join([b"begin 644 " + name, *lines, b"`", b"end", b""])


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_files_are_taken_out_of_the_text(end: bytes) -> None:
    text = b"hello" + end + uuencoded(PDF, b"a b.pdf", end) + b"and" + end + uuencoded(b"x", end=end) + b"bye"
    assert apart(text) == (
        b"hello" + end + b"and" + end + b"bye",
        [Inline(b"a b.pdf", PDF), Inline(b"a.pdf", b"x")],
    )


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 a.pdf\nM no end",
        b"begin 644 a.pdf\nend\n",
        b"begin 644 a\nwe begin at nine, and in the\nend\nleave",
        b"begin 12 a\nend\n",
        b"We\nbegin 644 reasons to go on\n\xe3\x81\x82\nend\n",
    ],
)
def test_what_is_no_code_is_text(text: bytes) -> None:
    assert apart(text) == (text, [])


def test_a_mail_of_an_old_program_has_its_file_as_an_attachment() -> None:
    name = encoded_word("契約書.pdf", "iso-2022-jp")
    found = read_mail(mail(b"contract\n\n" + uuencoded(PDF, name)))
    assert isinstance(found, OpenedMail)
    assert found.mail.new_text == "contract"
    assert [(one.name, one.kind, one.size) for one in found.mail.attachments] == [
        ("契約書.pdf", "pdf", len(PDF))
    ]
    assert found.files == (PDF,)


@pytest.mark.parametrize(
    "unit", [b"begin 644 a\n", b"begin 644 a\n`\nend\n", b"begin 644 a\n#0V%T\n`\nend\n", b"M" * 60]
)
def test_looking_for_files_is_linear(unit: bytes) -> None:
    began = time.process_time()
    apart(unit * (1_000_000 // len(unit)))
    assert time.process_time() - began < 1
