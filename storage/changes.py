"""Apply the changes of an outcome to the ledger: the one place where handlers' values become rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel, select

from bot.folding import squash
from bot.ledger import Change, Put, RegisterKey, Resume, WrongCode
from bot.surety.application import Application
from bot.surety.enquiry import Enquiry
from bot.surety.guarantee import Guarantee
from bot.surety.party import Mailbox
from bot.surety.work import Case
from bot.values import Value
from storage import inbox
from storage.once import insert_once
from storage.sealed import Sealer
from storage.steps import LostClaim
from storage.tables import (
    ApplicationRow,
    AuthKeyRow,
    CaseRow,
    CounterRow,
    EnquiryRow,
    GuaranteeRow,
    MailboxRow,
    table,
)


@dataclass(frozen=True)
class _Keeping:
    """How one kind of value is kept: its table, how its row is found, and its columns beside the body."""

    row: type[SQLModel]
    key: Callable[[Any], dict[str, Any]]
    columns: Callable[[Any], dict[str, Any]]


_KEPT: dict[type[Value], _Keeping] = {
    Case: _Keeping(
        CaseRow,
        key=lambda case: {"id": case.id},
        columns=lambda case: {
            "code": case.code,
            "contractor_id": case.contractor_id,
            "orderer_id": case.orderer_id,
            "work_name": case.work_name,
            "search_text": squash(case.work_name),
        },
    ),
    Application: _Keeping(
        ApplicationRow,
        key=lambda application: {"id": application.id},
        columns=lambda application: {
            "case_id": application.case_id,
            "contractor_id": application.contractor_id,
            "state": application.state,
            "needed_on": application.form.needed_on if application.form else None,
        },
    ),
    Guarantee: _Keeping(
        GuaranteeRow,
        key=lambda one: {"id": one.id},
        columns=lambda one: {
            "case_id": one.case_id,
            "application_id": one.application_id,
            "contractor_id": one.contractor_id,
            "orderer_id": one.orderer_id,
            "kind": one.kind,
            "number": one.number,
            "state": one.state,
            "issued_on": one.issued_on,
            "search_text": " ".join(
                map(squash, (one.work_name, one.orderer, one.number or "", one.work_number))
            ),
        },
    ),
    Enquiry: _Keeping(
        EnquiryRow,
        key=lambda enquiry: {"number": enquiry.number},
        columns=lambda enquiry: {
            "mailbox": enquiry.mailbox,
            "party_id": enquiry.party_id,
            "at": enquiry.at,
            "guarantee_id": enquiry.guarantee_id,
            "verdict": enquiry.verdict,
            "guess": enquiry.guess,
        },
    ),
    Mailbox: _Keeping(
        MailboxRow,
        key=lambda box: {"address": box.address},
        columns=lambda box: {"party_id": box.party_id, "stopped": box.stopped},
    ),
}


def apply(session: Session, sealer: Sealer, changes: Iterable[Change], now: datetime) -> None:
    """Apply what one mail's outcome changes. Raises LostClaim where something moved in between."""
    for change in changes:
        match change:
            case Put(value=value):
                _put(session, value, now)
            case RegisterKey():
                _register_key(session, sealer, change, now)
            case Resume(inbox_id=inbox_id, known=known):
                inbox.resume(session, inbox_id, known, now)
            case WrongCode(inbox_id=inbox_id):
                inbox.wrong_code(session, inbox_id, now)


def _put(session: Session, value: Value, now: datetime) -> None:
    keeping = _KEPT[type(value)]
    statement = select(keeping.row).filter_by(**keeping.key(value))
    row: Any = session.exec(statement.with_for_update()).first()
    columns = keeping.columns(value)
    if "revision" in type(value).model_fields:
        value = _next_revision(value, row)
        columns["revision"] = value.model_dump()["revision"]
    body = value.model_dump(mode="json")
    if row is None:
        fresh = {"created_at": now} if "created_at" in keeping.row.model_fields else {}
        session.add(keeping.row(**keeping.key(value), **columns, **fresh, body=body))
    else:
        for name, content in columns.items():
            setattr(row, name, content)
        row.body = body
    session.flush()


def _register_key(session: Session, sealer: Sealer, change: RegisterKey, now: datetime) -> None:
    name = f"auth_key:{change.guarantee_number}/{change.version}"
    session.add(
        AuthKeyRow(
            guarantee_number=change.guarantee_number,
            version=change.version,
            issuer=change.issuer,
            registered_at=now,
            sealed=sealer.seal(change.key.get_secret_value().encode(), name),
        )
    )
    session.flush()


def _next_revision(value: Value, row: Any) -> Value:
    known = row.revision if row is not None else 0
    held: int = value.model_dump()["revision"]
    if held != known:
        raise LostClaim(f"{type(value).__name__} changed in between: revision {known}, not {held}")
    return value.but(revision=held + 1)


def next_number(session: Session, series: str, first: int) -> int:
    """Give out the next number of a series inside this transaction; the very first one is `first`."""
    counter = table(CounterRow)
    insert_once(session, counter, {"name": series, "value": first - 1}, ["name"], counter.c.value)
    grown = update(counter).where(counter.c.name == series).values(value=counter.c.value + 1)
    return int(session.execute(grown.returning(counter.c.value)).scalar_one())
