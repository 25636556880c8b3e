"""The inbox: accept, claim, and the results of a claim. All functions are jobs' parts: they never commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from bot.outcome import TryLater
from storage.once import insert_once
from storage.sealed import Sealer
from storage.states import INBOX_STEPS, InboxState
from storage.steps import LostClaim, take
from storage.tables import InboxBlob, InboxRow, Moment, table

ATTEMPTS = 3
_OVERTAKEN = timedelta(hours=1)  # how long a row that gave way and is due lets others pass
_INBOX = table(InboxRow)


@dataclass(frozen=True)
class Arrival:
    """What a door or the command line hands in, ready to be stored: made outside the transaction."""

    source: str
    transport_digest: str
    envelope: dict[str, Any]
    order_key: str | None
    received_at: datetime
    size: int
    sealed: bytes


@dataclass(frozen=True)
class Claim:
    """The right to give one inbox row its result, as long as nobody has claimed it since."""

    inbox_id: int
    fence: int
    attempt: int
    round: int
    source: str
    envelope: dict[str, Any]
    received_at: datetime
    known: dict[str, Any]
    tried: bool  # it was put back before, for whatever reason


def arrival(
    sealer: Sealer, source: str, envelope: dict[str, Any], data: bytes, sender: str, at: datetime
) -> Arrival:
    """Digest and seal bytes for the inbox. `sender` is the folded envelope sender, '' has no order.

    The digest covers the bytes, sender and recipients: a client's retry after a lost 250 is the same mail.
    """
    recipients = sorted(map(str, envelope.get("recipients", ())))
    name = sealer.fingerprint(data, str(source == "command"), sender, *recipients)
    sealed = sealer.seal(data, f"inbox:{name}")
    return Arrival(source, name, envelope, sender or None, at, len(data), sealed)


def accept(session: Session, new: Arrival) -> int:
    """Store an arrival once; return its inbox id, or that of the same arrival stored before."""
    values = {
        "state": InboxState.WAITING,
        "source": new.source,
        "transport_digest": new.transport_digest,
        "envelope": new.envelope,
        "order_key": new.order_key,
        "received_at": new.received_at,
        "due_at": new.received_at,
        "fence": 0,
        "attempt": 0,
        "round": 0,
        "reason": "",
        "subject": "",
        "held": {},
        "known": {},
    }
    inbox_id = insert_once(session, _INBOX, values, ["transport_digest"], _INBOX.c.id)
    if inbox_id is None:
        same = select(_INBOX.c.id).where(_INBOX.c.transport_digest == new.transport_digest)
        return int(session.execute(same).scalar_one())
    blob = {"inbox_id": inbox_id, "size": new.size, "sealed": new.sealed}
    session.execute(insert(table(InboxBlob)).values(blob))
    return int(inbox_id)


def data_of(session: Session, sealer: Sealer, inbox_id: int) -> bytes:
    """Open the bytes of one inbox row. Raises KeyMissing where the service key is not the right one."""
    digest, sealed = session.execute(
        select(_INBOX.c.transport_digest, table(InboxBlob).c.sealed)
        .join(table(InboxBlob), table(InboxBlob).c.inbox_id == _INBOX.c.id)
        .where(_INBOX.c.id == inbox_id)
    ).one()
    return sealer.unseal(sealed, f"inbox:{digest}")


def claim(session: Session, node: str, now: datetime, lease: timedelta) -> Claim | None:
    """Take the oldest row that may be taken: attempt + 1 is committed before the work starts.

    What gave way comes after all others, for an hour from when it is due: tries that cost much and bring
    nothing hold up nobody, and what keeps coming in keeps nobody from his try.
    Mails of one envelope sender are taken in order of arrival. A row whose third claim gave no result
    is parked here.
    """
    while (row := _next(session, now)) is not None:
        assert row.id is not None
        if row.attempt >= ATTEMPTS:
            reason = row.reason or f"{ATTEMPTS} attempts gave no result"
            free: dict[str, Any] = {"claimed_until": None, "claimed_by": None, "reason": reason}
            _step(session, row.id, row.state, InboxState.PARKED, under_fence=row.fence, **free)
            continue
        mine: dict[str, Any] = {"claimed_until": now + lease, "claimed_by": node}
        mine |= {"fence": row.fence + 1, "attempt": row.attempt + 1}
        _step(session, row.id, row.state, InboxState.CLAIMED, **mine)
        return Claim(
            inbox_id=row.id,
            fence=row.fence + 1,
            attempt=row.attempt + 1,
            round=row.round,
            source=row.source,
            envelope=row.envelope,
            received_at=row.received_at,
            known=row.known,
            tried=row.due_at > row.received_at,
        )
    return None


def _step(
    session: Session,
    inbox_id: int,
    source: str,
    target: InboxState,
    *,
    under_fence: int | None = None,
    **columns: Any,
) -> None:
    take(session, _INBOX, INBOX_STEPS, inbox_id, [source], target, under_fence=under_fence, **columns)


def _oldest_due(*, fresh: bool) -> SelectOfScalar[InboxRow]:
    """Select the oldest row that may be claimed now. Built once: building it took longer than running it.

    With `fresh`, without those that gave way and are due since `lately` at the earliest.
    """
    earlier = aliased(InboxRow)
    now = bindparam("now", type_=Moment)
    blocked = exists().where(
        col(earlier.order_key) == col(InboxRow.order_key),
        col(earlier.state).in_([InboxState.WAITING, InboxState.CLAIMED]),
        col(earlier.id) < col(InboxRow.id),
    )
    free = or_(
        and_(col(InboxRow.state) == InboxState.WAITING, col(InboxRow.due_at) <= now),
        and_(col(InboxRow.state) == InboxState.CLAIMED, col(InboxRow.claimed_until) < now),
    )
    statement = select_rows(InboxRow).where(free, ~blocked).order_by(col(InboxRow.id)).limit(1)
    if fresh:
        gave_way = and_(col(InboxRow.order_key).is_(None), col(InboxRow.due_at) > col(InboxRow.received_at))
        lately = bindparam("lately", type_=Moment)
        statement = statement.where(not_(and_(gave_way, col(InboxRow.due_at) > lately)))
    return statement.with_for_update(skip_locked=True)


_OLDEST_FRESH, _OLDEST_DUE = _oldest_due(fresh=True), _oldest_due(fresh=False)


def _next(session: Session, now: datetime) -> InboxRow | None:
    row = session.exec(_OLDEST_FRESH, params={"now": now, "lately": now - _OVERTAKEN}).first()
    row = row or session.exec(_OLDEST_DUE, params={"now": now}).first()
    if row is not None:
        session.expunge(row)
    return row


def finish(session: Session, claim: Claim, target: InboxState, now: datetime, **columns: Any) -> None:
    """Give a claim its final result. Raises LostClaim where somebody else has claimed the row since."""
    _result(session, claim, target, decided_at=now, attempt=0, **columns)


def hold(
    session: Session, claim: Claim, kind: str, until: datetime, held: dict[str, Any], **columns: Any
) -> None:
    """Let the row wait for a confirmation, a password or a choice until a moment."""
    _result(
        session,
        claim,
        InboxState.HELD,
        held_for=kind,
        held_until=until,
        held=held,
        attempt=0,
        **columns,
    )


def try_later(
    session: Session, claim: Claim, due_at: datetime, reason: str, *, gives_way: bool = False
) -> None:
    """Put the row back: the outside world or another node was busy. That is a result: attempt is 0 again.

    One that `gives_way` holds up no later mail of its envelope sender from now on.
    """
    columns: dict[str, Any] = {"order_key": None} if gives_way else {}
    _result(session, claim, InboxState.WAITING, due_at=due_at, reason=reason, attempt=0, **columns)


def failed(session: Session, claim: Claim, due_at: datetime, reason: str) -> None:
    """Put the row back after a fault of ours: no result, so `attempt` stays; the third time it is parked."""
    if claim.attempt >= ATTEMPTS:
        _result(session, claim, InboxState.PARKED, reason=reason)
    else:
        _result(session, claim, InboxState.WAITING, due_at=due_at, reason=reason)


def _result(session: Session, claim: Claim, target: InboxState, **columns: Any) -> None:
    columns = {"claimed_until": None, "claimed_by": None, **columns}
    _step(session, claim.inbox_id, InboxState.CLAIMED, target, under_fence=claim.fence, **columns)


def still_mine(session: Session, claim: Claim) -> None:
    """Raise LostClaim where the row has been claimed by another since; lock it otherwise."""
    statement = select(_INBOX.c.id).where(
        _INBOX.c.id == claim.inbox_id, _INBOX.c.state == InboxState.CLAIMED, _INBOX.c.fence == claim.fence
    )
    if session.execute(statement.with_for_update()).scalar() is None:
        raise LostClaim(f"inbox {claim.inbox_id} was claimed by another")


def _row(session: Session, inbox_id: int, *, lock: bool = False) -> InboxRow:
    row = session.get(InboxRow, inbox_id, with_for_update=lock)
    if row is None:
        raise LostClaim(f"there is no mail {inbox_id} in the inbox")
    return row


def resume(session: Session, inbox_id: int, known: dict[str, Any], now: datetime) -> None:
    """Bring a held row back with what is known now: it is decided again, as the next round."""
    row = _row(session, inbox_id)
    session.expunge(row)
    _step(
        session,
        inbox_id,
        InboxState.HELD,
        InboxState.WAITING,
        due_at=now,
        round=row.round + 1,
        known={**row.known, **known},
        held_for=None,
        held_until=None,
        held={},
    )


def wrong_code(session: Session, inbox_id: int, now: datetime) -> None:
    """Count a wrong code against a held row; the last try ends the hold.

    The row is locked first: two nodes that each see a wrong code take two tries away, not one.
    Raises LostClaim where the row is not held any more.
    """
    row = _row(session, inbox_id, lock=True)
    if row.state != InboxState.HELD:
        raise LostClaim(f"inbox {inbox_id} is not held any more")
    left = int(row.held["tries_left"]) - 1
    if left <= 0:
        reason = "too many wrong codes"
        _step(session, inbox_id, InboxState.HELD, InboxState.EXPIRED, decided_at=now, reason=reason)
    else:
        row.held = {**row.held, "tries_left": left}
        session.flush()


def end_hold(session: Session, inbox_id: int, reason: str, now: datetime) -> None:
    """End a hold before its time. Raises LostClaim where the row is not held any more."""
    _step(session, inbox_id, InboxState.HELD, InboxState.EXPIRED, decided_at=now, reason=reason)


def expire(session: Session, now: datetime) -> list[int]:
    """End the holds whose time is over; return their ids."""
    over = select(_INBOX.c.id).where(_INBOX.c.state == InboxState.HELD, _INBOX.c.held_until < now)
    ids = [int(i) for i in session.execute(over.with_for_update(skip_locked=True)).scalars()]
    for inbox_id in ids:
        _step(
            session,
            inbox_id,
            InboxState.HELD,
            InboxState.EXPIRED,
            decided_at=now,
            reason="nothing came in time",
        )
    return ids


def retry(session: Session, inbox_id: int, now: datetime) -> None:
    """Bring a parked row back to waiting (staff), as the next round: what was written about it stays.

    Raises LostClaim where it is not parked.
    """
    row = _row(session, inbox_id)
    session.expunge(row)
    _step(
        session,
        inbox_id,
        InboxState.PARKED,
        InboxState.WAITING,
        due_at=now,
        attempt=0,
        round=row.round + 1,
        reason="",
    )


def alone_with(session: Session, writer: str) -> None:
    """Keep other nodes off the mails of one writer until this transaction ends.

    A mail sent twice may reach two nodes at once: only one of them may look for the other and find none.
    SQLite has one writer at any time. Raises TryLater where another node is busy with this writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"hoshobin writer {writer}", 0)
        if not session.execute(select(func.pg_try_advisory_xact_lock(name))).scalar_one():
            raise TryLater("another node decides a mail of the same writer")


def park(session: Session, inbox_id: int, reason: str) -> None:
    """Set a waiting row aside (staff). Raises LostClaim where it is not waiting."""
    _step(session, inbox_id, InboxState.WAITING, InboxState.PARKED, reason=reason)


def release_leases(session: Session, node: str, now: datetime) -> None:
    """At start: what this node held before it died may be claimed at once, not only when its lease ends."""
    mine = (_INBOX.c.state == InboxState.CLAIMED, _INBOX.c.claimed_by == node)
    session.execute(_INBOX.update().where(*mine).values(claimed_until=now - timedelta(seconds=1)))
