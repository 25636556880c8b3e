"""Which days the surety works."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surety.business_days import add_business_days, is_business_day

LABOUR_THANKSGIVING = date(2026, 11, 23)
CLOSED = frozenset({LABOUR_THANKSGIVING})


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 13), True),
        (date(2026, 11, 14), False),
        (date(2026, 11, 15), False),
        (LABOUR_THANKSGIVING, False),
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 1), False),
        (date(2028, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_weekends_new_year_and_closed_days_are_no_business_days(day: date, works: bool) -> None:
    assert is_business_day(day, CLOSED) is works


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 10), 3, date(2026, 11, 13)),
        (date(2026, 11, 20), 1, date(2026, 11, 24)),
        (date(2026, 11, 14), 1, date(2026, 11, 16)),
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
        (date(2026, 11, 24), -1, date(2026, 11, 20)),
        (date(2026, 11, 13), 0, date(2026, 11, 13)),
        (date(2026, 11, 14), 0, date(2026, 11, 16)),
    ],
)
def test_business_days_are_counted(day: date, count: int, expected: date) -> None:
    assert add_business_days(day, count, CLOSED) == expected


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(-30, 30))
def test_counting_always_ends_on_a_business_day(day: date, count: int) -> None:
    assert is_business_day(add_business_days(day, count, CLOSED), CLOSED)
