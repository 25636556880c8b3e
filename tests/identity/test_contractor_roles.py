"""Who may do what: contractors' mailboxes with 申込できる and 閲覧のみ."""

import pytest

from bot.operations.trial import sample_application
from bot.surety.application import ApplicationState
from tests.casework import apply_for, approve, issue, refused, reply
from tests.desk import CITY, DECIDER, EXAMINER, IYO, IYO_SITE, START, TOKUYAMA, Desk


def test_applying_is_for_mailboxes_that_may_apply(desk: Desk) -> None:
    form = sample_application(START.date())
    assert refused(desk.write(IYO_SITE, form, subject="保証申込"), "may_not")
    assert desk.write(IYO, form, subject="保証申込").templates == ["read_back"]


def test_agreeing_and_withdrawing_are_for_mailboxes_that_may_apply(desk: Desk) -> None:
    code = apply_for(desk)
    assert refused(reply(desk, IYO_SITE, "この内容で申し込みます", code), "may_not")
    assert refused(reply(desk, IYO_SITE, "取下げ", code), "may_not")
    assert desk.application().state is ApplicationState.READ_BACK
    reply(desk, IYO, "この内容で申し込みます", code)
    assert desk.application().state is ApplicationState.APPLIED
    reply(desk, IYO, "取下げ", code)
    assert desk.application().state is ApplicationState.WITHDRAWN


def test_another_contractor_neither_agrees_nor_withdraws(desk: Desk) -> None:
    code = apply_for(desk)
    assert refused(reply(desk, TOKUYAMA, "この内容で申し込みます", code), "which_case")
    assert refused(reply(desk, TOKUYAMA, "取下げ", code), "which_case")
    assert desk.application().state is ApplicationState.READ_BACK


@pytest.mark.parametrize("sender", [CITY, EXAMINER, DECIDER])
def test_orderers_and_staff_do_not_apply_for_others(desk: Desk, sender: str) -> None:
    code = apply_for(desk)
    answered = reply(desk, sender, "この内容で申し込みます", code)
    assert answered.templates == ["unclear"]
    assert desk.application().state is ApplicationState.READ_BACK


def test_a_certificate_and_the_list_are_for_every_box_of_the_contractor(desk: Desk) -> None:
    code = issue(desk)
    for sender in (IYO, IYO_SITE):
        assert reply(desk, sender, "証書", code).templates == ["certificate"]
        assert desk.write(sender, "一覧").letters[0].sections[0].values["total"] == 1


def test_a_certificate_and_the_list_show_nothing_of_other_contractors(desk: Desk) -> None:
    issue(desk)
    number = desk.guarantees()[0].number
    assert refused(desk.write(TOKUYAMA, f"証書 {number}"), "no_such_guarantee")
    assert desk.write(TOKUYAMA, "一覧").letters[0].sections[0].values["total"] == 0


@pytest.mark.parametrize("says", ["認証キー", "提出", "提出済", "契約書の写しを送ります"])
def test_the_key_and_the_submission_are_for_mailboxes_that_may_apply(desk: Desk, says: str) -> None:
    code = issue(desk)
    assert refused(reply(desk, IYO_SITE, says, code), "may_not")
    assert reply(desk, IYO, says, code).decision.state == "done"


@pytest.mark.parametrize("word", ["認証キー", "提出", "提出済"])
def test_the_key_and_the_submission_of_another_contractor_are_out_of_reach(desk: Desk, word: str) -> None:
    issue(desk)
    number = desk.guarantees()[0].number
    assert refused(desk.write(TOKUYAMA, f"{word} {number}"), "no_such_guarantee")
    assert desk.guarantees()[0].submission is None


def test_nothing_is_shown_before_it_is_registered(desk: Desk) -> None:
    code = approve(desk)
    for says in ("証書", "認証キー", "提出", "提出済"):
        assert refused(reply(desk, IYO, says, code), "not_registered_yet"), says
