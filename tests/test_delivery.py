"""Delivery: what becomes of a letter when the relay takes it, puts it off, refuses it, or goes silent."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.bells import Bell
from bot.clock import FixedClock
from bot.delivery import LONGEST_WAIT, Delivery
from bot.operations.trial import HERE
from bot.outcome import Letter, Section
from bot.relay import SmtpRelay
from storage import journal, letters
from storage.directory import import_directory
from storage.opening import Opened
from storage.states import LetterState
from storage.tables import CaseRow, LetterRow, PartyRow
from tests.relays import STAGES, ScriptedRelay, Turn
from tests.storage.rows import NOW

DESK, TO, OTHER = "hosho@hosho.example.jp", "jimu@kensetsu.example.jp", "uketsuke@komuten.example.jp"
STAFF = "kanri@surety.example"
RETRY = timedelta(seconds=60)
LEASE = timedelta(minutes=5)


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with closing(ScriptedRelay()) as scripted:
        yield scripted


class Office:
    """One sender thread's delivery over a real database and a real connection, with a clock that is told."""

    def __init__(self, opened: Opened, relay: ScriptedRelay, timeout: float = 10) -> None:
        self.opened, self.relay, self.clock = opened, relay, FixedClock(NOW)
        self.letter_bell = Bell()
        self.delivery = Delivery(
            opened.database,
            opened.sealer,
            SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", timeout),
            self.clock,
            "one",
            lambda _: DESK,
            LEASE,
            RETRY,
            self.letter_bell,
        )

    def body_of(self, row: LetterRow) -> dict[str, Any]:
        assert row.id is not None
        with self.opened.database.reading() as session:
            return letters.body_of(session, self.opened.sealer, row.id)

    def do(self, job: Callable[[Session], object]) -> object:
        return self.opened.database.write(job)

    def ready(self, number: int, to: str = TO, template: str = "status", case_id: int | None = None) -> int:
        """Put one written letter into the queue."""
        body = Letter(recipient=to, sections=(Section(template=template),))
        cause = f"inbox:{number}:0:0"

        def queue(session: Session) -> int | None:
            return letters.queue(
                session,
                self.opened.sealer,
                cause_key=cause,
                recipient=to,
                body=body.model_dump(mode="json"),
                templates=template,
                now=self.clock.now(),
                case_id=case_id,
            )

        def write(session: Session) -> None:
            claim = letters.claim_to_write(session, "one", self.clock.now(), LEASE)
            assert claim is not None
            sealed = letters.seal_letter(self.opened.sealer, cause, self.data(number))
            now = self.clock.now()
            subject = f"subject {number}"
            letters.written(
                session,
                claim,
                message_id=f"{number}@x",
                subject=subject,
                size=1,
                sealed=sealed,
                now=now,
            )

        letter_id = self.do(queue)
        self.do(write)
        assert isinstance(letter_id, int)
        return letter_id

    def data(self, number: int) -> bytes:
        return b"Message-ID: <%d@x>\r\n\r\n.honbun\r\n" % number

    def pass_time(self, by: timedelta) -> None:
        """Let time pass, and the sweep notice it."""
        self.clock.advance(by)
        self.do(lambda session: letters.ripen(session, self.clock.now()))

    def row(self, letter_id: int) -> LetterRow:
        with self.opened.database.reading() as session:
            return session.get_one(LetterRow, letter_id)

    def told(self) -> list[LetterRow]:
        with self.opened.database.reading() as session:
            rows = select(LetterRow).where(LetterRow.templates == "staff_letter_failed")
            return list(session.exec(rows.order_by(LetterRow.cause_key)))


@pytest.fixture
def office(opened: Opened, relay: ScriptedRelay) -> Iterator[Office]:
    directory = Path(str(HERE / "trial_directory.toml"))
    opened.database.write(lambda session: import_directory(session, directory))
    made = Office(opened, relay)
    yield made
    made.delivery.close()


def test_a_letter_is_sent_once_and_then_there_is_nothing_to_send(office: Office) -> None:
    letter_id = office.ready(1)
    assert office.delivery.step()
    assert not office.delivery.step()
    row = office.row(letter_id)
    assert (row.state, row.transmissions, row.sent_at) == (LetterState.SENT, 1, NOW)
    assert [one.data for one in office.relay.taken] == [office.data(1)]


def test_the_senders_connection_is_kept_between_letters(office: Office) -> None:
    for number in range(3):
        office.ready(number)
    while office.delivery.step():
        pass
    assert (office.relay.connections, len(office.relay.taken)) == (1, 3)


@pytest.mark.parametrize("stage", STAGES)
def test_a_letter_the_relay_puts_off_counts_no_transmission(stage: str, office: Office) -> None:
    letter_id = office.ready(1)
    office.relay.next(stage, "451 busy")
    office.relay.next("HELO", *(["451 busy"] if stage == "EHLO" else []))
    office.delivery.step()
    row = office.row(letter_id)
    assert (row.state, row.transmissions, row.due_at) == (LetterState.DEFERRED, 0, NOW + RETRY)
    assert not office.delivery.step()
    office.pass_time(RETRY)
    office.delivery.step()
    assert (office.row(letter_id).state, office.row(letter_id).transmissions) == (LetterState.SENT, 1)


def test_the_wait_doubles_and_never_exceeds_four_hours(office: Office) -> None:
    letter_id = office.ready(1)
    waits = []
    for _ in range(12):
        office.relay.next("RCPT", "450 greylisted")
        office.delivery.step()
        due_at = office.row(letter_id).due_at
        assert due_at is not None
        waits.append(due_at - office.clock.now())
        office.pass_time(waits[-1])
    assert waits[:8] == [RETRY * 2**n for n in range(8)]
    assert waits[8:] == [LONGEST_WAIT] * 4


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "message"])
def test_a_refused_letter_fails_at_once_and_stays_so(stage: str, office: Office) -> None:
    letter_id = office.ready(1)
    office.relay.next(stage, "550 5.1.1 no such user")
    office.delivery.step()
    row = office.row(letter_id)
    assert (row.state, row.reason) == (LetterState.FAILED, "550 5.1.1 no such user")
    office.pass_time(timedelta(days=30))
    assert not office.delivery.step()


def test_of_a_failed_letter_everybody_of_management_is_told(office: Office) -> None:
    letter_id = office.ready(1)
    heard = office.letter_bell.heard()
    office.relay.next("RCPT", "550 5.1.1 no such user")
    office.delivery.step()
    [told] = office.told()
    assert (told.recipient, told.state) == (STAFF, LetterState.WAITING)
    assert told.cause_key == f"letter:{letter_id}:0:0"
    assert office.body_of(told)["sections"][0]["values"] == {
        "letter_id": letter_id,
        "recipient": TO,
        "title": "subject 1",
        "reason": "550 5.1.1 no such user",
    }
    assert office.letter_bell.heard() > heard


def test_of_a_letter_that_failed_again_management_is_not_told_twice(office: Office) -> None:
    letter_id = office.ready(1)
    for _ in range(2):
        office.relay.next("RCPT", "550 no")
        office.delivery.step()
        office.do(lambda session: letters.retry(session, letter_id, office.clock.now()))
    assert len(office.told()) == 1


def test_of_a_failed_letter_about_a_failed_letter_nobody_is_told(office: Office) -> None:
    """Two letters that report each other's failure would never end."""
    letter_id = office.ready(1, STAFF, "staff_letter_failed")
    office.relay.next("RCPT", "550 no")
    office.delivery.step()
    assert office.row(letter_id).state == LetterState.FAILED
    assert [row.id for row in office.told()] == [letter_id]


def test_a_failure_stands_in_the_journal(office: Office) -> None:
    letter_id = office.ready(1)
    office.relay.next("RCPT", "550 no")
    office.delivery.step()
    with office.opened.database.reading() as session:
        [(row, detail)] = list(journal.lines(session, journal.SERVICE))
    assert (row.event, row.cause, row.actor) == ("letter failed", f"letter:{letter_id}", "relay")
    assert detail == {"recipient": TO, "reason": "550 no"}


@pytest.mark.parametrize("turn", [Turn.CUT, Turn.HANG])
def test_a_letter_nobody_knows_of_is_repeated_three_times_alike_and_then_waits_for_staff(
    turn: Turn, opened: Opened, relay: ScriptedRelay
) -> None:
    """Transmission is at least once: between the relay's 250 and our mark nobody can know."""
    office = Office(opened, relay, timeout=0.1)
    letter_id = office.ready(1)
    for transmission in range(1, 5):
        relay.next("message", turn)
        assert office.delivery.step()
        row = office.row(letter_id)
        assert (row.state, row.transmissions) == (LetterState.UNCERTAIN, transmission)
        office.pass_time(RETRY)
    assert office.row(letter_id).state == LetterState.UNCERTAIN
    office.pass_time(timedelta(days=30))
    assert not office.delivery.step()
    assert [one.data for one in relay.taken] == [office.data(1)] * 4
    office.do(lambda session: letters.retry(session, letter_id, office.clock.now()))
    office.delivery.step()
    assert office.row(letter_id).state == LetterState.SENT
    assert [one.data for one in relay.taken] == [office.data(1)] * 5
    office.delivery.close()


def test_a_connection_cut_before_the_letter_left_is_no_doubt(office: Office) -> None:
    letter_id = office.ready(1)
    office.relay.next("DATA", Turn.CUT)
    office.delivery.step()
    row = office.row(letter_id)
    assert (row.state, row.transmissions) == (LetterState.DEFERRED, 0)


def make_case(office: Office) -> int:
    def job(session: Session) -> int:
        party = session.exec(select(PartyRow)).first()
        assert party is not None
        assert party.id is not None
        case = CaseRow(
            code="R8-01234-7KQ4",
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

    case_id = office.do(job)
    assert isinstance(case_id, int)
    return case_id


def test_letters_of_one_case_and_recipient_keep_their_order_across_a_wait(office: Office) -> None:
    case_id = make_case(office)
    first = office.ready(1, case_id=case_id)
    second = office.ready(2, case_id=case_id)
    other = office.ready(3, OTHER, case_id=case_id)
    office.relay.next("RCPT", "450 greylisted")
    while office.delivery.step():
        pass
    states = [office.row(one).state for one in (first, second, other)]
    assert states == [LetterState.DEFERRED, LetterState.READY, LetterState.SENT]
    office.pass_time(RETRY)
    while office.delivery.step():
        pass
    assert [one.data for one in office.relay.taken] == [office.data(3), office.data(1), office.data(2)]


def test_a_failed_letter_holds_up_nobody_behind_it(office: Office) -> None:
    case_id = make_case(office)
    office.ready(1, case_id=case_id)
    office.ready(2, case_id=case_id)
    office.relay.next("RCPT", "550 no")
    while office.delivery.step():
        pass
    assert [one.data for one in office.relay.taken] == [office.data(2)]
