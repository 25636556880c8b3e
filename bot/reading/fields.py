"""What the labelled lines of a paper say: label at the start of a line, value behind or below it."""

import re
import unicodedata
from typing import NamedTuple

from bot.reading.keys_in_text import KEY_LABEL, NUMBER_LABEL, spaced

_MAX_CONTINUATION = 5  # lines: a long work name or an address with a firm's name below it
_LONGEST_LABEL = 60  # characters, blanks between them counted


class _Field(NamedTuple):
    name: str
    label: str
    runs_on: bool = False  # the value may go on in the next lines


_FIELDS = (
    _Field("kind", spaced("区分", "保証の種類", "保証種別", "保証の区分")),
    _Field("work_name", spaced("工事名称", "工事件名", "工事名", "件名", "業務名", "委託業務名"), True),
    _Field("orderer", spaced("発注者名", "発注者", "保証受取者", "被保証者"), True),
    _Field("contractor", spaced("保証契約者", "受注者名", "受注者", "請負者"), True),
    _Field("amount", spaced("契約保証金額", "保証金額")),
    _Field("surety", spaced("保証機関", "保証会社", "保証事業会社")),
)
_OTHER_LABELS = spaced(
    "請負金額",
    "請負代金額",
    "保証期間",
    "工期末日",
    "工期",
    "預託金融機関",
    "工事場所",
    "工事番号",
    "発行日",
    "電話",
    "TEL",
)
# What every mention of it must agree with the record.
COMPARED_AGAIN = ("kind", "work_name", "orderer", "amount")
_SEPARATOR = r" ?(?:\([^()]{0,12}\))?(?: ?[:|=] ?| |$)"
_LABELLED = {field.name: re.compile(f"(?:{field.label}){_SEPARATOR}(?P<value>.*)") for field in _FIELDS}
_VALUE_ENDS = re.compile(
    f"(?:{_OTHER_LABELS}|{NUMBER_LABEL}|{KEY_LABEL}){_SEPARATOR}"
    "|[【〔■□◆○●※*・〒]|当社は|[0-9]+[.] |.*(?:。|ください)"
)
_HONORIFIC = re.compile(" ?(?:様|殿|御中)$")
_YEN = re.compile(r"(?:金|¥|\\)? ?(?P<digits>\d{1,3}(?:,\d{3})+|\d+) ?円?")


def folded_lines(text: str) -> list[str]:
    """Return the lines with widths folded (NFKC), blanks collapsed, empty lines gone."""
    return [folded for line in text.splitlines() if (folded := _fold(line))]


def labelled_fields(text: str) -> dict[str, str]:
    """Return kind, work_name, orderer, contractor, amount and surety, as far as labelled lines give them.

    `kind` is a GuaranteeKind value, `amount` digits; the rest stands as written (widths kept), lines joined,
    honorifics gone. A certificate's contractor begins with the address. The first mention of a label wins.
    """
    originals = [line for line in text.splitlines() if _fold(line)]
    lines = [_fold(line) for line in originals]
    fields: dict[str, str] = {}
    for position, line in enumerate(lines):
        for field in _FIELDS:
            found = _LABELLED[field.name].match(line) if field.name not in fields else None
            if found and (value := _value(field, found, position, lines, originals)):
                fields[field.name] = value
    return fields


def said_again(text: str) -> dict[str, tuple[str, ...]]:
    """Return what a paper says of kind, work_name, orderer and amount after its first mention of each.

    A paper may say one thing to the eye and another, earlier, to a machine. 件名 may be that of a mail, and a
    certificate's contractor begins with the address: these are no second mention.
    """
    originals = [line for line in text.splitlines() if _fold(line)]
    lines = [_fold(line) for line in originals]
    found: dict[str, list[str]] = {}
    for position, line in enumerate(lines):
        for field in _FIELDS:
            label = _LABELLED[field.name].match(line) if field.name in COMPARED_AGAIN else None
            if label and not line.replace(" ", "").startswith("件名"):
                found.setdefault(field.name, []).append(_value(field, label, position, lines, originals))
    return {name: tuple(filter(None, values[1:])) for name, values in found.items()}


def kind_in(text: str) -> str:
    """Return the GuaranteeKind value that a 区分 or a title names, or ''."""
    for word, kind in (("中間", "interim"), ("前払", "advance"), ("契約", "performance")):
        if word in text:
            return kind
    return ""


def _fold(line: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", line).split())


def _value(field: _Field, found: re.Match[str], position: int, lines: list[str], originals: list[str]) -> str:
    parts = [_behind_label(originals[position], found)] if found["value"] else []
    limit = position + 1 + (_MAX_CONTINUATION if field.runs_on else 0 if parts else 1)
    for folded, original in zip(lines[position + 1 : limit], originals[position + 1 : limit], strict=True):
        if _ends_value(folded):
            break
        parts.append(" ".join(original.split()))
    return _tidied(field.name, parts)


def _behind_label(original: str, found: re.Match[str]) -> str:
    """Cut the label off the line as written, so that ① in a work name does not become 1."""
    value = found["value"]
    for start in range(min(len(original), _LONGEST_LABEL)):
        if _fold(original[start:]) == value:
            return " ".join(original[start:].split())
    return value


def _ends_value(folded: str) -> bool:
    return bool(_VALUE_ENDS.match(folded)) or any(label.match(folded) for label in _LABELLED.values())


def _tidied(name: str, parts: list[str]) -> str:
    joined = ""
    for part in parts:
        both_latin = joined[-1:].isascii() and part[:1].isascii()
        joined += (" " if joined and both_latin else "") + part
    if name == "kind":
        return kind_in(joined)
    if name == "amount":
        amount = _YEN.match(_fold(joined))
        return amount["digits"].replace(",", "") if amount else ""
    return _HONORIFIC.sub("", joined.replace("　", " ").strip())
