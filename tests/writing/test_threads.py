"""How letters of a case hang together: References that grow, and a Thread-Index read as Outlook reads it."""

import struct
import uuid
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise

import pytest
from sqlmodel import Session

from bot.app import settings_of
from bot.bells import Bell
from bot.clock import TOKYO, FixedClock
from bot.mail import Envelope
from bot.operations.trial import trial_config
from bot.outcome import Letter, Section
from bot.writing.client import WritingHelper
from bot.writing.letters import make_templates, write
from bot.writing.threads import REFERENCES, parents_kept, references, thread_index
from bot.writing.writer import LetterWriter
from storage import inbox, letters
from storage.opening import Opened
from storage.states import InboxState
from tests.mails.ledger import AT, DONE_CASE, build
from tests.writing.samples import letter_job
from tests.writing.test_letters import parsed

TEMPLATES = make_templates()
DOMAIN, CODE = "hoshobin.example", "R8-01234-7KQ4"
YEAR_BEGAN = datetime(2026, 1, 1, tzinfo=TOKYO)


@dataclass(frozen=True)
class Index:
    """A Thread-Index taken apart."""

    began_at: datetime
    thread: uuid.UUID
    levels: list[tuple[bool, timedelta]]


def outlook(value: str) -> Index:
    """Read an index as [MS-OXOMSG] §2.2.1.3 lays it out, on its own."""
    data = b64decode(value, validate=True)
    assert data[0] == 1
    ticks = int.from_bytes(data[1:6] + bytes(3), "big")
    levels = []
    for start in range(22, len(data), 5):
        (word,) = struct.unpack(">I", data[start : start + 4])
        coarse, time = bool(word >> 31), word & 0x7FFF_FFFF
        levels.append((coarse, _span(time << (23 if coarse else 18))))
    return Index(datetime(1601, 1, 1, tzinfo=UTC) + _span(ticks), uuid.UUID(bytes=data[6:22]), levels)


def _span(ticks: int) -> timedelta:
    return timedelta(microseconds=ticks // 10)


def index_at(moment: datetime, code: str = CODE, message_id: str = "1@hoshobin.example") -> str:
    return thread_index(DOMAIN, code, message_id, moment)


def test_an_index_is_a_header_of_22_bytes_and_one_level_of_5() -> None:
    assert len(b64decode(index_at(AT))) == 27


def test_all_letters_of_a_case_share_their_header_and_no_other_case_does() -> None:
    later = [index_at(AT + timedelta(days=30 * n), message_id=f"{n}@x.example") for n in range(30)]
    assert len({b64decode(one)[:22] for one in later}) == 1
    others = [
        index_at(AT, "R8-01234-7KQ5"),
        index_at(AT, "R8-01235-7KQ4"),
        thread_index("other.example", CODE, "1", AT),
    ]
    threads = {outlook(one).thread for one in [index_at(AT), *others]}
    assert len(threads) == 4


def test_a_thread_began_with_the_year_that_its_code_names() -> None:
    began = outlook(index_at(AT)).began_at
    assert timedelta(0) <= YEAR_BEGAN - began < timedelta(seconds=2)  # 24 bits are left out: 1.7 s
    assert outlook(index_at(AT, "R1-00001-AAAA")).began_at.astimezone(TOKYO).year == 2019


@pytest.mark.parametrize(
    ("after", "is_coarse", "precision"),
    [
        (timedelta(0), False, timedelta(milliseconds=30)),
        (timedelta(days=1), False, timedelta(milliseconds=30)),
        (timedelta(days=600), False, timedelta(milliseconds=30)),
        (timedelta(days=700), True, timedelta(seconds=1)),
        (timedelta(days=365 * 30), True, timedelta(seconds=1)),
    ],
)
def test_a_level_says_when_the_letter_was_written(
    after: timedelta, is_coarse: bool, precision: timedelta
) -> None:
    """In steps of 26 ms for 1.7 years, then of 0.8 s."""
    [(coarse, span)] = outlook(index_at(YEAR_BEGAN + after)).levels
    assert coarse == is_coarse
    assert abs(span - after) <= precision


def test_letters_are_in_order_and_twins_are_told_apart() -> None:
    moments = [AT + timedelta(seconds=n) for n in range(50)]
    found = [b64decode(index_at(moment)) for moment in moments]
    assert all(earlier < later for earlier, later in pairwise(found))
    assert index_at(AT, message_id="1@x.example") != index_at(AT, message_id="2@x.example")
    assert index_at(AT) == index_at(AT)


@pytest.mark.parametrize("code", ["", "X-1", "R99-00001-AAAA", "保証"])
def test_any_code_makes_an_index(code: str) -> None:
    assert outlook(index_at(AT, code)).levels


def test_a_letter_of_a_case_carries_topic_and_index() -> None:
    job = letter_job("applied")
    mail = parsed(write(job, TEMPLATES).data)
    assert mail["Thread-Topic"] == CODE
    assert mail["Thread-Index"] == index_at(job.written_at, message_id=job.message_id)


def test_a_letter_of_no_case_carries_neither() -> None:
    job = letter_job("help")
    mail = parsed(write(job.but(letter=job.letter.but(case_code=None)), TEMPLATES).data)
    assert mail["Thread-Topic"] is None
    assert mail["Thread-Index"] is None


# --- References


def test_an_answer_hangs_on_its_case_its_parents_and_its_question_in_that_order() -> None:
    found = references(CODE, DOMAIN, "a@b.example c@d.example", "q@r.example")
    assert found == (f"{CODE}@{DOMAIN}", "a@b.example", "c@d.example", "q@r.example")


def test_nothing_is_named_twice() -> None:
    root = f"{CODE}@{DOMAIN}"
    assert references(CODE, DOMAIN, f"{root} a@b a@b q@r", "q@r") == (root, "a@b", "q@r")


def test_without_case_or_question_there_is_less_to_hang_on() -> None:
    assert references(None, DOMAIN, "", "") == ()
    assert references(CODE, DOMAIN, "", "") == (f"{CODE}@{DOMAIN}",)
    assert references(None, DOMAIN, "a@b", "q@r") == ("a@b", "q@r")


def test_a_long_chain_keeps_the_case_and_the_newest() -> None:
    found = references(CODE, DOMAIN, " ".join(f"{n}@b.example" for n in range(100)), "q@r.example")
    assert len(found) == REFERENCES
    assert found[0] == f"{CODE}@{DOMAIN}"
    assert found[-2:] == ("99@b.example", "q@r.example")


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        ((), ""),
        (("parent@x",), "parent@x"),
        (("parent@x", "first@x", "second@x"), "first@x second@x parent@x"),
        (tuple(f"{n}@x" for n in range(30)), "23@x 24@x 25@x 26@x 27@x 28@x 29@x 0@x"),
        (("a b@x", "c@x"), ""),
        (("a" * 600, "c@x"), ""),
        (("a@x", "b" * 600, "c@x"), "c@x a@x"),
    ],
)
def test_of_what_a_mail_hangs_on_the_newest_is_kept(named: tuple[str, ...], kept: str) -> None:
    """Reading names In-Reply-To first, then what References has beside it."""
    assert parents_kept(named) == kept


# --- the chain as it grows from mail to mail


@pytest.fixture
def office(tmp_path: object) -> Iterator[Opened]:
    opened = build(tmp_path)  # type: ignore[arg-type]
    yield opened
    opened.database.close()


def answered(opened: Opened, number: int, message_id: str, parents: str) -> EmailMessage:
    """Let a mail be decided that hangs on `parents`, write the answer, and return it."""
    opened.database.write(lambda session: _arrive(session, opened, number, message_id, parents))
    settings = settings_of(trial_config({}))
    with closing(WritingHelper()) as helper:
        writer = LetterWriter(
            opened.database,
            opened.sealer,
            helper,
            FixedClock(AT),
            settings.office,
            "one",
            timedelta(minutes=5),
            timedelta(minutes=1),
            Bell(),
        )
        assert writer.step()
    with opened.database.reading() as session:
        return parsed(letters.data_of(session, opened.sealer, number))


def _arrive(session: Session, opened: Opened, number: int, message_id: str, parents: str) -> None:
    sender = "soumu@iyo-kensetsu.example"
    envelope = Envelope(
        mail_from=sender, recipients=("hosho@hoshobin.example",), peer="", source="smtp", received_at=AT
    )
    fields = envelope.model_dump(mode="json")
    new = inbox.arrival(opened.sealer, "smtp", fields, b"%d" % number, sender, AT)
    inbox_id = inbox.accept(session, new)
    claim = inbox.claim(session, "one", AT, timedelta(minutes=5))
    assert claim is not None
    inbox.finish(session, claim, InboxState.DONE, AT, message_id=message_id, parents=parents)
    section = Section(template="which_case")
    letter = Letter(recipient=sender, sections=(section,), case_code=DONE_CASE, answers=True)
    letters.queue(
        session,
        opened.sealer,
        cause_key=f"inbox:{inbox_id}:0:0",
        recipient=sender,
        body=letter.model_dump(mode="json"),
        templates="which_case",
        now=AT,
        inbox_id=inbox_id,
    )


def ids(mail: EmailMessage) -> list[str]:
    return [one.strip("<>") for one in str(mail["References"]).split()]


@pytest.mark.slow
def test_the_chain_grows_with_every_mail_and_answer(office: Opened) -> None:
    """RFC 5322 §3.6.4: the parent's References, then the parent's own identifier."""
    root = f"{DONE_CASE}@hoshobin.example"
    first = answered(office, 1, "q1@iyo.example", "")
    assert ids(first) == [root, "q1@iyo.example"]
    own = str(first["Message-ID"]).strip("<>")
    again = parents_kept((own, root, "q1@iyo.example"))
    second = answered(office, 2, "q2@iyo.example", again)
    assert ids(second) == [root, "q1@iyo.example", own, "q2@iyo.example"]
    assert second["In-Reply-To"] == "<q2@iyo.example>"
    assert outlook(first["Thread-Index"]).thread == outlook(second["Thread-Index"]).thread
    assert first["Thread-Topic"] == second["Thread-Topic"] == DONE_CASE
