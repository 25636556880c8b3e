"""Typefaces: embedded Japanese fonts with a per-character stand-in and a text map that copies out exactly."""

import re
import unicodedata
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics, ttfonts

_FONTS = Path(__file__).parent.parent / "fonts"
_KANA_WITH_MARK = re.compile("[\u3040-\u30ff][\u3099\u309a]")
# Selectors and joiners have no ink of their own: the base character stands for the whole.
_INKLESS = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_BREAKS = re.compile("[\t\n\r]+")
_BFCHAR_BLOCK = 100  # PDF 32000-1 §9.7.5.4 and Adobe note 5014: at most 100 entries a block


class Typeface(Enum):
    """書体: each is a chain of font files, the first that has a character draws it."""

    MINCHO = ("BIZUDMincho-Regular", "NotoSerifJP-Regular-cut", "NotoSansJP-Regular-cut")
    GOTHIC = ("BIZUDGothic-Regular", "NotoSansJP-Regular-cut", "NotoSerifJP-Regular-cut")
    BOLD = ("BIZUDGothic-Bold", "NotoSansJP-Regular-cut", "NotoSerifJP-Regular-cut")


class Unprintable(ValueError):
    """A text holds characters no face has; a paper with an empty box in it must not be made."""

    def __init__(self, characters: str) -> None:
        super().__init__("no face has " + " ".join(f"U+{ord(c):04X}" for c in characters))
        self.characters = characters


class _EmbeddedFont(ttfonts.TTFont):  # type: ignore[misc]  # reportlab is untyped
    """A TrueType font whose ToUnicode map also holds beyond the BMP, where reportlab's own map is wrong."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # reportlab's name
        subsets = self.state[doc].subsets
        super().addObjects(doc)
        for index, subset in enumerate(subsets):
            base = (ttfonts.SUBSETN(index) + b"+" + self.face.name + self.face.subfontNameX).decode("ascii")
            doc.idToObject["toUnicodeCMap:" + base].content = to_unicode_map(base, subset)


def to_unicode_map(name: str, subset: list[int]) -> str:
    """Return the ToUnicode CMap of a single-byte subset font: `subset[code]` is the code point drawn.

    Values are UTF-16BE, blocks hold at most 100 entries and the code space is all of one byte; with less,
    Ghostscript drops the map and the text of the paper with it.
    """
    entries = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        for code, point in enumerate(subset)
        if point
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for start in range(0, len(entries), _BFCHAR_BLOCK):
        block = entries[start : start + _BFCHAR_BLOCK]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


@cache
def _font(stem: str) -> _EmbeddedFont:
    """Load and register one font file; 10-25 ms, once a process."""
    font = _EmbeddedFont(stem, str(_FONTS / f"{stem}.ttf"), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(font)
    return font


@cache
def _stem_for(typeface: Typeface, character: str) -> str | None:
    for stem in typeface.value:
        if ord(character) in _font(stem).face.charToGlyph:
            return stem
    return None


def load() -> None:
    """Load every face now: in the parent, before a fork, since faces do not pickle."""
    for typeface in Typeface:
        for stem in typeface.value:
            _font(stem)


def as_drawn(text: str) -> str:
    """Return the characters that are really drawn for `text`.

    A kana with a loose voicing mark (as macOS writes file names) becomes one character; inkless selectors and
    joiners go; line breaks become blanks. Nothing else is normalised: 髙, 﨑 and ① are names, not variants.
    """
    composed = _KANA_WITH_MARK.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return _BREAKS.sub(" ", _INKLESS.sub("", composed))


def unprintable(text: str) -> str:
    """Return the characters of `text` that no face has, each once, in order; '' where all can be printed."""
    missing = (c for c in as_drawn(text) if _stem_for(Typeface.MINCHO, c) is None)
    return "".join(dict.fromkeys(missing))


def runs(text: str, typeface: Typeface) -> list[tuple[str, str]]:
    """Cut `text` into (registered font name, characters) runs; Unprintable where no face has one of them."""
    if missing := unprintable(text):
        raise Unprintable(missing)
    found: list[tuple[str, str]] = []
    for character in as_drawn(text):
        stem = _stem_for(typeface, character)
        assert stem is not None
        if found and found[-1][0] == stem:
            found[-1] = (stem, found[-1][1] + character)
        else:
            found.append((stem, character))
    return found


@cache
def _width_in_em(typeface: Typeface, character: str) -> float:
    stem = _stem_for(typeface, character)
    if stem is None:
        raise Unprintable(character)
    return float(_font(stem).face.getCharWidth(ord(character))) / 1000


def width(text: str, typeface: Typeface, size: float) -> float:
    """Return the width of `text` in points at `size` points."""
    return sum(_width_in_em(typeface, character) for character in as_drawn(text)) * size
