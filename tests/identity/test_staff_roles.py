"""Who may do what: 審査, 決裁, 収納 and 管理, with their codes, by mail and on the command line."""

import pytest

from bot.ledger import Put
from bot.surety.application import ApplicationState
from bot.surety.guarantee import GuaranteeState
from bot.surety.party import Role
from tests.casework import agree, approve, codes, examine, issue, refused, reply
from tests.desk import COLLECTOR, DECIDER, EXAMINER, IYO, MANAGER, TOKUYAMA, Desk

# --- 審査, 決裁, 収納, 管理


@pytest.mark.parametrize("sender", [DECIDER, COLLECTOR, MANAGER])
def test_examining_is_for_the_examiners(desk: Desk, sender: str) -> None:
    code = agree(desk)
    mine = codes(desk, EXAMINER, "staff_review")
    for says in (
        f"審査済 {mine['審査済']} 保証料 61,200円",
        f"差戻し {mine['差戻し']} 工期が違います",
        f"謝絶 {mine['謝絶']}",
    ):
        assert refused(reply(desk, sender, says, code), "may_not"), says
    assert desk.application().state is ApplicationState.APPLIED


@pytest.mark.parametrize("sender", [EXAMINER, COLLECTOR, MANAGER])
def test_deciding_is_for_the_deciders(desk: Desk, sender: str) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    for says in (f"承認 {mine['承認']}", f"契約のみ承認 {mine['契約のみ承認']}", f"謝絶 {mine['謝絶']}"):
        assert refused(reply(desk, sender, says, code), "may_not"), says
    assert desk.application().state is ApplicationState.EXAMINED


@pytest.mark.parametrize("sender", [EXAMINER, DECIDER, MANAGER])
def test_booking_a_payment_is_for_the_collectors(desk: Desk, sender: str) -> None:
    code = approve(desk)
    typed = desk.value(COLLECTOR, "staff_payment", "code")
    assert refused(reply(desk, sender, f"入金 {typed}", code), "may_not")
    assert desk.guarantees() == ()


def test_a_question_is_for_examiners_and_deciders(desk: Desk) -> None:
    code = agree(desk)
    assert refused(reply(desk, COLLECTOR, "質問 契約日は", code), "may_not")
    assert reply(desk, DECIDER, "質問 契約日は", code).templates == ["staff_done", "question"]


def test_seeing_the_contract_is_for_the_examiners(desk: Desk) -> None:
    code = issue(desk)
    reply(desk, IYO, "契約書の写しを送ります", code)
    typed = desk.value(EXAMINER, "staff_contract", "code")
    for sender in (DECIDER, COLLECTOR, MANAGER):
        assert refused(reply(desk, sender, f"契約確認 {typed}", code), "may_not")
    reply(desk, EXAMINER, f"契約確認 {typed}", code)
    assert [one.state for one in desk.guarantees()] == [GuaranteeState.REGISTERED] * 2


def test_who_examined_does_not_decide_even_with_both_roles(desk: Desk) -> None:
    desk.give_roles(EXAMINER, Role.EXAMINE, Role.DECIDE)
    code = examine(desk)
    assert desk.letters_to(EXAMINER) == 2, "review and receipt; nobody is asked to decide on own work"
    for says in ("承認 4821", "契約のみ承認 4821", "謝絶 4821", "差戻し 4821 工期が違います"):
        assert refused(reply(desk, EXAMINER, says, code), "same_person"), says
    assert refused(desk.command(EXAMINER, "approve", code), "same_person")


def test_who_decided_does_not_book_the_payment_even_with_both_roles(desk: Desk) -> None:
    desk.give_roles(DECIDER, Role.DECIDE, Role.COLLECT)
    code = approve(desk)
    assert refused(reply(desk, DECIDER, "入金 4821", code), "same_person")
    assert refused(desk.command(DECIDER, "pay", code), "same_person")
    assert desk.guarantees() == ()


def test_a_wrong_code_does_nothing(desk: Desk) -> None:
    code = examine(desk)
    right = codes(desk, DECIDER, "staff_decision")["承認"]
    wrong = "1000" if right != "1000" else "1001"
    assert refused(reply(desk, DECIDER, f"承認 {wrong}", code), "wrong_decision_code")
    assert desk.application().state is ApplicationState.EXAMINED


def test_the_code_of_one_action_is_no_code_of_another(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    assert len(set(mine.values())) == len(mine)
    assert refused(reply(desk, DECIDER, f"謝絶 {mine['承認']}", code), "wrong_decision_code")
    assert refused(reply(desk, DECIDER, f"承認 {mine['契約のみ承認']}", code), "wrong_decision_code")


def test_the_code_of_another_person_is_no_code(desk: Desk) -> None:
    desk.give_roles(MANAGER, Role.DECIDE)
    code = examine(desk)
    theirs = codes(desk, MANAGER, "staff_decision")["承認"]
    assert refused(reply(desk, DECIDER, f"承認 {theirs}", code), "wrong_decision_code")


def test_the_code_of_another_application_is_no_code(desk: Desk) -> None:
    first = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")["承認"]
    second = examine(desk, TOKUYAMA)
    assert first != second
    assert refused(reply(desk, DECIDER, f"承認 {mine}", second), "wrong_decision_code")


def test_the_code_of_an_older_version_is_no_code(desk: Desk) -> None:
    """Sent back, applied for again: what was shown to the examiner then is not what stands there now."""
    code = agree(desk)
    old = codes(desk, EXAMINER, "staff_review")
    reply(desk, EXAMINER, f"差戻し {old['差戻し']} 工事場所が違います", code)
    reply(desk, IYO, "工事場所: 伊予灘市中央二丁目地内", code)
    reply(desk, IYO, "この内容で申し込みます", code)
    assert desk.application().state is ApplicationState.APPLIED
    answered = reply(desk, EXAMINER, f"審査済 {old['審査済']} 保証料 61,200円", code)
    assert refused(answered, "wrong_decision_code")
    new = codes(desk, EXAMINER, "staff_review")["審査済"]
    reply(desk, EXAMINER, f"審査済 {new} 保証料 61,200円", code)
    assert desk.application().state is ApplicationState.EXAMINED


def test_a_decision_is_taken_once(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    reply(desk, DECIDER, f"承認 {mine['承認']}", code)
    assert refused(reply(desk, DECIDER, f"承認 {mine['承認']}。", code), "not_now")
    assert refused(reply(desk, DECIDER, f"謝絶 {mine['謝絶']}", code), "not_now")


def test_each_declines_on_its_own_turn(desk: Desk) -> None:
    code = agree(desk)
    mine = codes(desk, EXAMINER, "staff_review")["謝絶"]
    answered = reply(desk, EXAMINER, f"謝絶 {mine}", code)
    assert answered.templates == ["staff_done", "declined"]
    assert desk.application().state is ApplicationState.DECLINED


def test_the_contractor_hears_no_reason_from_a_machine(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")["謝絶"]
    letter = reply(desk, DECIDER, f"謝絶 {mine}", code).letter_to(IYO)
    assert set(letter.sections[0].values) == {"work_name"}


# --- The command line: no code, the same roles


def test_the_command_line_needs_no_code(desk: Desk) -> None:
    code = agree(desk)
    desk.command(EXAMINER, "examined", code, yen="61,200円")
    desk.command(DECIDER, "approve", code)
    desk.command(COLLECTOR, "pay", code)
    assert desk.application().state is ApplicationState.ISSUED


def test_the_command_line_obeys_the_same_roles(desk: Desk) -> None:
    code = agree(desk)
    assert refused(desk.command(DECIDER, "examined", code, yen="61,200円"), "may_not")
    desk.command(EXAMINER, "examined", code, yen="61,200円")
    for person in (EXAMINER, COLLECTOR, MANAGER):
        assert refused(desk.command(person, "approve", code), "may_not")
    desk.command(DECIDER, "approve", code)
    for person in (EXAMINER, DECIDER, MANAGER):
        assert refused(desk.command(person, "pay", code), "may_not")


def test_a_command_of_nobody_is_refused(desk: Desk) -> None:
    code = agree(desk)
    answered = desk.command("nobody@surety.example", "approve", code)
    assert (answered.decision.state, answered.letters, answered.changes) == ("refused", (), ())


@pytest.mark.parametrize("person", [EXAMINER, DECIDER, COLLECTOR])
def test_keys_of_a_registry_are_handed_in_by_the_managers(desk: Desk, person: str) -> None:
    desk.set_orderer("伊予灘市長", key_issuer="external")
    issue(desk)
    number = desk.guarantees()[0].number or ""
    assert refused(desk.command(person, "register_key", number=number, key="X1Y2"), "may_not")
    assert desk.command(MANAGER, "register_key", number=number, key="X1Y2").templates == ["registered"]
    assert desk.guarantees()[0].state is GuaranteeState.REGISTERED


def test_what_a_decision_changes_is_stored_under_its_case(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    answered = reply(desk, DECIDER, f"承認 {mine['承認']}", code)
    (put,) = answered.changes
    assert isinstance(put, Put)
    assert desk.application().decided_by == DECIDER
