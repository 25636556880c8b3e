"""Apply a decision in one transaction: changes, letters, journal, and the inbox row."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.deciding import Decision, Item, guard
from bot.identity.direct import signed_digest
from bot.mail import Mail
from bot.reading.keys_in_text import without_keys
from bot.surety.party import Proof, Sender
from bot.writing.threads import parents_kept
from storage import changes, enrolments, inbox, journal, letters
from storage.inbox import Claim
from storage.ledger import LedgerView
from storage.sealed import Sealer
from storage.states import InboxState

_SUBJECT_CHARACTERS = 200


def apply(
    session: Session, sealer: Sealer, claim: Claim, item: Item, decision: Decision, now: datetime
) -> None:
    """Apply a decision inside the writer's transaction: changes, letters, journal, and the inbox row."""
    changes.apply(session, sealer, decision.outcome.changes, now)
    actor = (decision.sender.address if decision.sender is not None else None) or "unknown"
    cause = f"inbox:{claim.inbox_id}:{claim.round}"
    enrolments.record(session, decision.outcome.changes, at=now, actor=actor, cause=cause)
    _queue_letters(session, sealer, claim, decision, now)
    _journal(session, claim, decision, now)
    _result(session, sealer, claim, item, decision, now)


def _queue_letters(session: Session, sealer: Sealer, claim: Claim, decision: Decision, now: datetime) -> None:
    for number, letter in enumerate(decision.outcome.letters):
        case = LedgerView(session, sealer).case(letter.case_code) if letter.case_code else None
        letters.queue(
            session,
            sealer,
            cause_key=letter.once or f"inbox:{claim.inbox_id}:{claim.round}:{number}",
            recipient=letter.recipient,
            body=letter.model_dump(mode="json"),
            templates=",".join(one.template for one in letter.sections),
            now=now,
            case_id=case.id if case is not None else None,
            inbox_id=claim.inbox_id,
            not_before=letter.not_before,
        )


def _journal(session: Session, claim: Claim, decision: Decision, now: datetime) -> None:
    detail: dict[str, Any] = {"note": decision.outcome.note}
    actor = "unknown"
    if decision.sender is not None:
        actor = decision.sender.address or "unknown"
        detail |= {"proof": decision.sender.proof.value, "how": decision.sender.how}
    journal.append(
        session,
        decision.case.code if decision.case is not None else journal.SERVICE,
        f"mail {decision.state}",
        at=now,
        actor=actor,
        cause=f"inbox:{claim.inbox_id}:{claim.round}",
        detail=detail,
    )


def _result(
    session: Session, sealer: Sealer, claim: Claim, item: Item, decision: Decision, now: datetime
) -> None:
    columns: dict[str, Any] = {"reason": decision.reason}
    if decision.sender is not None:
        columns["writer_address"] = decision.sender.address
        columns["proof"] = decision.sender.proof.value
    if isinstance(decision.sender, Sender):
        columns["party_id"] = decision.sender.party.id
    if isinstance(item.content, Mail):
        mail = item.content
        columns |= {
            "subject": without_keys(mail.subject)[:_SUBJECT_CHARACTERS],
            "message_id": mail.message_id,
            "parents": parents_kept(mail.references),
        }
        columns["logical_digest"] = sealer.fingerprint(mail.content_digest)
        columns["words_digest"] = sealer.fingerprint(guard.words_digest(mail))
        if thread := guard.thread_digest(mail, decision.case):
            columns["thread_digest"] = sealer.fingerprint(thread)
        signed = signed_digest(mail)
        if signed is not None and decision.sender is not None and decision.sender.proof == Proof.FULL:
            columns["signed_digest"] = sealer.fingerprint(signed)
    if decision.case is not None:
        columns["case_id"] = decision.case.id
    hold = decision.outcome.hold
    if decision.state == "held" and hold is not None:
        columns["decided_at"] = now
        inbox.hold(session, claim, hold.kind, hold.until, hold.model_dump(mode="json"), **columns)
    else:
        inbox.finish(session, claim, InboxState(decision.state), now, **columns)
