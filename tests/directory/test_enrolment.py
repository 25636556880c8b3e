"""利用登録 from a stranger's first mail to the customer number."""

from datetime import timedelta

import pytest

from bot.deciding import stranger_letters
from bot.surety.enrolment import EnrolmentState
from bot.surety.party import PartyKind, Role
from storage import enrolments
from tests.desk import EXAMINER, IYO, MANAGER, STRANGER, Desk
from tests.directory.people import (
    CALLED,
    FORM,
    NEWCOMER,
    ask,
    asked_and_confirmed,
    code_in,
    confirm,
    decide,
    enrolment,
    mailbox,
    party,
)

DAY = timedelta(days=1)


def test_a_company_enrols_from_its_mailbox_and_is_told_its_customer_number(desk: Desk) -> None:
    first = ask(desk)
    assert [letter.recipient for letter in first.letters] == [NEWCOMER]
    assert first.templates == ["enrolment"]
    code = code_in(desk, NEWCOMER)
    assert code.startswith("E8-00001-")
    confirmed = confirm(desk)
    assert [letter.recipient for letter in confirmed.letters] == [EXAMINER]
    assert confirmed.templates == ["staff_enrolment"]
    approved = decide(desk, "登録承認 {登録承認} " + CALLED)
    assert approved.templates == ["staff_done", "enrolled"]
    box = mailbox(desk, NEWCOMER)
    assert box is not None
    assert (box.roles, box.person) == (frozenset({Role.APPLY}), "総務部 大野")
    company = party(desk, box)
    assert (company.kind, company.name, company.number) == (
        PartyKind.CONTRACTOR,
        "株式会社大洲土木",
        "C-00001",
    )
    assert company.address == "大洲市大洲690番地の1"
    assert approved.letter_to(NEWCOMER).sections[0].values["customer_number"] == "C-00001"
    assert desk.write(NEWCOMER, "申込書").templates == ["blank_form"]


def test_the_letter_reads_back_what_was_stated_and_asks_for_one_word(desk: Desk) -> None:
    values = ask(desk).letters[0].sections[0].values
    assert values["missing"] == []
    assert values["rows"] == [
        {"label": "会社名(商号)", "value": "株式会社大洲土木"},
        {"label": "住所", "value": "大洲市大洲690番地の1"},
        {"label": "代表者", "value": "代表取締役 大野 一郎"},
        {"label": "許可番号", "value": "愛媛県知事許可(般-5)第12345号"},
        {"label": "電話", "value": "0893-00-1234"},
        {"label": "担当者", "value": "大野"},
        {"label": "部署", "value": "総務部"},
    ]


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("利用登録", ""),
        ("", "利用登録"),
        ("お願い", "お世話になっております。\n大洲土木の大野です。\n利用登録をお願いいたします。"),
        ("ＩＤ登録", "会社名：株式会社大洲土木"),
        ("保証便の利用登録について", "よろしくお願いいたします。"),
    ],
)
def test_one_word_in_subject_or_text_is_enough_to_ask(desk: Desk, subject: str, says: str) -> None:
    assert desk.write(NEWCOMER, says, subject=subject).templates == ["enrolment"]


def test_missing_lines_come_back_in_a_form_that_is_filled_in_so_far(desk: Desk) -> None:
    values = ask(desk, says="利用登録\n会社名: ㈱大洲土木\n電話: 0893-00-1234").letters[0].sections[0].values
    assert values["missing"] == ["住所", "代表者", "担当者"]
    assert "◎会社名(商号): ㈱大洲土木" in str(values["form"]).splitlines()
    assert "◎住所:" in str(values["form"]).splitlines()


def test_the_answer_may_bring_what_was_missing(desk: Desk) -> None:
    ask(desk, says="利用登録")
    answered = confirm(
        desk, says="登録\n会社名: 株式会社大洲土木\n◎電話：０８９３－００－１２３４\n担当者: 大野"
    )
    assert answered.templates == ["staff_enrolment"]
    values = answered.letters[0].sections[0].values
    assert values["party_name"] == "株式会社大洲土木"
    assert values["missing"] == ["住所", "代表者"]


def test_without_the_name_of_the_company_nothing_goes_to_staff(desk: Desk) -> None:
    ask(desk, says="利用登録")
    answered = confirm(desk)
    assert answered.templates == ["enrolment"]
    assert desk.letters_to(EXAMINER) == 0
    assert confirm(desk, says="登録します").decision.state == "done"
    assert desk.letters_to(NEWCOMER) == 2, "who reads the mailbox hears once a day more what is missing"


def test_staff_see_everything_that_was_stated_and_whom_not_to_call(desk: Desk) -> None:
    asked_and_confirmed(desk)
    _, letter = desk.newest_letter(EXAMINER, "staff_enrolment")
    values = letter.sections[0].values
    assert values["mailbox"] == NEWCOMER
    rows = values["rows"]
    assert isinstance(rows, list)
    assert len(rows) == 7
    assert letter.case_code == code_in(desk, NEWCOMER)


def test_a_second_request_of_the_same_day_gets_no_second_letter(desk: Desk) -> None:
    ask(desk)
    ask(desk, says=FORM.replace("大野", "小野"))
    assert desk.letters_to(NEWCOMER) == 1
    desk.clock.advance(DAY)
    ask(desk, says=FORM)
    assert desk.letters_to(NEWCOMER) == 2
    assert code_in(desk, NEWCOMER).startswith("E8-00001-"), "it is the same enrolment"


def test_who_asks_again_while_staff_decide_reminds_staff_and_hears_nothing(desk: Desk) -> None:
    asked_and_confirmed(desk)
    desk.clock.advance(DAY)
    again = ask(desk, says=FORM)
    assert [letter.recipient for letter in again.letters] == [EXAMINER]


@pytest.mark.parametrize("proof", ["none", "spf", "dkim"])
def test_a_from_without_proof_may_ask(desk: Desk, proof: str) -> None:
    assert ask(desk, proof=proof).templates == ["enrolment"]


def test_a_from_that_fails_dmarc_gets_nothing(desk: Desk) -> None:
    answered = ask(desk, proof="dmarc-fail")
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_automatic_mail_gets_nothing(desk: Desk) -> None:
    answered = ask(desk, automatic="auto-submitted: auto-replied")
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_a_mail_to_somebody_else_with_us_in_copy_gets_nothing(desk: Desk) -> None:
    answered = ask(desk, to=(IYO,), cc=(desk.address,))
    assert (answered.letters, answered.changes) == ((), ())


def test_the_letter_goes_to_the_very_from_and_to_nobody_else(desk: Desk) -> None:
    answered = ask(desk, cc=(IYO, STRANGER))
    assert [letter.recipient for letter in answered.letters] == [NEWCOMER]


def test_no_advertisement_of_a_forger_travels_in_our_letter(desk: Desk) -> None:
    """Anybody can write a From: our letter goes to whoever stands there, and repeats what was stated."""
    says = (
        "利用登録\n会社名: 今すぐ https://evil.example/ へ\n住所: evil@evil.example\n"
        "代表者: www.evil.example\n"
        f"担当者: {'当選' * 60}\n電話: \u202e0893\x07-00-1234"
    )
    values = ask(desk, says=says).letters[0].sections[0].values
    assert values["rows"] == [{"label": "電話", "value": "0893-00-1234"}]


def test_a_flood_of_strangers_is_not_answered_without_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stranger_letters, "MOST_PROVEN", 3)
    answers = [ask(desk, f"somebody{number}@elsewhere{number}.example") for number in range(5)]
    assert [one.templates for one in answers] == [["enrolment"]] * 3 + [["staff_stranger_letters"]] * 2
    assert desk.letters_to(MANAGER) == 1
    desk.clock.advance(DAY + timedelta(seconds=1))
    assert ask(desk).templates == ["enrolment"]


# --- The answer 「登録」


@pytest.mark.parametrize(
    "says",
    [
        "登録",
        "登録します",
        "「登録」",
        "お世話になっております。\n登録をお願いいたします。\n\n株式会社大洲土木 大野\nTEL 0893-00-1234",
        "登録\n\niPhoneから送信",
    ],
)
def test_one_whole_sentence_confirms(desk: Desk, says: str) -> None:
    ask(desk)
    assert confirm(desk, says=says).templates == ["staff_enrolment"]


@pytest.mark.parametrize(
    "says",
    [
        "登録しません",
        "まだ登録しないでください",
        "登録について教えてください。",
        "登録します。ただし社長の承認後にお願いします。",
        "登録の申込みはしていません",
        "どなたでしょうか。",
        "> 登録",
    ],
)
def test_denials_conditions_and_questions_confirm_nothing(desk: Desk, says: str) -> None:
    ask(desk)
    answered = confirm(desk, says=says)
    assert (answered.letters, answered.changes) == ((), ())
    assert enrolment(desk, "E8-00001").state is EnrolmentState.ASKED


def test_a_code_in_quoted_words_routes_the_answer_too(desk: Desk) -> None:
    ask(desk)
    code = code_in(desk, NEWCOMER)
    answered = desk.write(NEWCOMER, "登録", subject="Re:", quoted_text=f"件名: ご利用登録の確認 [{code}]")
    assert answered.templates == ["staff_enrolment"]


def test_a_vacation_reply_that_quotes_the_letter_confirms_nothing(desk: Desk) -> None:
    """Without any machine header, our letter below the notice or marked as quoted."""
    ask(desk)
    code = code_in(desk, NEWCOMER)
    ours = f"件名: ご利用登録の確認をお願いします[{code}]\n\n本文に「登録」とだけ書いて、ご返信ください。"
    for says, quoted in (
        (f"出張のため不在です。\n\n{ours}", ""),
        ("出張のため不在です。", f"{ours}\n登録"),
        (f"出張のため不在です。\n\nこのメールには、そのままご返信いただけます。\n登録\n[{code}]", ""),
    ):
        answered = desk.write(NEWCOMER, says, subject=f"Re: [{code}]", quoted_text=quoted)
        assert (answered.letters, answered.changes) == ((), ()), says
    assert enrolment(desk, "E8-00001").state is EnrolmentState.ASKED


def test_another_mailbox_cannot_confirm_with_a_code_that_it_has_seen(desk: Desk) -> None:
    ask(desk)
    code = code_in(desk, NEWCOMER)
    for thief in (STRANGER, "genba@ozu-doboku.example"):
        answered = desk.write(thief, "登録", subject=f"Re: [{code}]")
        assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())
    assert desk.write(IYO, "登録", subject=f"Re: [{code}]").changes == ()
    assert enrolment(desk, "E8-00001").state is EnrolmentState.ASKED


def test_a_code_with_other_letters_confirms_nothing(desk: Desk) -> None:
    ask(desk)
    code = code_in(desk, NEWCOMER)
    wrong = f"{code[:-4]}{'ACDE' if not code.endswith('ACDE') else 'FGHJ'}"
    for subject in (f"Re: [{wrong}]", "Re: ", f"Re: [{code[:-5]}]"):
        answered = desk.write(NEWCOMER, "登録", subject=subject)
        assert (answered.letters, answered.changes) == ((), ())


def test_the_subject_of_our_letter_is_no_command(desk: Desk) -> None:
    ask(desk)
    code = code_in(desk, NEWCOMER)
    answered = desk.write(NEWCOMER, "ありがとうございます。", subject=f"Re: ご利用登録の確認 [{code}]")
    assert answered.changes == ()


def test_an_enrolment_that_nobody_confirmed_is_thrown_away(desk: Desk) -> None:
    ask(desk)
    days = desk.settings.office.enrolment_days
    desk.clock.advance(timedelta(days=days, seconds=1))
    now = desk.clock.now()
    over = desk.opened.database.write(lambda session: enrolments.expire(session, now, days))
    assert over == ["E8-00001"]
    gone = enrolment(desk, "E8-00001")
    assert (gone.state, gone.stated, gone.party_name, gone.person) == (EnrolmentState.EXPIRED, {}, "", "")


@pytest.mark.parametrize("swept", [True, False])
def test_an_answer_that_comes_too_late_begins_anew(desk: Desk, swept: bool) -> None:
    ask(desk)
    old, days = code_in(desk, NEWCOMER), desk.settings.office.enrolment_days
    desk.clock.advance(timedelta(days=days, seconds=1))
    now = desk.clock.now()
    if swept:
        desk.opened.database.write(lambda session: enrolments.expire(session, now, days))
    late = desk.write(NEWCOMER, "登録", subject=f"Re: [{old}]")
    assert late.templates == ["enrolment"]
    assert code_in(desk, NEWCOMER) != old
    assert desk.letters_to(EXAMINER) == 0
