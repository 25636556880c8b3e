"""Raw message bytes to a tree of parts (RFC 2045, 2046), with every limit checked before it is needed."""

import binascii
import re
from dataclasses import dataclass, field

from bot.reading import uuencode
from bot.reading.headers import file_name, from_base64, parameters, token

MAX_MESSAGE = 64 << 20  # bytes; the doors accept less
MAX_HEAD = 128 << 10  # bytes of one header block
MAX_PARTS = 200
MAX_DEPTH = 20

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_HEADER_START = re.compile(rb"(?:[!-9;-~]{1,100}[ \t]*:[^\n]*\r?\n){2}")
_BLANKS_AT_ENDS = re.compile(rb"(?<![ \t])[ \t]++(?=\r{0,2}\n|\Z)")
_HEAD_END = re.compile(rb"\r{0,2}\n\r{0,2}\n|\A\r?\n")  # CR CR LF: some gateways double the CR


_MARK = b"\xef\xbb\xbf"  # a UTF-8 byte order mark, from mails saved as text files


class TooMuch(Exception):
    """The message is over a limit; the text of the exception names it and quotes nothing."""


class Headers:
    """The header fields of one part in their order; values are raw, folded bytes."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields

    def all(self, name: str) -> list[bytes]:
        """Return the values of all fields of this lower-case name, topmost first."""
        return [value for field_name, value in self.fields if field_name == name]

    def first(self, name: str) -> bytes:
        """Return the topmost value, b'' where there is none."""
        return next((value for field_name, value in self.fields if field_name == name), b"")


@dataclass(slots=True)
class Part:
    """One node: a leaf with a body, or a multipart or attached message with children."""

    headers: Headers
    media_type: str
    parameters: dict[str, bytes]
    disposition: str
    raw_body: bytes  # as transferred; `body` undoes the transfer encoding
    inside: int  # how many attached messages stand around it
    children: list["Part"] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """The bytes of a leaf, or of an attached message, after the transfer encoding."""
        encoding = token(self.headers.first("content-transfer-encoding")).lower()
        if encoding == "base64":
            return from_base64(self.raw_body)
        if encoding == "quoted-printable":
            # RFC 2045 §6.7 rule 3. DKIM's relaxed form forgives them, so they must not change what is read.
            return binascii.a2b_qp(_BLANKS_AT_ENDS.sub(b"", self.raw_body))
        if encoding in ("x-uuencode", "uuencode", "x-uue"):
            return uuencode.decode_lines(self.raw_body.partition(b"\n")[2])
        return self.raw_body

    @property
    def is_message(self) -> bool:
        """True for an attached message that was opened: its one child is that message."""
        return bool(self.children) and not self.media_type.startswith("multipart/")


def split_head(data: bytes) -> tuple[Headers, int]:
    """Return the header fields and where the body begins; raises TooMuch for an endless header block.

    A line that is no field ends the block, as it does for the mail servers on the way.
    """
    end = _HEAD_END.search(data, 0, MAX_HEAD + 4)
    if not end and len(data) > MAX_HEAD:
        raise TooMuch("header block over 128 kB")
    head, body_at = (data[: end.start()], end.end()) if end else (data, len(data))
    fields: list[tuple[str, list[bytes]]] = []
    at = 0
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif found := _FIELD.match(line):
            fields.append((found[1].decode("ascii").lower(), [line[found.end() :]]))
        elif not (at == 0 and line.startswith((b"From ", b">From "))):
            body_at = min(at, body_at) if line.strip() else body_at
            break
        at += len(line) + 1
    return Headers([(name, b"\n".join(lines)) for name, lines in fields]), body_at


def parse(data: bytes) -> Part:
    """Return the tree of a whole message; raises TooMuch, nothing else."""
    if len(data) > MAX_MESSAGE:
        raise TooMuch("message over 64 MB")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")  # as old Macintosh programs saved mails
    return _Walk().part(data.removeprefix(_MARK).lstrip(b"\r\n"), "text/plain", depth=0, inside=0)


class _Walk:
    """One message being taken apart: counts its parts."""

    def __init__(self) -> None:
        self._parts = 0

    def part(self, data: bytes, default_type: str, depth: int, inside: int) -> Part:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooMuch(f"more than {MAX_PARTS} parts")
        if depth > MAX_DEPTH:
            raise TooMuch(f"parts nested more than {MAX_DEPTH} deep")
        headers, body_at = split_head(data)
        media_type, found = parameters(headers.first("content-type"))
        if not _MEDIA_TYPE.fullmatch(media_type):
            media_type = default_type
        disposition = parameters(headers.first("content-disposition"))[0]
        part = Part(headers, media_type, found, disposition, data[body_at:], inside)
        if media_type.startswith("multipart/"):
            self._open_multipart(part, depth)
        elif _is_attached_message(part):
            part.children = [self.part(part.body, "text/plain", depth + 1, inside + 1)]
        return part

    def _open_multipart(self, part: Part, depth: int) -> None:
        boundary = part.parameters.get("boundary", b"").rstrip()
        sections = _sections(part.raw_body, boundary) if boundary else []
        default_type = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        part.children = [self.part(data, default_type, depth + 1, part.inside) for data in sections]
        if sections:
            part.raw_body = b""
        else:
            part.media_type = "text/plain"


def _is_attached_message(part: Part) -> bool:
    """True for message/rfc822, and for an .eml sent as anything else whose bytes begin like a message."""
    if part.media_type in ("message/rfc822", "message/global"):
        return True
    if not part.media_type.startswith("application/"):
        return False
    name = file_name(part.headers.first("content-disposition"), part.headers.first("content-type"))
    return name.lower().endswith(".eml") and bool(_HEADER_START.match(part.body[:8192]))


def _sections(body: bytes, boundary: bytes) -> list[bytes]:
    """Return what stands between the delimiter lines; a missing last one ends with the bytes."""
    marker = b"--" + boundary
    sections: list[bytes] = []
    begun, at = -1, body.find(marker)
    while at >= 0 and len(sections) <= MAX_PARTS:
        if at == 0 or body[at - 1 : at] == b"\n":
            line_end = body.find(b"\n", at)
            line_end = len(body) if line_end < 0 else line_end
            rest = body[at + len(marker) : line_end].strip()
            if rest in (b"", b"--"):
                if begun >= 0:
                    sections.append(_without_line_end(body[begun + 1 : at]))
                if rest:
                    return sections
                begun = at = line_end
        at = body.find(marker, at + 1)
    if begun >= 0:
        sections.append(body[begun + 1 :])
    return sections


def _without_line_end(section: bytes) -> bytes:
    return section[:-2] if section.endswith(b"\r\n") else section[:-1]
