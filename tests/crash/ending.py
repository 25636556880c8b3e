"""What a story leaves behind in storage, free of moments and of numbers that a rollback may skip."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, func, inspect, or_
from sqlmodel import Session, col, select

from storage import journal
from storage.states import InboxState, LetterState
from storage.tables import InboxRow, JournalRow, LetterRow, MailboxRow

_WORKED_ON = (InboxState.WAITING, InboxState.CLAIMED)
_OVER = (LetterState.SENT, LetterState.FAILED, LetterState.WITHDRAWN, LetterState.PARKED)
_INBOX_ID = re.compile(r"^inbox:(\d+)")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class End:
    """Everything that must be the same whatever died on the way."""

    mails: tuple[Row, ...]  # writer, subject, state, reason, round
    letters: tuple[Row, ...]  # templates, recipient, subject, state, reason
    stopped: tuple[str, ...]  # mailboxes
    journal: tuple[Row, ...]  # chain, event, actor, which mail, details
    faults: tuple[str, ...]  # of the journal's chains


def read_end(engine: Engine) -> End:
    """Read how things stand."""
    with Session(engine) as session:
        mails = session.exec(select(InboxRow).order_by(col(InboxRow.id))).all()
        letters = session.exec(select(LetterRow)).all()
        boxes = select(MailboxRow.address).where(col(MailboxRow.stopped))
        return End(
            mails=_sorted((m.writer_address, m.subject, m.state, m.reason, m.round) for m in mails),
            letters=_sorted((x.templates, x.recipient, x.subject, x.state, x.reason) for x in letters),
            stopped=tuple(sorted(session.exec(boxes))),
            journal=_events(session, {str(m.id): (m.writer_address, m.subject) for m in mails}),
            faults=tuple(journal.faults(session)),
        )


def _sorted(rows: Any) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=repr))


def _events(session: Session, mails: dict[str, Row]) -> tuple[Row, ...]:
    found: list[Row] = []
    for chain in session.exec(select(JournalRow.chain).distinct()):
        for row, detail in journal.lines(session, chain):
            cause = _INBOX_ID.match(row.cause)
            told = {name: value for name, value in (detail or {}).items() if name != "party_id"}
            found.append((chain, row.event, row.actor, mails[cause[1]] if cause else row.cause, told))
    return _sorted(found)


def is_over(engine: Engine) -> bool:
    """Say whether every mail has its result and every letter its end."""
    with Session(engine) as session:
        mails = select(func.count()).where(col(InboxRow.state).in_(_WORKED_ON))
        letters = select(func.count()).where(col(LetterRow.state).not_in(_OVER))
        return session.exec(mails).one() == 0 and session.exec(letters).one() == 0


def being_sent(engine: Engine) -> list[str]:
    """Return the Message-IDs of letters of which nobody can know whether they arrived."""
    if not inspect(engine).has_table("letter"):
        return []
    with Session(engine) as session:
        rows = session.exec(select(LetterRow.message_id).where(LetterRow.state == LetterState.SENDING))
        return [one for one in rows if one is not None]


def in_peril(engine: Engine) -> bool:
    """Say whether one more death could be the one after which staff must say how a row goes on.

    That is so by design: what dies three times with the service in the same hands is parked, and what died
    four times while it was being sent waits.
    """
    if not inspect(engine).has_table("letter"):
        return False
    with Session(engine) as session:
        mails = select(func.count()).where(col(InboxRow.state).in_(_WORKED_ON), InboxRow.attempt >= 2)
        written = col(LetterRow.state).in_((LetterState.WAITING, LetterState.WRITING))
        letters = select(func.count()).where(
            or_(
                and_(written, col(LetterRow.attempt) >= 2),
                and_(col(LetterRow.state).not_in(_OVER), col(LetterRow.transmissions) >= 3),
            )
        )
        return bool(session.exec(mails).one() + session.exec(letters).one())


def sent(engine: Engine) -> list[tuple[str, str]]:
    """Return recipient and Message-ID of each letter that the relay took."""
    with Session(engine) as session:
        rows = session.exec(select(LetterRow).where(LetterRow.state == LetterState.SENT))
        return sorted((row.recipient, row.message_id or "") for row in rows)
