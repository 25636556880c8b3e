"""登録承認 / 登録謝絶: by whom, with which code, and never without a check outside mail."""

import pytest

from bot.surety.enrolment import EnrolmentState
from bot.surety.party import Role
from tests.desk import COLLECTOR, DECIDER, EXAMINER, MANAGER, Desk
from tests.directory.people import (
    CALLED,
    FORM,
    NEWCOMER,
    ask,
    asked_and_confirmed,
    confirm,
    decide,
    enrolled,
    enrolment,
    journal_lines,
    mailbox,
)


@pytest.mark.parametrize("sender", [DECIDER, COLLECTOR, MANAGER])
def test_enrolling_is_for_the_examiners(desk: Desk, sender: str) -> None:
    number = asked_and_confirmed(desk)
    for says in ("登録承認 {登録承認} " + CALLED, "登録謝絶 {登録謝絶}"):
        assert decide(desk, says, sender=sender).templates[0] == "may_not"
    assert enrolment(desk, number).state is EnrolmentState.CONFIRMED
    assert mailbox(desk, NEWCOMER) is None


@pytest.mark.parametrize(
    "check",
    [
        "",
        "電話確認",
        "電話確認 済み",
        "電話確認できました",
        "電話確認 11/10 つながらず",
        "高橋様にお聞きしました 11/10",
        "代表電話確認 11/10 14:20 総務 大野様",
        "電話確認 (日時・お相手・番号の出所)",
    ],
)
def test_approval_without_a_recorded_check_is_refused_with_an_explanation(desk: Desk, check: str) -> None:
    number = asked_and_confirmed(desk)
    answered = decide(desk, "登録承認 {登録承認} " + check)
    assert answered.templates == ["enrolment_unchecked"]
    assert answered.changes == ()
    assert enrolment(desk, number).state is EnrolmentState.CONFIRMED
    answered = desk.command(EXAMINER, "enrol_approve", number=number, text=check)
    assert (answered.decision.state, answered.templates) == ("refused", ["enrolment_unchecked"])
    assert mailbox(desk, NEWCOMER) is None


@pytest.mark.parametrize(
    ("check", "method"),
    [
        (CALLED, "電話確認"),
        ("電話: 11/10 14:20 総務 大野様 登記の番号", "電話確認"),
        ("郵送コード 8814 11月12日に本店からご返信", "郵送コード"),
        ("利用申込書 令和8年11月10日受付 第12号", "利用申込書"),
    ],
)
def test_the_check_is_kept_with_method_words_and_person(desk: Desk, check: str, method: str) -> None:
    number = asked_and_confirmed(desk)
    decide(desk, "登録承認 {登録承認} " + check)
    kept = enrolment(desk, number)
    assert kept.state is EnrolmentState.APPROVED
    assert kept.check is not None
    assert kept.check.method == method
    assert kept.check.text
    assert check.endswith(kept.check.text)
    assert kept.decided_by == EXAMINER


def test_a_wrong_a_foreign_and_an_old_code_decide_nothing(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    desk.give_roles(MANAGER, Role.EXAMINE)
    _, letter = desk.newest_letter(EXAMINER, "staff_enrolment")
    codes = letter.sections[0].values["codes"]
    assert isinstance(codes, dict)
    assert codes["登録承認"] != codes["登録謝絶"]
    for says in (
        "登録承認 1000 " + CALLED,
        "登録承認 {登録謝絶} " + CALLED,
        "登録謝絶 {登録承認}",
    ):
        assert decide(desk, says).templates == ["wrong_decision_code"], says
    theirs = decide(desk, "登録承認 {登録承認} " + CALLED, sender=MANAGER)
    assert theirs.templates == ["wrong_decision_code"], "the code is the examiner's own"
    assert enrolment(desk, number).state is EnrolmentState.CONFIRMED


def test_a_decision_is_taken_once(desk: Desk) -> None:
    asked_and_confirmed(desk)
    decide(desk, "登録承認 {登録承認} " + CALLED)
    assert decide(desk, "登録承認 {登録承認} " + CALLED + "。").templates == ["enrolment_not_open"]
    assert decide(desk, "登録謝絶 {登録謝絶}").templates == ["enrolment_not_open"]


def test_the_code_alone_tells_the_enrolment_where_the_thread_is_lost(desk: Desk) -> None:
    asked_and_confirmed(desk, "soumu@other-doboku.example")
    number = asked_and_confirmed(desk)
    codes = desk.value(EXAMINER, "staff_enrolment", "codes")
    assert isinstance(codes, dict)
    desk.write(EXAMINER, f"登録承認 {codes['登録承認']} {CALLED}")
    assert enrolment(desk, number).state is EnrolmentState.APPROVED


def test_an_unproven_decision_waits_for_its_confirmation(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    for proof in ("none", "spf"):
        answered = decide(desk, "登録承認 {登録承認} " + CALLED, proof=proof)
        assert (answered.decision.state, answered.changes) == ("held", ())
    assert enrolment(desk, number).state is EnrolmentState.CONFIRMED


def test_approval_beside_a_doubt_is_asked_back(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    assert decide(desk, "登録承認 {登録承認} " + CALLED + "\nただし代表者が違います。").templates == [
        "unclear"
    ]
    assert enrolment(desk, number).state is EnrolmentState.CONFIRMED


def test_who_is_declined_hears_no_reason(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    answered = decide(desk, "登録謝絶 {登録謝絶}")
    assert answered.templates == ["staff_done", "enrolment_declined"]
    assert set(answered.letter_to(NEWCOMER).sections[0].values) == {"kind", "mailbox"}
    assert enrolment(desk, number).state is EnrolmentState.DECLINED
    assert mailbox(desk, NEWCOMER) is None


def test_the_command_line_enrols_under_the_same_roles_and_needs_the_check(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    for person in (DECIDER, COLLECTOR, MANAGER):
        refused = desk.command(person, "enrol_approve", number=number, text=CALLED)
        assert refused.templates == ["may_not"]
    desk.command(EXAMINER, "enrol_approve", number=number, text=CALLED)
    assert mailbox(desk, NEWCOMER) is not None
    assert desk.command(EXAMINER, "enrol_decline", number="E8-99999").templates == ["enrolment_not_open"]


def test_an_enrolment_for_a_name_that_is_registered_shows_it_to_staff(desk: Desk) -> None:
    ask(desk, says=FORM.replace("株式会社大洲土木", "㈱いよ建設"))
    confirm(desk)
    found = desk.value(EXAMINER, "staff_enrolment", "same_names")
    assert found == [{"number": "C-10001", "name": "株式会社いよ建設"}]


@pytest.mark.parametrize(
    "address",
    ["soumu@iy0-kensetsu.example", "soumu@iyo-kensetu.example", "soumu@xn--yo-kensetsu-yvj.example"],
)
def test_a_domain_that_looks_like_a_registered_one_is_a_strangers_and_staff_see_it(
    desk: Desk, address: str
) -> None:
    assert desk.write(address, "一覧").decision.state == "ignored"
    asked_and_confirmed(desk, address)
    assert desk.value(EXAMINER, "staff_enrolment", "similar") == "iyo-kensetsu.example"


def test_an_address_that_was_registered_meanwhile_is_not_enrolled_twice(desk: Desk) -> None:
    number = asked_and_confirmed(desk)
    desk.confirmed(EXAMINER, f"メール登録 {NEWCOMER} C-10001 申込できる {CALLED}")
    assert enrolment(desk, number).state is EnrolmentState.APPROVED
    assert decide(desk, "登録承認 {登録承認} " + CALLED).templates == ["enrolment_not_open"]


def test_customer_numbers_leave_out_those_that_are_taken(desk: Desk) -> None:
    assert enrolled(desk).number == "C-00001"
    assert enrolled(desk, "soumu@uchiko-kogyo.example").number == "C-00002"


def test_every_step_stands_in_the_journal_with_the_check_behind_it(desk: Desk) -> None:
    enrolled(desk)
    lines = journal_lines(desk)
    events = [event for event, _, _ in lines if not event.startswith("mail ")]
    assert events == [
        "enrolment asked",
        "enrolment confirmed",
        "party registered",
        "mailbox registered",
        "enrolment approved",
    ]
    [(actor, detail)] = [(actor, detail) for event, actor, detail in lines if event == "enrolment approved"]
    assert actor == EXAMINER
    assert detail["check"] == CALLED
    assert detail["mailbox"] == NEWCOMER
