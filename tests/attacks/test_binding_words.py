"""Codes used twice, elsewhere or by others; several requests in one mail; terms that change meanwhile."""

from bot.surety.application import ApplicationState
from bot.surety.office import Terms
from bot.surety.party import Role
from storage.tables import MailboxRow
from tests.casework import agree, apply_for, approve, examine, issue
from tests.desk import CITY, COLLECTOR, DECIDER, EXAMINER, IYO, IYO_SITE, MANAGER, START, TOKUYAMA, Desk


def code_of(desk: Desk, address: str, template: str, action: str) -> str:
    codes = desk.value(address, template, "codes")
    assert isinstance(codes, dict)
    return str(codes[action])


def test_two_requests_that_change_one_guarantee_are_both_done(desk: Desk) -> None:
    """Stored apart they would look like two nodes at once, and the mail would be tried for ever."""
    code = issue(desk)
    answered = desk.write(IYO, "提出\n認証キー", subject=f"Re: [{code}]")
    assert answered.decision.state == "done"
    guarantee = desk.guarantees()[0]
    assert guarantee.submission is not None
    assert guarantee.fetched_at is not None


def test_a_question_beside_an_examination_keeps_both(desk: Desk) -> None:
    code = agree(desk)
    typed = code_of(desk, EXAMINER, "staff_review", "審査済")
    desk.write(EXAMINER, f"審査済 {typed} 保証料 61,200円\n質問 工期は確定ですか", subject=f"Re: [{code}]")
    application = desk.application()
    assert (application.state, application.question) == (ApplicationState.EXAMINED, "工期は確定ですか")


def test_the_second_of_two_requests_stands_on_what_the_first_did(desk: Desk) -> None:
    code = examine(desk)
    typed = code_of(desk, DECIDER, "staff_decision", "承認")
    answered = desk.write(DECIDER, f"承認 {typed}\n質問 工期は確定ですか", subject=f"Re: [{code}]")
    assert "not_now" in answered.templates
    assert (desk.application().state, desk.application().question) == (ApplicationState.APPROVED, "")


def test_nobody_else_can_use_the_code_of_who_decides(desk: Desk) -> None:
    code = examine(desk)
    typed = code_of(desk, DECIDER, "staff_decision", "承認")
    for sender in (IYO, IYO_SITE, TOKUYAMA, CITY, EXAMINER, COLLECTOR, MANAGER):
        desk.write(sender, f"承認 {typed}", subject=f"Re: [{code}]")
        assert desk.application().state is ApplicationState.EXAMINED, sender


def test_the_code_of_another_action_does_not_approve(desk: Desk) -> None:
    code = examine(desk)
    for action in ("契約のみ承認", "差戻し", "謝絶"):
        typed = code_of(desk, DECIDER, "staff_decision", action)
        answered = desk.write(DECIDER, f"承認 {typed}", subject=f"Re: [{code}]")
        assert answered.templates == ["wrong_decision_code"], action


def test_the_code_of_one_case_does_not_approve_another(desk: Desk) -> None:
    examine(desk)
    typed = code_of(desk, DECIDER, "staff_decision", "承認")
    other = examine(desk, TOKUYAMA)
    answered = desk.write(DECIDER, f"承認 {typed}", subject=f"Re: [{other}]")
    assert answered.templates == ["wrong_decision_code"]


def test_a_withdrawn_application_is_approved_by_no_code(desk: Desk) -> None:
    code = examine(desk)
    typed = code_of(desk, DECIDER, "staff_decision", "承認")
    desk.write(IYO, "取下げ", subject=f"Re: [{code}]")
    assert desk.write(DECIDER, f"承認 {typed}", subject=f"Re: [{code}]").templates == ["not_now"]


def test_a_code_of_an_earlier_version_does_not_examine_what_was_sent_back(desk: Desk) -> None:
    code = agree(desk)
    old = code_of(desk, EXAMINER, "staff_review", "審査済")
    back = code_of(desk, EXAMINER, "staff_review", "差戻し")
    desk.write(EXAMINER, f"差戻し {back} 工期をご確認ください", subject=f"Re: [{code}]")
    desk.write(IYO, "工事名: 市道中央線舗装補修工事", subject=f"Re: [{code}]")
    desk.write(IYO, "この内容で申し込みます", subject=f"Re: [{code}]")
    answered = desk.write(EXAMINER, f"審査済 {old} 保証料 1円", subject=f"Re: [{code}]")
    assert answered.templates == ["wrong_decision_code"]


def test_a_payment_is_booked_once(desk: Desk) -> None:
    code = issue(desk)
    typed = desk.value(COLLECTOR, "staff_payment", "code")
    assert desk.write(COLLECTOR, f"入金 {typed}", subject=f"Re: [{code}]").templates == ["not_now"]
    assert len(desk.guarantees()) == 2


def test_one_mailbox_with_two_roles_does_not_pass_the_four_eyes(desk: Desk) -> None:
    def job(session: object) -> None:
        row = session.get_one(MailboxRow, _id(session))  # type: ignore[attr-defined]
        row.body = {**row.body, "roles": [Role.EXAMINE.value, Role.DECIDE.value, Role.COLLECT.value]}

    def _id(session: object) -> int:
        from sqlmodel import select

        statement = select(MailboxRow.id).where(MailboxRow.address == EXAMINER)
        return int(session.exec(statement).one())  # type: ignore[attr-defined]

    desk.opened.database.write(job)
    code = examine(desk)
    answered = desk.command(EXAMINER, "approve", code)
    assert answered.templates == ["same_person"]
    assert desk.application().state is ApplicationState.EXAMINED


def test_what_is_agreed_to_are_the_terms_that_were_shown(desk: Desk) -> None:
    shown = desk.settings.office.terms
    code = apply_for(desk)
    desk.set_office(terms=(Terms(name="別の約款", version="9", dated_on=START.date()),))
    desk.write(IYO, "この内容で申し込みます", subject=f"Re: [{code}]")
    agreement = desk.application().agreement
    assert agreement is not None
    assert agreement.terms == shown


def test_a_confirmation_code_works_once_and_for_its_own_mail(desk: Desk) -> None:
    code = apply_for(desk)
    desk.write(IYO, "取下げ", subject=f"Re: [{code}]", proof="none")
    typed = desk.value(IYO, "confirmation", "code")
    other = desk.write(IYO, "停止", proof="none")
    assert desk.write(TOKUYAMA, f"確認コード {typed}").templates == ["nothing_to_confirm"]
    desk.write(IYO, f"確認コード {typed}", proof="none")
    assert desk.application().state is ApplicationState.WITHDRAWN
    assert desk.state(other.inbox_id) == "held"
    assert desk.write(IYO, f"確認コード {typed}", subject="もう一度", proof="none").templates == [
        "wrong_code"
    ]
    assert desk.state(other.inbox_id) == "held"


def test_codes_in_quoted_words_or_a_subject_confirm_nothing(desk: Desk) -> None:
    held = desk.write(IYO, "停止", proof="none")
    typed = desk.value(IYO, "confirmation", "code")
    desk.write(IYO, "ありがとうございます", quoted_text=f"確認コード {typed}", proof="none")
    desk.write(IYO, "", subject=f"Re: 確認コード {typed}", proof="none")
    assert desk.state(held.inbox_id) == "held"


def test_a_contractor_who_writes_staff_words_does_nothing(desk: Desk) -> None:
    code = approve(desk)
    before = desk.application()
    for says in ("審査済 1234 保証料 1円", "承認 1234", "入金 1234", "契約確認 1234"):
        desk.write(IYO, says, subject=f"Re: [{code}]")
        assert desk.application() == before, says


def test_an_orderer_who_writes_a_contractors_words_does_nothing(desk: Desk) -> None:
    code = issue(desk)
    for says in ("取下げ", "この内容で申し込みます", "提出", "証書", "認証キー", "一覧"):
        answered = desk.write(CITY, says, subject=f"Re: [{code}]")
        assert answered.changes == (), says
        assert all(letter.documents == () for letter in answered.letters), says


def test_a_label_in_the_signature_is_no_change_of_the_form(desk: Desk) -> None:
    code = apply_for(desk)
    signature = "\n\n----------\n株式会社いよ建設\n担当者：髙橋\nTEL：089-000-1234\n"
    desk.write(IYO, f"この内容で申し込みます。{signature}", subject=f"Re: [{code}]")
    assert desk.application().state is ApplicationState.APPLIED
