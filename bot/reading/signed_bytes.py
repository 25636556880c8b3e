"""The bytes that signatures are over: header fields and body in canonical form (RFC 6376 §3.4).

Every scan is linear. The header block is split where reading splits it, and only if nothing in it could be
read another way: a line that a verifier skips but a reader takes for the body would be unsigned words.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from bot.reading.mime import split_head

_FIELD = re.compile(rb"([!-9;-~]{1,100}[ \t]*):")
_HEAD_END = re.compile(rb"\n\r?\n\Z")
_BLANKS = re.compile(rb"[ \t]+")
_MANY_ENDS = b"\r\n" * 4096


class Unclear(Exception):
    """The header block can be read in two ways; the text says why and quotes nothing."""


class Field(NamedTuple):
    """One header field: the name as it is written, and all that follows the colon, lines ending in CRLF."""

    name: bytes
    value: bytes

    @property
    def key(self) -> str:
        """The name for comparing."""
        return self.name.rstrip().decode("ascii").lower()

    def canonical(self, relaxed: bool) -> bytes:
        """Return the field as it is hashed."""
        if not relaxed:
            return self.name + b":" + self.value
        value = _BLANKS.sub(b" ", self.value.replace(b"\r\n", b""))
        return self.key.encode() + b":" + value.strip(b" ") + b"\r\n"


class SignedBytes:
    """One message, taken apart as a verifier needs it."""

    def __init__(self, data: bytes) -> None:
        """Take a message apart. Raises Unclear, or TooMuch where reading gives up on it as well."""
        headers, body_at = split_head(data)
        self.fields = _fields(data[:body_at], has_body=body_at < len(data))
        if [one.key for one in self.fields] != [name for name, _ in headers.fields]:
            raise Unclear("the header block can be read in two ways")
        self._body = _with_crlf(data[body_at:])
        self._bodies: dict[bool, bytes] = {}

    def all(self, key: str) -> list[Field]:
        """Return the fields of this lower-case name, topmost first."""
        return [one for one in self.fields if one.key == key]

    def body(self, relaxed: bool) -> bytes:
        """Return the body as it is hashed."""
        if relaxed not in self._bodies:
            self._bodies[relaxed] = _canonical_body(self._body, relaxed)
        return self._bodies[relaxed]

    def named(self, names: Iterable[str]) -> list[Field]:
        """Return the fields that h= names: of one name always the lowest that is not taken yet (§5.4.2)."""
        left: dict[str, list[Field]] = {}
        for one in self.fields:
            left.setdefault(one.key, []).append(one)
        return [left[name].pop() for name in names if left.get(name)]


def _fields(head: bytes, *, has_body: bool) -> list[Field]:
    if has_body and not _HEAD_END.search(head[-4:]) and head not in (b"\n", b"\r\n"):
        raise Unclear("the header block does not end with an empty line")
    found: list[tuple[bytes, list[bytes]]] = []
    lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    if lines[0].startswith((b"From ", b">From ")):
        lines.pop(0)  # what a mailbox file puts before each mail
    while lines and not lines[-1]:
        lines.pop()
    for line in lines:
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif field := _FIELD.match(line):
            found.append((field[1], [line[field.end() :]]))
        else:
            raise Unclear("a line of the header block is no header field")
    return [Field(name, b"\r\n".join(values) + b"\r\n") for name, values in found]


def _with_crlf(body: bytes) -> bytes:
    if body.count(b"\n") == body.count(b"\r\n"):
        return body
    return body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _canonical_body(body: bytes, relaxed: bool) -> bytes:
    if relaxed:
        body = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(body)
    while body.endswith(_MANY_ENDS, 0, end):
        end -= len(_MANY_ENDS)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    if end == 0:
        return b"" if relaxed else b"\r\n"
    return body[:end] + b"\r\n"
