"""Automatic mail and reports about our letters."""

import pytest

from bot.mail import Mail
from bot.reading.mail import OpenedMail, read_mail
from tests.reading.builders import encoded_word, mail, multipart, part


def read(data: bytes, *, null_sender: bool = False) -> Mail:
    found = read_mail(data, null_sender=null_sender)
    assert isinstance(found, OpenedMail), found
    return found.mail


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "auto-submitted: auto-replied"),
        ({"auto_submitted": "Auto-Generated; x=y"}, "auto-submitted"),
        ({"auto_submitted": "auto-notified (x)"}, "auto-submitted"),
        ({"precedence": "bulk"}, "precedence: bulk"),
        ({"precedence": "LIST"}, "precedence: list"),
        ({"precedence": "auto_reply"}, "precedence: auto_reply"),
        ({"list_id": "<x.example>"}, "list-id"),
        ({"list_unsubscribe": "<mailto:x@y.example>"}, "list-unsubscribe"),
        ({"x_autoreply": "yes"}, "x-autoreply"),
        ({"x_autorespond": "x"}, "x-autorespond"),
        ({"from": "MAILER-DAEMON@x.example"}, "sent by a mail daemon"),
        ({"content_type": "multipart/report; boundary=x"}, "multipart/report"),
    ],
)
def test_machine_headers_make_a_mail_automatic(headers: dict[str, str], reason: str) -> None:
    assert read(mail("x", **headers)).automatic == reason


def test_the_null_return_path_makes_a_mail_automatic() -> None:
    assert read(mail("x"), null_sender=True).automatic == "null return path"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"auto_submitted": "no"},
        {"auto_submitted": ""},
        {"precedence": "first-class"},
        {"x_auto_response_suppress": "All"},
        {"x_autoreply": "no"},
        {"from": "postmaster@city.example"},
        {"from": "noreply@sign.example"},
    ],
)
def test_other_headers_do_not(headers: dict[str, str]) -> None:
    """Trap: X-Auto-Response-Suppress stands in mail that people write."""
    assert read(mail("x", **headers)).automatic == ""


@pytest.mark.parametrize(
    "subject",
    [
        "不在通知：【電子保証】第123号",
        "不在のお知らせ: 保証",
        "自動応答: ご確認",
        "自動返信：ご確認",
        "自動応答メールです",
        "【自動返信】お問い合わせありがとうございます",
        "【無害化済】不在通知：x",
        "［自動応答］x",
        "（自動返信）x",
        "お問い合わせを受け付けました（自動返信）",
        "受信確認: x",
        "受信確認",
        "開封済み: x",
        "配信不能: x",
        "Automatic reply: x",
        "Auto: x",
        "AutoReply: x",
        "Out of Office: x",
        "Out of the office until Monday",
    ],
)
def test_subjects_of_automatic_replies(subject: str) -> None:
    assert read(mail("x", subject=encoded_word(subject))).automatic == "subject of an automatic reply"


@pytest.mark.parametrize(
    "subject",
    [
        "Re: 不在通知：【電子保証】第123号",
        "RE: Automatic reply: x",
        "受信確認のお願い",
        "自動車保険について",
        "自動返信について教えてください",
        "担当者不在について",
        "【保証便】受領しました",
        "Autocad図面",
        "開封確認をお願いします",
        "Re: お問い合わせ（自動返信）",
        "",
    ],
)
def test_subjects_that_people_write(subject: str) -> None:
    assert read(mail("x", subject=encoded_word(subject))).automatic == ""


@pytest.mark.parametrize(
    "subject",
    [
        "[パスワード通知] 契約書",
        "【添付ファイルのパスワードのお知らせ】契約書",
        "Re: パスワードのご連絡",
        "解凍パスワード送付の件",
        "添付ファイル パスワードお知らせ",
        "Password Notification: x",
    ],
)
def test_password_notices_belong_to_a_persons_mail(subject: str) -> None:
    headers = {"precedence": "bulk", "auto_submitted": "auto-generated", "x_autoreply": "yes"}
    assert read(mail("x", subject=encoded_word(subject), **headers)).automatic == ""


def test_an_automatic_reply_to_a_password_notice_is_automatic() -> None:
    subject = encoded_word("自動応答: [パスワード通知] 契約書")
    assert read(mail("x", subject=subject)).automatic == "subject of an automatic reply"


def report(*parts: bytes, kind: str = "delivery-status", **headers: str) -> bytes:
    head = mail("", **{"from": "MAILER-DAEMON@x.example", **headers}).rstrip()
    return head + b"\r\n" + multipart(f"report; report-type={kind}", *parts)


def status(action: str) -> bytes:
    text = "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n" + action
    return part(text, "message/delivery-status")


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("Action: failed\r\nStatus: 5.1.1\r\n", "failed"),
        ("Action: Delayed (x)\r\n", "delayed"),
        ("action:delivered\r\n", "delivered"),
        ("Action: relayed\r\n", "delivered"),
        ("Action: delivered\r\n\r\nFinal-Recipient: rfc822; c@d.example\r\nAction: failed\r\n", "failed"),
    ],
)
def test_a_delivery_report_names_our_letter_and_what_became_of_it(action: str, kind: str) -> None:
    ours = part(b"Message-ID: <ours@hoshobin.example>\r\nSubject: x\r\n\r\nwords", "message/rfc822")
    found = read(report(part("sorry"), status(action), ours))
    assert (found.bounced_message_ids, found.bounced_kind) == (("ours@hoshobin.example",), kind)
    assert "words" in found.quoted_text
    assert found.new_text == "sorry"
    assert found.automatic != ""


def test_a_report_with_headers_alone_names_our_letter() -> None:
    ours = part(b"Subject: x\r\nMessage-ID:\r\n <ours@hoshobin.example>\r\n\r\n", "text/rfc822-headers")
    assert read(report(status("Action: failed\r\n"), ours)).bounced_message_ids == ("ours@hoshobin.example",)


def test_a_report_that_returns_nothing_is_matched_by_its_references() -> None:
    found = read(report(status("Action: failed\r\n"), references="<old@x> <ours@hoshobin.example>"))
    assert found.bounced_message_ids == ("ours@hoshobin.example",)


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [
        ("manual-action/MDN-sent-manually; displayed", "displayed"),
        ("automatic-action/MDN-sent-automatically; deleted", "delivered"),
    ],
)
def test_a_read_receipt_names_our_letter(disposition: str, kind: str) -> None:
    text = f"Original-Message-ID: <ours@hoshobin.example>\r\nDisposition: {disposition}\r\n"
    notice = part(text, "message/disposition-notification")
    found = read(report(part("read"), notice, kind="disposition-notification"))
    assert (found.bounced_message_ids, found.bounced_kind) == (("ours@hoshobin.example",), kind)


def test_a_bounce_of_a_program_that_knows_no_reports() -> None:
    body = "Hi. This is the qmail-send program.\n\n--- Below this line is a copy of the message.\n\n"
    body += "Received: x\nMessage-ID: <ours@hoshobin.example>\nSubject: x\n"
    found = read(mail(body, subject="failure notice", **{"from": "MAILER-DAEMON@x.example"}))
    assert (found.bounced_message_ids, found.bounced_kind) == (("ours@hoshobin.example",), "failed")


def test_a_forwarded_mail_of_ours_is_no_report() -> None:
    ours = part(b"Message-ID: <ours@hoshobin.example>\r\n\r\nwords", "message/rfc822")
    found = read(b"From: a@b.example\r\n" + multipart("mixed", part("x"), ours))
    assert (found.bounced_message_ids, found.bounced_kind, found.automatic) == ((), "", "")
