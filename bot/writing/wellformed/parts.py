"""The parts of a letter (RFC 2045, 2046): boundaries, encodings, the plain text first, names of files."""

import binascii
import re
from collections.abc import Mapping

from bot.writing.wellformed.faults import CONTROL_IN_TEXT, Malformed, must
from bot.writing.wellformed.header import OF_A_PART, fields, only
from bot.writing.wellformed.page import check_page

_DEPTH = 4  # multiparts in each other
_LINE = 76  # characters of base64 (RFC 2045 §6.8)
_TOKEN = r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+"
_TYPE = re.compile(rf"([a-z]+)/([a-z0-9][a-z0-9.+-]*)((?:;[ \t]*{_TOKEN}=(?:{_TOKEN}|\"[^\"\\]*\"))*)")
_PARAMETER = re.compile(rf";[ \t]*({_TOKEN})=({_TOKEN}|\"[^\"\\]*\")")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_MULTIPARTS = ("mixed", "alternative", "related")
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_DISPOSITION = re.compile(rf"attachment;[ \t]*filename=\"?{_NAME}\"?|inline")
_CONTENT_ID = re.compile(r"<[!-;=?-~]{1,200}>")


def check_part(there: Mapping[str, list[str]], body: bytes) -> None:
    """Check the whole body under the letter's own header. Raises Malformed."""
    walk = _Walk()
    walk.part(there, body, 0)
    must(walk.leaves[:1] == ["text/plain"], "plain text: is not the first part")


class _Walk:
    """One walk through the parts: which boundaries are taken, and which leaves came by, in order."""

    def __init__(self) -> None:
        self.boundaries: list[str] = []
        self.leaves: list[str] = []

    def part(self, there: Mapping[str, list[str]], body: bytes, depth: int) -> None:
        main, sub, parameters = _media_type(there)
        encoding = there.get("content-transfer-encoding", ["7bit"])[0]
        if main == "multipart":
            must(sub in _MULTIPARTS, "multipart: its kind")
            must(depth < _DEPTH, "multipart: too deep")
            must(encoding == "7bit", "multipart: is encoded")
            self._pieces(self._boundary(parameters), body, depth)
        else:
            self.leaves.append(f"{main}/{sub}")
            _leaf(there, main, sub, parameters, _content(encoding, body))

    def _boundary(self, parameters: dict[str, str]) -> bytes:
        must(parameters.keys() == {"boundary"}, "multipart: its parameters")
        mine = parameters["boundary"]
        must(_BOUNDARY.fullmatch(mine) is not None, "boundary: is not of RFC 2046 §5.1.1")
        for other in self.boundaries:
            apart = not mine.startswith(other) and not other.startswith(mine)
            must(apart, "boundary: begins like another")
        self.boundaries.append(mine)
        return mine.encode("ascii")

    def _pieces(self, boundary: bytes, body: bytes, depth: int) -> None:
        before, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
        must(before == b"", "boundary: something stands before the first")
        must(len(pieces) > 1 and pieces[-1] == b"--\r\n", "boundary: is not closed, or text follows")
        for piece in pieces[:-1]:
            must(piece.startswith(b"\r\n"), "boundary: a line goes on behind it")
            head, end, inside = piece[2:].partition(b"\r\n\r\n")
            must(bool(end), "part: has no header, or no empty line below it")
            closed = inside + b"\r\n" if not inside.endswith(b"\r\n") else inside
            self.part(only(fields(head.decode("utf-8")), OF_A_PART), closed, depth + 1)


def _media_type(there: Mapping[str, list[str]]) -> tuple[str, str, dict[str, str]]:
    must("content-type" in there, "content-type: is missing")
    found = _TYPE.fullmatch(there["content-type"][0])
    if found is None:
        raise Malformed("content-type: is not type/subtype; name=value")
    pairs = [(name.lower(), value.strip('"')) for name, value in _PARAMETER.findall(found[3])]
    must(len(dict(pairs)) == len(pairs), "content-type: a parameter stands there twice")
    return found[1], found[2], dict(pairs)


def _content(encoding: str, body: bytes) -> bytes:
    if encoding == "7bit":
        must(body.isascii(), "7bit: holds other octets")
        return body
    must(encoding == "base64", "content-transfer-encoding: is neither base64 nor 7bit")
    must(max(map(len, body.split(b"\r\n"))) <= _LINE, f"base64: a line is longer than {_LINE}")
    try:
        return binascii.a2b_base64(body.translate(None, b"\r\n"), strict_mode=True)
    except binascii.Error as error:
        raise Malformed("base64: is none") from error


def _leaf(
    there: Mapping[str, list[str]], main: str, sub: str, parameters: dict[str, str], content: bytes
) -> None:
    disposition = there.get("content-disposition", ["inline"])[0]
    must(_DISPOSITION.fullmatch(disposition) is not None, "file name: is not plain ASCII")
    content_id = there.get("content-id", ["<none>"])[0]
    must(_CONTENT_ID.fullmatch(content_id) is not None, "content-id: is none")
    must(main != "message", "content-type: a message inside")
    if main != "text":
        must(not parameters, "content-type: has parameters")
        must(disposition != "inline" or "content-id" in there, "part: is neither attached nor shown")
        must(bool(content), "part: is empty")
        return
    must(parameters == {"charset": "utf-8"}, "charset: is not utf-8 alone")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("charset: the text is not UTF-8") from error
    must(bool(text.strip()), "text: is blank")
    must(CONTROL_IN_TEXT.search(text) is None, "text: holds a control character")
    if sub == "html":
        check_page(text)
