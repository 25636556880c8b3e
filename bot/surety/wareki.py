"""和暦: dates and periods as people write them, and as papers print them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from bot.folding import squash
from bot.values import Value


class DateFault(ValueError):
    """The text is no date, or an impossible one; the message tells its writer so in Japanese."""


class ReadDate(Value):
    """A date as it was understood."""

    on: date
    year_inferred: bool = False  # only month and day were written
    planned: bool = False  # 予定 or 見込 was written beside it


class ReadPeriod(Value):
    """A period as it was understood. The order of its ends is not judged here."""

    first: ReadDate
    last: ReadDate


Near = Literal["coming", "past", "nearest"]


class _Era(NamedTuple):
    name: str
    letter: str
    first: date
    last: date


_ERAS = (
    _Era("令和", "R", date(2019, 5, 1), date(2117, 12, 31)),  # as far as two digits reach: no end is known
    _Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    _Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
)
_KNOWN_DAYS = (_ERAS[-1].first, _ERAS[0].last)
_WEEKDAYS = "月火水木金土日"
_QUOTED_CHARACTERS = 40
_LONGEST = 200

_NUMBER = "[0-9]{1,2}"
_STOP = "(?:年|[-/.])"
_YEAR = (
    f"(?:(?P<era>令和|平成|昭和|[令平昭rhs])\\.?(?P<era_year>{_NUMBER}|元){_STOP}"
    f"|(?P<western>[0-9]{{4}}){_STOP}|(?P<bare>{_NUMBER}|元){_STOP}|(?P<relative>同年|翌年))"
)
_MONTH = f"(?:(?P<month>{_NUMBER})(?:月|[-/.])|(?P<same_month>同月))"
_BESIDE = (
    f"(?:\\((?P<weekday>[{_WEEKDAYS}])(?:曜日?)?\\)|(?P<open_weekday>[{_WEEKDAYS}])曜日?"
    "|(?P<planned>\\((?:予定|見込み?)\\)|予定日?|見込み?)|付け?)*"
)
_DATE = re.compile(f"(?P<planned_first>予定)?{_YEAR}?{_MONTH}(?P<day>{_NUMBER})日?{_BESIDE}")
_UNTIL = re.compile("(?:まで|迄)に?$")
_LENGTH = re.compile(r"(?:まで|迄)?の?\(?[0-9,]+日間\)?$")
_SEPARATOR = re.compile("(?:から|より|至|~|-|ー|→)+")


def parse_date(text: str, reference: date, near: Near = "coming") -> ReadDate:
    """Return the one date in `text`; raises DateFault.

    A month and day alone is the `coming` such day (on or after `reference`), the `past` one (on or before
    it) or the `nearest`; never more than a year away.
    """
    found = _DATE.fullmatch(_UNTIL.sub("", squash(text))) if len(text) <= _LONGEST else None
    if found is None or found["relative"] or found["same_month"]:
        raise DateFault(f"「{_quoted(text)}」を日付として読み取れません(例 令和8年11月17日)。")
    return _resolve(found, reference, near, None)


def parse_period(text: str, reference: date, near: Near = "nearest") -> ReadPeriod:
    """Return the two ends of a period; raises DateFault.

    The second end may leave out its era, its year (it is then the next such day after the first end) or say
    同年, 翌年, 同月. A length in days beside it is not checked: people count it in two ways.
    """
    folded = _UNTIL.sub("", _LENGTH.sub("", squash(text[:_LONGEST]))).removeprefix("自")
    for first, last in _splits(folded):
        start, end = _DATE.fullmatch(first), _DATE.fullmatch(last)
        if start and end and not (start["relative"] or start["same_month"]):
            begins = _resolve(start, reference, near, None)
            return ReadPeriod(first=begins, last=_resolve(end, begins.on, "coming", begins.on))
    if _DATE.fullmatch(folded):
        raise DateFault(f"「{_quoted(text)}」では、始めと終わりのどちらか一方しか分かりません。")
    raise DateFault(f"「{_quoted(text)}」を期間として読み取れません(例 令和8年11月17日〜令和9年3月25日)。")


def wareki(day: date) -> str:
    """Return 令和8年11月17日 (令和元年 for a first year). Raises ValueError for a day before 昭和."""
    era, year = _era_of(day)
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def wareki_padded(day: date) -> str:
    """Return 令和 5年 3月31日, numbers two wide, as certificates print it (leaflet STEP 3)."""
    era, year = _era_of(day)
    return f"{era.name}{'元' if year == 1 else f'{year:>2}'}年{day.month:>2}月{day.day:>2}日"


def wareki_short(day: date) -> str:
    """Return R8.11.17."""
    era, year = _era_of(day)
    return f"{era.letter}{year}.{day.month}.{day.day}"


def _era_of(day: date) -> tuple[_Era, int]:
    for era in _ERAS:
        if era.first <= day <= era.last:
            return era, day.year - era.first.year + 1
    raise ValueError(f"no era is known on {day}")


def _splits(folded: str) -> Iterator[tuple[str, str]]:
    for separator in _SEPARATOR.finditer(folded):
        yield folded[: separator.start()], folded[separator.end() :]


def _resolve(found: re.Match[str], reference: date, near: Near, start: date | None) -> ReadDate:
    """Turn the matched parts into a day; `start` is the first end of a period, if this is the second."""
    year, inferred = _year(found, start), False
    if year is None:
        on, inferred = _nearby(int(found["month"]), int(found["day"]), reference, near), True
    else:
        month = start.month if found["same_month"] and start else int(found["month"])
        on = _day(year, month, int(found["day"]), found[0])
    _check_era(found, on)
    _check_weekday(found, on)
    planned = bool(found["planned"] or found["planned_first"])
    return ReadDate(on=on, year_inferred=inferred, planned=planned)


def _year(found: re.Match[str], start: date | None) -> int | None:
    """Return the western year, or None where none was written."""
    if found["era"]:
        return _era_named(found["era"]).first.year + _count(found["era_year"]) - 1
    if found["western"]:
        return int(found["western"])
    if found["bare"]:
        if start is None:
            raise DateFault(f"「{found[0]}」は、年が和暦か西暦か分かりません(例 R8.11.17)。")
        return _era_of(start)[0].first.year + _count(found["bare"]) - 1
    if start and (found["relative"] or found["same_month"]):
        return start.year + (1 if found["relative"] == "翌年" else 0)
    return None


def _era_named(written: str) -> _Era:
    return next(era for era in _ERAS if written[0] in (era.name[0], era.letter.casefold()))


def _count(written: str) -> int:
    return 1 if written == "元" else int(written)


def _day(year: int, month: int, day: int, written: str) -> date:
    try:
        on = date(year, month, day)
    except ValueError:
        raise DateFault(f"「{_quoted(written)}」という日はありません。") from None
    if not _KNOWN_DAYS[0] <= on <= _KNOWN_DAYS[1]:
        raise DateFault(f"「{_quoted(written)}」は、年をご確認ください。")
    return on


def _nearby(month: int, day: int, reference: date, near: Near) -> date:
    leap_year = 2000
    _day(leap_year, month, day, f"{month}月{day}日")
    days = [
        on for year in range(reference.year - 1, reference.year + 2) if (on := _possible(year, month, day))
    ]
    if near == "coming":
        days = [on for on in days if timedelta(0) <= on - reference <= timedelta(365)]
    if near == "past":
        days = [on for on in days if timedelta(0) <= reference - on <= timedelta(365)]
    if not days:
        raise DateFault(f"「{month}月{day}日」は、年もお書きください。")
    return min(days, key=lambda on: (abs(on - reference), on < reference))


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _check_era(found: re.Match[str], on: date) -> None:
    if not found["era"]:
        return
    era = _era_named(found["era"])
    if _count(found["era_year"]) == 0:
        raise DateFault(f"「{_quoted(found[0])}」という年はありません。")
    if not era.first <= on <= era.last:
        raise DateFault(f"「{_quoted(found[0])}」は{era.name}ではありません({_spoken(on)}のことでしょうか)。")


def _check_weekday(found: re.Match[str], on: date) -> None:
    written = found["weekday"] or found["open_weekday"]
    right = _WEEKDAYS[on.weekday()]
    if written and written != right:
        raise DateFault(f"「{_quoted(found[0])}」の曜日が合いません({_spoken(on)}は{right}曜日です)。")


def _spoken(on: date) -> str:
    return wareki(on) if on >= _KNOWN_DAYS[0] else f"{on.year}年{on.month}月{on.day}日"


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    shown = plain if len(plain) <= _QUOTED_CHARACTERS else plain[:_QUOTED_CHARACTERS] + "…"
    return shown[0].upper() + shown[1:] if shown[:1] in ("r", "h", "s") else shown
