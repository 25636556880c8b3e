"""Staff on the command line: a command goes through the inbox like a mail; lists of cases."""

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from bot.clock import SystemClock
from bot.config import Config
from bot.deciding import Command
from bot.folding import fold_digits
from bot.mail import Envelope
from bot.operations.lists import rows_of
from bot.surety.address import compared
from bot.surety.application import Application
from bot.surety.guarantee import Guarantee
from bot.surety.papers import KIND_NAMES
from bot.wakeups import wake
from bot.worker import command_bytes
from storage import inbox, journal
from storage.database import looking, make_engine
from storage.opening import Opened
from storage.states import InboxState
from storage.tables import ApplicationRow, CaseRow, GuaranteeRow, InboxRow

WAIT_SECONDS = 15.0
_OPEN = (InboxState.WAITING, InboxState.CLAIMED)


class BadKeys(Exception):
    """A registry's file cannot be imported; the text names every line at fault. Nothing was handed in."""


@dataclass(frozen=True)
class HandedIn:
    """Commands in the inbox, and whether a daemon may be there to decide them."""

    inbox_ids: tuple[int, ...]
    heard: bool


def hand_in(config: Config, opened: Opened, commands: Sequence[Command]) -> HandedIn:
    """Put commands into the inbox, all or none, and wake the daemon."""
    arrivals = [_arrival(config, opened, one) for one in commands]

    def job(session: Session) -> tuple[int, ...]:
        return tuple(inbox.accept(session, new) for new in arrivals)

    inbox_ids = opened.database.write(job, urgent=True)
    return HandedIn(inbox_ids, heard=wake(config.storage.url))


def _arrival(config: Config, opened: Opened, command: Command) -> inbox.Arrival:
    now = SystemClock().now()
    person = compared(command.person)
    envelope = Envelope(
        mail_from=person, recipients=(config.service.desk,), peer="", source="file", received_at=now
    )
    # The moment makes two equal commands two commands: nobody retries a command line by itself.
    fields = {**envelope.model_dump(mode="json"), "recipients": [config.service.desk, now.isoformat()]}
    return inbox.arrival(opened.sealer, "command", fields, command_bytes(command), person, now)


def results_of(url: str, handed: HandedIn) -> list[tuple[str, str]]:
    """Wait, not for long, until a running daemon has decided; return state and reason of each.

    Between two processes on SQLite there is no event to wait for, so the rows are looked at now and then.
    """
    until = time.monotonic() + (WAIT_SECONDS if handed.heard else 0)
    engine = make_engine(url, read_only=True)
    try:
        while True:
            with Session(engine) as session:
                rows = [session.get_one(InboxRow, one) for one in handed.inbox_ids]
                found = [(row.state, row.reason) for row in rows]
            if all(state not in _OPEN for state, _ in found) or time.monotonic() > until:
                return found
            time.sleep(0.05)
    finally:
        engine.dispose()


def read_keys(path: Path) -> list[tuple[str, str]]:
    """Read an outside registry's file: 保証契約番号 and 認証キー a line, with or without a heading.

    Raises BadKeys naming every line at fault, never what stands there: it may be a key.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp932", "replace")  # a heading may be Japanese; numbers and keys are ASCII
    keys: list[tuple[str, str]] = []
    faults: list[str] = []
    for line, row in enumerate(csv.reader(text.splitlines()), start=1):
        number, key = (fold_digits(row[0]), row[1].strip()) if len(row) > 1 else ("", "")
        if len(number) == 10 and number.isdigit() and key.isascii() and key:
            keys.append((number, key))
        elif any(cell.strip() for cell in row) and not _is_heading(line, row):
            faults.append(f"  line {line}: not a 保証契約番号 of ten digits and a 認証キー")
    twice = {number for number, _ in keys if [one for one, _ in keys].count(number) > 1}
    faults += [f"  {number}: stands there more than once" for number in sorted(twice)]
    if faults:
        raise BadKeys("\n".join([f"{path}: {len(faults)} fault(s)", *faults]))
    return keys


def _is_heading(line: int, row: list[str]) -> bool:
    return line == 1 and not any(character.isdigit() for character in row[0])


def application_rows(url: str, state: str, limit: int) -> list[dict[str, Any]]:
    """List applications by the day their certificate is needed, then by age."""
    statement = select(ApplicationRow).limit(limit)
    if state:
        statement = statement.where(ApplicationRow.state == state)
    statement = statement.order_by(col(ApplicationRow.needed_on).nulls_last(), col(ApplicationRow.id))
    return [_application_line(Application.model_validate(row.body)) for row in rows_of(url, statement)]


def guarantee_rows(url: str, state: str, limit: int) -> list[dict[str, Any]]:
    """List guarantees, newest first."""
    statement = select(GuaranteeRow).order_by(col(GuaranteeRow.id).desc()).limit(limit)
    if state:
        statement = statement.where(GuaranteeRow.state == state)
    return [_guarantee_line(Guarantee.model_validate(row.body)) for row in rows_of(url, statement)]


def _application_line(one: Application) -> dict[str, Any]:
    form = one.form
    return {
        "case": one.case_code,
        "state": one.state.value,
        "needed_on": form.needed_on.isoformat() if form else "",
        "work_name": form.work_name if form else one.given.get("work_name", ""),
        "orderer": one.given.get("orderer", ""),
        "amounts": {KIND_NAMES[kind]: amount for kind, amount in sorted(one.amounts_yen.items())},
        "premium_yen": one.premium_yen,
    }


def _guarantee_line(one: Guarantee) -> dict[str, Any]:
    return {
        "number": one.number or "",
        "case": one.case_code,
        "kind": KIND_NAMES[one.kind],
        "state": one.state.value,
        "amount_yen": one.amount_yen,
        "orderer": one.orderer,
        "work_name": one.work_name,
        "submitted": one.submission.how if one.submission else "",
        "verified_at": one.verified_at.isoformat() if one.verified_at else "",
    }


def case_page(url: str, case_code: str) -> dict[str, Any]:
    """Return one case whole, its journal as a timeline. Raises KeyError where there is none."""
    with looking(url) as session:
        case = session.exec(select(CaseRow).where(CaseRow.code == case_code)).first()
        if case is None:
            raise KeyError(f"there is no case {case_code}")
        return _page(session, case)


def _page(session: Session, case: CaseRow) -> dict[str, Any]:
    applications = session.exec(select(ApplicationRow).where(ApplicationRow.case_id == case.id))
    guarantees = session.exec(select(GuaranteeRow).where(GuaranteeRow.case_id == case.id))
    lines = [
        {
            "at": row.at.isoformat(),
            "event": row.event,
            "actor": row.actor,
            "cause": row.cause,
            **(detail or {}),
        }
        for row, detail in journal.lines(session, case.code)
    ]
    return {
        "case": case.code,
        "work_name": case.work_name,
        "applications": [_application_line(Application.model_validate(row.body)) for row in applications],
        "guarantees": [_guarantee_line(Guarantee.model_validate(row.body)) for row in guarantees],
        "timeline": lines,
    }


def page_as_text(page: dict[str, Any]) -> str:
    """Print a case for people."""
    lines = [f"{page['case']}  {page['work_name']}"]
    for name in ("applications", "guarantees"):
        for one in page[name]:
            lines += ["", name[:-1], *(f"  {key}: {value}" for key, value in one.items() if value)]
    lines += ["", "timeline"]
    for one in page["timeline"]:
        lines.append(f"  {one['at'][:19]}  {one['event']:<14} {one['actor']}  {one.get('note', '')}")
    return "\n".join(lines)


def case_of_guarantee(url: str, number: str) -> str:
    """Return the case code of a guarantee number. Raises KeyError where there is none."""
    found = rows_of(url, select(GuaranteeRow).where(GuaranteeRow.number == number))
    if not found:
        raise KeyError(f"there is no guarantee {number}")
    return Guarantee.model_validate(found[0].body).case_code
