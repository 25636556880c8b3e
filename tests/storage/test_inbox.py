"""The inbox: accepted once, claimed in order, decided by whoever holds the claim, and by nobody else."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import Session

from storage import inbox
from storage.inbox import Claim
from storage.opening import Opened
from storage.states import InboxState
from storage.steps import LostClaim
from storage.tables import InboxRow

from .rows import (
    KOMUTEN,
    LEASE,
    MINUTE,
    NOW,
    PATIENCE,
    accept,
    arrival,
    busy_writer,
    claim,
    do,
    finish,
    hold,
    mail,
    taken,
)


def fail(opened: Opened, mine: Claim) -> None:
    do(opened, lambda s: inbox.failed(s, mine, NOW, "our fault: KeyError"))


def put_off(opened: Opened, mine: Claim, until: datetime = NOW) -> None:
    do(opened, lambda s: inbox.try_later(s, mine, until, "busy"))


def test_the_same_bytes_in_the_same_envelope_are_one_mail(opened: Opened) -> None:
    first = accept(opened, b"Subject: a\r\n\r\n")
    assert accept(opened, b"Subject: a\r\n\r\n") == first
    assert accept(opened, b"Subject: b\r\n\r\n") != first
    assert accept(opened, b"Subject: a\r\n\r\n", sender=KOMUTEN) != first


def test_a_repeat_changes_nothing_of_a_mail_that_was_decided(opened: Opened) -> None:
    inbox_id = accept(opened)
    finish(opened, taken(opened))
    assert accept(opened) == inbox_id
    assert mail(opened, inbox_id).state == InboxState.DONE
    assert claim(opened) is None


def test_two_repeats_in_one_transaction_are_one_mail(opened: Opened) -> None:
    new = arrival(opened.sealer, b"Subject: a\r\n\r\n")
    with busy_writer(opened.database):
        futures = [opened.database.submit(lambda s: inbox.accept(s, new), urgent=True) for _ in range(2)]
    assert futures[0].result(PATIENCE) == futures[1].result(PATIENCE)


def test_the_bytes_come_back_as_they_were_accepted(opened: Opened) -> None:
    data = bytes(range(256)) * 500
    inbox_id = accept(opened, data)
    with opened.database.reading() as session:
        assert inbox.data_of(session, opened.sealer, inbox_id) == data


def test_mails_are_claimed_in_order_of_arrival(opened: Opened) -> None:
    ids = [accept(opened, b"%d" % n, sender=f"{n}@kensetsu.example.jp") for n in range(3)]
    assert [taken(opened).inbox_id for _ in range(3)] == ids
    assert claim(opened) is None


def test_a_second_mail_of_one_sender_waits_until_the_first_is_decided(opened: Opened) -> None:
    first, second = accept(opened, b"1"), accept(opened, b"2")
    other = accept(opened, b"3", sender=KOMUTEN)
    mine = taken(opened)
    assert mine.inbox_id == first
    assert taken(opened).inbox_id == other
    assert claim(opened) is None
    finish(opened, mine)
    assert taken(opened).inbox_id == second


def test_a_first_mail_that_waits_for_its_time_still_holds_its_place(opened: Opened) -> None:
    first = accept(opened, b"1")
    accept(opened, b"2")
    put_off(opened, taken(opened), until=NOW + MINUTE)
    assert claim(opened, NOW) is None
    assert taken(opened, NOW + MINUTE).inbox_id == first


def give_way(opened: Opened, mine: Claim, until: datetime) -> None:
    do(opened, lambda s: inbox.try_later(s, mine, until, "the DNS is silent", gives_way=True))


def test_what_gave_way_comes_after_fresh_mails_even_of_its_own_sender(opened: Opened) -> None:
    first = accept(opened, b"1")
    give_way(opened, taken(opened), until=NOW + MINUTE)
    second, third = accept(opened, b"2"), accept(opened, b"3", sender=KOMUTEN)
    assert [taken(opened, NOW + MINUTE).inbox_id for _ in range(3)] == [second, third, first]


def test_what_gave_way_and_is_due_for_an_hour_lets_nobody_pass_any_more(opened: Opened) -> None:
    first = accept(opened, b"1")
    give_way(opened, taken(opened), until=NOW + MINUTE)
    accept(opened, b"2")
    assert taken(opened, NOW + MINUTE + timedelta(hours=1)).inbox_id == first


def test_a_claim_knows_whether_the_mail_was_put_back_before(opened: Opened) -> None:
    accept(opened, b"1")
    mine = taken(opened)
    assert not mine.tried
    give_way(opened, mine, until=NOW + MINUTE)
    assert taken(opened, NOW + MINUTE).tried


def test_the_null_sender_has_no_order(opened: Opened) -> None:
    ids = [accept(opened, b"%d" % n, sender="") for n in range(2)]
    assert [taken(opened).inbox_id for _ in range(2)] == ids


@pytest.mark.parametrize("ending", ["held", "parked", "done", "refused", "ignored"])
def test_a_mail_that_is_held_parked_or_final_holds_up_nobody(opened: Opened, ending: str) -> None:
    accept(opened, b"1")
    second = accept(opened, b"2")
    mine = taken(opened)
    if ending == "held":
        hold(opened, mine)
    else:
        finish(opened, mine, InboxState(ending))
    assert taken(opened).inbox_id == second


def test_a_claim_without_a_result_counts_and_the_third_one_parks(opened: Opened) -> None:
    """A mail that kills its worker each time must not be tried for ever."""
    inbox_id = accept(opened)
    moment = NOW
    for attempt in (1, 2, 3):
        assert taken(opened, moment).attempt == attempt
        moment += LEASE + MINUTE
    assert claim(opened, moment) is None
    row = mail(opened, inbox_id)
    assert (row.state, row.reason) == (InboxState.PARKED, "3 attempts gave no result")
    assert row.claimed_by is None


def test_the_third_fault_of_ours_parks_with_its_reason(opened: Opened) -> None:
    inbox_id = accept(opened)
    for _ in range(3):
        fail(opened, taken(opened))
    row = mail(opened, inbox_id)
    assert (row.state, row.reason, row.attempt) == (InboxState.PARKED, "our fault: KeyError", 3)


def test_trying_later_is_a_result_and_starts_counting_afresh(opened: Opened) -> None:
    inbox_id = accept(opened)
    for _ in range(7):
        mine = taken(opened)
        assert mine.attempt == 1
        put_off(opened, mine)
    assert mail(opened, inbox_id).attempt == 0


def test_a_claim_that_fails_and_then_must_wait_starts_counting_afresh(opened: Opened) -> None:
    inbox_id = accept(opened)
    fail(opened, taken(opened))
    second = taken(opened)
    assert second.attempt == 2
    put_off(opened, second)
    assert mail(opened, inbox_id).attempt == 0


def test_a_lease_that_ran_out_lets_another_claim(opened: Opened) -> None:
    accept(opened)
    first = taken(opened, node="one")
    assert claim(opened, NOW + LEASE, node="two") is None
    second = taken(opened, NOW + LEASE + MINUTE, node="two")
    assert (second.inbox_id, second.fence) == (first.inbox_id, first.fence + 1)


def test_every_result_of_a_lost_claim_is_refused(opened: Opened) -> None:
    inbox_id = accept(opened)
    lost = taken(opened)
    kept = taken(opened, NOW + LEASE + MINUTE, node="two")
    results = [
        lambda s: inbox.finish(s, lost, InboxState.DONE, NOW),
        lambda s: inbox.hold(s, lost, "confirmation", NOW, {}),
        lambda s: inbox.try_later(s, lost, NOW, "busy"),
        lambda s: inbox.failed(s, lost, NOW, "our fault"),
        lambda s: inbox.still_mine(s, lost),
    ]
    for result in results:
        with pytest.raises(LostClaim):
            do(opened, result)
    do(opened, lambda s: inbox.still_mine(s, kept))
    assert mail(opened, inbox_id).state == InboxState.CLAIMED
    finish(opened, kept)


def test_a_second_result_of_one_claim_is_refused(opened: Opened) -> None:
    accept(opened)
    mine = taken(opened)
    finish(opened, mine)
    with pytest.raises(LostClaim):
        finish(opened, mine, InboxState.REFUSED)


def test_staff_bring_a_parked_mail_back(opened: Opened) -> None:
    inbox_id = accept(opened)
    finish(opened, taken(opened), InboxState.PARKED)
    do(opened, lambda s: inbox.retry(s, inbox_id, NOW))
    again = taken(opened)
    assert (again.inbox_id, again.attempt, again.round) == (inbox_id, 1, 1)


def test_staff_set_a_waiting_mail_aside(opened: Opened) -> None:
    inbox_id = accept(opened)
    do(opened, lambda s: inbox.park(s, inbox_id, "asked by telephone"))
    assert mail(opened, inbox_id).reason == "asked by telephone"
    assert claim(opened) is None
    with pytest.raises(LostClaim):
        do(opened, lambda s: inbox.park(s, inbox_id, "again"))


def test_what_a_node_held_when_it_died_is_free_at_its_next_start(opened: Opened) -> None:
    mine = accept(opened, b"1")
    accept(opened, b"2", sender=KOMUTEN)
    taken(opened, node="one")
    taken(opened, node="two")
    do(opened, lambda s: inbox.release_leases(s, "one", NOW))
    again = taken(opened, node="one")
    assert (again.inbox_id, again.attempt) == (mine, 2)
    assert claim(opened, node="one") is None


def test_moments_are_kept_as_aware_utc_and_naive_ones_are_refused(opened: Opened) -> None:
    inbox_id = accept(opened)
    assert mail(opened, inbox_id).received_at == NOW
    assert mail(opened, inbox_id).received_at.utcoffset() == timedelta(0)

    def naive(session: Session) -> None:
        session.get_one(InboxRow, inbox_id).due_at = NOW.replace(tzinfo=None)

    with pytest.raises(StatementError, match="a moment must be aware"):
        do(opened, naive)
