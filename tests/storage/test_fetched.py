"""The record of what was fetched from mailboxes at providers, on both databases."""

import pytest
from sqlmodel import Session, select

from bot.mail import MailFolder
from storage import fetched
from storage.opening import Opened
from storage.tables import FetchedRow
from tests.storage.rows import MINUTE, NOW, accept

INBOX = MailFolder(account="main", folder="INBOX", uidvalidity=7)
RENUMBERED = INBOX.but(uidvalidity=8)
ELSEWHERE = INBOX.but(account="second")


def note(opened: Opened, uid: int, folder: MailFolder = INBOX, *, filed: bool = False) -> int:
    inbox_id = accept(opened, f"Subject: {uid}\r\n\r\n".encode())

    def job(session: Session) -> None:
        fetched.record(session, folder, uid, "digest", inbox_id, NOW, filed=filed)

    opened.database.write(job)
    return inbox_id


def known(opened: Opened, uids: list[int], folder: MailFolder = INBOX) -> dict[int, bool]:
    with opened.database.reading() as session:
        return fetched.known(session, folder, uids)


def test_a_uid_is_known_in_its_folder_and_under_its_uidvalidity_only(opened: Opened) -> None:
    note(opened, 5)
    assert known(opened, [4, 5, 6]) == {5: False}
    assert known(opened, [5], RENUMBERED) == {}
    assert known(opened, [5], ELSEWHERE) == {}
    assert known(opened, []) == {}


def test_a_mail_noted_twice_is_one_row(opened: Opened) -> None:
    note(opened, 5)
    note(opened, 5, filed=True)
    assert known(opened, [5]) == {5: False}


def test_uids_are_wider_than_an_integer_of_the_database(opened: Opened) -> None:
    highest = INBOX.but(uidvalidity=2**32 - 1)
    note(opened, 2**32 - 1, highest)
    assert known(opened, [2**32 - 1], highest) == {2**32 - 1: False}


def test_what_is_filed_is_noted_of_many_at_once(opened: Opened) -> None:
    for uid in (1, 2, 3):
        note(opened, uid)
    opened.database.write(lambda session: fetched.filed(session, INBOX, [*range(2, 2000)]))
    assert known(opened, [1, 2, 3]) == {1: False, 2: True, 3: True}


def test_a_mail_that_was_left_is_news_once_and_not_known(opened: Opened) -> None:
    assert opened.database.write(lambda session: fetched.leave(session, INBOX, 5, NOW))
    assert not opened.database.write(lambda session: fetched.leave(session, INBOX, 5, NOW))
    assert known(opened, [5]) == {}
    note(opened, 5)
    assert known(opened, [5]) == {5: False}


@pytest.mark.parametrize("present", [(), (1,)])
def test_what_is_gone_from_the_folder_needs_no_filing(opened: Opened, present: tuple[int, ...]) -> None:
    for uid in (1, 2):
        note(opened, uid)
    note(opened, 2, RENUMBERED)
    opened.database.write(lambda session: fetched.leave(session, INBOX, 3, NOW))
    opened.database.write(lambda session: fetched.forget_gone(session, INBOX, frozenset(present)))
    assert known(opened, [1, 2]) == {1: 1 not in present, 2: True}
    assert known(opened, [2], RENUMBERED) == {2: False}
    with opened.database.reading() as session:
        assert session.exec(select(FetchedRow).where(FetchedRow.uid == 3)).all() == []


def test_the_state_of_a_mailbox_is_that_of_its_last_pass(opened: Opened) -> None:
    note(opened, 1)
    note(opened, 1, RENUMBERED)
    note(opened, 2, RENUMBERED, filed=True)
    opened.database.write(lambda session: fetched.leave(session, RENUMBERED, 3, NOW))
    opened.database.write(lambda session: fetched.passed(session, INBOX, NOW))
    opened.database.write(lambda session: fetched.passed(session, RENUMBERED, NOW + MINUTE))
    with opened.database.reading() as session:
        states = fetched.pass_states(session)
    assert states == {"main": fetched.PassState("INBOX", NOW + MINUTE, 1, (3,))}
