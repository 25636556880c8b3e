"""The last look at a letter before it may leave: strict RFC 5322, 2045 to 2047, and what filters dislike."""

from bot.writing.wellformed.faults import Malformed, must
from bot.writing.wellformed.header import MIME, TOP, fields, only
from bot.writing.wellformed.parts import check_part
from bot.writing.wellformed.values import VALUES

__all__ = ["MAX_BYTES", "Malformed", "check"]

MAX_BYTES = 10_000_000  # half of what the strictest town hall takes
_LINE = 998  # octets, without the line end (RFC 5322 §2.1.1)
_REQUIRED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")


def check(data: bytes, *, utf8: bool = False) -> None:
    """Look at one finished letter; `utf8` where its addresses need SMTPUTF8.

    Raises Malformed, which names the rule that is broken and quotes nothing of the letter.
    """
    _check_bytes(data, utf8)
    head, end, body = data.partition(b"\r\n\r\n")
    must(bool(end), "end of header: there is no empty line")
    there = only(fields(head.decode("utf-8")), TOP | MIME)
    for name in _REQUIRED:
        must(name in there, f"{name}: is missing")
    for name, values in there.items():
        if look := VALUES.get(name):
            for value in values:
                look(value)
    check_part(there, body)


def _check_bytes(data: bytes, utf8: bool) -> None:
    must(len(data) <= MAX_BYTES, f"size: over {MAX_BYTES} bytes")
    ends = data.count(b"\r\n")
    must(data.count(b"\r") == ends == data.count(b"\n"), "line ends: CR or LF stands alone")
    must(data.endswith(b"\r\n"), "line ends: the last line has none")
    must(b"\0" not in data, "NUL: stands in the letter")
    must(utf8 or data.isascii(), "ASCII: an octet over 127 though no address needs SMTPUTF8")
    must(max(map(len, data.split(b"\r\n"))) <= _LINE, f"line length: over {_LINE} octets")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("UTF-8: the letter is not") from error
