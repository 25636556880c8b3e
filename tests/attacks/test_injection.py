"""Values that would become headers, wording, or a paper that cannot be drawn."""

from email import message_from_bytes, policy

import pytest

from bot.clock import tokyo_date
from bot.operations.trial import sample_application
from bot.outcome import Letter, section
from bot.surety.printable import not_printable
from bot.writing.documents.typeface import unprintable
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates, write
from tests.desk import IYO, START, Answered, Desk

TEMPLATES = make_templates()
ENCODED = "=?utf-8?q?a=0D=0AX-Evil:_1=0D=0A=0D=0A?="


def written(desk: Desk, work_name: str = "市道", **changes: object) -> bytes:
    """Write a letter about a work of this name, with these changes to its job."""
    matter = section("which_case", {})
    letter = Letter(recipient=IYO, sections=(matter,), subject=f"【電子保証】{work_name}", answers=True)
    values = {"letter": letter, "office": desk.settings.office, "salutation": (), "written_at": START}
    job = LetterJob.model_validate({**values, "message_id": "1.a@hoshobin.example", **changes})
    return write(job, TEMPLATES).data


def headers(data: bytes) -> set[str]:
    return {name for name, _ in message_from_bytes(data, policy=policy.SMTP).items()}


@pytest.mark.parametrize(
    "name", [ENCODED, "a\r\nX-Evil: 1", "a\u2028X-Evil: 1", "a\x85X-Evil: 1", "a\0b", "=?=?=?="]
)
def test_no_work_name_becomes_a_header_or_stops_a_letter(desk: Desk, name: str) -> None:
    data = written(desk, name)
    assert headers(data) == headers(written(desk))
    assert b"\nX-Evil" not in data.replace(b"\r", b"")


@pytest.mark.parametrize(
    "identifier",
    [f"{ENCODED}@x.example", "a\x85b@x", "a\u2028b@x", "日本@x", "a b@x", "a\r\nX-Evil: 1", "<", "x" * 900],
)
def test_no_message_id_becomes_a_header_or_stops_the_answer(desk: Desk, identifier: str) -> None:
    """The email package of the standard library decodes encoded-words in any header, line ends too."""
    data = written(desk, in_reply_to=identifier, references=("R8-00001-7KQ4@hoshobin.example", identifier))
    assert b"X-Evil" not in data
    assert headers(data) <= headers(written(desk, in_reply_to="a@b", references=("a@b",)))


def test_a_long_message_id_is_answered_as_it_is(desk: Desk) -> None:
    """Exchange's have over 70 characters: encoded, no mail program would find the thread."""
    long = "TYCPR01MB" + "0123456789ABCDEF" * 4 + "@TYCPR01MB1234.jpnprd01.prod.outlook.com"
    data = written(desk, in_reply_to=long, references=("a@b", long))
    assert data.count(f"<{long}>".encode()) == 2


def apply_with(desk: Desk, label: str, value: str) -> Answered:
    """Send the sample application with one value replaced."""
    lines = sample_application(tokyo_date(desk.clock.now())).splitlines()
    changed = [f"{label}: {value}" if line.lstrip("◎").startswith(f"{label}:") else line for line in lines]
    assert changed != lines
    return desk.write(IYO, "\n".join(changed), subject="保証申込")


@pytest.mark.parametrize(
    ("label", "value", "named"),
    [
        ("工事名", "市道🚧中央線舗装補修工事", "U+1F6A7"),
        ("工事名", "시도중앙선", "U+"),
        ("工事名", "市" * 5_000, "200字"),
        ("工事番号", "第☃\u0e01号", "U+0E01"),
        ("預託金融機関", "伊予🏦信用金庫　本店営業部　普通", "U+1F3E6"),
        ("預託金融機関", f"伊予信用金庫　{'本' * 300}　普通", "字以内"),
        ("請負代金額(税込)", "1,000,000,000,000,000円", "けた数"),
        ("請負代金額(税込)", "-48,400,000円", "小さい"),
        ("請負代金額(税込)", "9" * 1_900, "金額"),
        ("工期", "2026.11.17〜2126.3.25", "年"),
        ("契約保証金額", "0分の1", "割合"),
        ("証書が必要な日", "令和0年0月0日", "日"),
    ],
)
def test_what_no_certificate_could_carry_is_asked_back_at_once(
    desk: Desk, label: str, value: str, named: str
) -> None:
    answered = apply_with(desk, label, value)
    assert answered.templates == ["faults"]
    faults = answered.letters[0].sections[0].values["faults"]
    assert isinstance(faults, list)
    assert len(faults) == 1
    assert named in str(faults[0])


@pytest.mark.parametrize("value", ["{{ office }}", "{% for x in y %}", "{# x #}", "{{ ''.__class__ }}"])
def test_a_template_in_a_value_stays_text(desk: Desk, value: str) -> None:
    answered = apply_with(desk, "工事名", value)
    assert answered.templates == ["read_back"]
    letter = answered.letters[0]
    values = {"letter": letter, "office": desk.settings.office, "salutation": (), "written_at": START}
    job = LetterJob.model_validate({**values, "message_id": "1.a@hoshobin.example"})
    assert value in write(job, TEMPLATES).text


def test_every_character_that_is_let_through_can_be_printed() -> None:
    """Beyond plane 2 the Japanese character sets have nothing."""
    passed = (chr(one) for one in range(32, 0x30000) if not 0xD800 <= one < 0xE000)
    assert unprintable("".join(one for one in passed if not not_printable(one))) == ""
