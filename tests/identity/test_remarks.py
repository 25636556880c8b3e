"""What a customer writes beside a request reaches a person, and changes nothing."""

from bot.mail import Unreadable
from tests.desk import CITY, IYO, STRANGER, Desk

SHINSA = "shinsa@surety.example"


def test_what_stands_beside_a_request_goes_to_the_examiners(desk: Desk) -> None:
    answered = desk.write(IYO, "一覧\n担当が高橋から村上に替わりました。")
    assert answered.words == ["list"]
    told = answered.letter_to(SHINSA)
    assert told.sections[0].template == "staff_remark"
    assert told.sections[0].values["lines"] == ["担当が高橋から村上に替わりました"]
    assert answered.changes == ()


def test_courtesies_and_half_sentences_are_no_remark(desk: Desk) -> None:
    for says in (
        "一覧\nをお願いします。",
        "状況\n引き続きよろしくお願いいたします。",
        "証書\n認証キー\nの2つをお願いします。",
    ):
        assert "staff_remark" not in desk.write(IYO, says).templates, says


def test_a_key_written_beside_a_request_is_not_passed_on(desk: Desk) -> None:
    answered = desk.write(IYO, "一覧\n認証キー K7M4P-3XHW3 が届きました。")
    assert "K7M4P" not in str([letter.model_dump() for letter in answered.letters])
    lines = answered.letter_to(SHINSA).sections[0].values["lines"]
    assert isinstance(lines, list)
    assert [str(line)[-6:] for line in lines] == ["が届きました"]


def test_a_strangers_unreadable_mails_are_told_to_staff_once_a_day(desk: Desk) -> None:
    garbage = Unreadable(reason="no header block", from_address=STRANGER)
    first, second = desk.receive(garbage), desk.receive(garbage.but(reason="too many parts"))
    assert [one.letters[0].once for one in (first, second)] == [first.letters[0].once] * 2
    assert first.letters[0].once is not None


def test_the_first_unreadable_mails_of_a_registered_mailbox_are_each_told_to_staff(desk: Desk) -> None:
    """Whose From may be forged; how many: tests/directory/test_stranger_letters.py."""
    answers = [desk.receive(Unreadable(reason="no header block", from_address=CITY)) for _ in range(2)]
    assert len({one.letter_to(SHINSA).once for one in answers}) == 2
    assert [one.decision.state for one in answers] == ["parked"] * 2
