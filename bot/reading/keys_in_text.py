"""Guarantee numbers and auth keys as people type them, found in a text and put together in pairs."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Literal, NamedTuple

from pydantic import Field

from bot.reading.passwords import without_passwords
from bot.values import Value

_COVER = "●●●●●-●●●●●"
_WIDE = 0xFEE0  # from an ASCII character to its full-width twin
_BETWEEN = r"[^0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{0,3}"
MOST = 50  # pairs taken from one text: a real mail carries one to three


class TypedKey(Value):
    """保証契約番号 and 認証キー as somebody typed them, folded but not judged; either may be ''.

    `number` is digits: ten where it stood alone, eight to twelve where a label named it (it may be mistyped).
    `key` is upper case without dashes and blanks.
    """

    number: str = ""
    key: str = Field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether both parts were found."""
        return bool(self.number and self.key)


class _Token(NamedTuple):
    start: int
    end: int
    what: Literal["number", "key"]
    value: str


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
# Enumerators fold to digits (①2070… would become 12070…): they are marks, and go before folding.
_ENUMERATORS = re.compile(
    "[\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u24ff\u2776-\u2793"
    "\u3220-\u325f\u3280-\u3289\u32b1-\u32bf]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")

# What is typed for a dash, the long-vowel mark included: it is the minus of a Japanese keyboard.
_DASH = "[-‐‑‒–—―⁃−─━ー]"
_CHAR = "[A-Za-z0-9]"


def spaced(*labels: str) -> str:
    """Return a pattern for any of the labels, a blank allowed between characters (均等割付)."""
    return "|".join(" ?".join(label) for label in labels)


NUMBER_LABEL = (
    f"(?:(?:{spaced('保証契約', '保証証書', '電子証書', '電子保証', '保証', '証書')})"
    f" ?の? ?(?:{spaced('番号')}|[Nn][Oo][.]?))"
)
KEY_LABEL = f"(?:(?:{spaced('認証', '暗証')}) ?(?:キ ?{_DASH}|[Kk][Ee][Yy]|{spaced('コード', '番号')}))"
_NOTE = r"(?:\([^()\n]{0,20}\))?"
_MARKS = r"[ \n:;=は→>|」』】〕\])》\"'・.,、*~-]{0,12}"
_FILL = f"[」』】]? ?{_NOTE}{_MARKS}"

_LABELLED_NUMBER = re.compile(f"{NUMBER_LABEL}{_FILL}(?P<value>\\d+(?:[ -]\\d+){{0,9}})(?![A-Za-z@])")
_UNEVEN = "|".join(f"{_CHAR}{{{n}}} {_CHAR}{{{10 - n}}}" for n in (3, 4, 6, 7))  # K7M4 P3XHW3
_LABELLED_KEY = re.compile(
    f"{KEY_LABEL}(?P<fill>{_FILL})(?P<value>(?>"
    f"(?:{_CHAR}[ -]){{9}}{_CHAR}(?!{_CHAR})"  # K 7 M 4 P 3 X H W 3
    f"|(?:{_CHAR}{{5}} ?{_DASH}? ?{_CHAR}{{5}}|{_UNEVEN})(?!{_CHAR})"
    f"|{_CHAR}{{1,32}}(?: ?{_DASH} ?{_CHAR}{{1,32}}){{0,5}}"
    f"))(?![_@=+]|[./]{_CHAR})"
)
_BARE_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_@/.=&?+,¥])(?<!{_CHAR}{_DASH})[1-9]\d{{9}}"
    rf"(?![A-Za-z0-9_@=&]|{_DASH}\d|[.,]\d| ?円)"
)
_BARE_KEY = re.compile(
    rf"(?<![A-Za-z0-9_@/.=&?+])(?<!{_CHAR}{_DASH})(?P<value>{_CHAR}{{5}} ?{_DASH} ?{_CHAR}{{5}})"
    rf"(?![A-Za-z0-9_@/=]|{_DASH}{_CHAR}|\.[A-Za-z])"
)
_KEY_BESIDE_NUMBER = re.compile(
    rf"[ \n,、/|・:]{{1,3}}(?P<value>{_CHAR}{{5}} ?{_DASH}? ?{_CHAR}{{5}})(?![A-Za-z0-9_@])"
)
_OTHER_NUMBER = re.compile(
    "(?:TEL|FAX|電話|携帯|ファ[クッ]+ス|〒|内線|[一-龥]{1,8} ?(?:番号|コード)|No[.]?)[ :=は()代表]*$",
    re.IGNORECASE,
)
_OUR_LABEL_ENDS = re.compile(f"{NUMBER_LABEL}[ :=は()]*$")
_PASSWORD = re.compile("(?:パスワ[ーァ]ド|password|passwd|pass|pw|暗号)[^\n]{0,6}$", re.IGNORECASE)


def numbers_and_keys(text: str) -> tuple[TypedKey, ...]:
    """Return what the text holds, in order of appearance, at most MOST; nothing is checked against a rule.

    A number counts with its label (保証契約番号, 証書番号 …) or as ten digits standing alone; a key with its
    label (認証キー, 暗証番号 …), as ten characters in groups of five, or directly beside a number. Telephone
    numbers, postal codes, amounts, other numbers with a label of their own and passwords do not count.
    """
    plain = _plain(text)
    taken = bytearray(len(plain))
    tokens: list[_Token] = []
    for finder in (_labelled_numbers, _labelled_keys, _bare_numbers, _bare_keys, _keys_beside_numbers):
        for token in finder(plain, tuple(tokens)):
            if not any(taken[token.start : token.end]):
                taken[token.start : token.end] = b"\1" * (token.end - token.start)
                tokens.append(token)
    return tuple(islice(_pairs(_without_repeats(sorted(tokens))), MOST))


def without_keys(text: str) -> str:
    """Return the text with every key and password covered up: for what is shown to others, or kept.

    A key is a secret of the letters that carry the key notice, however somebody else typed it in theirs; a
    password is nobody's business but the archive's.
    """
    text = without_passwords(text)
    for key in {one.key for one in numbers_and_keys(text) if one.key}:
        spelled = (f"[{c}{c.lower()}{chr(ord(c) + _WIDE)}{chr(ord(c.lower()) + _WIDE)}]" for c in key)
        text = re.sub(_BETWEEN.join(spelled), _COVER, text)
    return text


def _plain(text: str) -> str:
    """Fold widths and blanks; case stays, since an unlabelled hello-world must not pass for a key."""
    folded = unicodedata.normalize("NFKC", _ENUMERATORS.sub(" ", _INVISIBLE.sub("", text)))
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", folded))


def _folded_key(value: str) -> str:
    return "".join(c for c in value if c.isascii() and c.isalnum()).upper()


def _labelled_numbers(plain: str, _known: tuple[_Token, ...]) -> Iterator[_Token]:
    for found in _LABELLED_NUMBER.finditer(plain):
        if length := _number_length(found["value"]):
            start = found.start("value")
            yield _Token(start, start + length, "number", re.sub(r"\D", "", found["value"][:length]))


def _labelled_keys(plain: str, _known: tuple[_Token, ...]) -> Iterator[_Token]:
    for found in _LABELLED_KEY.finditer(plain):
        if _plausible_key(found["value"], "\n" in found["fill"]):
            yield _Token(found.start("value"), found.end("value"), "key", _folded_key(found["value"]))


def _number_length(typed: str) -> int:
    """Return how much of `digits[ -]digits…` is the number: ten digits in groups, else one run of 8 to 12."""
    groups = list(re.finditer(r"\d+", typed))
    if len(groups[0][0]) in range(8, 13):
        return groups[0].end()
    total = 0
    for position, group in enumerate(groups):
        total += len(group[0])
        if total == 10 and position:
            return group.end()
    return 0


def _plausible_key(typed: str, below_its_label: bool) -> bool:
    """Judge a token beside a key label: a word (D-Sure), a telephone number or the next column is no key."""
    key = _folded_key(typed)
    if not 4 <= len(key) <= 64:
        return False
    if key.isdigit():
        return not below_its_label and len(key) >= 6 and not re.match(f"0\\d+{_DASH}", typed)
    return any(c.isdigit() for c in key) or (typed.upper() == typed and len(key) >= 6)


def _bare_numbers(plain: str, _known: tuple[_Token, ...]) -> Iterator[_Token]:
    for found in _BARE_NUMBER.finditer(plain):
        before = plain[plain.rfind("\n", 0, found.start()) + 1 : found.start()][-24:]
        if _OUR_LABEL_ENDS.search(before) or not _OTHER_NUMBER.search(before):
            yield _Token(found.start(), found.end(), "number", found[0])


def _bare_keys(plain: str, _known: tuple[_Token, ...]) -> Iterator[_Token]:
    for found in _BARE_KEY.finditer(plain):
        before = plain[max(0, found.start() - 24) : found.start()]
        key = _folded_key(found["value"])
        shouted = found["value"].upper() == found["value"] or any(c.isdigit() for c in key)
        if not key.isdigit() and shouted and not _PASSWORD.search(before):
            yield _Token(found.start(), found.end(), "key", key)


def _keys_beside_numbers(plain: str, known: tuple[_Token, ...]) -> Iterator[_Token]:
    for number in known:
        found = _KEY_BESIDE_NUMBER.match(plain, number.end) if number.what == "number" else None
        if found is None:
            continue
        key = _folded_key(found["value"])
        grouped = len(found["value"]) > len(key) and found["value"][5:6] != " "
        if not key.isdigit() and (grouped or not key.isalpha()):
            yield _Token(found.start("value"), found.end("value"), "key", key)


def _without_repeats(tokens: list[_Token]) -> list[_Token]:
    """Drop what is said again: a number repeated without a new key behind it, and any key repeated."""
    kept: list[_Token] = []
    seen: set[str] = set()
    for position, token in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        brings_new_key = following is not None and following.what == "key" and following.value not in seen
        just_said = bool(kept) and kept[-1].value == token.value
        if token.value not in seen or (token.what == "number" and brings_new_key and not just_said):
            kept.append(token)
        seen.add(token.value)
    return kept


def _pairs(tokens: list[_Token]) -> Iterator[TypedKey]:
    """Put runs of numbers and runs of keys together, in the order in which the text begins."""
    if not tokens:
        return
    runs = [[token.value for token in run] for _, run in groupby(tokens, key=lambda token: token.what)]
    if tokens[0].what == "key":
        for at in range(0, len(runs), 2):
            yield from _zipped(runs[at + 1] if at + 1 < len(runs) else [], runs[at])
    else:
        for at in range(0, len(runs), 2):
            yield from _zipped(runs[at], runs[at + 1] if at + 1 < len(runs) else [])


def _zipped(numbers: list[str], keys: list[str]) -> Iterator[TypedKey]:
    """Pair in order; numbers too many are the first ones (mentioned before), keys too many the last ones."""
    alone = max(0, len(numbers) - len(keys))
    for number in numbers[:alone]:
        yield TypedKey(number=number)
    for number, key in zip(numbers[alone:], keys, strict=False):
        yield TypedKey(number=number, key=key)
    for key in keys[len(numbers) :]:
        yield TypedKey(key=key)
