"""営業日: which days the surety works, given the days on which it is closed."""

from datetime import date, timedelta

_SATURDAY = 5
_NEW_YEAR = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def is_business_day(day: date, closed: frozenset[date]) -> bool:
    """Tell whether the surety works: no weekend, no 12/29 to 1/3, none of `closed` (holidays, own days)."""
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _NEW_YEAR and day not in closed


def add_business_days(day: date, count: int, closed: frozenset[date]) -> date:
    """Return the `count`-th business day after `day` (before it, if negative); `day` itself is not counted.

    With 0 it is `day` itself, or the next business day where `day` is none.
    """
    step = timedelta(days=-1 if count < 0 else 1)
    if count == 0:
        day, count = day - step, 1
    for _ in range(abs(count)):
        day += step
        while not is_business_day(day, closed):
            day += step
    return day
