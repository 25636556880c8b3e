"""利用登録 in storage: what is asked of enrolments, what a registration sets free, and the record of both."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from bot.ledger import Change, Put, RegisterParty, RemoveMailbox
from bot.surety.enrolment import Enrolment, EnrolmentKind, EnrolmentState
from bot.surety.party import Mailbox, Party, Proof
from storage import inbox, journal
from storage.directory import DirectoryView
from storage.states import InboxState
from storage.tables import EnrolmentRow, InboxRow

HELD_FOR = "registration"
_PROVEN = [one.value for one in Proof if one.may_change]


def by_number(session: Session, number: str) -> Enrolment | None:
    """Find an enrolment by its number."""
    row = session.exec(select(EnrolmentRow).where(EnrolmentRow.number == number)).first()
    return Enrolment.model_validate(row.body) if row else None


def asked_by(session: Session, address: str) -> Enrolment | None:
    """Return the newest enrolment of a company that one mailbox has asked for."""
    rows = select(EnrolmentRow).where(EnrolmentRow.address == address).order_by(col(EnrolmentRow.id).desc())
    found = (Enrolment.model_validate(row.body) for row in session.exec(rows))
    return next((one for one in found if one.kind == EnrolmentKind.PARTY), None)


def in_state(session: Session, state: EnrolmentState) -> tuple[Enrolment, ...]:
    """List the enrolments of one state, oldest first."""
    rows = select(EnrolmentRow).where(EnrolmentRow.state == state).order_by(col(EnrolmentRow.id))
    return tuple(Enrolment.model_validate(row.body) for row in session.exec(rows))


def expire(session: Session, now: datetime, days: int) -> list[str]:
    """End what nobody confirmed in time, and throw away what was stated; return the numbers."""
    over: list[str] = []
    rows = select(EnrolmentRow).where(
        EnrolmentRow.state == EnrolmentState.ASKED, col(EnrolmentRow.created_at) < now - timedelta(days=days)
    )
    for row in session.exec(rows.with_for_update(skip_locked=True)):
        asked = Enrolment.model_validate(row.body)
        if asked.is_over(now, days):
            gone = asked.but(
                state=EnrolmentState.EXPIRED, stated={}, party_name="", person="", revision=row.revision + 1
            )
            row.state, row.party_name, row.revision = gone.state, "", gone.revision
            row.body = gone.model_dump(mode="json")
            over.append(row.number)
    session.flush()
    return over


def held_since(session: Session, address: str, domain: str, moment: datetime, *, proven: bool) -> int:
    """Count the mails of an address (and of a domain, where one is given) that wait for a registration."""
    writer = col(InboxRow.writer_address)
    mine = or_(writer == address, writer.endswith(f"@{domain}", autoescape=True)) if domain else None
    where: list[Any] = [
        InboxRow.state == InboxState.HELD,
        InboxRow.held_for == HELD_FOR,
        col(InboxRow.received_at) >= moment,
        mine if mine is not None else writer == address,
    ]
    if proven:
        where.append(col(InboxRow.proof).in_(_PROVEN))
    return session.exec(select(func.count()).select_from(InboxRow).where(*where)).one()


def resume_registered(session: Session, now: datetime) -> list[int]:
    """Let every mail go on that waited for the registration of its writer; return their inbox ids.

    Called wherever the directory grows, and by the sweep.
    """
    directory = DirectoryView(session)
    waiting = select(InboxRow.id, InboxRow.writer_address).where(
        InboxRow.state == InboxState.HELD, InboxRow.held_for == HELD_FOR
    )
    known = []
    for inbox_id, address in session.exec(waiting.order_by(col(InboxRow.id))):
        domain = (address or "").rpartition("@")[2]
        if directory.mailbox(address or "") is not None or directory.party_of_domain(domain) is not None:
            assert inbox_id is not None
            inbox.resume(session, inbox_id, {}, now)
            known.append(inbox_id)
    return known


def end_confirmations(session: Session, address: str, now: datetime) -> None:
    """End what a mailbox that is no more has left to be confirmed: its codes are worth nothing."""
    held = select(InboxRow.id).where(
        InboxRow.writer_address == address,
        InboxRow.state == InboxState.HELD,
        InboxRow.held_for == "confirmation",
    )
    for inbox_id in session.exec(held).all():
        assert inbox_id is not None
        inbox.end_hold(session, inbox_id, "its mailbox was taken out of the directory", now)


def record(session: Session, changes: Iterable[Change], *, at: datetime, actor: str, cause: str) -> None:
    """Write every change of the directory into the journal of the service, with the check behind it."""
    for change in changes:
        for event, detail in _lines(change):
            journal.append(session, journal.SERVICE, event, at=at, actor=actor, cause=cause, detail=detail)


def _lines(change: Change) -> list[tuple[str, dict[str, Any]]]:
    match change:
        case RegisterParty(party=party, mailbox=mailbox):
            return [
                ("party registered", {"number": party.number, "name": party.name}),
                ("mailbox registered", {**_mailbox(mailbox), "party": party.number}),
            ]
        case RemoveMailbox():
            detail = {"address": change.address, "party_id": change.party_id, "check": change.check}
            return [("mailbox removed", detail)]
        case Put(value=Mailbox() as mailbox):
            return [("mailbox stored", {**_mailbox(mailbox), "party_id": mailbox.party_id})]
        case Put(value=Party() as party):
            detail = {"number": party.number, "domain": party.domain, "registered_box": party.registered_box}
            return [("party stored", detail)]
        case Put(value=Enrolment() as enrolment):
            return [(f"enrolment {enrolment.state.value}", _enrolment(enrolment))]
        case _:
            return []


def _mailbox(mailbox: Mailbox) -> dict[str, Any]:
    roles = sorted(role.value for role in mailbox.roles)
    return {"address": mailbox.address, "roles": roles, "stopped": mailbox.stopped}


def _enrolment(enrolment: Enrolment) -> dict[str, Any]:
    check = enrolment.check
    return {
        "number": enrolment.number,
        "kind": enrolment.kind.value,
        "party": enrolment.party_name,
        "mailbox": enrolment.to_register,
        "role": enrolment.role.value if enrolment.role else "",
        "check": f"{check.method.value} {check.text}" if check else "",
        "decided_by": enrolment.decided_by,
    }
