"""Encoded-words of a header (RFC 2047): whole characters, short enough, apart from what is beside them."""

import binascii
import re

from bot.writing.wellformed.faults import CONTROL, Malformed, must

_LONGEST = 75  # characters (RFC 2047 §2)
_WORD = re.compile(r"=\?([A-Za-z0-9-]+)\?([A-Za-z])\?([!->@-~]*)\?=")
_HEX = re.compile(rb"=([0-9A-F]{2})")


def text_of(value: str) -> str:
    """Return what a text says once its encoded-words are decoded. Raises Malformed."""
    if "=?" not in value:
        return value
    said: list[str] = []
    for token in value.split():
        said.append(_decoded(token) if "=?" in token else token)
    text = "".join(said)
    must(CONTROL.search(text) is None, "encoded-word: holds a control character")
    return text


def _decoded(token: str) -> str:
    word = _WORD.fullmatch(token)
    if word is None:
        raise Malformed("encoded-word: is none, or touches what is beside it")
    must(len(token) <= _LONGEST, f"encoded-word: is longer than {_LONGEST} characters")
    must(word[1].lower() == "utf-8", "encoded-word: its charset is not utf-8")
    try:
        return _octets(word[2].lower(), word[3]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("encoded-word: cuts a character in two") from error


def _octets(encoding: str, text: str) -> bytes:
    must(encoding in ("b", "q"), "encoded-word: its encoding is neither B nor Q")
    try:
        if encoding == "b":
            return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("encoded-word: is not base64") from error
    plain = text.replace("_", " ").encode("ascii")
    must("=" not in _HEX.sub(b"", plain).decode("ascii"), "encoded-word: is not Q")
    return _HEX.sub(lambda octet: bytes([int(octet[1], 16)]), plain)
