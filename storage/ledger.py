"""The ledger: what handlers may ask of the surety's record, over one session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import and_, case, func, or_
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.folding import squash
from bot.ledger import (
    Change,
    GuaranteePage,
    HeldArchive,
    HeldMail,
    MailState,
    OurLetter,
    Put,
    SentLetter,
    row_of,
)
from bot.outcome import COURTESY, WRONG_CODE, TryLater
from bot.surety import authkey
from bot.surety.application import Application
from bot.surety.enquiry import Enquiry
from bot.surety.enrolment import Enrolment, EnrolmentState
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.party import Proof
from bot.surety.work import Case
from bot.values import Value
from storage import bounces, enrolments, letters, passwords
from storage.sealed import Sealer
from storage.states import InboxState
from storage.tables import (
    ApplicationRow,
    AuthKeyRow,
    CaseRow,
    EnquiryRow,
    GuaranteeRow,
    InboxRow,
    LetterRow,
    PartyRow,
)

_PROVEN = [one.value for one in Proof if one.may_change]


_Kept = TypeVar("_Kept", Case, Application, Guarantee)


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
        self._changed: dict[tuple[str, int | str], Value] = {}

    def remember(self, changes: Sequence[Change]) -> None:
        """Show cases, applications and guarantees from here on as one request of this mail changed them."""
        self._changed |= {row_of(one.value): one.value for one in changes if isinstance(one, Put)}

    def _of(self, kind: type[_Kept], body: dict[str, Any]) -> _Kept:
        stored = kind.model_validate(body)
        changed = self._changed.get(row_of(stored))
        return changed if isinstance(changed, kind) else stored

    def mails_of(self, address: str, limit: int) -> tuple[MailState, ...]:
        """List the newest mails of one writer, newest first, without the one that is being decided."""
        rows = (
            select(InboxRow)
            .where(InboxRow.writer_address == address, InboxRow.id != self._deciding)
            .order_by(col(InboxRow.id).desc())
            .limit(limit)
        )
        return tuple(_mail_state(row) for row in self._session.exec(rows))

    def same_mail(
        self, address: str, message_id: str, content_digest: str, *, proven: bool
    ) -> MailState | None:
        """Find an earlier mail that this one repeats: same writer, Message-ID and content.

        A proven mail repeats no unproven one that came to nothing: a forger may have been quicker.
        """
        where: list[Any] = [
            InboxRow.writer_address == address,
            InboxRow.message_id == message_id,
            InboxRow.logical_digest == self._sealer.fingerprint(content_digest),
            InboxRow.id != self._deciding,
        ]
        if proven:
            came_to_nothing = col(InboxRow.state).in_([InboxState.IGNORED, InboxState.EXPIRED])
            where.append(or_(col(InboxRow.proof).in_(_PROVEN), ~came_to_nothing))
        row = self._session.exec(select(InboxRow).where(*where).order_by(col(InboxRow.id))).first()
        return _mail_state(row) if row else None

    def proven_before(self, address: str, message_id: str, signed_digest: str | None) -> MailState | None:
        """Find an earlier mail of the same writer and Message-ID whose source was proven.

        With the digest of what was signed, only one with the very same; without it, any. One that acted comes
        before one that is held, and this before all others.
        """
        where: list[Any] = [
            InboxRow.writer_address == address,
            InboxRow.message_id == message_id,
            InboxRow.id != self._deciding,
        ]
        if signed_digest is None:
            where.append(col(InboxRow.proof).in_(_PROVEN))
        else:
            where.append(InboxRow.signed_digest == self._sealer.fingerprint(signed_digest))
        acted = and_(col(InboxRow.state) == InboxState.DONE, col(InboxRow.reason) != COURTESY)
        weight = case((acted, 0), (col(InboxRow.state) == InboxState.HELD, 1), else_=2)
        row = self._session.exec(select(InboxRow).where(*where).order_by(weight, col(InboxRow.id))).first()
        return _mail_state(row) if row else None

    def mails_since(self, address: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one writer that came since a moment and were read; only proven ones, if so."""
        return self._count(*_since(address, moment, proven))

    def same_content_since(self, address: str, content_digest: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one writer with this very content since a moment; only proven ones, if so."""
        same = InboxRow.logical_digest == self._sealer.fingerprint(content_digest)
        return self._count(same, *_since(address, moment, proven))

    def same_words_since(
        self, party_id: int, words_digest: str, moment: datetime, *, proven: bool, address: str | None = None
    ) -> int:
        """Count the mails of one party, or one writer of it, with these new words in one thread."""
        where: list[Any] = [InboxRow.words_digest == self._sealer.fingerprint(words_digest)]
        where += [InboxRow.writer_address == address] if address is not None else []
        return self._count(*where, *_of_party_since(party_id, moment, proven))

    def mails_of_party_since(self, party_id: int, moment: datetime, *, proven: bool) -> int:
        """Count the mails of one party that were decided since a moment; only proven ones, if so."""
        return self._count(*_of_party_since(party_id, moment, proven))

    def mails_in_thread_since(
        self, party_id: int, thread_digest: str, moment: datetime, *, proven: bool
    ) -> int:
        """Count the mails of one party in one thread since a moment; only proven ones, if so."""
        same = InboxRow.thread_digest == self._sealer.fingerprint(thread_digest)
        return self._count(same, *_of_party_since(party_id, moment, proven))

    def _count(self, *where: Any) -> int:
        statement = select(func.count()).select_from(InboxRow).where(*where, InboxRow.id != self._deciding)
        return self._session.exec(statement).one()

    def wrong_codes_since(self, party_id: int, moment: datetime) -> int:
        """Count the wrong confirmation codes that were typed in the name of a party since a moment."""
        typed = (InboxRow.party_id == party_id, InboxRow.reason == WRONG_CODE)
        return self._count(*typed, col(InboxRow.received_at) >= moment)

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
                code_only=row.held.get("code_only", False),
            )
            for row in self._session.exec(rows)
            if row.held["party_id"] == party_id and row.held_until is not None
        )

    def held_for_registration(self, address: str, domain: str, moment: datetime, *, proven: bool) -> int:
        """Count the mails of an address, or of a domain where one is given, held since for registration."""
        return enrolments.held_since(self._session, address, domain, moment, proven=proven)

    def held_for_password(self, party_id: int) -> tuple[HeldArchive, ...]:
        """List the party's mails whose archives wait for their password, newest first."""
        return passwords.waiting_mails(self._session, party_id, self._deciding)

    def password_notices(self, party_id: int, address: str) -> tuple[int, ...]:
        """List the party's password notices that wait for their archive, most trustworthy first."""
        return passwords.waiting_notices(self._session, party_id, address, self._deciding)

    def enrolment(self, number: str) -> Enrolment | None:
        """Find an enrolment by its number."""
        return self._enrolment(enrolments.by_number(self._session, number))

    def enrolment_asked_by(self, address: str) -> Enrolment | None:
        """Return the newest enrolment of a company that one mailbox has asked for."""
        return self._enrolment(enrolments.asked_by(self._session, address))

    def open_enrolments(self) -> tuple[Enrolment, ...]:
        """List the enrolments that wait for a decision of staff, oldest first."""
        stored = enrolments.in_state(self._session, EnrolmentState.CONFIRMED)
        known = (self._enrolment(one) for one in stored)
        return tuple(one for one in known if one and one.state == EnrolmentState.CONFIRMED)

    def _enrolment(self, stored: Enrolment | None) -> Enrolment | None:
        changed = self._changed.get(row_of(stored)) if stored else None
        return changed if isinstance(changed, Enrolment) else stored

    def has_letter(self, once: str) -> bool:
        """Say whether a letter of this name, of which there may be only one, is there already."""
        return self._session.exec(select(LetterRow.id).where(LetterRow.cause_key == once)).first() is not None

    def case(self, code: str) -> Case | None:
        """Find a case by its code. Raises TryLater where another node has it locked."""
        statement = select(CaseRow).where(CaseRow.code == code)
        if self._lock:
            statement = statement.with_for_update(nowait=True)
        try:
            row = self._session.exec(statement).first()
        except OperationalError as error:
            raise TryLater(f"case {code} is being decided by another node") from error
        return self._of(Case, row.body) if row else None

    def application(self, case_id: int) -> Application | None:
        """Return the newest application of a case."""
        rows = select(ApplicationRow).where(ApplicationRow.case_id == case_id)
        row = self._session.exec(rows.order_by(col(ApplicationRow.id).desc())).first()
        return self._of(Application, row.body) if row else None

    def applications_of(self, contractor_id: int) -> tuple[Application, ...]:
        """List the applications of a contractor, newest first."""
        rows = select(ApplicationRow).where(ApplicationRow.contractor_id == contractor_id)
        rows = rows.order_by(col(ApplicationRow.id).desc())
        return tuple(self._of(Application, row.body) for row in self._session.exec(rows))

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
        return tuple(self._of(Application, row.body) for row in self._session.exec(rows))

    def guarantees(self, case_id: int) -> tuple[Guarantee, ...]:
        """List the guarantees of a case, in the order in which they were made."""
        rows = select(GuaranteeRow).where(GuaranteeRow.case_id == case_id).order_by(col(GuaranteeRow.id))
        return tuple(self._of(Guarantee, row.body) for row in self._session.exec(rows))

    def guarantee(self, number: str) -> Guarantee | None:
        """Find a guarantee by its ten-digit number."""
        row = self._session.exec(select(GuaranteeRow).where(GuaranteeRow.number == number)).first()
        return self._of(Guarantee, row.body) if row else None

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
        return GuaranteePage(rows=tuple(self._of(Guarantee, row.body) for row in found), total=total)

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
            assert row.id is not None
            sections = letters.body_of(self._session, self._sealer, row.id)["sections"]
            found.append(
                OurLetter(
                    recipient=row.recipient,
                    templates=tuple(one["template"] for one in sections),
                    values=tuple(one["values"] for one in sections),
                    case_id=row.case_id,
                )
            )
        return tuple(found)

    def sent_letters(
        self, message_ids: Sequence[str], letter_id: int | None = None
    ) -> tuple[SentLetter, ...]:
        """Find letters whose bytes have left, by their Message-IDs or by the number of one."""
        return bounces.sent_letters(self._session, message_ids, letter_id)

    def bounced_since(self, address: str, moment: datetime, *, besides: int) -> int:
        """Count the letters to one mailbox, besides one, that reports since a moment call failed."""
        return bounces.bounced_since(self._session, address, moment, besides)

    def unreachable_since(self, address: str) -> datetime | None:
        """Say since when a mailbox is taken for unreachable, if it is."""
        return bounces.unreachable_since(self._session, address)

    def shown_since(self, address: str, moment: datetime) -> int:
        """Count the letters that went to one mailbox since a moment."""
        where = (LetterRow.recipient == address, col(LetterRow.created_at) >= moment)
        return self._session.exec(select(func.count()).select_from(LetterRow).where(*where)).one()


def _of_party_since(party_id: int, moment: datetime, proven: bool) -> tuple[Any, ...]:
    # By the decision, which writes the letters: what waited for its hour is not let go all at once.
    where = (InboxRow.party_id == party_id, col(InboxRow.decided_at) >= moment)
    return (*where, col(InboxRow.proof).in_(_PROVEN)) if proven else where


def _since(address: str, moment: datetime, proven: bool) -> tuple[Any, ...]:
    where = (InboxRow.writer_address == address, col(InboxRow.decided_at) >= moment)
    return (*where, col(InboxRow.proof).in_(_PROVEN)) if proven else where


def _mail_state(row: InboxRow) -> MailState:
    return MailState(
        inbox_id=row.id or 0,
        received_at=row.received_at,
        subject=row.subject,
        state=row.state,
        reason=row.reason,
    )


def auth_key(session: Session, sealer: Sealer, number: str, version: int) -> SecretStr:
    """Open one auth key. Raises NoResultFound where it was never registered."""
    row = session.exec(
        select(AuthKeyRow).where(AuthKeyRow.guarantee_number == number, AuthKeyRow.version == version)
    ).one()
    return SecretStr(sealer.unseal(row.sealed, f"auth_key:{number}/{version}").decode())
