"""What strangers are written: one letter a day and mailbox, so many in all, nothing that a forger chose."""

import pytest

from bot.deciding import stranger_letters
from bot.deciding.unreadable import MOST_TOLD
from bot.mail import Unreadable
from tests.desk import EXAMINER, IYO, MANAGER, Answered, Desk
from tests.directory.people import FORM, NEWCOMER, ask, confirm

ENQUIRY = "保証契約番号 0123456789 認証キー ABCD-EFGH-JKLM-NPQR を照会します"


def enquire(desk: Desk, address: str, proof: str = "none") -> Answered:
    return desk.write(address, ENQUIRY, proof=proof)


def test_both_letters_together_go_to_one_forged_mailbox_once_a_day(desk: Desk) -> None:
    ask(desk, "victim@elsewhere.example", proof="none")
    enquire(desk, "victim@elsewhere.example")
    assert desk.letters_to("victim@elsewhere.example") == 1


def test_a_mailbox_is_one_under_all_its_tags(desk: Desk) -> None:
    for number in range(4):
        ask(desk, f"victim+{number}@elsewhere.example", proof="none")
    sent = [desk.letters_to(f"victim+{number}@elsewhere.example") for number in range(4)]
    assert sent == [1, 0, 0, 0]


def test_a_proven_newcomer_is_answered_though_a_forger_had_him_written_to(desk: Desk) -> None:
    enquire(desk, NEWCOMER)
    ask(desk)
    assert desk.letters_to(NEWCOMER) == 2


def test_forged_mails_have_so_many_letters_a_day_in_all_and_staff_hear_once(desk: Desk) -> None:
    desk.set_office(stranger_letters_a_day=3)
    answers = [enquire(desk, f"victim{number}@elsewhere.example") for number in range(3)]
    answers += [ask(desk, f"victim{number}@elsewhere.example", proof="none") for number in range(3, 6)]
    assert [one.templates[0] for one in answers] == ["enquiry_received"] * 3 + ["staff_stranger_letters"] * 3
    assert desk.letters_to(MANAGER) == 1
    assert answers[-1].changes == ()


def test_a_flood_of_forged_mails_takes_nothing_from_a_proven_newcomer(desk: Desk) -> None:
    desk.set_office(stranger_letters_a_day=2)
    for number in range(4):
        ask(desk, f"forged{number}@elsewhere.example", proof="none")
    assert ask(desk, NEWCOMER, proof="dkim").templates == ["enrolment"]


def test_the_cap_counts_letters_and_not_mails(desk: Desk) -> None:
    desk.set_office(stranger_letters_a_day=2)
    for _ in range(3):
        ask(desk, "one@elsewhere.example", proof="none")
    assert enquire(desk, "two@elsewhere.example").templates == ["enquiry_received"]


def test_proven_strangers_have_a_cap_of_their_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stranger_letters, "MOST_PROVEN", 1)
    assert enquire(desk, "a@one.example", "dkim").templates == ["enquiry_received"]
    assert enquire(desk, "a@two.example", "dkim").templates == ["staff_stranger_letters"]
    assert enquire(desk, "a@three.example").templates == ["enquiry_received"]


@pytest.mark.parametrize("address", ["a@localhost", "a@b.-c.example", "a@b--.example", "a@xn--.example"])
def test_nobody_is_answered_where_no_letter_can_be_written_to(desk: Desk, address: str) -> None:
    for answered in (enquire(desk, address), ask(desk, address, proof="none")):
        assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


# --- What is confirmed


def test_a_forged_second_mail_does_not_change_what_a_newcomer_confirms(desk: Desk) -> None:
    ask(desk)
    ask(
        desk, says=FORM.replace("大洲土木", "にせもの").replace("0893-00-1234", "090-6666-6666"), proof="none"
    )
    taken = confirm(desk).letter_to(EXAMINER).sections[0].values
    assert taken["party_name"] == "株式会社大洲土木"
    assert "090-6666-6666" not in str(taken["rows"])


def test_a_proven_second_mail_does(desk: Desk) -> None:
    ask(desk)
    ask(desk, says=FORM.replace("大洲土木", "大洲建設"))
    assert confirm(desk).letter_to(EXAMINER).sections[0].values["party_name"] == "株式会社大洲建設"


@pytest.mark.parametrize(
    "says",
    [
        "至急ご確認 evil.shop/login",
        "至急evil.shop",
        "悪い.com",
        "当選 090-1234-5678へ電話",
        "当選 ０９０ー１２３４ー５６７８",
        "t.co/abc",
        "EVIL．BIZ",
        "evil.ltd",
    ],
)
def test_a_name_that_is_an_advertisement_is_dropped(desk: Desk, says: str) -> None:
    answered = ask(desk, "victim@elsewhere.example", f"利用登録\n会社名: {says}\n", proof="none")
    assert answered.letters[0].sections[0].values["rows"] == []


@pytest.mark.parametrize("name", ["大洲土木Co.,Ltd.", "OZU CO.LTD", "(株)A.B建設", "第一・建設"])
def test_a_name_that_only_looks_a_little_like_one_stays(desk: Desk, name: str) -> None:
    answered = ask(desk, says=f"利用登録\n会社名: {name}\n")
    assert answered.letters[0].sections[0].values["party_name"] == name


def test_a_number_to_call_may_stand_in_its_own_line_only(desk: Desk) -> None:
    says = (
        "利用登録\n会社名: 大洲土木\n担当者: 大野 090-1234-5678\n"
        "電話: 0893-00-1234\n住所: 大洲市690-1 0893-00-1234"
    )
    rows = ask(desk, says=says).letters[0].sections[0].values["rows"]
    assert rows == [
        {"label": "会社名(商号)", "value": "大洲土木"},
        {"label": "住所", "value": "大洲市690-1 0893-00-1234"},
        {"label": "電話", "value": "0893-00-1234"},
    ]


# --- What staff hear of bytes that nobody can read


def test_unreadable_mails_in_the_name_of_a_party_are_told_so_often_and_then_once_that_more_come(
    desk: Desk,
) -> None:
    broken = Unreadable(reason="more than 200 parts", from_address=IYO)
    answers = [desk.receive(broken, mail_from="x@evil.example") for _ in range(MOST_TOLD + 3)]
    assert desk.letters_to(EXAMINER) == MOST_TOLD + 1
    more = [one.letter_to(EXAMINER).sections[0].values["more"] for one in answers]
    assert more == [False] * MOST_TOLD + [True] * 3
