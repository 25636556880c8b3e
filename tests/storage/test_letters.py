"""Letters: written once a cause, sent in order, uncertain where nobody can know, withdrawn in time."""

from functools import partial

import pytest
from sqlmodel import Session

from storage import letters
from storage.opening import Opened
from storage.states import LetterState
from storage.steps import LostClaim
from storage.tables import CaseRow, PartyRow

from .rows import (
    KENSETSU,
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
    queue,
    queued,
    ready,
    retry_letter,
    ripen,
    send,
    sending,
    to_send,
    to_write,
    writing,
    written,
)

LATER = NOW + LEASE + MINUTE


def make_case(opened: Opened, serial: int) -> int:
    def job(session: Session) -> int:
        party = PartyRow(number=f"C{serial}", kind="contractor", name="x", name_folded="x", body={})
        session.add(party)
        session.flush()
        assert party.id is not None
        case = CaseRow(
            code=f"R8-{serial:05d}-7KQ4",
            contractor_id=party.id,
            work_name="x",
            search_text="x",
            created_at=NOW,
            body={},
        )
        session.add(case)
        session.flush()
        assert case.id is not None
        return case.id

    return do(opened, job)


def withdraw(opened: Opened, letter_id: int) -> None:
    do(opened, lambda s: letters.withdraw(s, letter_id, "moot"))


def test_one_cause_writes_once(opened: Opened) -> None:
    assert queue(opened, "inbox:1:0:0") is not None
    assert queue(opened, "inbox:1:0:0") is None
    assert queue(opened, "inbox:1:1:0") is not None


def test_a_letter_goes_from_its_cause_to_the_relay(opened: Opened) -> None:
    letter_id = queued(opened)
    written(opened, writing(opened), b"From: us\r\n\r\nhai\r\n")
    with opened.database.reading() as session:
        assert letters.data_of(session, opened.sealer, letter_id) == b"From: us\r\n\r\nhai\r\n"
    send(opened, sending(opened))
    row = letter(opened, letter_id)
    assert (row.state, row.sent_at, row.transmissions) == (LetterState.SENT, NOW, 1)
    assert (row.claimed_by, row.claimed_until, row.due_at) == (None, None, None)


def test_the_third_claim_to_write_without_a_result_parks(opened: Opened) -> None:
    letter_id = queued(opened)
    moment = NOW
    for attempt in (1, 2, 3):
        assert writing(opened, moment).attempt == attempt
        moment += LEASE + MINUTE
    assert to_write(opened, moment) is None
    row = letter(opened, letter_id)
    assert (row.state, row.reason) == (LetterState.PARKED, "3 attempts gave no result")
    assert row.claimed_by is None


def test_the_third_fault_in_writing_parks_with_its_reason(opened: Opened) -> None:
    letter_id = queued(opened)
    for _ in range(3):
        assert letter_state(opened, letter_id) == LetterState.WAITING
        mine = writing(opened)
        do(opened, partial(letters.writing_failed, claim=mine, due_at=NOW, reason="no such font"))
    assert letter_state(opened, letter_id) == LetterState.PARKED
    retry_letter(opened, letter_id)
    assert writing(opened).attempt == 1


def test_a_letter_that_cannot_be_written_holds_up_no_other_writing(opened: Opened) -> None:
    queued(opened, "inbox:1:0:0")
    second = queued(opened, "inbox:2:0:0")
    mine = writing(opened)
    do(opened, lambda s: letters.writing_failed(s, mine, NOW + MINUTE, "no such font"))
    assert writing(opened).letter_id == second


def test_letters_of_one_case_and_recipient_go_out_in_order(opened: Opened) -> None:
    case, other_case = make_case(opened, 1), make_case(opened, 2)
    first = queue(opened, "a", KENSETSU, case)
    second = queue(opened, "b", KENSETSU, case)
    to_another = queue(opened, "c", KOMUTEN, case)
    of_another_case = queue(opened, "d", KENSETSU, other_case)
    for _ in range(4):
        written(opened, writing(opened))
    mine = sending(opened)
    assert mine.letter_id == first
    assert [claimed(opened).letter_id for _ in range(2)] == [to_another, of_another_case]
    assert to_send(opened) is None
    send(opened, mine)
    assert claimed(opened).letter_id == second


def test_a_letter_written_first_still_waits_for_the_one_caused_before_it(opened: Opened) -> None:
    first, second = queued(opened, "a"), queued(opened, "b")
    slow, quick = writing(opened), writing(opened)
    written(opened, quick)
    assert to_send(opened) is None
    written(opened, slow)
    assert claimed(opened).letter_id == first
    assert second == quick.letter_id


def test_a_deferred_letter_keeps_its_place(opened: Opened) -> None:
    first = ready(opened, "a")
    ready(opened, "b")
    put_off(opened, sending(opened))
    assert to_send(opened) is None
    assert ripen(opened, NOW) == 0
    assert ripen(opened, NOW + MINUTE) == 1
    assert claimed(opened, NOW + MINUTE).letter_id == first


@pytest.mark.parametrize("ending", ["failed", "uncertain", "withdrawn", "parked"])
def test_a_letter_that_is_over_or_waits_for_staff_holds_up_nobody(opened: Opened, ending: str) -> None:
    first = queued(opened, "a")
    if ending == "parked":
        for _ in range(3):
            mine = writing(opened)
            do(opened, partial(letters.writing_failed, claim=mine, due_at=NOW, reason="no such font"))
    elif ending == "withdrawn":
        withdraw(opened, first)
    else:
        written(opened, writing(opened))
        mine = sending(opened)
        if ending == "failed":
            do(opened, lambda s: letters.failed(s, mine, "550 no such user"))
        else:
            lose(opened, mine)
    assert letter_state(opened, first) == ending
    second = ready(opened, "b")
    assert claimed(opened).letter_id == second


@pytest.mark.parametrize("state", ["waiting", "writing", "ready", "claimed", "deferred"])
def test_before_its_first_byte_any_letter_can_be_withdrawn(opened: Opened, state: str) -> None:
    letter_id = queued(opened)
    mine = writing(opened) if state != "waiting" else None
    if state in ("ready", "claimed", "deferred"):
        assert mine is not None
        written(opened, mine)
        mine = claimed(opened) if state != "ready" else None
    if state == "deferred":
        assert mine is not None
        put_off(opened, mine, LetterState.CLAIMED)
    assert letter_state(opened, letter_id) == state
    withdraw(opened, letter_id)
    assert letter(opened, letter_id).reason == "moot"
    assert ripen(opened, LATER) == 0
    assert to_write(opened, LATER) is None
    assert to_send(opened, LATER) is None
    if mine is not None and state == "writing":
        with pytest.raises(LostClaim):
            written(opened, mine)
    if mine is not None and state == "claimed":
        with pytest.raises(LostClaim):
            do(opened, lambda s: letters.sending(s, mine))


@pytest.mark.parametrize("over", ["sending", "sent", "failed"])
def test_from_its_first_byte_on_no_letter_can_be_withdrawn(opened: Opened, over: str) -> None:
    letter_id = ready(opened)
    mine = sending(opened)
    if over == "sent":
        send(opened, mine)
    if over == "failed":
        do(opened, lambda s: letters.failed(s, mine, "550"))
    with pytest.raises(LostClaim, match=f"is {over}: too late to withdraw it"):
        withdraw(opened, letter_id)


def test_staff_send_a_failed_letter_again_and_settle_an_uncertain_one(opened: Opened) -> None:
    failed = ready(opened, "a")
    mine = sending(opened)
    do(opened, lambda s: letters.failed(s, mine, "550 no such user"))
    retry_letter(opened, failed)
    again = sending(opened)
    assert again.letter_id == failed
    lose(opened, again)
    withdraw(opened, failed)
    assert letter_state(opened, failed) == LetterState.WITHDRAWN


def test_a_letter_that_somebody_holds_cannot_be_taken_away_by_a_retry(opened: Opened) -> None:
    letter_id = ready(opened)
    claimed(opened)
    with pytest.raises(LostClaim, match="is claimed, not parked or failed"):
        retry_letter(opened, letter_id)
