"""The clock that is handed down: the only place where the program asks what time it is."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    """Whatever knows the moment."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to move: for tests and for `explain --at`."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self._moment

    def advance(self, by: timedelta) -> None:
        """Move forward (or back, for tests of a clock that jumps)."""
        self._moment += by


def tokyo_date(moment: datetime) -> date:
    """Return the calendar day in Asia/Tokyo of an aware moment."""
    return moment.astimezone(TOKYO).date()
