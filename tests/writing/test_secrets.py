"""The 認証キー stands in the letters that carry the key notice and in its paper, and nowhere else."""

import email
import io
import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pdfplumber
import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.app import settings_of
from bot.bells import Bell
from bot.clock import FixedClock
from bot.operations.lists import letter_row, letter_rows
from bot.operations.office import case_page
from bot.operations.trial import trial_config
from bot.outcome import DocumentRef, KeyRef, Letter, Section
from bot.writing.client import WritingHelper
from bot.writing.writer import LetterWriter
from storage import documents, journal, letters
from storage.opening import Opened
from storage.sealed import Sealer
from storage.states import LetterState
from storage.tables import LetterRow
from tests.mails.ledger import AT, DONE_CASE, KEY, build
from tests.writing.samples import KEYED, SAMPLES

SHOWN = f"{KEY[:5]}-{KEY[5:]}"
NUMBER = "2080001234"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    opened = build(tmp_path_factory.mktemp("ledger"))
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def log(ledger: Opened) -> Iterator[io.StringIO]:
    """Collect everything that is logged while the two letters are written, tracebacks and all."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level, root_level = logging.DEBUG, root.level
    root.addHandler(handler)
    root.setLevel(level)
    _write_all(ledger)
    yield stream
    root.removeHandler(handler)
    root.setLevel(root_level)


def _write_all(ledger: Opened) -> None:
    settings = settings_of(trial_config({}))
    with closing(WritingHelper()) as helper:
        clock = FixedClock(AT)
        lease, retry = timedelta(minutes=5), timedelta(minutes=1)
        writer = LetterWriter(
            ledger.database, ledger.sealer, helper, clock, settings.office, "one", lease, retry, Bell()
        )
        ledger.database.write(lambda session: _queue_all(session, ledger.sealer))
        while writer.step():
            pass


def _queue_all(session: Session, sealer: Sealer) -> None:
    key = KeyRef(guarantee_number=NUMBER, version=1)
    broken = dict(list(SAMPLES["key_notice"][0].items())[1:])
    samples = [(name, SAMPLES[name][0]) for name in (*KEYED, "certificate")] + [("key_notice", broken)]
    for number, (template, values) in enumerate(samples):
        section = Section(template=template, values=values, key=key if template in KEYED else None)
        letter = Letter(
            recipient="soumu@iyo-kensetsu.example",
            sections=(section,),
            case_code=DONE_CASE,
            documents=(DocumentRef(of=f"guarantee:{NUMBER}", version=1, kind="key_notice"),)
            if template in KEYED
            else (),
        )
        letters.queue(
            session,
            sealer,
            cause_key=f"inbox:1:0:{number}",
            recipient=letter.recipient,
            body=letter.model_dump(mode="json"),
            templates=template,
            now=AT,
        )


def _data(ledger: Opened, template: str) -> bytes:
    with ledger.database.reading() as session:
        ready = select(LetterRow).where(LetterRow.templates == template, LetterRow.state == LetterState.READY)
        row = session.exec(ready).one()
        assert row.id is not None
        return letters.data_of(session, ledger.sealer, row.id)


@pytest.mark.parametrize("template", KEYED)
def test_a_letter_that_carries_the_key_notice_says_the_key_in_body_and_paper(
    template: str, ledger: Opened, log: io.StringIO
) -> None:
    mail = email.message_from_bytes(_data(ledger, template), policy=default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    assert SHOWN in body.get_content()
    [paper] = mail.iter_attachments()
    with pdfplumber.open(io.BytesIO(paper.get_content())) as pdf:
        assert SHOWN in pdf.pages[0].extract_text()
    assert SHOWN not in str(mail["Subject"])


def test_a_letter_that_could_not_be_written_says_no_key_either(ledger: Opened, log: io.StringIO) -> None:
    with ledger.database.reading() as session:
        waiting = select(LetterRow).where(LetterRow.state == LetterState.WAITING)
        [row] = session.exec(waiting)
    assert "UndefinedError" in row.reason
    assert "writing failed" in log.getvalue()


def test_the_log_never_says_the_key(log: io.StringIO) -> None:
    assert "written to=<soumu@iyo-kensetsu.example>" in log.getvalue()
    assert KEY not in log.getvalue()
    assert SHOWN not in log.getvalue()


def test_no_column_of_any_table_holds_the_key_in_clear(ledger: Opened, log: io.StringIO) -> None:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    with ledger.database.readers.connect() as connection:
        for (name,) in connection.execute(text(tables)).all():
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                for value in row:
                    shown = value if isinstance(value, bytes) else str(value).encode()
                    assert KEY.encode() not in shown, name
                    assert SHOWN.encode() not in shown, name


def test_neither_does_the_file_itself(ledger: Opened, log: io.StringIO) -> None:
    file = Path(ledger.database.url.removeprefix("sqlite:///"))
    for path in file.parent.glob(f"{file.name}*"):
        assert KEY.encode() not in path.read_bytes()
        assert SHOWN.encode() not in path.read_bytes()


def test_lists_pages_and_journal_never_say_the_key(ledger: Opened, log: io.StringIO) -> None:
    url = ledger.database.url
    with ledger.database.reading() as session:
        lines = [
            detail for chain in (journal.SERVICE, DONE_CASE) for _, detail in journal.lines(session, chain)
        ]
    rows = letter_rows(url, "", 50)
    shown = json.dumps([rows, [letter_row(url, row["id"]) for row in rows], case_page(url, DONE_CASE), lines])
    assert len(rows) == 4
    assert KEY not in shown
    assert SHOWN not in shown


def test_the_stored_paper_opens_only_with_the_service_key(ledger: Opened, log: io.StringIO) -> None:
    with ledger.database.reading() as session:
        stored = documents.find(session, ledger.sealer, f"guarantee:{NUMBER}", 1, "key_notice")
    assert stored is not None
    assert stored.data.startswith(b"%PDF-")
