"""Raw header values to text, names, addresses and parameters; every scan is linear in the header's length."""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from bot.reading.charset import decode, decode_unlabelled

_FOLD = re.compile(rb"[\r\n]+(?=[ \t])")
_ENCODED_WORD = re.compile(
    rb"=\?([^?\s]{1,64})\?"
    rb"(?:[bB]\?(?P<b>[A-Za-z0-9+/=\s]*)|[qQ]\?(?P<q>[^?]*(?:\?(?!=)[^?]{0,80}){0,4}))\?="
)
_PARAMETER = re.compile(rb"[;\s]*(?:\([^()]{0,200}\)\s*)?([^\s=;\"()]+)\s*=\s*")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S)
# In raw code page 932 a backslash may be the second half of a kanji (表, ソ): it is no escape then.
_QUOTED_932 = re.compile(rb'"((?:[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[^"\\]|\\.)*)"', re.S)
_UNESCAPE = re.compile(rb"\\(.)", re.S)
_UNESCAPE_932 = re.compile(rb"([\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc])|\\(.)", re.S)
_INVISIBLE = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_IDENTIFIER = re.compile(rb"<([!-;=?-~\x80-\xff]{1,500})>")
_LOST_ESCAPES = re.compile(rb"(?<![\x1b!-~])\$[@B]((?:[!-~]{2}){1,200}?) ?\([BJ]")
_MAX_PARAMETERS = 200
_FOOTER = re.compile(rb"^(?:--|__)", re.M)
_PADDED = re.compile(rb"[^=]+=*")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")


def unfold(raw: bytes) -> bytes:
    """Return the header value on one line."""
    return _FOLD.sub(b"", raw).replace(b"\r", b" ").replace(b"\n", b" ").strip()


def decode_header(raw: bytes) -> str:
    """Return a header as text: encoded-words (RFC 2047), raw 8-bit and raw ISO-2022-JP.

    Neighbouring words of one charset are joined as bytes first, since programs cut them inside a character.
    """
    line = unfold(raw)
    if line.isascii():
        line = _LOST_ESCAPES.sub(_with_escapes, line)
    if b"\x1b$" in line:
        return visible(decode(line, "iso-2022-jp"))
    return visible("".join(_decoded_parts(line)))


def _with_escapes(bare: re.Match[bytes]) -> bytes:
    """Put back the escapes of raw ISO-2022-JP that a program threw out as control characters, as PHP does."""
    restored = b"\x1b$B" + bare[1] + b"\x1b(B"
    return bare[0] if "\ufffd" in decode(restored, "iso-2022-jp") else restored


def _decoded_parts(line: bytes) -> Iterator[str]:
    position = 0
    charset, run = b"", _Run()
    for word in _ENCODED_WORD.finditer(line):
        between = line[position : word.start()]
        position = word.end()
        of_word = word[1].partition(b"*")[0].lower()
        if run.began and (between.strip() or of_word != charset):
            yield decode(run.take(), charset.decode("ascii", "replace"))
        if between.strip() or not run.seen:
            yield decode_unlabelled(between)
        run.add(word)
        charset = of_word
    if run.began:
        yield decode(run.take(), charset.decode("ascii", "replace"))
    yield decode_unlabelled(line[position:])


class _Run:
    """The bytes of neighbouring encoded-words of one charset."""

    def __init__(self) -> None:
        self.began = self.seen = False
        self._bytes: list[bytes] = []
        self._base64: list[bytes] = []
        self._letters = 0

    def add(self, word: re.Match[bytes]) -> None:
        self.began = self.seen = True
        if word["b"] is None:
            self._close_base64()
            self._bytes.append(_from_q(word["q"]))
            return
        text = b"".join(word["b"].split())
        self._base64.append(text)
        self._letters += len(text)
        if self._letters % 4 == 0 or text.endswith(b"="):
            self._close_base64()

    def take(self) -> bytes:
        self._close_base64()
        joined, self._bytes, self.began = b"".join(self._bytes), [], False
        return joined

    def _close_base64(self) -> None:
        if self._base64:
            self._bytes.append(from_base64(b"".join(self._base64)))
        self._base64, self._letters = [], 0


def _from_q(text: bytes) -> bytes:
    return binascii.a2b_qp(text.replace(b"\n", b" "), header=True)


def from_base64(text: bytes) -> bytes:
    """Return the decoded bytes; what is no base64 is skipped, a cut-off end gives what is whole.

    Some programs pad every line; mailing lists put their footer in clear below.
    """
    if footer := _FOOTER.search(text):
        text = text[: footer.start()]
    return b"".join(_whole_base64(piece) for piece in _PADDED.findall(text))


def _whole_base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
        rest = len(letters) % 4
        return binascii.a2b_base64(letters[: len(letters) - (rest == 1)] + b"=" * (-len(letters) % 4 % 3))


def visible(text: str) -> str:
    """Take control and direction characters out of what people are to read."""
    return _INVISIBLE.sub("", text.replace("\t", " ")).strip()


def parameters(raw: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the value of a Content-* header in lower case, and its parameters, still encoded.

    Names are lower-cased; of two with one name the first counts.
    """
    line = unfold(raw)
    value, _, rest = line.partition(b";")
    is_932 = not line.isascii() and not _is_utf8(line)
    quoted = _QUOTED_932 if is_932 else _QUOTED
    found: dict[str, bytes] = {}
    position = 0
    while len(found) < _MAX_PARAMETERS and (name := _PARAMETER.match(rest, position)):
        if text := quoted.match(rest, name.end()):
            content, end = unescaped(text[1], is_932), text.end()
        else:
            end = rest.find(b";", name.end())
            end = len(rest) if end < 0 else end
            content = rest[name.end() : end].strip()
        found.setdefault(name[1].decode("ascii", "replace").lower(), content)
        following = rest.find(b";", end)
        position = len(rest) if following < 0 else following
    return value.partition(b"(")[0].strip().decode("ascii", "replace").lower(), found


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf_8")
    except UnicodeError:
        return False
    return True


def unescaped(text: bytes, is_932: bool) -> bytes:
    """Undo the backslashes of a quoted string."""
    if is_932:
        return _UNESCAPE_932.sub(lambda found: found[1] or found[2], text)
    return _UNESCAPE.sub(rb"\1", text)


def token(content: bytes | None) -> str:
    """Return the first word of a parameter, e.g. of charset=utf-8 (comment)."""
    words = (content or b"").replace(b"(", b" ").replace(b";", b" ").split()
    return words[0].decode("ascii", "replace").strip("'\"") if words else ""


def file_name(disposition: bytes, content_type: bytes) -> str:
    """Return an attachment's name for people, from filename or else name; '' where there is none.

    Takes RFC 2231 (also in sections), encoded-words quoted or not, and raw 8-bit. Control and direction
    characters are taken out; the result is never a path.
    """
    for header, wanted in ((disposition, "filename"), (content_type, "name")):
        name = _named(parameters(header)[1], wanted)
        if name:
            return name[:255]
    return ""


def _named(found: dict[str, bytes], wanted: str) -> str:
    if f"{wanted}*" in found:
        return _extended(found[f"{wanted}*"])
    sections = sorted(
        (int(key.split("*")[1]), key) for key in found if re.fullmatch(rf"{wanted}\*[0-9]{{1,3}}\*?", key)
    )
    if sections:
        joined = b"".join(
            unquote_to_bytes(found[key]) if key.endswith("*") else found[key] for _, key in sections
        )
        return _extended(joined, is_decoded=True) if sections[0][1].endswith("*") else decode_header(joined)
    return _plain_name(found.get(wanted, b""))


def _plain_name(content: bytes) -> str:
    """Decode a name that no RFC allows as it often stands: in single quotes, or percent-encoded UTF-8."""
    if len(content) > 2 and content[:1] == content[-1:] == b"'":
        content = content[1:-1]
    if content.isascii() and _PERCENT.search(content):
        unquoted = unquote_to_bytes(content)
        if not unquoted.isascii() and _is_utf8(unquoted):
            return visible(decode(unquoted, "utf-8"))
    return decode_header(content)


def _extended(content: bytes, is_decoded: bool = False) -> str:
    """Decode charset'language'percent-encoded (RFC 2231 §4); some programs leave the first two out."""
    parts = content.split(b"'", 2)
    charset, encoded = (parts[0], parts[2]) if len(parts) == 3 else (b"", content)
    text = encoded if is_decoded else unquote_to_bytes(encoded)
    return visible(decode(text, charset.decode("ascii", "replace")))


def identifiers(raw: bytes) -> list[str]:
    """Return the message ids of a Message-ID, In-Reply-To or References header, without < >."""
    return [decode_unlabelled(found) for found in _IDENTIFIER.findall(unfold(raw))]


def moment(raw: bytes) -> datetime | None:
    """Return the moment of a Date header in UTC, or None where it names none."""
    try:
        found = parsedate_to_datetime(raw[:200].decode("ascii", "replace").strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
