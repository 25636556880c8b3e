"""Dates and periods as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surety.wareki import (
    DateFault,
    Near,
    parse_date,
    parse_period,
    wareki,
    wareki_padded,
    wareki_short,
)

TODAY = date(2026, 11, 10)
KNOWN_DAYS = st.dates(date(1926, 12, 25), date(2117, 12, 31))


@pytest.mark.parametrize(
    ("written", "on"),
    [
        ("令和8年11月17日", date(2026, 11, 17)),
        ("令和 5年 3月31日", date(2023, 3, 31)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R8.11.17", date(2026, 11, 17)),
        ("R8/11/17", date(2026, 11, 17)),
        ("r8-11-17", date(2026, 11, 17)),
        ("Ｒ８．１１．１７", date(2026, 11, 17)),
        ("㋿8年11月17日", date(2026, 11, 17)),
        ("2026/11/17", date(2026, 11, 17)),
        ("2026-11-17", date(2026, 11, 17)),
        ("２０２６年１１月１７日", date(2026, 11, 17)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("S64.1.7", date(1989, 1, 7)),
        ("令和8年11月17日(火)", date(2026, 11, 17)),
        ("令和8年11月16日（予定）", date(2026, 11, 16)),
        ("R8.11.16(月)(予定)", date(2026, 11, 16)),
        ("令和8年10月20日付け", date(2026, 10, 20)),
        ("令和8年11月13日まで", date(2026, 11, 13)),
    ],
)
def test_a_full_date_is_read_without_interpretation(written: str, on: date) -> None:
    read = parse_date(written, TODAY)
    assert (read.on, read.year_inferred) == (on, False)


def test_a_planned_date_is_marked() -> None:
    assert parse_date("令和8年11月16日(予定)", TODAY).planned
    assert parse_date("予定 R8.11.16", TODAY).planned
    assert not parse_date("令和8年11月16日", TODAY).planned


@pytest.mark.parametrize(
    ("written", "near", "on"),
    [
        ("11月13日", "coming", date(2026, 11, 13)),
        ("11月13日(金)", "coming", date(2026, 11, 13)),
        ("11/10", "coming", date(2026, 11, 10)),
        ("11月9日", "coming", date(2027, 11, 9)),
        ("10月20日", "past", date(2026, 10, 20)),
        ("12月1日", "past", date(2025, 12, 1)),
        ("11月4日", "nearest", date(2026, 11, 4)),
        ("1月20日", "nearest", date(2027, 1, 20)),
    ],
)
def test_a_month_and_day_alone_is_interpreted_within_a_year(written: str, near: Near, on: date) -> None:
    read = parse_date(written, TODAY, near)
    assert (read.on, read.year_inferred) == (on, True)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("令和8年2月30日", "という日はありません"),
        ("R8.13.1", "という日はありません"),
        ("2月30日", "という日はありません"),
        ("2月29日", "年もお書きください"),
        ("平成31年5月1日", "平成ではありません(令和元年5月1日"),
        ("昭和64年1月8日", "昭和ではありません(平成元年1月8日"),
        ("令和元年4月30日", "令和ではありません(平成31年4月30日"),
        ("令和0年5月1日", "ありません"),
        ("8.11.17", "和暦か西暦か"),
        ("26/11/17", "和暦か西暦か"),
        ("1026/11/17", "年をご確認"),
        ("11月13日(木)", "金曜日です"),
        ("11月中旬", "読み取れません"),
        ("未定", "読み取れません"),
        ("同年3月25日", "読み取れません"),
        ("", "読み取れません"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(written: str, problem: str) -> None:
    with pytest.raises(DateFault) as raised:
        parse_date(written, TODAY)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("written", "inferred"),
    [
        ("令和8年11月17日〜令和9年3月25日", False),
        ("令和8年11月17日～令和9年3月25日", False),
        ("R8.11.17 〜 R9.3.25", False),
        ("R8-11-17-R9-3-25", False),
        ("2026-11-17 - 2027-03-25", False),
        ("2026/11/17~2027/3/25", False),
        ("令和8年11月17日から令和9年3月25日まで", False),
        ("自 令和8年11月17日 至 令和9年3月25日", False),
        ("Ｒ８．１１．１７　～　Ｒ９．３．２５", False),
        ("令和8年11月17日ー令和9年3月25日", False),
        ("R8.11.17〜9.3.25", False),
        ("令和8年11月17日から翌年3月25日まで", False),
        ("令和8年11月17日から令和9年3月25日まで(129日間)", False),
        ("令和8年11月17日〜3月25日", True),
        ("11/17〜3/25", True),
    ],
)
def test_a_period_is_read_in_all_its_writings(written: str, inferred: bool) -> None:
    period = parse_period(written, TODAY)
    assert (period.first.on, period.last.on) == (date(2026, 11, 17), date(2027, 3, 25))
    assert (period.first.year_inferred or period.last.year_inferred) == inferred


def test_the_second_end_may_say_the_same_year_or_month() -> None:
    assert parse_period("令和8年11月17日から同年12月25日まで", TODAY).last.on == date(2026, 12, 25)
    assert parse_period("令和8年11月17日〜同月30日", TODAY).last.on == date(2026, 11, 30)


def test_a_period_that_ends_before_it_starts_is_read_as_written() -> None:
    assert parse_period("R8.11.17 〜 R8.3.25", TODAY).last.on == date(2026, 3, 25)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("令和8年11月17日", "どちらか一方"),
        ("契約の翌日から120日間", "読み取れません"),
        ("R8.11.17〜R9.2.29", "という日はありません"),
        ("8.11.17〜9.3.25", "和暦か西暦か"),
    ],
)
def test_what_is_no_period_is_refused_with_its_reason(written: str, problem: str) -> None:
    with pytest.raises(DateFault) as raised:
        parse_period(written, TODAY)
    assert problem in str(raised.value)


def test_dates_are_printed_as_papers_print_them() -> None:
    assert wareki(date(2026, 11, 17)) == "令和8年11月17日"
    assert wareki(date(2019, 5, 1)) == "令和元年5月1日"
    assert wareki_padded(date(2023, 3, 31)) == "令和 5年 3月31日"
    assert wareki_padded(date(2026, 11, 5)) == "令和 8年11月 5日"
    assert wareki_padded(date(2019, 5, 1)) == "令和元年 5月 1日"
    assert wareki_short(date(2026, 11, 17)) == "R8.11.17"


def test_a_day_before_showa_has_no_era_here() -> None:
    with pytest.raises(ValueError, match="no era"):
        wareki(date(1926, 12, 24))


@given(KNOWN_DAYS)
def test_every_printed_date_is_read_back(on: date) -> None:
    for printed in (wareki(on), wareki_padded(on), wareki_short(on), on.isoformat()):
        assert parse_date(printed, TODAY).on == on


@given(KNOWN_DAYS, KNOWN_DAYS)
def test_every_printed_period_is_read_back(first: date, last: date) -> None:
    period = parse_period(f"{wareki_short(first)}-{wareki(last)}", TODAY)
    assert (period.first.on, period.last.on) == (first, last)


@given(st.text(alphabet="令和平成昭RHS元年月日0123456789./-〜から同翌()予定金 ", max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    for read in (parse_date, parse_period):
        try:
            read(text, TODAY)
        except DateFault:
            continue
