"""One mail from one job: well-formed MIME, the same bytes each time, and no value ever becomes a header."""

import email
import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.outcome import Section
from bot.writing.jobs import JobAttachment, LetterJob
from bot.writing.letters import make_templates, write
from tests.writing.samples import CASE, KEYED, LETTER_TEMPLATES, OFFICE, SAMPLES, letter_job, with_papers

TEMPLATES = make_templates()
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Thread-Topic",
    "Thread-Index",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def shape(part: Any) -> Any:
    """Return the types of a mail as a tree."""
    if not part.is_multipart():
        return part.get_content_type()
    return {part.get_content_type(): [shape(one) for one in part.iter_parts()]}


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_every_letter_is_well_formed_and_says_both_ways_what_was_written(template: str) -> None:
    for number in range(len(SAMPLES[template])):
        done = write(letter_job(template, number), TEMPLATES)
        mail = parsed(done.data)
        assert all(not part.defects for part in mail.walk())
        assert mail.keys() == HEADERS
        assert shape(mail) == {"multipart/alternative": ["text/plain", "text/html"]}
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert plain.get_content().replace("\r\n", "\n") == done.text
        assert "</html>" in html.get_content()
        assert mail["Subject"] == done.subject


def test_papers_stand_beside_the_two_ways_of_saying_it() -> None:
    job = with_papers(letter_job("key_notice"))
    mail = parsed(write(job, TEMPLATES).data)
    pdf = "application/pdf"
    text = {"multipart/alternative": ["text/plain", "text/html"]}
    assert shape(mail) == {"multipart/mixed": [text, pdf, pdf]}
    for part, paper in zip(mail.iter_attachments(), job.attachments, strict=True):
        assert part.get_content() == paper.data
        assert part.get_filename() == paper.file_name
        assert paper.file_name.isascii()
        assert part["Content-Transfer-Encoding"] == "base64"
        assert part.get_content_disposition() == "attachment"


def test_every_line_is_short_enough_for_every_mta() -> None:
    """RFC 5322 §2.1.1: 998 octets at most, 78 wanted; RFC 2045 §6.8: 76 of base64."""
    for template in ("applied", "list", "read_back", *KEYED):
        data = write(with_papers(letter_job(template)), TEMPLATES).data
        assert all(len(line) <= 78 for line in data.split(b"\r\n"))
        assert data.isascii()
        assert b"\r\n".join(data.split(b"\r\n")).count(b"\n") == data.count(b"\r\n")


def test_the_sender_is_the_desk_under_the_suretys_encoded_name() -> None:
    done = write(letter_job("applied"), TEMPLATES)
    [address] = parsed(done.data)["From"].addresses
    assert address == Address("〇〇建設業保証株式会社", "hosho", "hoshobin.example")
    assert done.data.startswith(b"From: =?utf-8?")
    assert b"?=\r\n <hosho@hoshobin.example>\r\n" in done.data


def test_a_letter_says_that_a_program_wrote_it() -> None:
    """RFC 3834 §5. Non-delivery reports are not asked to stay away: `All` would."""
    answer = parsed(write(letter_job("applied"), TEMPLATES).data)
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    job = letter_job("premium")
    news = parsed(write(job.but(letter=job.letter.but(answers=False)), TEMPLATES).data)
    assert news["Auto-Submitted"] == "auto-generated"


def test_a_letter_hangs_on_the_mail_it_answers_and_on_its_case() -> None:
    mail = parsed(write(letter_job("applied"), TEMPLATES).data)
    assert mail["In-Reply-To"] == "<first-1@iyo-kensetsu.example>"
    assert mail["References"] == f"<{CASE}@hoshobin.example> <first-1@iyo-kensetsu.example>"
    assert mail["Message-ID"] == "<7.0123456789abcdef0123@hoshobin.example>"
    assert str(mail["Date"]) == "Tue, 10 Nov 2026 10:58:00 +0900"


def test_a_letter_that_answers_nothing_hangs_on_nothing() -> None:
    mail = parsed(write(letter_job("premium", in_reply_to="", references=()), TEMPLATES).data)
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_written_twice_it_is_the_same_to_the_last_byte(template: str) -> None:
    job = with_papers(letter_job(template))
    again = LetterJob.model_validate_json(job.model_dump_json())
    assert write(job, TEMPLATES) == write(again, make_templates())


def test_the_bytes_do_not_depend_on_the_process_that_made_them() -> None:
    """Pinned: a change here means that letters waiting to be repeated would differ from their first try."""
    job = letter_job("which_case")
    bare = write(job.but(office=OFFICE, salutation=()), TEMPLATES).data
    boundary = re.search(rb'boundary="([^"]+)"', bare)
    assert boundary is not None
    seed = hashlib.sha256(f"<{job.message_id}>0".encode()).hexdigest()[:24]
    assert boundary[1] == f"=-{seed}".encode()


def test_the_subject_that_an_orderer_prescribes_is_kept_as_it_is() -> None:
    job = letter_job("submission")
    job = job.but(letter=job.letter.but(subject="【電子保証】第123号 市道中央線舗装補修工事"))
    done = write(job, TEMPLATES)
    assert done.subject == "【試行】【電子保証】第123号 市道中央線舗装補修工事"
    assert "本文の[ ]内の番号は消さないでください。" in done.text


def test_an_answer_to_several_requests_holds_their_sections_in_order() -> None:
    job = letter_job("certificate")
    sections = (job.letter.sections[0], Section(template="help", values={"party": "contractor"}))
    done = write(job.but(letter=job.letter.but(sections=sections)), TEMPLATES)
    assert done.subject.startswith("【試行】【保証便】保証証書(受注者控え)")
    assert done.text.index("保証証書(受注者控え)をお送りします") < done.text.index("この窓口には")


def test_beside_a_key_notice_the_subject_is_that_of_the_key_notice() -> None:
    keyed, certificate = letter_job("key_notice"), letter_job("certificate")
    sections = (certificate.letter.sections[0], keyed.letter.sections[0])
    done = write(keyed.but(letter=keyed.letter.but(sections=sections)), TEMPLATES)
    assert done.subject.startswith("【試行】【保証便】認証キー等のお知らせ")


def test_an_address_that_is_not_ascii_is_written_as_utf_8() -> None:
    """RFC 6532 §3.2: an encoded-word may never stand in an address."""
    job = letter_job("applied")
    data = write(job.but(letter=job.letter.but(recipient="総務@iyo-kensetsu.example")), TEMPLATES).data
    assert "To: 総務@iyo-kensetsu.example\r\n".encode() in data


def test_a_salutation_names_nobody_where_nobody_is_known() -> None:
    assert write(letter_job("applied", salutation=()), TEMPLATES).text.startswith(
        "〇〇建設業保証株式会社です。\n"
    )


def test_an_attachment_names_only_a_file() -> None:
    job = letter_job("certificate")
    paper = JobAttachment(file_name="a.pdf", media_type="application/pdf", data=b"%PDF-1.7")
    mail = parsed(write(job.but(attachments=(paper,)), TEMPLATES).data)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.pdf"]


EVIL = "\r\nBcc: thief@evil.example\r\n\r\n<b>x</b>"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List where strings stand in a plain value."""
    if isinstance(value, str):
        return [path]
    if isinstance(value, dict):
        return [place for key, one in value.items() for place in places(one, (*path, key))]
    if isinstance(value, list):
        return [place for index, one in enumerate(value) for place in places(one, (*path, index))]
    return []


def put(value: Any, path: tuple[Any, ...], new: str) -> Any:
    """Return a copy with another string at one place."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(one, path[1:], new) if key == path[0] else one for key, one in value.items()}
    return [put(one, path[1:], new) if index == path[0] else one for index, one in enumerate(value)]


def at(value: Any, path: tuple[Any, ...]) -> str:
    for step in path:
        value = value[step]
    return str(value)


def headers_or_refusal(plain: Any) -> list[str] | None:
    """Write a job; return its headers, or None where it cannot be written at all."""
    try:
        job = LetterJob.model_validate(plain)
        done = write(job, TEMPLATES)
    except (ValidationError, ValueError, KeyError, LookupError, TypeError):
        return None
    assert "\n" not in done.subject
    assert "\r" not in done.subject
    return [name for name in parsed(done.data) if name not in ("In-Reply-To", "References")]


_EXPECTED = [name for name in HEADERS if name not in ("In-Reply-To", "References")]


@pytest.mark.slow
@pytest.mark.parametrize("template", ["applied", "staff_letter_failed", "question", "staff_review", *KEYED])
def test_no_string_of_a_job_ever_makes_a_header(template: str) -> None:
    """Every string a letter is made of, one after the other, carries a line break and a header."""
    job = letter_job(template)
    plain = job.but(letter=job.letter.but(subject="件名")).model_dump(mode="json")
    for place in places(plain):
        for evil in (at(plain, place) + EVIL, EVIL + at(plain, place)):
            found = headers_or_refusal(put(plain, place, evil))
            assert found in (None, _EXPECTED), place


_BREAKS = st.sampled_from(["\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"])


@settings(max_examples=60, deadline=None)
@given(
    template=st.sampled_from(["applied", "question", "staff_review", "unclear"]),
    which=st.integers(0, 10_000),
    before=st.text(max_size=6),
    line_break=_BREAKS,
)
def test_no_line_break_of_any_alphabet_makes_a_header(
    template: str, which: int, before: str, line_break: str
) -> None:
    job = letter_job(template)
    plain = job.model_dump(mode="json")
    found = places(plain)
    place = found[which % len(found)]
    evil = f"{before}{line_break}Bcc: thief@evil.example{line_break}{line_break}x"
    assert headers_or_refusal(put(plain, place, evil)) in (None, _EXPECTED)


@pytest.mark.parametrize("name", ["work_name", "question"])
def test_a_name_with_a_line_break_is_written_on_one_line_of_the_subject(name: str) -> None:
    job = letter_job("question")
    values = {**SAMPLES["question"][0], name: "市道\r\nBcc: thief@evil.example"}
    section = Section(template="question", values=values)
    done = write(job.but(letter=job.letter.but(sections=(section,))), TEMPLATES)
    assert parsed(done.data)["Bcc"] is None
    assert "\n" not in done.subject
