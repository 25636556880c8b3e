"""The whole conversation once on each kind of database: enrolment, a second mailbox, a held enquiry."""

from datetime import timedelta

import pytest

from storage import enrolments
from storage.opening import Opened
from tests.casework import issue
from tests.desk import MANAGER, Desk
from tests.directory.people import (
    CALLED,
    CALLED_CITY,
    NEWCOMER,
    ask,
    decide,
    enrolled,
    journal_lines,
    mailbox,
)

SECOND = "keiri@ozu-doboku.example"
OFFICE = "suido@iyonada-suido.example"


@pytest.fixture
def both(opened: Opened) -> Desk:
    """Give a desk over a fresh database, once of each kind."""
    return Desk(opened)


def test_enrolment_mailboxes_and_a_held_enquiry(both: Desk) -> None:
    assert enrolled(both).number == "C-00001"
    both.write(NEWCOMER, f"メール追加 {SECOND} 申込できる")
    decide(both, "登録承認 {登録承認} " + CALLED)
    both.write(SECOND, f"メール削除 {NEWCOMER}")
    assert mailbox(both, NEWCOMER) is None
    assert both.write(SECOND, f"メール削除 {SECOND}").templates == ["mailbox_last"]
    issue(both)
    number = both.guarantees()[0].number or ""
    waiting = both.write(OFFICE, f"保証契約番号 {number}\n認証キー {both.key_of(number)}\n確認")
    assert both.state(waiting.inbox_id) == "held"
    both.confirmed(MANAGER, f"発注者登録 {OFFICE} 伊予灘市 {CALLED_CITY}")
    assert both.state(waiting.inbox_id) == "done"
    events = [event for event, _, _ in journal_lines(both)]
    assert events.count("mailbox removed") == 1


def test_what_nobody_confirmed_is_thrown_away(both: Desk) -> None:
    ask(both)
    now = both.clock.now() + timedelta(days=8)
    over = both.opened.database.write(lambda session: enrolments.expire(session, now, 7))
    assert over == ["E8-00001"]
