"""Letters on a bad day: a relay that puts off, answers that never come, claims that were lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage import letters
from storage.opening import Opened
from storage.states import LetterState
from storage.steps import LostClaim

from .rows import (
    KOMUTEN,
    LEASE,
    MINUTE,
    NOW,
    claimed,
    do,
    letter,
    letter_state,
    lose,
    put_off,
    queued,
    ready,
    retry_letter,
    ripen,
    send,
    sending,
    to_send,
    writing,
    written,
)

LATER = NOW + LEASE + MINUTE


def test_an_uncertain_letter_is_repeated_by_itself_three_times_then_waits_for_staff(opened: Opened) -> None:
    letter_id = ready(opened)
    for transmission in (1, 2, 3):
        lose(opened, sending(opened))
        assert letter(opened, letter_id).transmissions == transmission
        assert ripen(opened, NOW) == 1
    lose(opened, sending(opened))
    assert ripen(opened, NOW + timedelta(days=30)) == 0
    row = letter(opened, letter_id)
    assert (row.state, row.transmissions, row.due_at) == (LetterState.UNCERTAIN, 4, None)
    retry_letter(opened, letter_id)
    lose(opened, sending(opened))
    assert ripen(opened, NOW) == 0


def test_a_program_that_dies_while_sending_leaves_an_uncertain_letter_that_is_repeated(
    opened: Opened,
) -> None:
    letter_id = ready(opened)
    moment = NOW
    for transmission in (1, 2, 3, 4):
        assert sending(opened, moment).letter_id == letter_id
        assert letter(opened, letter_id).transmissions == transmission
        moment = moment + LEASE + MINUTE
        ripen(opened, moment)
    row = letter(opened, letter_id)
    assert (row.state, row.due_at) == (LetterState.UNCERTAIN, None)
    assert row.reason == "the program died while it was being sent"


def test_a_repeat_carries_the_very_same_bytes_and_message_id(opened: Opened) -> None:
    letter_id = ready(opened)
    before = letter(opened, letter_id)
    with opened.database.reading() as session:
        data = letters.data_of(session, opened.sealer, letter_id)
    lose(opened, sending(opened))
    ripen(opened, NOW)
    sending(opened)
    with opened.database.reading() as session:
        assert letters.data_of(session, opened.sealer, letter_id) == data
    assert letter(opened, letter_id).message_id == before.message_id


def test_what_the_relay_would_not_take_was_not_transmitted(opened: Opened) -> None:
    letter_id = ready(opened)
    for put_off_before in range(3):
        mine = sending(opened, NOW + MINUTE)
        assert mine.attempt == put_off_before  # delivery waits longer each time
        put_off(opened, mine)
        assert letter(opened, letter_id).transmissions == 0
        ripen(opened, NOW + MINUTE)


def test_staff_send_a_deferred_letter_before_its_time(opened: Opened) -> None:
    letter_id = ready(opened)
    put_off(opened, claimed(opened), LetterState.CLAIMED)
    assert to_send(opened) is None
    retry_letter(opened, letter_id)
    again = claimed(opened)
    assert (again.letter_id, again.attempt) == (letter_id, 0)


def test_a_lease_that_ran_out_before_the_first_byte_makes_the_letter_ready_again(opened: Opened) -> None:
    letter_id = ready(opened)
    lost = claimed(opened)
    assert ripen(opened, LATER) == 1
    again = claimed(opened, LATER)
    assert (again.letter_id, again.fence) == (letter_id, lost.fence + 1)
    with pytest.raises(LostClaim):
        do(opened, lambda s: letters.sending(s, lost))


def test_every_result_of_a_lost_claim_is_refused(opened: Opened) -> None:
    letter_id = ready(opened)
    lost = sending(opened)
    ripen(opened, LATER)
    kept = sending(opened, LATER)
    results: list[Callable[[Session], None]] = [
        lambda s: letters.sent(s, lost, NOW),
        lambda s: letters.deferred(s, lost, LetterState.SENDING, NOW, "451"),
        lambda s: letters.failed(s, lost, "550"),
        lambda s: letters.uncertain(s, lost, NOW, "broke"),
    ]
    for result in results:
        with pytest.raises(LostClaim):
            do(opened, result)
    send(opened, kept)
    assert letter(opened, letter_id).transmissions == 2


def test_a_letter_whose_writer_was_overtaken_keeps_the_first_bytes(opened: Opened) -> None:
    letter_id = queued(opened)
    slow = writing(opened)
    written(opened, writing(opened, LATER), b"first")
    with pytest.raises(LostClaim):
        written(opened, slow, b"second")
    with opened.database.reading() as session:
        assert letters.data_of(session, opened.sealer, letter_id) == b"first"


def test_what_a_node_held_when_it_died_is_judged_at_its_next_start(opened: Opened) -> None:
    in_writing = queued(opened, "a")
    writing(opened)
    in_hand, on_its_way = ready(opened, "b", KOMUTEN), ready(opened, "c", "c@komuten.example.jp")
    assert claimed(opened).letter_id == in_hand
    assert sending(opened).letter_id == on_its_way
    of_another = ready(opened, "d", "d@komuten.example.jp")
    assert to_send(opened, node="two") is not None
    do(opened, lambda s: letters.release_leases(s, "one", NOW))
    ripen(opened, NOW)
    assert letter_state(opened, in_hand) == LetterState.READY
    assert letter(opened, on_its_way).reason == "the program died while it was being sent"
    assert letter_state(opened, of_another) == LetterState.CLAIMED
    assert writing(opened).letter_id == in_writing
