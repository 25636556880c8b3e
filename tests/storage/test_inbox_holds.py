"""A held mail: resumed as the next round, ended by time or by wrong codes."""

import pytest

from storage import inbox
from storage.opening import Opened
from storage.states import InboxState
from storage.steps import LostClaim

from .rows import MINUTE, NOW, accept, do, hold, mail, taken


def test_a_held_mail_comes_back_as_the_next_round_with_what_is_known(opened: Opened) -> None:
    inbox_id = accept(opened)
    hold(opened, taken(opened))
    do(opened, lambda s: inbox.resume(s, inbox_id, {"confirmed": "yes"}, NOW + MINUTE))
    row = mail(opened, inbox_id)
    assert (row.held_for, row.held_until, row.held) == (None, None, {})
    again = taken(opened, NOW + MINUTE)
    assert (again.round, again.attempt, again.known) == (1, 1, {"confirmed": "yes"})
    hold(opened, again)
    do(opened, lambda s: inbox.resume(s, inbox_id, {"choice": "2"}, NOW + MINUTE))
    last = taken(opened, NOW + MINUTE)
    assert (last.round, last.known) == (2, {"confirmed": "yes", "choice": "2"})


def test_a_mail_that_is_not_held_cannot_be_resumed(opened: Opened) -> None:
    inbox_id = accept(opened)
    with pytest.raises(LostClaim):
        do(opened, lambda s: inbox.resume(s, inbox_id, {}, NOW))


def test_a_hold_ends_when_its_time_is_over(opened: Opened) -> None:
    inbox_id = accept(opened)
    hold(opened, taken(opened), until=NOW + MINUTE)
    assert do(opened, lambda s: inbox.expire(s, NOW + MINUTE)) == []
    assert do(opened, lambda s: inbox.expire(s, NOW + 2 * MINUTE)) == [inbox_id]
    row = mail(opened, inbox_id)
    assert (row.state, row.reason) == (InboxState.EXPIRED, "nothing came in time")
    assert row.decided_at == NOW + 2 * MINUTE


def test_wrong_codes_use_up_the_tries_and_the_last_ends_the_hold(opened: Opened) -> None:
    inbox_id = accept(opened)
    hold(opened, taken(opened), tries=3)
    for left in (2, 1):
        do(opened, lambda s: inbox.wrong_code(s, inbox_id, NOW))
        assert mail(opened, inbox_id).held["tries_left"] == left
    do(opened, lambda s: inbox.wrong_code(s, inbox_id, NOW))
    row = mail(opened, inbox_id)
    assert (row.state, row.reason) == (InboxState.EXPIRED, "too many wrong codes")
    with pytest.raises(LostClaim):
        do(opened, lambda s: inbox.wrong_code(s, inbox_id, NOW))


def test_a_wrong_code_for_a_mail_that_is_held_no_more_is_refused(opened: Opened) -> None:
    inbox_id = accept(opened)
    hold(opened, taken(opened))
    do(opened, lambda s: inbox.resume(s, inbox_id, {}, NOW))
    with pytest.raises(LostClaim):
        do(opened, lambda s: inbox.wrong_code(s, inbox_id, NOW))
