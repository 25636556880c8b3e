"""Five mails as they really arrive at the desk, byte for byte in the way their programs make them."""

import base64
import io
import zipfile

from bot.mail import Mail
from bot.reading.mail import OpenedMail, read_mail
from tests.reading.builders import attached, encoded_word, mail, multipart, part, windows_jis

CODE = "[R8-01234-7KQ4]"


def read(data: bytes) -> Mail:
    found = read_mail(data)
    assert isinstance(found, OpenedMail), found
    return found.mail


def test_an_outlook_reply_on_top_of_the_quoted_letter() -> None:
    quoted = f"""From: 保証便 <hosho@hoshobin.example>
Sent: Tuesday, November 10, 2026 10:58 AM
To: soumu@iyo-kensetsu.example
Subject: 【保証便】お申込み内容のご確認:市道中央線舗装補修工事 {CODE}

下記のとおり読み取りました。よろしければ本文に「この内容で申し込みます」と書いてご返信ください…
工期: 令和8年11月17日～令和9年3月25日 …"""
    new = """〇〇建設業保証　ご担当者様

いつもお世話になっております。
㈱いよ建設の髙橋です。

内容確認いたしました。この内容で申し込みます。
なお、契約書の写しは来週お送りいたします。

以上、よろしくお願いいたします。
-----------------------------
㈱いよ建設　総務部　髙橋
TEL089-000-1234
-----------------------------"""
    subject = f"RE: 【保証便】お申込み内容のご確認:市道中央線舗装補修工事 {CODE}"
    found = read(
        mail(
            windows_jis(f"{new}\n\n{quoted}").replace(b"\n", b"\r\n"),
            **{"from": encoded_word("髙橋", "iso-2022-jp") + b" <soumu@iyo-kensetsu.example>"},
            to=encoded_word("保証便", "iso-2022-jp") + b" <hosho@hoshobin.example>",
            cc="<genba@iyo-kensetsu.example>",
            subject=b"\r\n ".join(
                encoded_word(subject[at : at + 12], "iso-2022-jp") for at in range(0, len(subject), 12)
            ),
            content_type='text/plain; charset="iso-2022-jp"',
        )
    )
    assert (found.from_address, found.from_name) == ("soumu@iyo-kensetsu.example", "髙橋")
    assert (found.subject, found.cc) == (subject, ("genba@iyo-kensetsu.example",))
    assert found.new_text == new
    assert (
        found.new_text.count("この内容で申し込みます")
        == found.quoted_text.count("この内容で申し込みます")
        == 1
    )
    assert CODE in found.quoted_text
    assert found.automatic == ""


def test_a_city_forward_through_the_sanitiser() -> None:
    body = """*** このメールは庁内無害化システムで処理されました ***
*** 添付ファイル1件を画像PDFに変換しました(認証キー等のお知らせ.pdf → 20261113_094012_0001.pdf) ***

お世話になっております。伊予灘市契約課の山田です。
標記について、内容の確認をお願いします。

＞差出人: soumu@iyo-kensetsu.example
＞件名: 【電子保証】第123号 市道中央線舗装補修工事
＞契約課御中　契約保証の認証キー等のお知らせをお送りします。
＞保証契約番号　２０８０００１２３４
＞認証キー　K7M4P―3XHW3
"""
    subject = "【無害化済】FW: 【電子保証】第123号 市道中央線舗装補修工事"
    pdf = attached(b"%PDF-1.4\n", "20261113_094012_0001.pdf", "application/pdf")
    found = read(
        mail("", **{"from": encoded_word("山田　一郎") + b" <yamada-ichiro@city.iyonada.lg.example>"},
             subject=encoded_word(subject)).rstrip() + b"\r\n"
        + multipart("mixed", part(body), pdf)
    )  # fmt: skip
    assert (
        found.new_text
        == "お世話になっております。伊予灘市契約課の山田です。\n標記について、内容の確認をお願いします。"
    )
    assert "２０８０００１２３４" in found.quoted_text
    assert "K7M4P―3XHW3" in found.quoted_text
    assert (found.subject, found.automatic) == (subject, "")
    assert [one.kind for one in found.attachments] == ["pdf"]
    assert len([remark for remark in found.remarks if remark.startswith("gateway banner")]) == 2


def test_the_two_mails_of_a_password_archive() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("請負契約書（写）.pdf", b"x")
    zipped = part(
        base64.encodebytes(archive.getvalue()),
        "application/zip; name=" + encoded_word("請負契約書（写）.zip", "iso-2022-jp").decode(),
        disposition=b"attachment; filename=" + encoded_word("請負契約書（写）.zip", "iso-2022-jp"),
        content_transfer_encoding="base64",
    )
    words = (
        "お世話になります。請負契約書の写しをお送りいたします。\n"
        "※このメールの添付ファイルは自動的に暗号化されています。"
    )
    subject = "契約書写しの送付について [R8-01188-2FWR]"
    first = read(
        mail("", **{"from": "saeki@tokuyama-sekkei.example"}, subject=encoded_word(subject)).rstrip()
        + b"\r\n" + multipart("mixed", part(words), zipped)
    )  # fmt: skip
    assert [(one.name, one.kind) for one in first.attachments] == [("請負契約書（写）.zip", "zip")]
    assert first.new_text == words

    notice = (
        "saeki@tokuyama-sekkei.example から送信された添付ファイルのパスワードをお知らせします。\n"
        "  件名:契約書写しの送付について　 ファイル名:請負契約書（写）.zip\n  パスワード:Tk#8vQ2m\n"
        "本メールは送信専用です。"
    )
    second = read(
        mail(
            notice,
            **{"from": "saeki@tokuyama-sekkei.example"},
            subject=encoded_word(f"[パスワード通知] {subject}"),
            auto_submitted="auto-generated",
            precedence="bulk",
        )
    )
    assert second.automatic == ""
    assert "パスワード:Tk#8vQ2m" in second.new_text


def test_two_words_from_a_telephone() -> None:
    subject = f"Re: 【保証便】認証キー等のお知らせ(発注者への提出用):市道中央線舗装補修工事 {CODE}"
    body = """提出　おねがい

iPhoneから送信

2026/11/13 14:02、保証便 <hosho@hoshobin.example>のメール:
> 添付の「認証キー等のお知らせ」(PDF)を、…お送りください。
> 当社からの送付を希望されるときは「提出」と返信…
"""
    found = read(
        mail(
            body,
            **{"from": encoded_word("高橋") + b" <iyo.takahashi@ezmail.example>"},
            subject=encoded_word(subject),
            content_type="text/plain; charset=utf-8",
        )
    )
    assert found.new_text == "提出　おねがい"
    assert "「提出」と返信" in found.quoted_text
    assert found.subject == subject


def test_an_absence_notice_without_any_machine_header() -> None:
    body = """山田は11月16日から20日まで出張のため不在です。
お急ぎの方は契約課代表(089-000-2000)または keiyaku@city.iyonada.lg.example へご連絡ください。

> 保証契約番号 2080001234　認証キー K7M4P-3XHW3
> 内容の確認は、このメールに「確認」とご返信ください。
"""
    found = read(
        mail(
            body,
            **{"from": encoded_word("契約課 山田") + b" <yamada-ichiro@city.iyonada.lg.example>"},
            subject=encoded_word("不在通知：【電子保証】第123号 市道中央線舗装補修工事"),
            date="Fri, 13 Nov 2026 17:40:55 +0900",
        )
    )
    assert found.automatic == "subject of an automatic reply"
    assert "確認" not in found.new_text
    assert "2080001234" not in found.new_text
    assert "2080001234" in found.quoted_text
