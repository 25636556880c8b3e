"""Files in uuencode, as a part's transfer encoding or between the lines of an old program's text."""

import binascii
import re
from typing import NamedTuple

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.M)
_END = re.compile(rb"^(?:`|[ ]?)\r?\nend[ \t]*\r?$\n?|^end[ \t]*\r?$\n?", re.M)
_CODE = re.compile(rb"[ -`]{1,90}|")
_MOST = 20  # files in one text


class Inline(NamedTuple):
    """One file that stood in a text, and its name as written there."""

    name: bytes
    data: bytes


def decode_lines(lines: bytes) -> bytes:
    """Return what the lines below `begin` hold, up to the end or to the first line that is none of theirs."""
    found = []
    for line in lines.splitlines():
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            break
    return b"".join(found)


def apart(text: bytes) -> tuple[bytes, list[Inline]]:
    """Return the text without the files in it, and these files; what does not end, or is no code, is text."""
    rest: list[bytes] = []
    files: list[Inline] = []
    at = 0
    while (
        len(files) < _MOST and (begin := _BEGIN.search(text, at)) and (end := _END.search(text, begin.end()))
    ):
        code = text[begin.end() : end.start()]
        is_code = bool(code.strip()) and all(map(_CODE.fullmatch, code.splitlines()))
        rest.append(text[at : begin.start() if is_code else end.end()])
        files += [Inline(begin[1].strip(), decode_lines(code))] if is_code else []
        at = end.end()
    return b"".join([*rest, text[at:]]), files
