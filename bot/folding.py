"""Folding: one spelling for what people write in many ways, for comparison only (the original is printed)."""

import re
import unicodedata

# NFKC leaves the CJK Radicals Supplement alone, and PDF printers of browsers emit it in place of kanji. Only
# the radicals that stand for a whole kanji are listed (Unicode, EquivalentUnifiedIdeograph.txt); the Kangxi
# Radicals (U+2F00) are folded by NFKC itself.
_RADICALS = dict(
    zip(
        "⺁⺄⺊⺋⺒⺓⺛⺜⺝⺟⺠⺧⺩⺫⺬⺶⺻⺼⻁⻃⻄⻆⻑⻗⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲",
        "厂乙卜㔾巳幺旡日月母民牛王目示羊聿肉虎西西角長雨青食骨鬼麦黄斉歯竜亀",
        strict=True,
    )
)

# Variants that differ by a stroke and that one person or firm writes now this way, now that, as the keyboard
# or an old mail charset allows (IBM extension kanji, 𠮷),
# or of the two standards of print (充塡, 充填). Pairs of old and new form that two different people
# keep apart (濱/浜, 邊/辺, 齋/斎, 澤/沢, 嶋/島) are not folded: a comparison must not make two names one.
_VARIANTS = dict(
    zip(
        "髙﨑德瀨濵黑增寬橫淸靑敎緖薰賴郞鄕昻戶內綠每步黃𠮷栁桒塡剝繫頰噓瘦顚𠮟焰麴醬蠟鷗屛幷搔",
        "高崎徳瀬濱黒増寛横清青教緒薫頼郎郷昂戸内緑毎歩黄吉柳桑填剥繋頬嘘痩顛叱焔麹醤蝋鴎屏并掻",
        strict=True,
    )
)

_DASHES = "‐‑‒–—―⁃−─━﹘﹣－"
_WAVES = "〜～∼∿"

_TABLE = str.maketrans(
    {**_RADICALS, **_VARIANTS, **dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_WAVES, "~")},
)

# Zero-width marks, direction marks and variation selectors: they change the look, never the name.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)

# The long-vowel mark is the minus of a Japanese keyboard: 089ー000ー1234. Inside kana it is a sound.
_LONG_VOWEL_AS_DASH = re.compile(r"(?<=[!-~])( ?)(ー+)(?= ?[!-~])")

_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return the spelling under which two writings of one thing are equal; idempotent.

    Widths and ligatures by NFKC (① becomes 1, ㈱ becomes (株)), case, dashes, waves, radicals and stroke
    variants; runs of white space become one blank.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    plain = unicodedata.normalize("NFKC", plain).translate(_TABLE)
    plain = _SPACES.sub(" ", plain).strip()
    return _LONG_VOWEL_AS_DASH.sub(lambda found: found[1] + "-" * len(found[2]), plain)


def squash(text: str) -> str:
    """Return the folded text with no white space at all: 工 事 名 equals 工事名."""
    return fold(text).replace(" ", "")


def fold_digits(text: str) -> str:
    """Return only the decimal digits, as ASCII. Enumerators such as ① and ⑴ are marks, not digits."""
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())
