"""What a check found, for all that checks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
