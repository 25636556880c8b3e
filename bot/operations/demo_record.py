"""What the demo looks up in its daemon's database: read-only, for what no letter shows."""

import time
from typing import Any

from sqlmodel import Session, col, func, select

from storage.database import make_engine
from storage.states import InboxState
from storage.tables import (
    ApplicationRow,
    EnquiryRow,
    GuaranteeRow,
    InboxRow,
    LetterRow,
    MailboxRow,
)

_UNDECIDED = (InboxState.WAITING, InboxState.CLAIMED)
_PAUSE = 0.004  # seconds between looks: another process cannot wake us


class Record:
    """A read-only look at the demo's database."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url, read_only=True)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def decided(self, after: int, seconds: float) -> InboxRow | None:
        """Wait until every mail is decided; return the newest mail, if it is newer than `after`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with Session(self._engine) as session:
                open_ones = select(func.count()).select_from(InboxRow)
                open_ones = open_ones.where(col(InboxRow.state).in_(_UNDECIDED))
                # Counted first: the newest may still be undecided when it is read, and decided when counted.
                left = session.exec(open_ones).one()
                newest = session.exec(select(InboxRow).order_by(col(InboxRow.id).desc()).limit(1)).first()
                if not left and newest is not None and (newest.id or 0) > after:
                    return newest
            time.sleep(_PAUSE)
        return None

    def newest_mail(self) -> int:
        """Return the number of the newest mail; 0 where there is none."""
        with Session(self._engine) as session:
            return session.exec(select(func.max(InboxRow.id))).one() or 0

    def letters(self) -> int:
        """Count all letters that were ever queued."""
        with Session(self._engine) as session:
            return session.exec(select(func.count()).select_from(LetterRow)).one()

    def mail_state(self, inbox_id: int) -> str:
        """Return where one mail stands."""
        with Session(self._engine) as session:
            return session.get_one(InboxRow, inbox_id).state

    def application(self, case_code: str) -> dict[str, Any]:
        """Return the newest application of a case, as it is kept."""
        return self._newest(ApplicationRow, case_code)

    def guarantees(self, case_code: str) -> dict[str, dict[str, Any]]:
        """Return the guarantees of a case by their kind."""
        with Session(self._engine) as session:
            rows = session.exec(select(GuaranteeRow).order_by(col(GuaranteeRow.id)))
            return {row.kind: row.body for row in rows if row.body["case_code"] == case_code}

    def enquiries(self) -> list[dict[str, Any]]:
        """Return every enquiry, oldest first."""
        with Session(self._engine) as session:
            return [row.body for row in session.exec(select(EnquiryRow).order_by(col(EnquiryRow.id)))]

    def stopped(self, address: str) -> bool:
        """Say whether a mailbox is stopped."""
        with Session(self._engine) as session:
            return session.exec(select(MailboxRow).where(MailboxRow.address == address)).one().stopped

    def fingerprint(self) -> tuple[Any, ...]:
        """Return what only a change of state moves: applications, guarantees, mailboxes, enquiries."""
        with Session(self._engine) as session:
            applications = session.exec(select(ApplicationRow.id, ApplicationRow.revision)).all()
            guarantees = session.exec(select(GuaranteeRow.id, GuaranteeRow.revision)).all()
            stopped = session.exec(select(MailboxRow.id, MailboxRow.stopped)).all()
            enquiries = session.exec(select(func.count()).select_from(EnquiryRow)).one()
        return (
            tuple(sorted(map(tuple, applications))),
            tuple(sorted(map(tuple, guarantees))),
            tuple(sorted(map(tuple, stopped))),
            enquiries,
        )

    def _newest(self, row: type[ApplicationRow], case_code: str) -> dict[str, Any]:
        with Session(self._engine) as session:
            bodies = [one.body for one in session.exec(select(row).order_by(col(row.id).desc()))]
        return next(body for body in bodies if body["case_code"] == case_code)
