"""Letters that came back, and mailboxes that cannot be reached: parts of jobs, which never commit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from bot.ledger import Bounced, SentLetter
from storage.tables import CaseRow, LetterRow, MailboxRow

_MOST_IDS = 50  # Message-IDs of one report that are looked up


def sent_letters(
    session: Session, message_ids: Sequence[str], letter_id: int | None = None
) -> tuple[SentLetter, ...]:
    """Find letters whose bytes have left, by their Message-IDs or by the number of one."""
    rows = select(LetterRow, CaseRow.code).join(CaseRow, isouter=True).where(col(LetterRow.transmissions) > 0)
    if letter_id is not None:
        rows = rows.where(LetterRow.id == letter_id)
    else:
        rows = rows.where(col(LetterRow.message_id).in_(list(message_ids)[:_MOST_IDS]))
    return tuple(
        SentLetter(
            id=row.id or 0,
            recipient=row.recipient,
            templates=tuple(row.templates.split(",")),
            subject=row.subject,
            case_code=code,
            bounced=row.bounced,
        )
        for row, code in session.exec(rows.order_by(col(LetterRow.id)))
    )


def mark(session: Session, change: Bounced, now: datetime) -> None:
    """Mark a letter as bounced. Its state stays: it was sent. A delay never covers a failure."""
    marked = update(LetterRow).where(
        col(LetterRow.id) == change.letter_id,
        or_(col(LetterRow.bounced).is_(None), col(LetterRow.bounced) != "failed"),
    )
    values = {"bounced": change.kind, "bounced_at": now, "bounce_reason": change.reason}
    session.execute(marked.values(values))


def bounced_since(session: Session, address: str, moment: datetime, besides: int) -> int:
    """Count the letters to one mailbox, besides one, that reports since a moment call failed."""
    where = (
        LetterRow.recipient == address,
        LetterRow.bounced == "failed",
        col(LetterRow.bounced_at) >= moment,
        LetterRow.id != besides,
    )
    return session.exec(select(func.count()).select_from(LetterRow).where(*where)).one()


def unreachable_since(session: Session, address: str) -> datetime | None:
    """Say since when a mailbox is taken for unreachable, if it is."""
    return session.exec(select(MailboxRow.unreachable_since).where(MailboxRow.address == address)).first()


def set_unreachable(session: Session, address: str, since: datetime | None) -> None:
    """Take a mailbox for unreachable from a moment on, or for reachable again."""
    marked = update(MailboxRow).where(col(MailboxRow.address) == address)
    session.execute(marked.values(unreachable_since=since))
