"""Letters: queue, write, send, and what became of each. All functions are jobs' parts: they never commit."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, insert, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from storage.once import insert_once
from storage.sealed import Sealer
from storage.states import LETTER_STEPS, LetterState, is_legal
from storage.steps import LostClaim, take
from storage.tables import LetterBlob, LetterDraft, LetterRow, Moment, table

ATTEMPTS = 3
AUTOMATIC_REPEATS = 3
_LETTER = table(LetterRow)
# A letter that waits for staff, or is over, holds up nobody behind it.
_IN_FLIGHT = (
    LetterState.WAITING,
    LetterState.WRITING,
    LetterState.READY,
    LetterState.CLAIMED,
    LetterState.SENDING,
    LetterState.DEFERRED,
)
_RETRIED = (LetterState.PARKED, LetterState.FAILED, LetterState.UNCERTAIN, LetterState.DEFERRED)


@dataclass(frozen=True)
class LetterClaim:
    """The right to write or send one letter, as long as nobody has claimed it since."""

    letter_id: int
    fence: int
    attempt: int
    transmissions: int
    cause_key: str
    recipient: str
    case_id: int | None
    inbox_id: int | None
    created_at: datetime


def queue(
    session: Session,
    sealer: Sealer,
    *,
    cause_key: str,
    recipient: str,
    body: dict[str, Any],
    templates: str,
    now: datetime,
    case_id: int | None = None,
    inbox_id: int | None = None,
    not_before: datetime | None = None,
) -> int | None:
    """Put one letter into the queue; None where the same cause has already written it.

    One that is held back until a moment has no order: other letters of its case go ahead of it.
    """
    values = {
        "state": LetterState.WAITING,
        "cause_key": cause_key,
        "recipient": recipient,
        "order_key": f"{case_id or ''}:{recipient}" if not_before is None else f"later:{cause_key}",
        "case_id": case_id,
        "inbox_id": inbox_id,
        "templates": templates,
        "subject": "",
        "created_at": now,
        "due_at": not_before or now,
        "fence": 0,
        "attempt": 0,
        "transmissions": 0,
        "reason": "",
    }
    letter_id = insert_once(session, _LETTER, values, ["cause_key"], _LETTER.c.id)
    if letter_id is None:
        return None
    plain = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    draft = {"letter_id": letter_id, "sealed": sealer.seal(plain, f"draft:{cause_key}")}
    session.execute(insert(table(LetterDraft)).values(draft))
    return int(letter_id)


def body_of(session: Session, sealer: Sealer, letter_id: int) -> dict[str, Any]:
    """Open what a letter is to say: the Letter value as JSON."""
    draft = table(LetterDraft)
    cause, sealed = session.execute(
        select(_LETTER.c.cause_key, draft.c.sealed)
        .join(draft, draft.c.letter_id == _LETTER.c.id)
        .where(_LETTER.c.id == letter_id)
    ).one()
    body: dict[str, Any] = json.loads(sealer.unseal(sealed, f"draft:{cause}"))
    return body


def claim_to_write(session: Session, node: str, now: datetime, lease: timedelta) -> LetterClaim | None:
    """Take the oldest letter that is to be written; the third claim without a result parks it."""
    while (row := _first(session, _TO_WRITE, now)) is not None:
        assert row.id is not None
        if row.attempt >= ATTEMPTS:
            free = {"reason": row.reason or f"{ATTEMPTS} attempts gave no result", **_FREE}
            _step(session, row.id, LetterState.WRITING, LetterState.PARKED, row.fence, **free)
            continue
        return _claimed(session, row, LetterState.WRITING, node, now + lease)
    return None


def claim_to_send(session: Session, node: str, now: datetime, lease: timedelta) -> LetterClaim | None:
    """Take the oldest ready letter; letters of one case and recipient are taken in order."""
    row = _first(session, _TO_SEND, now)
    return _claimed(session, row, LetterState.CLAIMED, node, now + lease) if row is not None else None


def _oldest_due(state: LetterState, leased: LetterState | None) -> SelectOfScalar[LetterRow]:
    """Select the oldest letter in a state that is due now, or whose lease ran out. Built once, for speed."""
    now = bindparam("now", type_=Moment)
    free = and_(col(LetterRow.state) == state, col(LetterRow.due_at) <= now)
    if leased is not None:
        free = or_(free, and_(col(LetterRow.state) == leased, col(LetterRow.claimed_until) < now))
    statement = select_rows(LetterRow).where(free)
    if state == LetterState.READY:
        earlier = aliased(LetterRow)
        ahead = exists().where(
            col(earlier.order_key) == col(LetterRow.order_key),
            col(earlier.state).in_(_IN_FLIGHT),
            col(earlier.id) < col(LetterRow.id),
        )
        statement = statement.where(~ahead)
    return statement.order_by(col(LetterRow.id)).limit(1).with_for_update(skip_locked=True)


_TO_WRITE = _oldest_due(LetterState.WAITING, LetterState.WRITING)
_TO_SEND = _oldest_due(LetterState.READY, None)


def _first(session: Session, oldest_due: SelectOfScalar[LetterRow], now: datetime) -> LetterRow | None:
    row = session.exec(oldest_due, params={"now": now}).first()
    if row is not None:
        session.expunge(row)
    return row


def _claimed(
    session: Session, row: LetterRow, target: LetterState, node: str, until: datetime
) -> LetterClaim:
    assert row.id is not None
    attempt = row.attempt + 1 if target == LetterState.WRITING else row.attempt
    mine = {"claimed_until": until, "claimed_by": node, "fence": row.fence + 1, "attempt": attempt}
    _step(session, row.id, LetterState(row.state), target, None, **mine)
    return LetterClaim(
        letter_id=row.id,
        fence=row.fence + 1,
        attempt=attempt,
        transmissions=row.transmissions,
        cause_key=row.cause_key,
        recipient=row.recipient,
        case_id=row.case_id,
        inbox_id=row.inbox_id,
        created_at=row.created_at,
    )


def _step(
    session: Session,
    letter_id: int,
    source: LetterState,
    target: LetterState,
    under_fence: int | None,
    **columns: Any,
) -> None:
    take(session, _LETTER, LETTER_STEPS, letter_id, [source], target, under_fence=under_fence, **columns)


_FREE: dict[str, Any] = {"claimed_until": None, "claimed_by": None}


def seal_letter(sealer: Sealer, cause_key: str, data: bytes) -> bytes:
    """Seal the bytes of a letter, bound to its cause. Made outside the transaction."""
    return sealer.seal(data, f"letter:{cause_key}")


def written(
    session: Session,
    claim: LetterClaim,
    *,
    message_id: str,
    subject: str,
    size: int,
    sealed: bytes,
    now: datetime,
) -> None:
    """Store the bytes: from here on they and the Message-ID never change."""
    columns = {"message_id": message_id, "subject": subject, "due_at": now, "attempt": 0, "reason": ""}
    _step(
        session,
        claim.letter_id,
        LetterState.WRITING,
        LetterState.READY,
        claim.fence,
        **columns,
        **_FREE,
    )
    blob = {"letter_id": claim.letter_id, "size": size, "sealed": sealed}
    session.execute(insert(table(LetterBlob)).values(blob))


def writing_failed(session: Session, claim: LetterClaim, due_at: datetime, reason: str) -> None:
    """Give the letter back after a fault of ours; the third time it is parked."""
    target = LetterState.PARKED if claim.attempt >= ATTEMPTS else LetterState.WAITING
    _step(
        session,
        claim.letter_id,
        LetterState.WRITING,
        target,
        claim.fence,
        due_at=due_at,
        reason=reason,
        **_FREE,
    )


def data_of(session: Session, sealer: Sealer, letter_id: int) -> bytes:
    """Open the bytes of a written letter."""
    blob = table(LetterBlob)
    cause, sealed = session.execute(
        select(_LETTER.c.cause_key, blob.c.sealed)
        .join(blob, blob.c.letter_id == _LETTER.c.id)
        .where(_LETTER.c.id == letter_id)
    ).one()
    return sealer.unseal(sealed, f"letter:{cause}")


def sending(session: Session, claim: LetterClaim) -> None:
    """Note, before the first byte leaves, that from now on nobody can know whether it arrived."""
    columns = {"transmissions": claim.transmissions + 1}
    _step(session, claim.letter_id, LetterState.CLAIMED, LetterState.SENDING, claim.fence, **columns)


def sent(session: Session, claim: LetterClaim, now: datetime) -> None:
    """The relay said 250."""
    columns = {"sent_at": now, "due_at": None, "reason": ""}
    _step(session, claim.letter_id, LetterState.SENDING, LetterState.SENT, claim.fence, **columns, **_FREE)


def deferred(
    session: Session, claim: LetterClaim, source: LetterState, due_at: datetime, reason: str
) -> None:
    """The relay could not take it now; it becomes ready again at `due_at`."""
    columns: dict[str, Any] = {"due_at": due_at, "reason": reason, "attempt": claim.attempt + 1}
    columns["transmissions"] = claim.transmissions  # none of its bytes were taken
    _step(session, claim.letter_id, source, LetterState.DEFERRED, claim.fence, **columns, **_FREE)


def failed(session: Session, claim: LetterClaim, reason: str) -> None:
    """The relay refused it for good."""
    columns = {"due_at": None, "reason": reason}
    _step(session, claim.letter_id, LetterState.SENDING, LetterState.FAILED, claim.fence, **columns, **_FREE)


def uncertain(session: Session, claim: LetterClaim, due_at: datetime, reason: str) -> None:
    """The bytes left, the answer never came: repeated by itself three times, then by staff."""
    repeat_at = due_at if claim.transmissions + 1 <= AUTOMATIC_REPEATS else None
    columns = {"due_at": repeat_at, "reason": reason}
    source, target = LetterState.SENDING, LetterState.UNCERTAIN
    _step(session, claim.letter_id, source, target, claim.fence, **columns, **_FREE)


def ripen(session: Session, now: datetime) -> int:
    """Make ready what is due again, and make uncertain what died while it was being sent; count both.

    A lease that ran out on `sending` means that nobody can know; on `claimed`, that nothing had left.
    """
    moved = 0
    for source, target in (
        (LetterState.CLAIMED, LetterState.READY),
        (LetterState.SENDING, LetterState.UNCERTAIN),
        (LetterState.DEFERRED, LetterState.READY),
        (LetterState.UNCERTAIN, LetterState.READY),
    ):
        timer = (
            _LETTER.c.claimed_until
            if source in (LetterState.CLAIMED, LetterState.SENDING)
            else _LETTER.c.due_at
        )
        due = select(_LETTER.c.id, _LETTER.c.transmissions).where(_LETTER.c.state == source, timer <= now)
        for letter_id, transmissions in session.execute(due.with_for_update(skip_locked=True)).all():
            columns: dict[str, Any] = {"due_at": now, **_FREE}
            if target == LetterState.UNCERTAIN:
                columns["reason"] = "the program died while it was being sent"
                columns["due_at"] = now if transmissions <= AUTOMATIC_REPEATS else None
            _step(session, letter_id, source, target, None, **columns)
            moved += 1
    return moved


def _state(session: Session, letter_id: int) -> LetterState:
    state = session.execute(select(_LETTER.c.state).where(_LETTER.c.id == letter_id)).scalar()
    if state is None:
        raise LostClaim(f"there is no letter {letter_id}")
    return LetterState(state)


def retry(session: Session, letter_id: int, now: datetime) -> None:
    """Bring back a parked, failed or uncertain letter, or a deferred one before its time (staff).

    Raises LostClaim for any other.
    """
    state = _state(session, letter_id)
    if state not in _RETRIED:
        raise LostClaim(f"letter {letter_id} is {state}, not {' or '.join(_RETRIED)}")
    target = LetterState.WAITING if state == LetterState.PARKED else LetterState.READY
    _step(session, letter_id, state, target, None, due_at=now, attempt=0)


def withdraw(session: Session, letter_id: int, reason: str) -> None:
    """Withdraw a letter of which no byte has left, or one that staff know arrived.

    Raises LostClaim where it is being sent or is over.
    """
    state = _state(session, letter_id)
    if not is_legal(LETTER_STEPS, state, LetterState.WITHDRAWN, fenced=False):
        raise LostClaim(f"letter {letter_id} is {state}: too late to withdraw it")
    _step(session, letter_id, state, LetterState.WITHDRAWN, None, due_at=None, reason=reason, **_FREE)


def withdraw_moot(session: Session, inbox_id: int, template: str, reason: str) -> None:
    """Withdraw the letters of one matter that a mail has caused; what is being sent or is over stays."""
    rows = select(_LETTER.c.id).where(
        _LETTER.c.inbox_id == inbox_id, _LETTER.c.templates == template, _LETTER.c.state.in_(_IN_FLIGHT)
    )
    for letter_id in session.execute(rows).scalars().all():
        with suppress(LostClaim):
            withdraw(session, letter_id, reason)


def release_leases(session: Session, node: str, now: datetime) -> None:
    """At start: what this node held before it died is judged at once, not only when its lease ends."""
    leased = (LetterState.WRITING, LetterState.CLAIMED, LetterState.SENDING)
    mine = (_LETTER.c.state.in_(leased), _LETTER.c.claimed_by == node)
    session.execute(_LETTER.update().where(*mine).values(claimed_until=now - timedelta(seconds=1)))
