"""What gateways write into people's mails, and what people write themselves."""

import time

import pytest

from bot.reading.banners import without_banners

BANNERS = """\
*** このメールは庁内無害化システムで処理されました ***
＊＊＊ 添付ファイル1件を画像PDFに変換しました ＊＊＊
【無害化済】
[EXTERNAL]
【社外メール注意】
[SPAM?]
※このメールは外部から送信されています。添付ファイルやURLの取り扱いにはご注意ください。
【注意】このメールは組織外から送信されました。
■□■ 外部からのメールです。ご注意ください ■□■
このメールは、インターネットから受信したメールです。
### 社外からのメールです。差出人を確認してください ###
外部メール：注意してください
[EXTERNAL] This email originated from outside of the organization. Do not click links or open attachments.
CAUTION: This email originated from outside your organization.
CAUTION: External email.
This message was sent from outside the company.
※本メールは無害化処理を実施しています。添付ファイルは原本保管サーバで取得してください。
＜添付ファイルは無害化のため削除されました＞
添付ファイル「契約書.pdf」は画像PDFに変換されました。
You don't often get email from hosho@hoshobin.example. Learn why this is important
hosho@hoshobin.example からのメールを受け取ることはほとんどありません。これが重要である理由について
ウイルス フリー。www.avast.com
--- 本メールはウイルスチェック済みです。 ---"""

WORDS = """\
承認
添付ファイルを確認してください
添付ファイルの契約書をご確認ください。
このメールの内容で申し込みます。
メールで提出してください
契約書を添付ファイルでお送りします。
このメールに「確認」と返信します
証書の添付ファイルが開けません
外部の専門家に確認中です
社外の者に確認しました。
重要
注意してください。
【証書】
このメールは送信しないでください
添付ファイルを削除してください
※このメールの添付ファイルは自動的に暗号化されています。パスワードは別メールでお送りします。"""


@pytest.mark.parametrize("line", BANNERS.splitlines())
def test_a_line_of_a_gateway_is_taken_out_and_kept(line: str) -> None:
    rest, banners = without_banners(f"{line}\n\n提出\n")
    assert (rest, len(banners)) == ("提出", 1)


@pytest.mark.parametrize("line", WORDS.splitlines())
def test_a_line_of_a_person_stays(line: str) -> None:
    assert without_banners(line) == (line, ())


@pytest.mark.parametrize(
    "unit",
    [
        "*",
        "このメールは",
        "添付ファイル",
        "[社外]",
        "社外",
        "メール ",
        "caution ",
        "from ",
        "*【注意】",
        "添付",
    ],
)
def test_looking_for_banners_is_linear(unit: str) -> None:
    began = time.process_time()
    without_banners("\n".join([(unit * 400)[:400]] * 2000))
    assert time.process_time() - began < 1
