"""The ledger: what handlers may ask, over one session, and the one place where their changes are applied."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, col, select

from bot.folding import squash
from bot.ledger import (
    Change,
    GuaranteePage,
    HeldMail,
    MailState,
    OurLetter,
    Put,
    RegisterKey,
    Resume,
    WrongCode,
)
from bot.outcome import TryLater
from bot.surety import authkey
from bot.surety.application import Application
from bot.surety.enquiry import Enquiry
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.party import Mailbox
from bot.surety.work import Case
from bot.values import Value
from storage import inbox
from storage.once import insert_once
from storage.sealed import Sealer
from storage.states import InboxState
from storage.steps import LostClaim
from storage.tables import (
    ApplicationRow,
    AuthKeyRow,
    CaseRow,
    CounterRow,
    EnquiryRow,
    GuaranteeRow,
    InboxRow,
    LetterRow,
    MailboxRow,
    PartyRow,
    table,
)


class LedgerView:
    """The surety's record, over one session.

    `deciding` is the inbox row that is being decided now; with `lock` a case that is looked up is locked
    for it, so that two nodes never decide on one case at once.
    """

    def __init__(
        self, session: Session, sealer: Sealer, deciding: int | None = None, *, lock: bool = False
    ) -> None:
        self._session = session
        self._sealer = sealer
        self._deciding = deciding
        self._lock = lock

    def mails_of(self, address: str, limit: int) -> tuple[MailState, ...]:
        """List the newest mails of one writer, newest first, without the one that is being decided."""
        rows = (
            select(InboxRow)
            .where(InboxRow.writer_address == address, InboxRow.id != self._deciding)
            .order_by(col(InboxRow.id).desc())
            .limit(limit)
        )
        return tuple(_mail_state(row) for row in self._session.exec(rows))

    def same_mail(self, address: str, message_id: str, content_digest: str) -> MailState | None:
        """Find an earlier mail that this one repeats: same writer, Message-ID and content."""
        row = self._session.exec(
            select(InboxRow)
            .where(
                InboxRow.writer_address == address,
                InboxRow.message_id == message_id,
                InboxRow.logical_digest == content_digest,
                InboxRow.id != self._deciding,
            )
            .order_by(col(InboxRow.id))
        ).first()
        return _mail_state(row) if row else None

    def mails_since(self, address: str, moment: datetime) -> int:
        """Count the mails of one writer that arrived since a moment and were read."""
        where = (InboxRow.writer_address == address, col(InboxRow.received_at) >= moment)
        return self._count(*where)

    def same_content_since(self, address: str, content_digest: str, moment: datetime) -> int:
        """Count the mails of one writer with this very content since a moment."""
        where = (InboxRow.writer_address == address, col(InboxRow.received_at) >= moment)
        return self._count(*where, InboxRow.logical_digest == content_digest)

    def _count(self, *where: Any) -> int:
        statement = select(func.count()).select_from(InboxRow).where(*where, InboxRow.id != self._deciding)
        return self._session.exec(statement).one()

    def held_for_confirmation(self, party_id: int) -> tuple[HeldMail, ...]:
        """List the party's mails that wait for a confirmation, oldest first."""
        rows = (
            select(InboxRow)
            .where(InboxRow.state == InboxState.HELD, InboxRow.held_for == "confirmation")
            .order_by(col(InboxRow.id))
        )
        return tuple(
            HeldMail(
                inbox_id=row.id or 0,
                round=row.round,
                until=row.held_until,
                tries_left=row.held["tries_left"],
            )
            for row in self._session.exec(rows)
            if row.held["party_id"] == party_id and row.held_until is not None
        )

    def case(self, code: str) -> Case | None:
        """Find a case by its code. Raises TryLater where another node has it locked."""
        statement = select(CaseRow).where(CaseRow.code == code)
        if self._lock:
            statement = statement.with_for_update(nowait=True)
        try:
            row = self._session.exec(statement).first()
        except OperationalError as error:
            raise TryLater(f"case {code} is being decided by another node") from error
        return Case.model_validate(row.body) if row else None

    def application(self, case_id: int) -> Application | None:
        """Return the newest application of a case."""
        rows = select(ApplicationRow).where(ApplicationRow.case_id == case_id)
        row = self._session.exec(rows.order_by(col(ApplicationRow.id).desc())).first()
        return Application.model_validate(row.body) if row else None

    def applications_of(self, contractor_id: int) -> tuple[Application, ...]:
        """List the applications of a contractor, newest first."""
        rows = select(ApplicationRow).where(ApplicationRow.contractor_id == contractor_id)
        rows = rows.order_by(col(ApplicationRow.id).desc())
        return tuple(Application.model_validate(row.body) for row in self._session.exec(rows))

    def applications(self, contractor_words: str, work_words: str) -> tuple[Application, ...]:
        """Search applications by folded parts of the contractor's name and the work's name."""
        rows = (
            select(ApplicationRow)
            .join(CaseRow)
            .join(PartyRow, col(PartyRow.id) == col(CaseRow.contractor_id))
            .where(
                col(PartyRow.name_folded).contains(squash(contractor_words), autoescape=True),
                col(CaseRow.search_text).contains(squash(work_words), autoescape=True),
            )
            .order_by(col(ApplicationRow.id).desc())
            .limit(20)
        )
        return tuple(Application.model_validate(row.body) for row in self._session.exec(rows))

    def guarantees(self, case_id: int) -> tuple[Guarantee, ...]:
        """List the guarantees of a case, in the order in which they were made."""
        rows = select(GuaranteeRow).where(GuaranteeRow.case_id == case_id).order_by(col(GuaranteeRow.id))
        return tuple(Guarantee.model_validate(row.body) for row in self._session.exec(rows))

    def guarantee(self, number: str) -> Guarantee | None:
        """Find a guarantee by its ten-digit number."""
        row = self._session.exec(select(GuaranteeRow).where(GuaranteeRow.number == number)).first()
        return Guarantee.model_validate(row.body) if row else None

    def guarantees_of(self, contractor_id: int, words: str, offset: int, limit: int) -> GuaranteePage:
        """List a contractor's registered guarantees whose work, orderer or number holds all the words."""
        where: list[Any] = [
            GuaranteeRow.contractor_id == contractor_id,
            col(GuaranteeRow.state) == GuaranteeState.REGISTERED,
        ]
        where += [col(GuaranteeRow.search_text).contains(squash(w), autoescape=True) for w in words.split()]
        total = self._session.exec(select(func.count()).select_from(GuaranteeRow).where(*where)).one()
        rows = select(GuaranteeRow).where(*where).order_by(col(GuaranteeRow.id).desc())
        found = self._session.exec(rows.offset(offset).limit(limit))
        return GuaranteePage(rows=tuple(Guarantee.model_validate(row.body) for row in found), total=total)

    def key_opens(self, number: str, typed: str) -> bool:
        """Compare a typed key with the newest one of a guarantee, in constant time."""
        newest = select(AuthKeyRow).where(AuthKeyRow.guarantee_number == number)
        row = self._session.exec(newest.order_by(col(AuthKeyRow.version).desc())).first()
        if row is None:
            return False
        key = auth_key(self._session, self._sealer, number, row.version)
        return authkey.same(key, typed)

    def guesses_since(self, party_id: int, moment: datetime) -> int:
        """Count the wrong keys that one party typed since a moment."""
        where = (EnquiryRow.party_id == party_id, col(EnquiryRow.guess), col(EnquiryRow.at) >= moment)
        return self._session.exec(select(func.count()).select_from(EnquiryRow).where(*where)).one()

    def verified_by(self, guarantee_id: int) -> tuple[Enquiry, ...]:
        """List the enquiries that opened a guarantee, oldest first."""
        rows = select(EnquiryRow).where(EnquiryRow.guarantee_id == guarantee_id).order_by(col(EnquiryRow.id))
        return tuple(Enquiry.model_validate(row.body) for row in self._session.exec(rows))

    def our_letters(self, message_ids: Sequence[str]) -> tuple[OurLetter, ...]:
        """Find which letters of ours a mail answers, by their Message-IDs."""
        rows = select(LetterRow).where(col(LetterRow.message_id).in_(list(message_ids)[:50]))
        found = []
        for row in self._session.exec(rows.order_by(col(LetterRow.id).desc())):
            sections = row.body["sections"]
            found.append(
                OurLetter(
                    recipient=row.recipient,
                    templates=tuple(one["template"] for one in sections),
                    values=tuple(one["values"] for one in sections),
                    case_id=row.case_id,
                )
            )
        return tuple(found)

    def shown_since(self, address: str, moment: datetime) -> int:
        """Count the letters that went to one mailbox since a moment."""
        where = (LetterRow.recipient == address, col(LetterRow.created_at) >= moment)
        return self._session.exec(select(func.count()).select_from(LetterRow).where(*where)).one()


def _mail_state(row: InboxRow) -> MailState:
    return MailState(
        inbox_id=row.id or 0,
        received_at=row.received_at,
        subject=row.subject,
        state=row.state,
        reason=row.reason,
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


def auth_key(session: Session, sealer: Sealer, number: str, version: int) -> SecretStr:
    """Open one auth key. Raises NoResultFound where it was never registered."""
    row = session.exec(
        select(AuthKeyRow).where(AuthKeyRow.guarantee_number == number, AuthKeyRow.version == version)
    ).one()
    return SecretStr(sealer.unseal(row.sealed, f"auth_key:{number}/{version}").decode())


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
