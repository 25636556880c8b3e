"""What reports do: mark a letter, then a mailbox; tell staff; and nothing else, whoever forges them."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from bot import verp
from bot.clock import tokyo_date
from bot.ledger import Bounced, Reachable, Unreachable
from bot.mail import Mail, Unreadable
from storage import journal, letters
from storage.tables import LetterRow, MailboxRow
from tests.casework import apply_for, issue
from tests.desk import CITY, CITY_CLERK, EXAMINER, IYO, MANAGER, STRANGER, TOKUYAMA, Answered, Desk

DAEMON = "MAILER-DAEMON@mx.example"
SAID = "smtp; 550 5.1.1 no such user"


def sent(desk: Desk, address: str = IYO) -> LetterRow:
    """Write and send whatever waits; return the newest letter to an address."""
    desk.deliver()
    now = desk.clock.now()

    def job(session: Session) -> bool:
        claim = letters.claim_to_send(session, "test", now, timedelta(minutes=1))
        if claim is not None:
            letters.sending(session, claim)
            letters.sent(session, claim, now)
        return claim is not None

    while desk.opened.database.write(job):
        pass
    with desk.opened.database.reading() as session:
        rows = select(LetterRow).where(LetterRow.recipient == address).order_by(col(LetterRow.id).desc())
        row = session.exec(rows).first()
        assert row is not None
        return row


def a_letter(desk: Desk, address: str = IYO) -> LetterRow:
    """Let somebody ask for something, and send the answer."""
    desk.write(address, "使い方", subject=f"使い方 {desk.clock.now().timestamp()}")
    desk.clock.advance(timedelta(minutes=1))
    return sent(desk, address)


def report(desk: Desk, letter: LetterRow, **fields: object) -> Mail:
    """Make the report of a foreign mail server about a letter, as reading hands it over."""
    values: dict[str, object] = {
        "automatic": "multipart/report",
        "automatic_kind": "bounce",
        "bounced_kind": "failed",
        "bounced_message_ids": (letter.message_id,),
        "failed_recipients": (letter.recipient,),
        "report_status": "5.1.1",
        "report_text": SAID,
    }
    return desk.mail(DAEMON, "sorry", proof="none").but(**{**values, **fields})


def bounce(desk: Desk, letter: LetterRow, **fields: object) -> Answered:
    return desk.receive(report(desk, letter, **fields), mail_from="")


def return_path(desk: Desk, letter: LetterRow, on: date | None = None) -> str:
    assert letter.id is not None
    secret = desk.opened.sealer.derive("codes")
    return verp.make(desk.address, letter.id, on or tokyo_date(desk.clock.now()), secret)


def row(desk: Desk, letter: LetterRow) -> LetterRow:
    with desk.opened.database.reading() as session:
        return session.get_one(LetterRow, letter.id)


def unreachable_since(desk: Desk, address: str = IYO) -> object:
    with desk.opened.database.reading() as session:
        return session.exec(select(MailboxRow.unreachable_since).where(MailboxRow.address == address)).one()


def marked(desk: Desk, letter: LetterRow) -> bool:
    return row(desk, letter).bounced is not None


def test_a_bounce_marks_its_letter_and_tells_management_whom_to_phone(desk: Desk) -> None:
    letter = a_letter(desk)
    answered = bounce(desk, letter)
    assert answered.decision.state == "ignored"
    assert [type(change) for change in answered.changes] == [Bounced]
    found = row(desk, letter)
    assert (found.bounced, found.bounced_at, found.state) == ("failed", desk.clock.now(), "sent")
    assert found.bounce_reason == f"5.1.1 {SAID}"
    assert [one.recipient for one in answered.letters] == [MANAGER]
    values = answered.letters[0].sections[0].values
    assert (values["recipient"], values["phone"]) == (IYO, "089-000-1234")
    assert values["title"] == found.subject


def test_of_an_orderer_the_department_of_that_mailbox_is_phoned(desk: Desk) -> None:
    values = bounce(desk, a_letter(desk, CITY)).letters[0].sections[0].values
    assert (values["recipient"], values["phone"]) == (CITY, "089-000-2000")


def test_staff_are_told_once_a_letter(desk: Desk) -> None:
    letter = a_letter(desk)
    bounce(desk, letter)
    told = desk.letters_to(MANAGER)
    again = bounce(desk, letter)
    assert (again.changes, again.letters, desk.letters_to(MANAGER)) == ((), (), told)


def test_a_delay_is_noted_without_a_letter_and_never_covers_a_failure(desk: Desk) -> None:
    letter = a_letter(desk)
    late = bounce(desk, letter, bounced_kind="delayed", report_status="4.4.1")
    assert (row(desk, letter).bounced, late.letters) == ("delayed", ())
    assert bounce(desk, letter).templates == ["staff_bounced"]
    bounce(desk, letter, bounced_kind="delayed")
    assert row(desk, letter).bounced == "failed"


@pytest.mark.parametrize("kind", ["delivered", "displayed"])
def test_a_receipt_changes_nothing(desk: Desk, kind: str) -> None:
    letter = a_letter(desk)
    answered = bounce(desk, letter, bounced_kind=kind, automatic_kind="receipt")
    assert (answered.changes, answered.letters, marked(desk, letter)) == ((), (), False)
    assert f"about letter {letter.id}" in answered.decision.outcome.note


def test_a_bounce_stands_in_the_journal_of_its_case(desk: Desk) -> None:
    code = apply_for(desk)
    answered = bounce(desk, sent(desk))
    assert answered.decision.case is not None
    assert answered.decision.case.code == code
    with desk.opened.database.reading() as session:
        *_, (_, detail) = journal.lines(session, code)
    assert detail is not None
    assert f"to {IYO} failed" in detail["note"]


def test_no_report_changes_a_guarantee_nor_sends_a_key_elsewhere(desk: Desk) -> None:
    """Whoever can make our letters bounce must not be sent what they carried."""
    code = issue(desk)
    desk.write(IYO, "認証キー", subject=f"Re: [{code}]")
    letter = sent(desk)
    before = desk.guarantees()
    answered = bounce(desk, letter, quoted_text="Reply-To: other@elsewhere.example")
    assert "key_notice" in letter.templates
    assert {one.recipient for one in answered.letters} == {MANAGER}
    assert all(s.key is None for one in answered.letters for s in one.sections)
    assert all(one.documents == () for one in answered.letters)
    assert desk.guarantees() == before


def test_the_third_letter_within_a_week_marks_the_mailbox_and_tells_staff_once(desk: Desk) -> None:
    found = [a_letter(desk) for _ in range(4)]
    answers = []
    for letter in found:
        answers.append(bounce(desk, letter))
        desk.clock.advance(timedelta(days=1))
    assert [Unreachable in map(type, one.changes) for one in answers] == [False, False, True, False]
    assert answers[2].templates == ["staff_bounced", "staff_mailbox_unreachable"]
    assert answers[2].letters[1].sections[0].values["phone"] == "089-000-1234"
    assert unreachable_since(desk) is not None


def test_one_letter_that_comes_back_three_times_does_not(desk: Desk) -> None:
    letter = a_letter(desk)
    for _ in range(3):
        bounce(desk, letter)
    assert unreachable_since(desk) is None


def test_three_letters_in_more_than_a_week_do_not(desk: Desk) -> None:
    for _ in range(3):
        bounce(desk, a_letter(desk))
        desk.clock.advance(timedelta(days=4))
    assert unreachable_since(desk) is None


def test_a_proven_mail_from_it_makes_a_mailbox_reachable_again(desk: Desk) -> None:
    for letter in [a_letter(desk) for _ in range(3)]:
        bounce(desk, letter)
    desk.write(IYO, "状況", proof="none")
    desk.write(IYO, "不在です", automatic="auto-submitted: auto-replied", automatic_kind="absence")
    assert unreachable_since(desk) is not None
    answered = desk.write(IYO, "一覧")
    assert answered.changes == (Reachable(address=IYO),)
    assert unreachable_since(desk) is None


def test_a_code_that_was_sent_to_it_and_typed_makes_it_reachable_again(desk: Desk) -> None:
    for letter in [a_letter(desk) for _ in range(3)]:
        bounce(desk, letter)
    desk.write(IYO, "停止", proof="none")
    code = desk.value(IYO, "confirmation", "code")
    desk.write(IYO, str(code), subject="Re: ", proof="none")
    assert unreachable_since(desk) is None


# -- by which letter: return path, or Message-ID


def test_a_bounce_to_a_letters_own_return_path_needs_no_message_id(desk: Desk) -> None:
    letter = a_letter(desk)
    mail = report(desk, letter, bounced_message_ids=(), failed_recipients=("forwarded@elsewhere.example",))
    desk.receive(mail, mail_from="", recipient=return_path(desk, letter))
    assert marked(desk, letter)


def test_the_return_path_may_stand_in_to_alone_as_a_provider_hands_it_over(desk: Desk) -> None:
    letter = a_letter(desk)
    bounce(desk, letter, bounced_message_ids=(), to=(return_path(desk, letter),))
    assert marked(desk, letter)


def test_what_nobody_understands_is_a_bounce_where_nobody_sent_it_to_a_return_path(desk: Desk) -> None:
    letter = a_letter(desk)
    mute = desk.mail(DAEMON, "∂ƒ∆", automatic="null return path", automatic_kind="other")
    answered = desk.receive(mute, mail_from="", recipient=return_path(desk, letter))
    assert (row(desk, letter).bounced, answered.templates) == ("failed", ["staff_bounced"])


def test_unreadable_bytes_from_nobody_to_a_return_path_are_a_bounce(desk: Desk) -> None:
    letter = a_letter(desk)
    odd = Unreadable(reason="more than 200 parts")
    answered = desk.receive(odd, mail_from="", recipient=return_path(desk, letter))
    assert (answered.decision.state, row(desk, letter).bounced) == ("ignored", "failed")


def test_an_absence_notice_to_a_return_path_is_no_bounce(desk: Desk) -> None:
    """RFC 3834 §4: vacation programs answer to the return path, from nobody."""
    letter = a_letter(desk)
    notice = desk.mail(IYO, "不在です", automatic="null return path", automatic_kind="absence")
    answered = desk.receive(notice, mail_from="", recipient=return_path(desk, letter))
    assert (answered.changes, answered.letters, marked(desk, letter)) == ((), (), False)


def test_a_persons_mail_to_a_return_path_is_a_mail_to_the_desk(desk: Desk) -> None:
    letter = a_letter(desk)
    answered = desk.receive(desk.mail(IYO, "状況"), recipient=return_path(desk, letter))
    assert (answered.words, marked(desk, letter)) == (["status"], False)


def test_an_old_return_path_is_not_believed(desk: Desk) -> None:
    letter = a_letter(desk)
    path = return_path(desk, letter, tokyo_date(desk.clock.now()) - timedelta(days=15))
    answered = desk.receive(report(desk, letter, bounced_message_ids=()), mail_from="", recipient=path)
    assert (answered.changes, answered.letters, marked(desk, letter)) == ((), (), False)


# -- forged


def test_a_report_without_a_proof_of_having_seen_the_letter_changes_nothing(desk: Desk) -> None:
    letter = a_letter(desk)
    guessed = f"hosho+b-{letter.id}-fuop-{'a' * 16}@{desk.address.rpartition('@')[2]}"
    for fields in (
        {"bounced_message_ids": ()},
        {"bounced_message_ids": (f"{letter.id}.00000000000000000000@hoshobin.example",)},
        {"bounced_message_ids": (), "to": (guessed,)},
    ):
        answered = desk.receive(report(desk, letter, **fields), mail_from="", recipient=guessed)
        assert (answered.decision.state, answered.changes, answered.letters) == ("ignored", (), ())
    assert not marked(desk, letter)


def test_a_report_about_another_recipient_changes_nothing(desk: Desk) -> None:
    """Who was sent a letter knows its Message-ID, and could claim that another's mailbox is dead."""
    letter = a_letter(desk, TOKUYAMA)
    answered = bounce(desk, letter, failed_recipients=(IYO,))
    assert (answered.changes, answered.letters, marked(desk, letter)) == ((), (), False)


def test_a_report_about_a_letter_that_has_not_left_changes_nothing(desk: Desk) -> None:
    desk.write(IYO, "使い方")
    message_id, _ = desk.newest_letter(IYO, "help")
    with desk.opened.database.reading() as session:
        letter = session.exec(select(LetterRow).where(LetterRow.message_id == message_id)).one()
    assert bounce(desk, letter).changes == ()


def test_a_persons_mail_that_passes_a_report_on_marks_nothing(desk: Desk) -> None:
    letter = a_letter(desk)
    mail = report(desk, letter, automatic="", automatic_kind="", from_address=IYO, new_text="状況")
    desk.receive(mail)
    assert not marked(desk, letter)


def test_reports_about_what_staff_were_told_of_reports_end(desk: Desk) -> None:
    """Trap: management's own mailbox is dead. It is marked, and nobody is told for ever."""
    bounce(desk, a_letter(desk))
    told = sent(desk, MANAGER)
    answered = bounce(desk, told)
    assert (row(desk, told).bounced, answered.letters) == ("failed", ())


def test_keys_in_a_diagnostic_are_covered(desk: Desk) -> None:
    code = issue(desk)
    number = desk.guarantees()[0].number
    key = desk.key_of(number or "")
    desk.write(IYO, "状況", subject=f"Re: [{code}]")
    answered = bounce(desk, sent(desk), report_text=f"550 rejected: 保証契約番号 {number} 認証キー {key}")
    assert key not in answered.decision.outcome.note
    assert key not in answered.letters[0].model_dump_json()


# -- other automatic mail


def test_an_absence_notice_stands_in_the_journal_of_its_case_with_its_last_day(desk: Desk) -> None:
    code = issue(desk)
    answered = desk.write(
        CITY_CLERK,
        "山田は11月16日から20日まで出張のため不在です。",
        subject=f"不在通知：[{code}]",
        automatic="subject of an automatic reply",
        automatic_kind="absence",
        automatic_until=date(2026, 11, 20),
    )
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())
    with desk.opened.database.reading() as session:
        *_, (_, detail) = journal.lines(session, code)
    assert detail is not None
    assert detail["note"] == "automatic (absence until 2026-11-20): subject of an automatic reply"


def test_an_automatic_mail_of_a_stranger_is_not_entered_into_a_case(desk: Desk) -> None:
    code = issue(desk)
    answered = desk.write(STRANGER, "x", subject=f"[{code}]", automatic="list-id", automatic_kind="list")
    assert answered.decision.case is None


def test_who_moved_is_a_task_for_staff_and_no_address_is_learnt(desk: Desk) -> None:
    says = "4月1日付けで異動しました。後任は tanaka@city.iyonada.lg.example です。"

    def moved() -> Answered:
        reason = "wording of an absence notice"
        return desk.write(CITY_CLERK, says, automatic=reason, automatic_kind="moved")

    answered = moved()
    assert (answered.decision.state, answered.changes) == ("ignored", ())
    assert [(one.recipient, one.sections[0].template) for one in answered.letters] == [
        (MANAGER, "staff_moved")
    ]
    assert "tanaka" not in answered.letters[0].model_dump_json()
    told = desk.letters_to(MANAGER)
    moved()
    assert desk.letters_to(MANAGER) == told


def test_a_strangers_move_is_nobodys_task(desk: Desk) -> None:
    answered = desk.write(STRANGER, "異動しました", automatic="x", automatic_kind="moved")
    assert answered.letters == ()


def test_the_password_of_an_archive_goes_to_staff_without_being_repeated(desk: Desk) -> None:
    """Of a notice in which no rule finds the password; what becomes of the others: test_password_pairs."""
    says = "添付ファイルのパスワードをお知らせします。\nパスワード:別紙のとおり\n本メールは送信専用です。"
    answered = desk.write(TOKUYAMA, says, subject="[パスワード通知] 証書", password_notice=True)
    assert (answered.decision.state, answered.words, answered.changes) == ("done", [], ())
    assert [(one.recipient, one.sections[0].template) for one in answered.letters] == [
        (EXAMINER, "staff_password_notice")
    ]
    assert "Tk#8vQ2m" not in answered.letters[0].model_dump_json() + answered.decision.outcome.note


def test_a_strangers_password_is_not_told(desk: Desk) -> None:
    answered = desk.write(STRANGER, "パスワード:x", password_notice=True)
    assert (answered.decision.state, answered.letters) == ("ignored", ())


def test_what_a_mail_daemon_sends_is_automatic_by_its_envelope_alone(desk: Desk) -> None:
    answered = desk.receive(desk.mail(CITY, "確認"), mail_from="MAILER-DAEMON@city.iyonada.lg.example")
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())
