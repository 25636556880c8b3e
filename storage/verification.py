"""What was verified of a mail's source: kept at its first reading, used by every later round."""

from datetime import datetime

from sqlmodel import Session

from bot.mail import Verification
from storage.once import insert_once
from storage.tables import InboxVerification, table

_KEPT = table(InboxVerification)


def keep(session: Session, inbox_id: int, found: Verification, now: datetime) -> None:
    """Keep what was found; what was kept first stays."""
    values = {"inbox_id": inbox_id, "at": now, "body": found.model_dump(mode="json")}
    insert_once(session, _KEPT, values, ["inbox_id"], _KEPT.c.inbox_id)


def find(session: Session, inbox_id: int) -> Verification | None:
    """Return what was found at the first reading; None where nothing was settled yet."""
    row = session.get(InboxVerification, inbox_id)
    return Verification.model_validate(row.body) if row is not None else None
