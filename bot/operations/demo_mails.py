"""Mails as real mail programs write them: replies above what they quote, forwards, and their charsets."""

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from bot.clock import TOKYO
from bot.operations.demo_sink import Arrived

_CHARACTERS_A_WORD = 12  # an encoded-word may have 75 characters (RFC 2047 §2)
_BORDER = "border.hoshobin.example"
_EXTENSIONS = {
    bytes((first, second)).decode("cp932", "replace"): bytes((first, second))
    for first in (0xED, 0xEE)
    for second in (*range(0x40, 0x7F), *range(0x80, 0xFD))
}


@dataclass(frozen=True)
class Person:
    """Somebody who writes to the desk."""

    address: str
    name: str
    signature: str = ""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class Attached:
    """A file, or a whole mail where the type is message/rfc822."""

    name: str
    data: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True)
class Post:
    """One mail on its way to the desk."""

    who: Person
    subject: str
    data: bytes
    mail_from: str


class Mailer:
    """Makes mails to one desk; every one has a Message-ID of its own."""

    def __init__(self, desk: str, now: datetime) -> None:
        self._desk = desk
        self._now = now.astimezone(TOKYO)
        self._numbers = itertools.count(1)

    def post(
        self,
        who: Person,
        subject: str,
        body: str,
        *,
        attached: Sequence[Attached] = (),
        proof: str = "dkim",
        answers: Arrived | None = None,
        to: str = "",
        copy_to_us: bool = False,
        charset: str = "utf-8",
        mail_from: str = "",
    ) -> Post:
        """Make a mail as our border hands it on. `proof`: dkim, spf, none, or fail (refused by DMARC)."""
        sender = mail_from or who.address
        identity = f"<{next(self._numbers)}.{self._now:%Y%m%d%H%M%S}@{who.domain}>"
        head = [
            f"Authentication-Results: {_results(proof, who.domain, sender)}",
            f"Received: from mail.{sender.rpartition('@')[2]} by {_BORDER}; {format_datetime(self._now)}",
            f"From: {_word(who.name, charset)} <{who.address}>",
            f"To: {to or self._desk}",
            *([f"Cc: {self._desk}"] if copy_to_us else []),
            f"Subject: {_word(subject, charset)}",
            f"Date: {format_datetime(self._now)}",
            f"Message-ID: {identity}",
        ]
        if answers is not None:
            before = str(answers.mail.get("References", ""))
            head.append(f"In-Reply-To: {answers.message_id}")
            head.append(f"References: {before} {answers.message_id}".replace(":  ", ": "))
        head.append("MIME-Version: 1.0")
        text = _text_part(f"{body}\n{who.signature}", charset)
        data = "\r\n".join(head).encode() + b"\r\n" + _mixed(text, attached)
        return Post(who, subject, data, sender)

    def garbage(self, who: Person) -> Post:
        """Make bytes that are no mail at all."""
        return Post(who, "(読めないバイト列)", bytes(range(128, 256)) * 40 + b"\r\n", who.address)


def outlook(words: str, letter: Arrived) -> str:
    """Answer above the whole letter, headed by four lines (Outlook)."""
    sent = parsedate_to_datetime(str(letter.mail["Date"])).astimezone(TOKYO)
    head = (
        f"From: {letter.mail['From']}\nSent: {sent:%A, %B %d, %Y %I:%M %p}\n"
        f"To: {letter.recipient}\nSubject: {letter.subject}"
    )
    return f"{words}\n\n{head}\n\n{letter.text}"


def outlook_ja(words: str, letter: Arrived) -> str:
    """Answer above the whole letter, headed in Japanese (Outlook)."""
    sent = parsedate_to_datetime(str(letter.mail["Date"])).astimezone(TOKYO)
    head = (
        f"差出人: {letter.mail['From']}\n送信日時: {sent.year}年{sent.month}月{sent.day}日 {sent:%H:%M}\n"
        f"宛先: {letter.recipient}\n件名: {letter.subject}"
    )
    return f"{words}\n\n-----Original Message-----\n{head}\n\n{letter.text}"


def phone(words: str, letter: Arrived) -> str:
    """Answer above a quotation, as an iPhone does."""
    sent = parsedate_to_datetime(str(letter.mail["Date"])).astimezone(TOKYO)
    head = f"{sent:%Y/%m/%d %H:%M}、{letter.mail['From']}のメール:"
    return f"{words}\n\niPhoneから送信\n\n{head}\n\n{_quoted(letter.text)}"


def webmail(words: str, letter: Arrived) -> str:
    """Answer above a quotation, as web mail does."""
    sent = parsedate_to_datetime(str(letter.mail["Date"])).astimezone(TOKYO)
    weekday = "月火水木金土日"[sent.weekday()]
    head = f"{sent.year}年{sent.month}月{sent.day}日({weekday}) {sent:%H:%M} {letter.mail['From']}:"
    return f"{words}\n\n{head}\n{_quoted(letter.text)}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.splitlines())


def _results(proof: str, domain: str, mail_from: str) -> str:
    """Write what our border found out (RFC 8601)."""
    results = {
        "dkim": f"dkim=pass header.d={domain}; spf=pass smtp.mailfrom={mail_from}",
        "spf": f"dkim=none; spf=pass smtp.mailfrom={mail_from}",
        "none": f"dkim=none; spf=softfail smtp.mailfrom={mail_from}",
        "fail": f"dkim=none; spf=fail smtp.mailfrom={mail_from}; dmarc=fail header.from={domain}",
    }
    return f"{_BORDER}; {results[proof]}"


def _word(text: str, charset: str) -> str:
    """Write a header text as encoded-words (RFC 2047), folded."""
    if text.isascii():
        return text
    parts = [text[i : i + _CHARACTERS_A_WORD] for i in range(0, len(text), _CHARACTERS_A_WORD)]
    words = [base64.b64encode(_encoded(part, charset)).decode() for part in parts]
    return "\r\n ".join(f"=?{charset}?B?{word}?=" for word in words)


def _encoded(text: str, charset: str) -> bytes:
    return windows_jis(text) if charset == "iso-2022-jp" else text.encode(charset)


def windows_jis(text: str) -> bytes:
    """Encode as Windows mail programs do under the name iso-2022-jp, with ㈱ and 髙 (code page 50221)."""
    out, mode = bytearray(), b"\x1b(B"
    for char in text:
        wanted, piece = (b"\x1b(B", char.encode()) if char.isascii() else (b"\x1b$B", _jis(char))
        out += (wanted if wanted != mode else b"") + piece
        mode = wanted
    return bytes(out + (b"\x1b(B" if mode != b"\x1b(B" else b""))


def _jis(char: str) -> bytes:
    try:
        return char.encode("iso2022_jp")[3:5]
    except UnicodeEncodeError:
        first, second = _EXTENSIONS.get(char) or char.encode("cp932", "replace").ljust(2, b"?")
    row = (first - (0x81 if first < 0xA0 else 0xC1)) * 2 + (second > 0x9E) + 0x21
    offset = 0x7E if second > 0x9E else 0x1F if second < 0x7F else 0x20
    return bytes((row, second - offset))


def _text_part(text: str, charset: str) -> bytes:
    if charset == "iso-2022-jp":
        body = windows_jis(text.replace("\n", "\r\n"))
        return (
            b"Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + body
        )
    body = base64.encodebytes(text.replace("\n", "\r\n").encode(charset)).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + body


def _mixed(text: bytes, attached: Sequence[Attached]) -> bytes:
    if not attached:
        return text + b"\r\n"
    cut = b"--=_demo_cut"
    body = b'Content-Type: multipart/mixed; boundary="=_demo_cut"\r\n\r\n' + cut + b"\r\n" + text + b"\r\n"
    for one in attached:
        body += cut + b"\r\n" + _file_part(one) + b"\r\n"
    return body + cut + b"--\r\n"


def _file_part(one: Attached) -> bytes:
    if one.media_type == "message/rfc822":
        return b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + one.data
    name = _word(one.name, "utf-8").replace("\r\n ", " ")
    head = (
        f'Content-Type: {one.media_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(one.data).replace(b"\n", b"\r\n")
