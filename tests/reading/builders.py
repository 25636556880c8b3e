"""Makes mails as bytes, the way the programs of the people who write to us make them."""

import base64
from collections.abc import Iterable

_SJIS_OF = {
    bytes((s1, s2)).decode("cp932", "replace"): (s1, s2)
    for s1 in (*range(0x81, 0xA0), *range(0xE0, 0xF0))
    for s2 in (*range(0x40, 0x7F), *range(0x80, 0xFD))
}


def windows_jis(text: str) -> bytes:
    """Return the text as Outlook's iso-2022-jp (code page 50221), with ①, ㈱, 髙 and half-width kana."""
    out = bytearray()
    mode = b"\x1b(B"
    for char in text:
        wanted, piece = _jis(char)
        if wanted != mode:
            out += wanted
            mode = wanted
        out += piece
    return bytes(out + (b"\x1b(B" if mode != b"\x1b(B" else b""))


def _jis(char: str) -> tuple[bytes, bytes]:
    if char.isascii():
        return b"\x1b(B", char.encode()
    if "\uff61" <= char <= "\uff9f":
        return b"\x1b(I", bytes((ord(char) - 0xFF40,))
    s1, s2 = _SJIS_OF[char]
    row = (s1 - (0x81 if s1 < 0xA0 else 0xC1)) * 2 + (s2 > 0x9E) + 0x21
    if s2 > 0x9E:
        return b"\x1b$B", bytes((row, s2 - 0x7E))
    return b"\x1b$B", bytes((row, s2 - (0x1F if s2 < 0x7F else 0x20)))


def encoded_word(text: str, charset: str = "utf-8") -> bytes:
    """Return one B encoded-word."""
    data = windows_jis(text) if charset.lower() == "iso-2022-jp" else text.encode(charset)
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


def mail(body: bytes | str = b"", **headers: bytes | str | Iterable[bytes | str]) -> bytes:
    """Return a mail: content_type is the header Content-Type; a list gives a header several times."""
    fields = {"from": "a@b.example", **headers}
    lines = []
    for name, value in fields.items():
        for one in [value] if isinstance(value, (bytes, str)) else value:
            lines.append(name.replace("_", "-").title().encode() + b": " + _bytes(one))
    return b"\r\n".join([*lines, b"", _bytes(body)])


def multipart(subtype: str, *parts: bytes, boundary: str = "cut") -> bytes:
    """Return content header and body of a multipart, to stand below other headers or to be a part."""
    cut = b"--" + boundary.encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(cut + b"\r\n" + part + b"\r\n" for part in parts) + cut + b"--\r\n"


def part(body: bytes | str, content_type: str = "text/plain; charset=utf-8", **headers: bytes | str) -> bytes:
    """Return one part; `disposition` is short for Content-Disposition."""
    lines = [b"Content-Type: " + content_type.encode()]
    for name, value in headers.items():
        full = "content_disposition" if name == "disposition" else name
        lines.append(full.replace("_", "-").title().encode() + b": " + _bytes(value))
    return b"\r\n".join([*lines, b"", _bytes(body)])


def attached(data: bytes, name: str, media_type: str = "application/octet-stream") -> bytes:
    """Return a part that attaches a file, in base64."""
    return part(
        base64.encodebytes(data),
        media_type,
        disposition=b'attachment; filename="' + name.encode() + b'"',
        content_transfer_encoding="base64",
    )


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
