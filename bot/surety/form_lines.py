"""From the new words of a mail to the raw values of form fields, and what is left for staff to read."""

import re
import unicodedata
from typing import NamedTuple

from bot.folding import squash
from bot.surety.field_bank import without_account_number
from bot.surety.fields import field_labelled
from bot.surety.form_field import FormField

TWICE = "\n"  # stands between two different values that were given for one field
LONGEST_VALUE = 2_000  # characters; a longer answer goes on among the lines for staff
_MOST_VALUES = 5
_LONGEST_LABEL = 60


class FormLines(NamedTuple):
    """Raw values by field identifier, and lines that belong to no field."""

    given: dict[str, str]
    unknown: tuple[str, ...]


_LEADING_MARKS = re.compile(
    r"^[\s◎○●〇・*＊□■◇◆☆★※]*(?:[(（]?[0-9０-９]{1,2}[)）.．、]\s*|[①-⑳⑴-⒇]\s*)?[\s◎○●〇・*＊□■◇◆☆★]*"
)
_COLON = re.compile("[:：]")
_HEADING = re.compile("^【[1-3](?:必ず書く|あてはまるときだけ|一緒に送るもの)】")
_MAIL_HEADERS = {"件名", "subject", "宛先", "to", "cc", "差出人", "from"}
_RULE = re.compile(r"^[\s\-‐―─━＝=_＿*＊~〜・.]{5,}$")
_SIGNATURE = re.compile("〒|tel|fax|電話|@|https?:")
_SIGNATURE_LINES = 12

# 「いよ建設の髙橋です」 greets; 「契約保証の証書待ちです」 tells staff something and is kept.
_OPENING = re.compile(
    "^.{1,40}(?:様|殿|御中|各位)$|^(?!.*(?:保証|契約|証書|工事|工期))[^はがをにでも、。:]{2,30}の[^はがをにでもの、。:]{1,8}(?:です|と申します)$"
)
_COURTESY = re.compile(
    "^(?:(?:いつも)?(?:大変)?お世話(?:になって(?:おります|います)|になります|様です)|お疲れ(?:様|さま)です|拝啓|敬具|記|以上"
    "|(?:以上、?)?(?:何卒|どうぞ)?(?:宜しく|よろしく)(?:ご査収|ご確認|ご対応)?(?:の(?:ほど|程))?、?(?:お願い|御願い)(?:致します|いたします|します|申し上げます)"
    "|(?:標記の件|標記について|下記|以下)?(?:の(?:とおり|通り))?、?(?:保証(?:証書)?を?)?(?:の?お?申し?込み?(?:を)?)?(?:申し?込みます|(?:致|いた)?します|お願い(?:致します|いたします|します))"
    "|(?:ありがとう|有難う|有り難う)ございま(?:す|した)|iphoneから送信)$"
)


def read_lines(text: str) -> FormLines:
    """Sort the lines of a mail. `text` is the writer's own new words, nothing quoted."""
    lines = _without_signature(["".join(map(_visible, line)) for line in text.splitlines()])
    given: dict[str, str] = {}
    unknown: list[str] = []
    current: _Current | None = None
    for line in lines:
        if not line.strip():
            current = None
        elif _is_furniture(line, opening=not given):
            continue
        elif labelled := _split(line):
            field, value = labelled
            current = _Current(given, field.id, value)
        elif current and current.takes(line):
            current.go_on(line.strip())
        else:
            unknown.append(_masked(line.strip()))
            current = None
    return FormLines({name: value for name, value in given.items() if value}, tuple(unknown))


class _Current:
    """The field that is being read; its value grows while lines go on."""

    def __init__(self, given: dict[str, str], field_id: str, value: str) -> None:
        self._given = given
        self._id = field_id
        self._before = given.get(field_id, "")
        self.value = ""
        self.go_on(value)

    def takes(self, line: str) -> bool:
        """Tell whether a line without label carries this value on: indented, or the value still empty."""
        carried_on = line[0].isspace() or not self.value
        return carried_on and not _COLON.search(line) and len(self.value) < LONGEST_VALUE

    def go_on(self, more: str) -> None:
        """Add to the value, and keep what an earlier line of the same label said if it differs."""
        self.value = f"{self.value} {more}".strip()
        earlier = self._before.split(TWICE) if self._before else []
        if self.value and len(earlier) < _MOST_VALUES and squash(self.value) not in map(squash, earlier):
            earlier.append(self.value)
        self._given[self._id] = TWICE.join(earlier)


def _split(line: str) -> tuple[FormField, str] | None:
    """Return field and value of `label: value`, if the label is known."""
    parts = _COLON.split(_LEADING_MARKS.sub("", line), maxsplit=1)
    field = field_labelled(parts[0]) if len(parts) > 1 and len(parts[0]) <= _LONGEST_LABEL else None
    return (field, parts[1].strip()) if field else None


def _is_furniture(line: str, *, opening: bool) -> bool:
    """Tell whether a line only greets, draws a rule, or is a heading of our own form or of a mail."""
    folded = squash(line)
    if _RULE.match(line) or _HEADING.match(folded):
        return True
    if _COLON.search(line) and _COLON.split(folded, maxsplit=1)[0] in _MAIL_HEADERS:
        return True
    sentences = [sentence for sentence in re.split("[。.!]", folded) if sentence]
    return all(_COURTESY.match(words) or (opening and _OPENING.match(words)) for words in sentences)


def _without_signature(lines: list[str]) -> list[str]:
    """Leave out what follows a drawn rule below the last field, if it looks like a signature."""
    fields = {place: found[0].id for place, line in enumerate(lines) if (found := _split(line))}
    if not fields:
        return lines
    only_contact = set(fields.values()) == {"contact"}  # 「担当者: 髙橋」 is a line of many signatures
    first_written = next(place for place, line in enumerate(lines) if line.strip())
    for place in range(first_written + 1 if only_contact else max(fields) + 1, len(lines)):
        if _RULE.match(lines[place]):
            below = [line for line in lines[place:] if line.strip()]
            signed = any(_SIGNATURE.search(squash(line)) for line in below)
            return lines[:place] if signed and len(below) <= _SIGNATURE_LINES else lines
    return lines


def _masked(line: str) -> str:
    return without_account_number(line) if "口座" in squash(line) else line


def _visible(char: str) -> str:
    """Drop control, direction and zero-width characters; keep everything that prints."""
    if char == "\t":
        return " "
    return "" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char
