"""Which characters a certificate can print: those of the Japanese character sets, and no others."""

import re
import unicodedata

# Every face of the papers together has all of these (tests hold it to that); much of what they have beside
# is symbols. A work name with an emoji is asked back at once, not found out when its certificate is drawn.
_CHARACTER_SETS = ("cp932", "euc_jis_2004")
_NOT_IN_THE_FACES = frozenset("ǵ⦅⦆")
# No ink of their own: the papers leave them out.
_INKLESS = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_KANA_WITH_MARK = re.compile("[\u3040-\u30ff][\u3099\u309a]")
_BREAKS = frozenset("\t\n\r")


def not_printable(text: str) -> str:
    """Return the characters of `text` that no paper can print, each once, in order."""
    composed = _KANA_WITH_MARK.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    drawn = (c for c in _INKLESS.sub("", composed) if c not in _BREAKS)
    return "".join(dict.fromkeys(c for c in drawn if not _is_printable(c)))


def _is_printable(character: str) -> bool:
    if character in _NOT_IN_THE_FACES or unicodedata.category(character)[0] == "C":
        return False
    return any(_encodes(character, name) for name in _CHARACTER_SETS)


def _encodes(character: str, character_set: str) -> bool:
    try:
        character.encode(character_set)
    except UnicodeEncodeError:
        return False
    return True
