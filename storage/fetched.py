"""What was fetched from mailboxes at providers, and how far each mail came. No function commits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col, func
from sqlmodel import select as select_rows

from bot.mail import MailFolder
from storage.once import insert_once
from storage.tables import FetchedRow, ImapPassRow, table

_FETCHED = table(FetchedRow)
_UNIQUE = ["account", "folder", "uidvalidity", "uid"]
_AT_ONCE = 500  # UIDs in one statement


@dataclass(frozen=True)
class PassState:
    """How one mailbox stands, for health: `left` are UIDs of mails that are bigger than we take."""

    folder: str
    passed_at: datetime
    unfiled: int
    left: tuple[int, ...]


def _of(folder: MailFolder) -> list[ColumnElement[bool]]:
    return [
        _FETCHED.c.account == folder.account,
        _FETCHED.c.folder == folder.folder,
        _FETCHED.c.uidvalidity == folder.uidvalidity,
    ]


def known(session: Session, folder: MailFolder, uids: Sequence[int]) -> dict[int, bool]:
    """Return which of these ascending UIDs are in the inbox, and of each whether it is filed.

    A mail that was left because of its size is not known: the limit may have been raised since.
    """
    if not uids:
        return {}
    statement = select(_FETCHED.c.uid, _FETCHED.c.filed).where(
        *_of(folder), _FETCHED.c.uid.between(uids[0], uids[-1]), _FETCHED.c.inbox_id.is_not(None)
    )
    return {int(uid): bool(filed) for uid, filed in session.execute(statement)}


def record(
    session: Session, folder: MailFolder, uid: int, digest: str, inbox_id: int, at: datetime, *, filed: bool
) -> None:
    """Note that a mail is in the inbox; another node, or this one, may have noted it before."""
    if not _insert(session, folder, uid, digest, inbox_id, at, filed=filed):
        left = (*_of(folder), _FETCHED.c.uid == uid, _FETCHED.c.inbox_id.is_(None))
        new = {"digest": digest, "inbox_id": inbox_id, "filed": filed, "fetched_at": at}
        session.execute(update(_FETCHED).where(*left).values(new))


def leave(session: Session, folder: MailFolder, uid: int, at: datetime) -> bool:
    """Note that a mail is too big and stays where it is; say whether that is news."""
    return _insert(session, folder, uid, "", None, at, filed=True)


def _insert(
    session: Session,
    folder: MailFolder,
    uid: int,
    digest: str,
    inbox_id: int | None,
    at: datetime,
    *,
    filed: bool,
) -> bool:
    values = {**folder.model_dump(), "uid": uid, "digest": digest, "inbox_id": inbox_id}
    values |= {"filed": filed, "fetched_at": at}
    return insert_once(session, _FETCHED, values, _UNIQUE, _FETCHED.c.id) is not None


def filed(session: Session, folder: MailFolder, uids: Sequence[int]) -> None:
    """Note that these mails are flagged or moved at the provider."""
    for start in range(0, len(uids), _AT_ONCE):
        these = _FETCHED.c.uid.in_(uids[start : start + _AT_ONCE])
        session.execute(update(_FETCHED).where(*_of(folder), these).values(filed=True))


def forget_gone(session: Session, folder: MailFolder, present: Collection[int]) -> None:
    """Settle what the folder does not hold any more: nothing is left to be filed, nothing is too big."""
    of_us = (*_of(folder), _FETCHED.c.filed.is_(False) | _FETCHED.c.inbox_id.is_(None))
    rows = session.execute(select(_FETCHED.c.uid, _FETCHED.c.inbox_id).where(*of_us)).all()
    gone = [(int(uid), inbox_id) for uid, inbox_id in rows if uid not in present]
    filed(session, folder, [uid for uid, inbox_id in gone if inbox_id is not None])
    too_big = [uid for uid, inbox_id in gone if inbox_id is None]
    for start in range(0, len(too_big), _AT_ONCE):
        these = (_FETCHED.c.uid.in_(too_big[start : start + _AT_ONCE]), _FETCHED.c.inbox_id.is_(None))
        session.execute(_FETCHED.delete().where(*_of(folder), *these))


def passed(session: Session, folder: MailFolder, at: datetime) -> None:
    """Note that every mail of a folder was looked at."""
    session.merge(ImapPassRow(**folder.model_dump(), passed_at=at))


def pass_states(session: Session) -> dict[str, PassState]:
    """Return how each mailbox stands that was ever passed, by its account."""
    return {row.account: _state(session, row) for row in session.exec(select_rows(ImapPassRow))}


def _state(session: Session, row: ImapPassRow) -> PassState:
    folder = MailFolder(account=row.account, folder=row.folder, uidvalidity=row.uidvalidity)
    unfiled = select(func.count()).where(*_of(folder), _FETCHED.c.filed.is_(False))
    left = select(_FETCHED.c.uid).where(*_of(folder), col(FetchedRow.inbox_id).is_(None)).order_by("uid")
    uids = tuple(int(uid) for uid in session.execute(left).scalars())
    return PassState(row.folder, row.passed_at, session.execute(unfiled).scalar_one(), uids)
