"""What waits for its other half: mails whose archive has no password yet, and passwords without an archive.

No password is ever stored: a notice is an inbox row like any other, and its sealed bytes are read again.
"""

from sqlmodel import Session, col, select

from bot.ledger import HeldArchive
from bot.surety.party import Proof
from storage.states import InboxState
from storage.tables import InboxRow

MAIL, NOTICE = "password", "archive"  # what the one and the other are held for
MOST = 20  # of either, of one party: nobody needs more, and a flood of forged ones must cost little
_PROVEN = frozenset(one.value for one in Proof if one.may_change)


def waiting_mails(session: Session, party_id: int, deciding: int | None) -> tuple[HeldArchive, ...]:
    """List the mails of a party that wait for a password, newest first, but the one being decided."""
    return tuple(
        HeldArchive(
            inbox_id=row.id or 0,
            address=row.writer_address or "",
            subject=row.subject,
            until=row.held_until,
            known=row.known,
        )
        for row in _held(session, party_id, MAIL, deciding)
        if row.held_until is not None
    )


def waiting_notices(session: Session, party_id: int, address: str, deciding: int | None) -> tuple[int, ...]:
    """List the notices of a party that wait for their archive: of this address first, then proven, then new.

    What forgers send can push no proven notice out of its place.
    """
    rows = _held(session, party_id, NOTICE, deciding)
    rows.sort(key=lambda row: (row.proof not in _PROVEN, row.writer_address != address))
    return tuple(row.id or 0 for row in rows)


def _held(session: Session, party_id: int, what: str, deciding: int | None) -> list[InboxRow]:
    rows = (
        select(InboxRow)
        .where(
            InboxRow.state == InboxState.HELD,
            InboxRow.held_for == what,
            InboxRow.party_id == party_id,
            InboxRow.id != deciding,
        )
        .order_by(col(InboxRow.id).desc())
        .limit(MOST)
    )
    return list(session.exec(rows))
