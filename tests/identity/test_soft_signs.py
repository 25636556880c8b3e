"""A mail that its words alone make automatic: a known person's request in it is heard, by us or by staff."""

import pytest

from bot.mail import Mail
from bot.reading.mail import OpenedMail, read_mail
from tests.desk import CITY_CLERK, EXAMINER, IYO, MANAGER, Answered, Desk, authenticated

NOTICE = "staff_taken_for_automatic"
LIST_SENDER = "Sender: sales-owner@iyo-kensetsu.example\r\n"


def raw(subject: str, text: str, head: str = "", sender: str = IYO) -> Mail:
    """Read a mail as it came, so that reading itself finds the sign."""
    lines = (
        f"From: {sender}\r\nTo: hosho@hoshobin.example\r\nSubject: {subject}\r\n"
        f"Date: Tue, 10 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@iyo-kensetsu.example>\r\n{head}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    opened = read_mail(lines.encode())
    assert isinstance(opened, OpenedMail)
    return opened.mail


def sent(desk: Desk, mail: Mail, proof: str = "dkim") -> Answered:
    sender = mail.from_address or ""
    return desk.receive(mail.model_copy(update={"authentication": authenticated(sender, proof)}))


@pytest.mark.parametrize(
    ("subject", "text", "head"),
    [
        (
            "証書の再送",
            "昨日、自動返信メールでお送りいただいた証書が開けませんでした。\n証書を送ってください。",
            "",
        ),
        ("配信不能", "発注者へのメールが配信できませんでした。\n証書を送ってください。", ""),
        ("受信確認", "証書を送ってください。", ""),
        ("証書", "証書を送ってください。\n\n当社のメールの配信停止はこちら https://iyo.example/stop", ""),
        ("送信者の確認", "送信者の確認のため返信します。\n停止", ""),
        ("不在のお知らせ", "明日は不在のため、本日中にお願いします。\n停止", ""),
        ("証書", "証書をお願いします。", LIST_SENDER),
    ],
)
def test_a_known_persons_request_is_decided_whatever_phrase_stands_beside_it(
    desk: Desk, subject: str, text: str, head: str
) -> None:
    mail = raw(subject, text, head)
    assert mail.automatic_soft, "without a sign this would test nothing"
    answered = sent(desk, mail)
    assert answered.decision.state != "ignored"
    assert answered.letter_to(IYO)


def test_a_binding_word_under_a_soft_sign_still_needs_its_proof(desk: Desk) -> None:
    answered = sent(desk, raw("自動返信", "停止"), proof="none")
    assert (answered.decision.state, answered.templates) == ("held", ["confirmation"])


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Precedence: bulk\r\n",
        "X-Autoreply: yes\r\n",
        "Return-Path: <>\r\n",
    ],
)
def test_a_machines_own_header_is_never_answered_whatever_is_asked(desk: Desk, head: str) -> None:
    """RFC 3834 §2: an automatic mail is not answered."""
    mail = raw("自動返信", "証書を送ってください。", head)
    assert mail.automatic
    assert not mail.automatic_soft
    answered = sent(desk, mail)
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_a_mail_from_nobody_is_never_answered_whatever_is_asked(desk: Desk) -> None:
    mail = raw("受信確認", "証書を送ってください。")
    answered = desk.receive(
        mail.model_copy(update={"authentication": authenticated(IYO, "dkim")}), mail_from=""
    )
    assert (answered.decision.state, answered.letters) == ("ignored", ())


def test_what_asks_for_nothing_stays_ignored_and_staff_hear_once_a_day_and_sender(desk: Desk) -> None:
    text = "自動返信メールで届いた証書が付いていません。再送をお願いします"
    mail = raw("自動返信", text)
    first = sent(desk, mail)
    assert (first.decision.state, first.templates) == ("ignored", [NOTICE])
    assert first.letter_to(EXAMINER).sections[0].values["sign"] == "subject of an automatic reply"
    sent(desk, raw("自動返信", f"{text}。至急"))
    assert desk.letters_to(EXAMINER) == 1


def test_forged_writers_of_one_domain_are_told_to_staff_once_a_day(desk: Desk) -> None:
    for number in range(10):
        sent(desk, raw("自動返信", "ただいま", sender=f"x{number}@city.iyonada.lg.example"), proof="none")
    assert desk.letters_to(EXAMINER) == 1


@pytest.mark.parametrize(
    ("sender", "says"),
    [
        (CITY_CLERK, "出張のため不在にしております。\n確認が遅れますことをご了承ください。"),
        (CITY_CLERK, "不在です。ご用件は代表へ。\n確認いたします。"),
        (IYO, "不在にしております。\n証書の件は佐伯までご連絡ください。"),
        (IYO, "休暇中です。申込書の件は代表へお願いします。"),
        (IYO, "出張のため不在です。保証の一覧は戻り次第お送りします。"),
    ],
)
def test_an_absence_notice_that_speaks_of_our_matters_asks_for_nothing(
    desk: Desk, sender: str, says: str
) -> None:
    """A number and key that it quotes must not become a 確認."""
    quoted = "\n\n> 保証契約番号 2080001234　認証キー K7M4P-3XHW3\n> 「確認」とご返信ください"
    answered = sent(desk, raw("不在のお知らせ", says + quoted, sender=sender))
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_a_plain_absence_notice_that_quotes_our_words_is_nobodys_task(desk: Desk) -> None:
    says = "山田は11月16日から20日まで出張のため不在です。\n\n> 「確認」とだけご返信ください。\n> 確認"
    answered = sent(desk, raw("不在通知：【電子保証】第118号", says, sender=CITY_CLERK))
    assert (answered.decision.state, answered.letters, answered.changes) == ("ignored", (), ())


def test_unproven_password_notices_are_told_once_a_day_and_party_and_each_proven_one(desk: Desk) -> None:
    for number in range(4):
        writer = f"x{number}@city.iyonada.lg.example"
        desk.write(writer, f"{number}", subject=f"{number}", proof="none", password_notice=True)
    assert desk.letters_to(EXAMINER) == 1
    for number in range(2):
        desk.write(CITY_CLERK, f"proven {number}", subject=f"{number}", password_notice=True)
    assert desk.letters_to(EXAMINER) == 3


def test_unproven_notices_of_a_move_are_told_once_a_day_and_party_and_proven_ones_by_writer(
    desk: Desk,
) -> None:
    def moved(writer: str, proof: str) -> None:
        desk.write(writer, "異動しました", proof=proof, automatic="auto-submitted", automatic_kind="moved")

    for number in range(4):
        moved(f"x{number}@city.iyonada.lg.example", "none")
    assert desk.letters_to(MANAGER) == 1
    for writer in (CITY_CLERK, "x1@city.iyonada.lg.example"):
        moved(writer, "dkim")
    assert desk.letters_to(MANAGER) == 3
