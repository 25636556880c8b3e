"""Amounts of yen as people write them (figures, 万 and 億, 漢数字, 大字), and as papers print them."""

import re

from bot.folding import fold, squash
from bot.values import Value


class AmountFault(ValueError):
    """The text is no clear amount; the message says so in Japanese to the person who wrote it."""


class ReadYen(Value):
    """An amount as it was understood."""

    yen: int
    interpreted: bool = False  # written with 万, kanji and the like, so that it should be read back


# 大字 and their old forms stand on contracts and receipts: 金肆阡萬円也.
_KANJI = str.maketrans(
    "〇零一壱壹弌二弐貳貮三参參弎四肆五伍六陸七漆質八捌九玖十拾百佰陌千仟阡万萬億兆圓、",
    "00111122223333445566777889" + "9十十百百百千千千万万億兆円,",
)
_PREFIX = re.compile(r"^(?:計|合計)?金?[¥\\]?")
_SUFFIX = re.compile(r"(?:円|yen)?也?(?:\((?:税込み?|消費税(?:等)?込み?|総額)\))?(?:\.?[-ー]+)?$")
_EXCLUSIVE_OF_TAX = re.compile("税(?:抜|別)")
_NEGATIVE = re.compile(r"^(?:計|合計)?金?[¥\\]?(?:[-△▲]|マイナス)")
_VAGUE = re.compile("約|程度|くらい|ぐらい|以内|以上|以下|程|未定|~|から")
_SECTION = r"[0-9.,千百十]+"
_AMOUNT = re.compile(f"(?:({_SECTION})兆)?(?:({_SECTION})億)?(?:({_SECTION})万)?({_SECTION})?")
_UNITS = (10**12, 10**8, 10**4, 1)
_SMALL = re.compile("(?:([0-9]*)千)?(?:([0-9]*)百)?(?:([0-9]*)十)?([0-9]*)")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_FIGURES = re.compile("[0-9,、]+")
_TWO_NUMBERS = re.compile("[0-9] +[0-9]")
_LONGEST = 60
_LARGEST_YEN = 10**13
_NEEDS_UNIT_BELOW_YEN = 10_000


def parse_yen(text: str) -> ReadYen:
    """Return the one amount in `text`; raises AmountFault if it is negative, broken, vague or ambiguous."""
    written = squash(text)
    _refuse_unclear(written, text)
    with_unit = re.search("[¥\\\\円圓万萬億]|^金|yen", written) is not None
    body = _SUFFIX.sub("", _PREFIX.sub("", written.translate(_KANJI)))
    if not re.search("[0-9千百十]", body):
        raise AmountFault(f"「{_quoted(text)}」を金額として読み取れません(例 48,400,000円)。")
    amount = _value(body, text)
    if amount > _LARGEST_YEN:
        raise AmountFault(f"「{_quoted(text)}」は、けた数をご確認ください。")
    if 0 < amount < _NEEDS_UNIT_BELOW_YEN and not with_unit:
        raise AmountFault(f"「{_quoted(text)}」は、円・千円・万円のどれか分かりません。")
    plain = _FIGURES.fullmatch(_SUFFIX.sub("", _PREFIX.sub("", written)))
    return ReadYen(yen=amount, interpreted=plain is None)


def yen(amount_yen: int) -> str:
    """Return 40,000,000円."""
    return f"{amount_yen:,}円"


def floor_to(amount_yen: int, unit_yen: int) -> int:
    """Cut off what is below the unit, as orderers' rules ask (10万円未満切捨て: unit_yen=100_000)."""
    if amount_yen < 0 or unit_yen < 1:
        raise ValueError(f"cannot cut {amount_yen} yen to units of {unit_yen}")
    return amount_yen - amount_yen % unit_yen


def _refuse_unclear(written: str, text: str) -> None:
    if len(written) > _LONGEST or _TWO_NUMBERS.search(fold(text)):
        raise AmountFault(f"「{_quoted(text)}」ではなく、1つの金額だけをお書きください。")
    if _NEGATIVE.match(written):
        raise AmountFault(f"「{_quoted(text)}」は0円より小さい金額です。")
    if _EXCLUSIVE_OF_TAX.search(written):
        raise AmountFault(f"「{_quoted(text)}」ではなく、税込みの金額をお書きください。")
    if _VAGUE.search(written):
        raise AmountFault(f"「{_quoted(text)}」では金額が決まりません。")


def _value(body: str, text: str) -> int:
    """Add up the sections: 1億2千万 is 1 × 億 + 2千 × 万."""
    found = _AMOUNT.fullmatch(body)
    if found is None:
        raise AmountFault(f"「{_quoted(text)}」を1つの金額として読み取れません(例 48,400,000円)。")
    amount, above = 0, False
    for section, unit in zip(found.groups(), _UNITS, strict=True):
        if section is None:
            continue
        value = _section(section, unit, text)
        if above and value >= 10_000 * unit:
            raise AmountFault(f"「{_quoted(text)}」を1つの金額として読み取れません(例 48,400,000円)。")
        amount, above = amount + value, True
    return amount


def _section(section: str, unit: int, text: str) -> int:
    """Return the yen of one section, e.g. 4千8百40 or 4,840 or 1.5, before its unit 万, 億, 兆 or none."""
    if "." in section:
        return _decimal(section, unit, text)
    if "," in section:
        figures = section.rstrip("千百十")
        if not _GROUPED.fullmatch(figures):
            raise AmountFault(f"「{_quoted(text)}」の「,」の位置をご確認ください。")
        section = section.replace(",", "")
    found = _SMALL.fullmatch(section)
    if found is None or not _in_order(found):
        raise AmountFault(f"「{_quoted(text)}」を1つの金額として読み取れません(例 48,400,000円)。")
    thousands, hundreds, tens, ones = found.groups()
    steps = ((thousands, 1000), (hundreds, 100), (tens, 10))
    return unit * (sum((int(n) if n else 1) * size for n, size in steps if n is not None) + int(ones or 0))


def _in_order(found: re.Match[str]) -> bool:
    """Only the first part may be long (48百, 48400千); the others stay below the unit before them."""
    parts = [(n, size) for n, size in zip(found.groups(), (1000, 100, 10, 1), strict=True) if n is not None]
    values = [(int(n) if n else size > 1) * size for n, size in parts]
    sizes = [size for _, size in parts]
    return all(value < size for value, size in zip(values[1:], sizes, strict=False))


def _decimal(section: str, unit: int, text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.([0-9]+)(千|百)?", section)
    size = unit * {"千": 1000, "百": 100, None: 1}[found[3]] if found else 0
    if found is None or size == 1:
        raise AmountFault(f"「{_quoted(text)}」に1円未満の端数があります。")
    digits = int(found[1].replace(",", "") + found[2])
    amount, rest = divmod(digits * size, int(10 ** len(found[2])))
    if rest:
        raise AmountFault(f"「{_quoted(text)}」に1円未満の端数があります。")
    return amount


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"
