"""Headers of our own making: text in short encoded-words (RFC 2047), folded where space may stand.

The email package makes words of up to 77 characters, where 75 are allowed, and encodes long identifiers.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from email.policy import Policy
from itertools import groupby

_LINE = 76  # characters of a header line that holds an encoded-word (RFC 2047 §2)
_OCTETS = 39  # of one word: 64 characters with what is around them, so it fits behind any header's name
_LONGEST_PLAIN = 60
_PLAIN = re.compile(r"(?!.*=\?)[!-~]+")
_ATOM = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")


class Folded(str):
    """A header of which the lines are given: the email package takes them as they stand."""

    name: str
    _pieces: tuple[str, ...]

    def __new__(cls, name: str, pieces: Sequence[str]) -> "Folded":
        """Make the header `name` of pieces between which a line may be folded."""
        made = super().__new__(cls, " ".join(pieces))
        made.name = name
        made._pieces = tuple(pieces)
        return made

    def fold(self, *, policy: Policy) -> str:
        """Return the header's lines, as the email package asks for them."""
        lines = [f"{self.name}:"]
        for number, piece in enumerate(self._pieces):
            if number and len(lines[-1]) + 1 + len(piece) > _LINE:
                lines.append("")
            lines[-1] += f" {piece}"
        return policy.linesep.join(lines) + policy.linesep


def words(text: str) -> list[str]:
    """Return a text as pieces of a header: what is ASCII as it is, the rest in encoded-words."""
    return list(_pieces(text, _PLAIN))


def phrase(text: str) -> list[str]:
    """Return a name as pieces of an address (RFC 5322 §3.2.5): atoms, the rest in encoded-words."""
    return list(_pieces(text, _ATOM))


def _pieces(text: str, plain: re.Pattern[str]) -> Iterator[str]:
    """Words side by side are decoded without the space between them: so a run of them is encoded whole."""

    def is_plain(token: str) -> bool:
        return len(token) <= _LONGEST_PLAIN and plain.fullmatch(token) is not None

    for stays, tokens in groupby(text.split(), is_plain):
        if stays:
            yield from tokens
        else:
            yield from _encoded(" ".join(tokens))


def _encoded(text: str) -> Iterator[str]:
    """Cut a text between characters, never in one."""
    held = b""
    for character in text:
        octets = character.encode()
        if len(held) + len(octets) > _OCTETS:
            yield _word(held)
            held = b""
        held += octets
    yield _word(held)


def _word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode('ascii')}?="
