"""Address headers (From, To, Cc) to their entries; linear, and no encoded-word can smuggle in an address."""

import binascii
import re
from typing import NamedTuple

from bot.reading.headers import decode_header, unescaped, unfold

_ADDRESS = re.compile(
    r"(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}|\"[^\"\\\0-\x1f\x7f-\uffff]{1,64}\")"
    r"@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*",
)
# An unclosed quote is one token to the end: tried anew at every quote it would cost the square of the length.
_ADDRESS_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?P<closed>"?)|<[^<>]*>|[^"<>(),:;]+|.', re.S)
_RAW_JIS = re.compile(rb"\x1b\$[@B][^\x1b]*\x1b\([BJH]")


class Mailbox(NamedTuple):
    """One entry of an address header; address is '' where the entry holds none that could be written to."""

    name: str
    address: str


def mailboxes(raw: bytes) -> list[Mailbox]:
    """Return the entries of an address header (RFC 5322 §3.4), in order.

    The structure is read from the raw bytes, so that no encoded-word can smuggle in an address. An entry
    that is a group, or holds more than one address, comes back with the address ''. A name whose comma stands
    without quotes (Yamada, Taro <…>) is one entry.
    """
    found: list[Mailbox] = []
    phrase: list[bytes] = []
    angles: list[bytes] = []
    comments: list[bytes] = []
    depth, broken, has_address = 0, False, False

    def flush() -> None:
        nonlocal broken, has_address
        if phrase or angles or comments or broken:
            found.append(Mailbox("", "") if broken else _mailbox(phrase, angles, comments))
        phrase.clear()
        angles.clear()
        comments.clear()
        broken = has_address = False

    for match in _ADDRESS_TOKEN.finditer(_RAW_JIS.sub(_as_encoded_word, unfold(raw))):
        part = match[0]
        if depth or part == b"(":
            depth += (part == b"(") - (part == b")")
            comments.append(part)
        elif part == b"," and phrase and not (angles or broken or comments or has_address):
            phrase[-1] += part
        elif part == b",":
            flush()
        elif part in (b":", b";", b")", b">", b"<") or match["closed"] == b"":
            broken = True
        elif part[:1] == b"<":
            angles.append(part[1:-1].strip())
        elif part.strip():
            broken = broken or bool(angles)
            has_address = has_address or b"@" in part
            phrase.append(part.strip())
    broken = broken or depth > 0
    flush()
    return found


def _as_encoded_word(raw_jis: re.Match[bytes]) -> bytes:
    """Wrap raw ISO-2022-JP, whose bytes may be commas and angles, for the time of reading the structure."""
    return b"=?iso-2022-jp?B?" + binascii.b2a_base64(raw_jis[0], newline=False) + b"?="


def _mailbox(phrase: list[bytes], angles: list[bytes], comments: list[bytes]) -> Mailbox:
    if len(angles) > 1:
        return Mailbox("", "")
    if angles:
        words = (unescaped(part[1:-1], False) if part[:1] == b'"' else part for part in phrase)
        return Mailbox(decode_header(b" ".join(words)), _address(angles[0]))
    comment = decode_header(b"".join(comments))[1:-1].strip()
    is_one = len(phrase) == 1 or (len(phrase) == 2 and phrase[0][:1] == b'"' and phrase[1][:1] == b"@")
    return Mailbox(comment, _address(b"".join(phrase)) if is_one else "")


def _address(raw: bytes) -> str:
    """Return the address with its domain in lower case; carriers' old `a..b.@` forms are let through."""
    text = raw.decode("ascii", "replace")
    if len(text) > 320 or not _ADDRESS.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"
