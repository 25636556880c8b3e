"""Apply the changes of an outcome to the ledger: the one place where handlers' values become rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel, select

from bot.folding import squash
from bot.ledger import (
    Bounced,
    Change,
    Moot,
    Put,
    Reachable,
    RegisterKey,
    RegisterParty,
    RemoveMailbox,
    Resume,
    Unreachable,
    WrongCode,
)
from bot.surety.application import Application
from bot.surety.enquiry import Enquiry
from bot.surety.enrolment import Enrolment
from bot.surety.guarantee import Guarantee
from bot.surety.party import Mailbox, Party, PartyKind, Role
from bot.surety.work import Case
from bot.values import Value
from storage import bounces, enrolments, inbox, letters
from storage.once import insert_once
from storage.sealed import Sealer
from storage.steps import LostClaim
from storage.tables import (
    ApplicationRow,
    AuthKeyRow,
    CaseRow,
    CounterRow,
    EnquiryRow,
    EnrolmentRow,
    GuaranteeRow,
    MailboxRow,
    PartyRow,
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
    Party: _Keeping(
        PartyRow,
        key=lambda party: {"id": party.id},
        columns=lambda party: {
            "number": party.number,
            "kind": party.kind,
            "name": party.name,
            "name_folded": squash(party.name),
            "domain": party.domain,
            "registered_box": party.registered_box,
        },
    ),
    Enrolment: _Keeping(
        EnrolmentRow,
        key=lambda enrolment: {"number": enrolment.number},
        columns=lambda enrolment: {
            "address": enrolment.address,
            "party_name": enrolment.party_name,
            "state": enrolment.state,
        },
    ),
}


def apply(session: Session, sealer: Sealer, changes: Sequence[Change], now: datetime) -> None:
    """Apply what one mail's outcome changes. Raises LostClaim where something moved in between."""
    for change in changes:
        match change:
            case Put(value=Mailbox() as box):
                _put_mailbox(session, box, now)
            case Put(value=value):
                _put(session, value, now)
            case RegisterParty():
                _register_party(session, change, now)
            case RemoveMailbox():
                _remove_mailbox(session, change, now)
            case RegisterKey():
                _register_key(session, sealer, change, now)
            case Resume(inbox_id=inbox_id, known=known):
                inbox.resume(session, inbox_id, known, now)
            case WrongCode(inbox_id=inbox_id):
                inbox.wrong_code(session, inbox_id, now)
            case Bounced():
                bounces.mark(session, change, now)
            case Unreachable(address=address):
                bounces.set_unreachable(session, address, now)
            case Moot(inbox_id=inbox_id, template=template):
                letters.withdraw_moot(session, inbox_id, template, "what it asked for has come")
            case Reachable(address=address):
                bounces.set_unreachable(session, address, None)
    if any(_registers(change) for change in changes):
        enrolments.resume_registered(session, now)


def _registers(change: Change) -> bool:
    return isinstance(change, RegisterParty) or (
        isinstance(change, Put) and isinstance(change.value, Mailbox | Party)
    )


def _register_party(session: Session, change: RegisterParty, now: datetime) -> None:
    """The row's own id is the party's: imported parties have theirs from the same source."""
    party = change.party
    row = PartyRow(**_KEPT[Party].columns(party), body={})
    session.add(row)
    session.flush()
    assert row.id is not None
    row.body = party.but(id=row.id).model_dump(mode="json")
    _put(session, change.mailbox.but(party_id=row.id), now)


def _put_mailbox(session: Session, box: Mailbox, now: datetime) -> None:
    before = _mailbox_row(session, box.address)
    lowered = before is not None and Role.APPLY in before.body["roles"] and Role.APPLY not in box.roles
    _put(session, box, now)
    if lowered:
        _still_applies(session, box.party_id)


def _remove_mailbox(session: Session, change: RemoveMailbox, now: datetime) -> None:
    row = _mailbox_row(session, change.address)
    if row is None:
        raise LostClaim(f"{change.address} is no mailbox any more")
    applied = Role.APPLY in row.body["roles"]
    session.delete(row)
    session.flush()
    enrolments.end_confirmations(session, change.address, now)
    if applied and not change.by_staff:
        _still_applies(session, change.party_id)


def _mailbox_row(session: Session, address: str) -> MailboxRow | None:
    return session.exec(select(MailboxRow).where(MailboxRow.address == address).with_for_update()).first()


def _still_applies(session: Session, party_id: int) -> None:
    """Raise LostClaim where two mails at once would leave a contractor without any mailbox that may apply.

    Decided again, the second of them is refused. The party's row is locked: another node waits here.
    """
    party = session.exec(select(PartyRow).where(PartyRow.id == party_id).with_for_update()).one()
    boxes = session.exec(select(MailboxRow).where(MailboxRow.party_id == party_id))
    if party.kind == PartyKind.CONTRACTOR and not any(Role.APPLY in box.body["roles"] for box in boxes):
        raise LostClaim(f"party {party_id} would have no mailbox that may apply")


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
