"""What is never acted on: repeats, loops, machines, strangers, copies, and foreign case codes."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.deciding import SAME_WORDS
from bot.handlers import WORDS
from bot.mail import PaperReading, Unreadable
from bot.outcome import TryLater
from bot.surety.application import ApplicationState
from bot.surety.party import PartyKind
from tests.casework import agree, apply_for, issue
from tests.desk import CITY, CITY_CLERK, EXAMINER, IYO, STRANGER, TOKUYAMA, Desk
from tests.test_requests import spoken


def test_a_mail_that_is_sent_again_is_not_acted_on_again_and_its_writer_is_told_the_state(desk: Desk) -> None:
    code = apply_for(desk)
    mail = desk.mail(IYO, "この内容で申し込みます", subject=f"Re: [{code}]")
    desk.receive(mail)
    version = desk.application().version
    again = desk.receive(mail)
    assert (again.decision.state, again.templates) == ("ignored", ["repeated"])
    assert again.letter_to(IYO).sections[0].values == {"state": "done"}
    assert desk.application().version == version


def test_a_held_mail_that_is_sent_again_is_told_that_it_waits(desk: Desk) -> None:
    mail = desk.mail(IYO, "停止", proof="none")
    desk.receive(mail)
    again = desk.receive(mail)
    assert again.letter_to(IYO).sections[0].values == {"state": "held"}


def test_the_same_words_in_another_mail_are_another_request(desk: Desk) -> None:
    assert desk.write(IYO, "状況").words == ["status"]
    assert desk.write(IYO, "状況").words == ["status"]


def test_another_writers_message_id_does_not_make_a_repeat(desk: Desk) -> None:
    desk.write(TOKUYAMA, "状況", message_id="same@x.example")
    assert desk.write(IYO, "状況", message_id="same@x.example").words == ["status"]


def test_forged_repeats_neither_delay_nor_silence_the_proven_writer(desk: Desk) -> None:
    """Anybody can write a From: what is not proven counts against what is not proven alone."""
    desk.set_office(letters_an_hour=SAME_WORDS + 3)
    for _ in range(SAME_WORDS + 1):
        with suppress(TryLater):
            desk.write(IYO, "状況", proof="none")
    desk.write(IYO, "一覧", subject="one more", proof="none")
    assert desk.write(IYO, "状況").words == ["status"]


def test_automatic_mail_with_commands_changes_nothing_and_is_not_answered(desk: Desk) -> None:
    code = apply_for(desk)
    for reason in ("auto-submitted: auto-replied", "null return path", "list-id"):
        answered = desk.write(IYO, "この内容で申し込みます", subject=f"[{code}]", automatic=reason)
        assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())
        desk.clock.advance(timedelta(hours=1))
    assert desk.application().state is ApplicationState.READ_BACK


def test_an_automatic_mail_that_quotes_number_and_key_is_no_enquiry(desk: Desk) -> None:
    """Absence notices quote the submission; they must not count as 確認."""
    quoted = "保証契約番号 2080001234　認証キー K7M4P-3XHW3\n「確認」とご返信ください"
    answered = desk.write(CITY_CLERK, "出張のため不在です。", quoted_text=quoted, automatic="subject")
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_our_own_mail_is_ignored(desk: Desk) -> None:
    answered = desk.write(desk.address, "使い方")
    assert (answered.decision.state, answered.letters) == ("ignored", ())


@pytest.mark.parametrize("kind", list(PartyKind))
def test_a_stranger_gets_nothing_with_any_word(desk: Desk, kind: PartyKind) -> None:
    for word in (one for one in WORDS.values() if kind in one.roles and one.name != "enrolled_already"):
        for sentence, _ in spoken(word)[:1]:
            answered = desk.write(STRANGER, sentence, subject=sentence)
            assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_a_stranger_hears_the_same_whether_number_and_key_are_right_or_wrong(desk: Desk) -> None:
    issue(desk)
    number = desk.guarantees()[0].number
    wrong = desk.write(STRANGER, "保証契約番号 2080009999\n認証キー K7M4P-3XHW3")
    fields = {"number": number or "", "auth_key": "K7M4P3XHW3"}
    paper = PaperReading(index=0, rung="text", what="key_notice", fields=fields)
    other = desk.write("else@where.example", "確認をお願いします", papers=(paper,))
    shown = [
        [(s.template, s.values) for letter in one.letters for s in letter.sections] for one in (wrong, other)
    ]
    assert shown[0] == shown[1]
    assert wrong.changes == other.changes == ()


def test_a_from_that_fails_dmarc_gets_nothing_at_all(desk: Desk) -> None:
    for sender in (IYO, CITY):
        says = "保証契約番号 2080009999\n認証キー K7M4P-3XHW3\n確認"
        answered = desk.write(sender, says, proof="dmarc-fail")
        assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_a_mail_without_one_from_gets_nothing(desk: Desk) -> None:
    answered = desk.write(IYO, "停止", from_address=None)
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_an_unreadable_mail_is_parked_told_to_staff_and_answered_once_a_day(desk: Desk) -> None:
    first = desk.receive(Unreadable(reason="message over 64 MB", from_address=IYO))
    assert first.decision.state == "parked"
    assert [letter.recipient for letter in first.letters] == [EXAMINER, IYO]
    desk.receive(Unreadable(reason="message over 64 MB", from_address=IYO))
    assert desk.letters_to(IYO) == 1


def test_an_unreadable_mail_of_a_stranger_is_not_answered(desk: Desk) -> None:
    answered = desk.receive(Unreadable(reason="no header block", from_address=STRANGER))
    assert [letter.recipient for letter in answered.letters] == [EXAMINER]


def test_a_copy_is_noted_down_and_never_answered_nor_confirmed(desk: Desk) -> None:
    """A city's clerk who answers the contractor with our desk in CC must not get a letter for it."""
    for sender in (CITY_CLERK, CITY, IYO):
        answered = desk.write(sender, "受領しました", to=(TOKUYAMA,), cc=(desk.address,), proof="none")
        assert (answered.decision.state, answered.letters, answered.changes) == ("done", (), ())


def test_thanks_are_not_answered(desk: Desk) -> None:
    answered = desk.write(IYO, "お世話になっております。\nありがとうございました。", subject="Re: ")
    assert (answered.decision.state, answered.letters) == ("done", ())


def test_a_doubt_is_asked_back_once_and_then_a_person_takes_over(desk: Desk) -> None:
    first = desk.write(IYO, "提出は来週にします", subject="Re: ")
    assert (first.decision.state, first.templates) == ("refused", ["unclear"])
    second = desk.write(IYO, "だから来週です", subject="Re: ")
    assert second.templates == ["unclear_again", "staff_unclear"]
    assert second.changes == ()


def test_harmless_words_beside_a_doubt_are_answered_in_the_same_letter(desk: Desk) -> None:
    code = issue(desk)
    answered = desk.write(IYO, "証書をお願いします。\n提出は来週にします。", subject=f"Re: [{code}]")
    assert answered.templates == ["certificate", "unclear"]
    assert len(answered.letters) == 1


def test_harmless_words_beside_a_doubt_still_want_the_proof_of_a_domain_writer(desk: Desk) -> None:
    answered = desk.write(
        CITY_CLERK, "状況を教えてください。\n停止は来週にします。", subject="Re: ", proof="none"
    )
    assert answered.templates == ["unclear"]


def test_a_case_code_routes_only_to_who_may_see_the_case(desk: Desk) -> None:
    code = agree(desk)
    for sender, sees in ((IYO, True), (CITY, True), (EXAMINER, True), (TOKUYAMA, False), (STRANGER, False)):
        case = desk.write(sender, "使い方", subject=f"Re: [{code}]").decision.case
        assert (case is not None and case.code == code) == sees, sender


def test_a_forged_code_of_another_contractors_case_is_ignored(desk: Desk) -> None:
    code = issue(desk)
    answered = desk.write(TOKUYAMA, "証書", subject=f"Re: [{code}]", quoted_text=f"[{code}]")
    assert answered.decision.case is None
    assert answered.decision.state == "refused"
    assert "certificate" not in answered.templates
    assert code not in answered.letters[0].model_dump_json()


def test_a_code_is_found_in_subject_quoted_words_and_references(desk: Desk) -> None:
    code = apply_for(desk)
    for fields in (
        {"subject": f"ＲＥ： 【無害化済】［{code}］"},
        {"subject": "Re:", "quoted_text": f"> 件名: 申込み [{code}]"},
        {"subject": "Re:", "references": (f"{code}.1@hoshobin.example",)},
    ):
        case = desk.write(IYO, "使い方", **fields).decision.case
        assert case is not None
        assert case.code == code


def test_a_seen_case_wins_over_a_foreign_one_in_the_same_mail(desk: Desk) -> None:
    foreign = apply_for(desk, TOKUYAMA)
    own = apply_for(desk, IYO)
    case = desk.write(IYO, "使い方", subject=f"Re: [{foreign}] [{own}]").decision.case
    assert case is not None
    assert case.code == own
