"""Enrolments for people on the command line: lists and single ones; read-only."""

from typing import Any

from sqlmodel import col, select

from bot.operations.lists import rows_of
from bot.surety.enrolment import LINES, Enrolment
from storage.tables import EnrolmentRow


def enrolment_rows(url: str, state: str, limit: int) -> list[dict[str, Any]]:
    """List enrolments, newest first; of one state where one is given."""
    statement = select(EnrolmentRow).order_by(col(EnrolmentRow.id).desc()).limit(limit)
    if state:
        statement = statement.where(EnrolmentRow.state == state)
    return [_line(Enrolment.model_validate(row.body)) for row in rows_of(url, statement)]


def enrolment_page(url: str, number: str) -> dict[str, Any]:
    """Return one enrolment whole. Raises KeyError where there is none."""
    found = rows_of(url, select(EnrolmentRow).where(EnrolmentRow.number == number))
    if not found:
        raise KeyError(f"there is no enrolment {number}")
    enrolment = Enrolment.model_validate(found[0].body)
    stated = {line.label: enrolment.stated[line.id] for line in LINES if line.id in enrolment.stated}
    return {**_line(enrolment), **stated}


def _line(one: Enrolment) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state.value,
        "kind": one.kind.value,
        "party": one.party_name,
        "asked_by": one.address,
        "registers": one.to_register,
        "role": one.role.value if one.role else "",
        "check": f"{one.check.method.value} {one.check.text}" if one.check else "",
        "decided_by": one.decided_by,
    }
