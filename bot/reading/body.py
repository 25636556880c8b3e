"""The text of a text/plain or text/html part: charset, format=flowed, HTML with its quotations."""

import re

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from bot.reading.charset import decode
from bot.reading.headers import token
from bot.reading.mime import Part

MAX_TEXT = 2 << 20  # bytes of one part that are decoded; what follows is left out

_QUOTE_OPENS, _QUOTE_CLOSES = "\ue000", "\ue001"
_BLOCKQUOTE = re.compile(r"(<blockquote(?:\s[^<>]*)?>)|(</blockquote\s*>)", re.I)
_MARKS = re.compile(f"([{_QUOTE_OPENS}{_QUOTE_CLOSES}])")
_OUR_MARKS = re.compile("[\ue000-\ue002]")
_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.I)
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_STUFFING = re.compile(r"(>*)( ?)(.*)", re.S)
_TABLE = re.compile(r"(?=<table[\s>])", re.I)
_WIDE_SPACE, _WIDE_SPACE_KEPT = "\u3000", "\ue002"  # inscriptis would make a plain blank of it
_HTML = ParserConfig()


def is_text(part: Part) -> bool:
    """True for the kinds of part that can be a mail's own words."""
    return part.media_type in ("text/plain", "text/html")


def text_of(part: Part) -> tuple[str, tuple[str, ...]]:
    """Return the words of a text part with line ends as a bare newline, and remarks on what was odd."""
    data = part.body
    remarks = ("text part cut at 2 MB",) if len(data) > MAX_TEXT else ()
    data = data[:MAX_TEXT]
    label = token(part.parameters.get("charset"))
    if part.media_type == "text/html":
        if not label and (found := _META_CHARSET.search(data[:2048])):
            label = found[1].decode("ascii")
        return from_html(lines(decode(data, label))), remarks
    text = lines(decode(data, label))
    if token(part.parameters.get("format")).lower() == "flowed":
        text = unflowed(text, token(part.parameters.get("delsp")).lower() == "yes")
    return text, remarks


def lines(text: str) -> str:
    """Return the text with every line end as a bare newline and no other control character but tabs."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


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


def from_html(html: str) -> str:
    """Return HTML as plain text; what stands in blockquote comes out behind '> ', as in a plain mail."""
    marked = _BLOCKQUOTE.sub(
        lambda found: f"{found[1]}{_QUOTE_OPENS}" if found[1] else f"{_QUOTE_CLOSES}{found[2]}",
        _OUR_MARKS.sub("", html).replace(_WIDE_SPACE, _WIDE_SPACE_KEPT),
    )
    text = get_text(_TABLE.sub("<br>", marked), _HTML).replace(_WIDE_SPACE_KEPT, _WIDE_SPACE)
    depth, out = 0, []
    for line in text.split("\n"):
        for piece in _MARKS.split(line):
            if piece in (_QUOTE_OPENS, _QUOTE_CLOSES):
                depth = max(0, depth + (1 if piece == _QUOTE_OPENS else -1))
            elif piece.strip() or piece == line:
                out.append("> " * min(depth, 20) + piece.strip(" \t"))
    return "\n".join(out).strip("\n")
