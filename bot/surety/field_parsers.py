"""One parser for each sort of form field: from what was written to typed values of the application form."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from bot.folding import fold, fold_digits, squash
from bot.surety.money import AmountFault, parse_yen
from bot.surety.papers import GuaranteeKind
from bot.surety.printable import not_printable
from bot.surety.wareki import DateFault, Near, parse_date, parse_period


class FieldFault(ValueError):
    """The value cannot be understood; the message says so in Japanese to the person who wrote it."""


UNDERSTANDABLE = (FieldFault, DateFault, AmountFault)


class Parsed(NamedTuple):
    """What one field gives to the form, by attribute name; `interpreted` asks for ※ in the read-back."""

    values: Mapping[str, object]
    interpreted: bool = False


Parser = Callable[[str, date], Parsed]

_LONGEST_TEXT = 200
_NONE = {
    "なし",
    "無し",
    "無",
    "特になし",
    "特に無し",
    "該当なし",
    "該当無し",
    "ありません",
    "-",
    "ー",
    "/",
    "0",
}
_NUMBER_LENGTH = 10  # of a 保証契約番号 (leaflet STEP 2)
_RESERVATION = re.compile("予約|入札ボンド")


def says_none(text: str) -> bool:
    """Tell whether a value only says that there is nothing: なし, 該当なし, a dash."""
    return squash(text).strip("()。.") in _NONE


def is_reservation(text: str) -> bool:
    """Tell whether 契約保証予約 (bid bond) is asked for."""
    return _RESERVATION.search(squash(text)) is not None


def refuse_unprintable(written: str) -> None:
    """Raise FieldFault where a certificate could not print what was written."""
    if odd := not_printable(written):
        named = "、".join(f"「{c}」(U+{ord(c):04X})" for c in odd[:5])
        raise FieldFault(f"{named}は証書に印字できません。別の文字でお書きください。")


def text(attribute: str, *, may_be_none: bool = False) -> Parser:
    """Text is kept as written; なし counts as nothing where the field may have none."""

    def parse(written: str, today: date) -> Parsed:
        if len(written) > _LONGEST_TEXT:
            raise FieldFault(f"{_LONGEST_TEXT}字以内でお書きください。")
        refuse_unprintable(written)
        if says_none(written):
            if not may_be_none:
                raise FieldFault("ご記入がありません。")
            return Parsed({attribute: ""})
        return Parsed({attribute: written})

    return parse


def one_day(attribute: str, near: Near = "coming") -> Parser:
    """Read a single day; a day without a year is an interpretation."""

    def parse(written: str, today: date) -> Parsed:
        if says_none(written):
            return Parsed({})
        day = parse_date(written, today, near)
        return Parsed({attribute: day.on}, day.year_inferred)

    return parse


def needed_day(written: str, today: date) -> Parsed:
    """証書が必要な日: never a day that has gone."""
    parsed = one_day("needed_on")(written, today)
    needed_on = parsed.values.get("needed_on")
    if not isinstance(needed_on, date):
        raise FieldFault("日付をお書きください。")
    if needed_on < today:
        raise FieldFault(f"「{written}」は過ぎています。")
    return parsed


def contract_day(written: str, today: date) -> Parsed:
    """契約(予定)日: planned where it says so, and wherever it lies ahead."""
    if squash(written).strip("()") in {"未定", "未契約"}:
        raise FieldFault("未定のときは、予定日をお書きください。")
    day = parse_date(written, today, "nearest")
    planned = day.planned or day.on > today
    return Parsed({"contract_on": day.on, "contract_planned": planned}, day.year_inferred)


def work_period(written: str, today: date) -> Parsed:
    """工期: both ends."""
    period = parse_period(written, today)
    inferred = period.first.year_inferred or period.last.year_inferred
    return Parsed({"work_from": period.first.on, "work_to": period.last.on}, inferred)


def guarantee_kinds(written: str, today: date) -> Parsed:
    """申込区分: only known words may stand in it, so that 「前払は不要」 is asked back, not misread."""
    rest = squash(written)
    if is_reservation(written):
        raise FieldFault("契約保証予約は電子交付の対象外です。書面で承りますので、取扱部店へご連絡ください。")
    kinds: set[GuaranteeKind] = set()
    for pattern, kind in (
        ("中間前払い?金?(?:保証)?", GuaranteeKind.INTERIM),
        ("(?:前払い?金?|前金払い?)(?:保証)?", GuaranteeKind.ADVANCE),
        ("契約(?:保証)?", GuaranteeKind.PERFORMANCE),
    ):
        rest, count = re.subn(pattern, "", rest)
        if count:
            kinds.add(kind)
    rest, amended = re.subn("(?:の|保証)?変更(?:契約)?(?:\\((?:増額|減額)\\)|増額|減額)?", "", rest)
    leftover = re.sub(
        r"同時|両方|セット|のみ|だけ|新規|申し?込み?|保証|及び|および|と|の|[0-9()・、,/+&.\[\]※]", "", rest
    )
    if leftover or not kinds:
        raise FieldFault(f"「{written}」を読み取れません(契約保証・前払金保証・中間前払金保証のどれか)。")
    if kinds >= {GuaranteeKind.ADVANCE, GuaranteeKind.INTERIM}:
        raise FieldFault("前払金保証と中間前払金保証は、分けてお申し込みください。")
    return Parsed({"kinds": frozenset(kinds), "amendment": bool(amended)})


def choice(attribute: str, *answers: tuple[object, str], ask: str) -> Parser:
    """Read one of a closed list: each answer is a value and the pattern that the whole text must match."""

    def parse(written: str, today: date) -> Parsed:
        folded = squash(written).strip("。.「」")
        for value, pattern in answers:
            if re.fullmatch(pattern, folded):
                return Parsed({attribute: value})
        raise FieldFault(ask)

    return parse


def amount(attribute: str) -> Parser:
    """Read a whole amount of yen; なし gives nothing."""

    def parse(written: str, today: date) -> Parsed:
        if says_none(written):
            return Parsed({})
        read = parse_yen(written)
        return Parsed({attribute: read.yen}, read.interpreted)

    return parse


def contract_price(written: str, today: date) -> Parsed:
    """請負代金額: more than nothing."""
    read = parse_yen(written)
    if read.yen == 0:
        raise FieldFault("請負代金額をお書きください。")
    return Parsed({"contract_price_yen": read.yen}, read.interpreted)


def consumption_tax(written: str, today: date) -> Parsed:
    """うち消費税等: 8% or 免税 only where it is written, else 10%."""
    folded = squash(written)
    if re.fullmatch(r"(?:0円?)?\(?免税(?:事業者)?(?:のため)?(?:なし)?\)?", folded):
        return Parsed({"tax_yen": 0, "tax_percent": 0})
    rate = re.search(r"\(?(?:税率)?(8|10)%\)?", folded)
    read = parse_yen(folded.replace(rate[0], "") if rate else written)
    return Parsed({"tax_yen": read.yen, "tax_percent": int(rate[1]) if rate else 10}, read.interpreted)


def guarantee_numbers(written: str, today: date) -> Parsed:
    """変更前の保証契約番号: one or several, each of ten digits."""
    if says_none(written):
        return Parsed({})
    numbers = tuple(
        fold_digits(part) for part in re.split(r"[\s、,，・/／]+", fold(written)) if fold_digits(part)
    )
    if not numbers or any(len(number) != _NUMBER_LENGTH for number in numbers):
        raise FieldFault(f"「{written}」を読み取れません(保証契約番号は{_NUMBER_LENGTH}けたの数字です)。")
    return Parsed({"previous_numbers": numbers})


def document(label: str) -> Parser:
    """What the contractor says of one paper to be sent along: 添付, 後日, 提出済."""

    def parse(written: str, today: date) -> Parsed:
        return Parsed({"documents": {label: written}})

    return parse


def remarks(written: str, today: date) -> Parsed:
    """連絡事項: for people to read; なし is nothing."""
    return Parsed({"remarks": "" if says_none(written) else written})
