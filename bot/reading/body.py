"""The text of a text/plain or text/html part: charset, format=flowed, HTML with its quotations."""

import re

from bot.reading.charset import decode
from bot.reading.headers import token
from bot.reading.html import text_of_html
from bot.reading.mime import Part

MAX_TEXT = 2 << 20  # bytes of one part that are decoded; what follows is left out

_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.I)
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r{0,2}\n|\r")  # CR CR LF: some gateways double the CR
_STUFFING = re.compile(r"(>*)( ?)(.*)", re.S)


def is_text(part: Part) -> bool:
    """True for the kinds of part that can be a mail's own words."""
    return part.media_type in ("text/plain", "text/html")


def text_of(part: Part, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the words of a text part with line ends as a bare newline, and remarks on what was odd."""
    remarks = ("text part cut at 2 MB",) if len(data) > MAX_TEXT else ()
    data = data[:MAX_TEXT]
    label = token(part.parameters.get("charset"))
    if part.media_type == "text/html":
        if not label and (found := _META_CHARSET.search(data[:2048])):
            label = found[1].decode("ascii")
        return text_of_html(lines(decode(data, label))), remarks
    text = lines(decode(data, label))
    if token(part.parameters.get("format")).lower() == "flowed":
        text = unflowed(text, token(part.parameters.get("delsp")).lower() == "yes")
    return text, remarks


def lines(text: str) -> str:
    """Return the text with every line end as a bare newline and no other control character but tabs."""
    return _CONTROLS.sub("", _LINE_END.sub("\n", text))


def unflowed(text: str, deletes_space: bool) -> str:
    """Join the lines of format=flowed (RFC 3676 §4.2); quotation keeps its marks."""
    joined: list[str] = []
    depth_before, is_open, piece = "", False, []
    for line in text.split("\n"):
        depth, _, content = _STUFFING.fullmatch(line).groups()  # type: ignore[union-attr]
        is_signature = content == "-- "
        if is_open and depth == depth_before and not is_signature:
            piece.append(content)
        else:
            if piece:
                joined.append("".join(piece))
            piece = [f"{depth} {content}" if depth else content]
        is_open = content.endswith(" ") and not is_signature
        if is_open and deletes_space:
            piece[-1] = piece[-1][:-1]
        depth_before = depth
    return "\n".join([*joined, "".join(piece)])
