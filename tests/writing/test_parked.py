"""A letter that breaks a rule of its own making is not sent: tried three times, parked, and staff told."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.app import settings_of
from bot.bells import Bell
from bot.clock import FixedClock
from bot.operations.trial import trial_config
from bot.outcome import Letter, Section
from bot.trouble import PARKED
from bot.writing.client import WritingHelper
from bot.writing.writer import LetterWriter
from storage import letters
from storage.opening import Opened
from storage.states import LetterState
from storage.tables import LetterRow
from tests.mails.ledger import AT, DONE_CASE, build
from tests.writing.samples import SAMPLES

pytestmark = pytest.mark.slow
STAFF = "kanri@surety.example"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Opened]:
    opened = build(tmp_path)
    yield opened
    opened.database.close()


def queue(opened: Opened, template: str, recipient: str) -> None:
    section = Section(template=template, values=SAMPLES[template][0])
    letter = Letter(recipient=recipient, sections=(section,), case_code=DONE_CASE)

    def job(session: Session) -> None:
        letters.queue(
            session,
            opened.sealer,
            cause_key=f"inbox:1:0:{template}",
            recipient=recipient,
            body=letter.model_dump(mode="json"),
            templates=template,
            now=AT,
        )

    opened.database.write(job)


def write_all(opened: Opened) -> None:
    """Let the writer work for an hour, as its clock has it."""
    clock = FixedClock(AT)
    office = settings_of(trial_config({})).office
    lease, retry = timedelta(minutes=5), timedelta(minutes=1)
    with closing(WritingHelper()) as helper:
        writer = LetterWriter(
            opened.database, opened.sealer, helper, clock, office, "one", lease, retry, Bell()
        )
        for _ in range(6):
            while writer.step():
                pass
            clock.advance(timedelta(minutes=10))


def rows(opened: Opened) -> list[LetterRow]:
    with opened.database.reading() as session:
        return list(session.exec(select(LetterRow).order_by(col(LetterRow.id))))


def test_it_is_parked_with_the_rule_and_everybody_of_the_office_is_told(office: Opened) -> None:
    queue(office, "applied", "no address")
    write_all(office)
    parked, *told = rows(office)
    assert parked.state == LetterState.PARKED
    assert "Malformed: address: is not one mailbox" in parked.reason
    assert [(row.recipient, row.templates, row.state) for row in told] == [(STAFF, PARKED, LetterState.READY)]
    with office.database.reading() as session:
        assert told[0].id is not None
        assert b"Subject:" in letters.data_of(session, office.sealer, told[0].id)


def test_of_the_letter_that_tells_nobody_is_told_again(office: Opened) -> None:
    queue(office, PARKED, "no address")
    write_all(office)
    [alone] = rows(office)
    assert alone.state == LetterState.PARKED
