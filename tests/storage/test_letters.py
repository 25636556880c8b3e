"""Letters: written once a cause, sent in order, uncertain where nobody can know, withdrawn in time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlmodel import Session

from storage import letters
from storage.database import Database
from storage.letters import LetterClaim
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
    PATIENCE,
    claimed,
    do,
    letter,
    letter_state,
    queue,
    queued,
    ready,
    ripen,
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


def send(opened: Opened, claim: LetterClaim) -> None:
    do(opened, lambda s: letters.sent(s, claim, NOW))


def put_off(opened: Opened, claim: LetterClaim, source: LetterState = LetterState.SENDING) -> None:
    do(opened, lambda s: letters.deferred(s, claim, source, NOW + MINUTE, "451 later"))


def lose(opened: Opened, claim: LetterClaim) -> None:
    do(opened, lambda s: letters.uncertain(s, claim, NOW, "the connection broke"))


def withdraw(opened: Opened, letter_id: int) -> None:
    do(opened, lambda s: letters.withdraw(s, letter_id, "moot"))


def retry(opened: Opened, letter_id: int) -> None:
    do(opened, lambda s: letters.retry(s, letter_id, NOW))


def test_one_cause_writes_once(opened: Opened) -> None:
    assert queue(opened, "inbox:1:0:0") is not None
    assert queue(opened, "inbox:1:0:0") is None
    assert queue(opened, "inbox:1:1:0") is not None


def test_one_cause_that_two_nodes_see_at_once_writes_once(opened: Opened) -> None:
    """A letter of which there may be one a day can be caused by mails that two nodes decide together."""
    nodes = [Opened(Database(opened.database.url), opened.sealer) for _ in range(2)]
    together = Barrier(2)

    def queue_all(node: Opened) -> list[int | None]:
        got = []
        for n in range(20):
            together.wait(PATIENCE)
            got.append(queue(node, f"digest:{n}"))
        return got

    try:
        with ThreadPoolExecutor(2) as pool:
            one, two = pool.map(queue_all, nodes)
    finally:
        for node in nodes:
            node.database.close()
    assert all((a is None) != (b is None) for a, b in zip(one, two, strict=True))


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
    retry(opened, letter_id)
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
    retry(opened, letter_id)
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
    retry(opened, letter_id)
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
    retry(opened, failed)
    again = sending(opened)
    assert again.letter_id == failed
    lose(opened, again)
    withdraw(opened, failed)
    assert letter_state(opened, failed) == LetterState.WITHDRAWN


def test_a_letter_that_somebody_holds_cannot_be_taken_away_by_a_retry(opened: Opened) -> None:
    letter_id = ready(opened)
    claimed(opened)
    with pytest.raises(LostClaim, match="is claimed, not parked or failed"):
        retry(opened, letter_id)


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


def test_two_senders_share_the_letters_and_never_hold_one_together(opened: Opened) -> None:
    recipients = [KENSETSU, KOMUTEN, "c@komuten.example.jp"]
    for n in range(24):
        ready(opened, f"inbox:{n}:0:0", recipients[n % 3])
    nodes = [Database(opened.database.url) for _ in range(2)]
    sent: list[tuple[str, int]] = []

    def work(node: Database) -> None:
        idle = 0
        while idle < 50 and len(sent) < 24:
            take = partial(letters.claim_to_send, node=str(id(node)), now=NOW, lease=LEASE)
            mine = node.write(take)
            if mine is None:
                idle += 1
                continue
            node.write(partial(letters.sending, claim=mine))
            sent.append((mine.recipient, mine.letter_id))
            node.write(partial(letters.sent, claim=mine, now=NOW))

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, nodes))
    finally:
        for node in nodes:
            node.close()
    assert len(set(sent)) == len(sent) == 24
    for recipient in recipients:
        to_one = [letter_id for who, letter_id in sent if who == recipient]
        assert to_one == sorted(to_one)
