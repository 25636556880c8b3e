"""案件: one work of one contractor, named by its case code."""

import re
from datetime import date

from bot.folding import fold
from bot.values import Value

_CODE = re.compile(r"(?<![A-Z0-9])([A-Z]\d{1,2}-\d{5}-[0-9A-Z]{4})(?![A-Z0-9])")


class Case(Value):
    """One work of one contractor: its applications, guarantees and their versions."""

    id: int
    code: str  # R8-01234-7KQ4: routes answers, proves nothing
    contractor_id: int
    orderer_id: int | None = None
    work_name: str
    revision: int = 0


def case_code(day: date, serial: int, suffix: str) -> str:
    """Make a case code: year of Reiwa, serial number, four letters. Days before Reiwa have none."""
    return f"R{day.year - 2018}-{serial:05d}-{suffix}"


def case_codes(text: str) -> tuple[str, ...]:
    """Find all case codes in a text, folded, each once, in order."""
    return tuple(dict.fromkeys(_CODE.findall(fold(text).upper())))
