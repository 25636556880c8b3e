"""New words apart from old ones, as mail programs used in Japan really quote."""

import time
import tomllib
from pathlib import Path

import pytest

from bot.reading.banners import without_banners
from bot.reading.quoting import split

OUTLOOK_JA = """差出人: 保証便 <hosho@hoshobin.example>
送信日時: 2026年11月10日 10:58
宛先: soumu@iyo-kensetsu.example
件名: お申込み内容のご確認
"""
OUTLOOK_EN = """From: 保証便 <hosho@hoshobin.example>
Sent: Tuesday, November 10, 2026 10:58 AM
To: soumu@iyo-kensetsu.example; genba@iyo-kensetsu.example
Cc: keiri@iyo-kensetsu.example
Subject: お申込み内容のご確認
"""

# name: (text, new words line by line, something that must have been quoted)
CASES: dict[str, tuple[str, list[str], str]] = {
    "plain words": ("提出", ["提出"], ""),
    "quotation marks": ("承認\n\n> 古い言葉\n>> もっと古い", ["承認"], "もっと古い"),
    "full-width quotation marks": (
        "確認をお願いします。\n＞件名: x\n＞保証契約番号　２０",
        ["確認をお願いします。"],
        "２０",
    ),
    "bars": ("確認\n\n| 古い言葉\n| 二行目", ["確認"], "二行目"),
    "a table drawn with bars is new": ("変更\n| 工期 | 令和9年 |", ["変更", "| 工期 | 令和9年 |"], ""),
    "indented marks": ("確認\n > 古い", ["確認"], "古い"),
    "Gmail": (
        "証書\n\n2026年11月13日(金) 14:02 保証便 <hosho@hoshobin.example>:\n\n> 証書は「証書」",
        ["証書"],
        "「証書」",
    ),
    "Gmail, wrapped": (
        "証書\n\n2026年11月13日(金) 14:02 〇〇建設業保証株式会社\n保証便 <hosho@hoshobin.example>:\n> 古い",
        ["証書"],
        "〇〇建設業保証株式会社",
    ),
    "Gmail as HTML-only text, no marks": (
        "証書\n2026年11月13日(金) 14:02 保証便 <hosho@hoshobin.example>:\n「認証キー」と返信してください",
        ["証書"],
        "「認証キー」",
    ),
    "iPhone": (
        "提出　おねがい\n\niPhoneから送信\n\n"
        "2026/11/13 14:02、保証便 <hosho@hoshobin.example>のメール:\n> 「提出」と返信",
        ["提出　おねがい"],
        "「提出」",
    ),
    "iPhone, long form": (
        "提出\n\n2026年11月13日 午後2:02、保証便 <hosho@hoshobin.example>のメール：\n\n> 古い",
        ["提出"],
        "古い",
    ),
    "iPhone in English": (
        "OK\n\nSent from my iPhone\n\n"
        "On Nov 13, 2026, at 14:02, Hoshobin <hosho@hoshobin.example> wrote:\n\n> old",
        ["OK"],
        "old",
    ),
    "Thunderbird": ("承認 4821\n\nOn 2026/11/13 14:02, 保証便 wrote:\n> 古い", ["承認 4821"], "古い"),
    "Thunderbird, answering below": (
        "On 2026/11/13 14:02, 保証便 wrote:\n> 「確認」とご返信ください。\n\n確認しました。\n高橋",
        ["確認しました。", "高橋"],
        "「確認」",
    ),
    "English attribution wrapped": (
        "yes\n\nOn Fri, 13 Nov 2026 at 14:02, Hoshobin Desk\n<hosho@hoshobin.example> wrote:\n> old",
        ["yes"],
        "Hoshobin Desk",
    ),
    "Becky": (
        "承知しました。\n\nOn Fri, 13 Nov 2026 14:02:10 +0900\n"
        "保証便 <hosho@hoshobin.example> wrote:\n\n> 古い",
        ["承知しました。"],
        "古い",
    ),
    "さんは書きました": (
        "了解\n\n2026年11月13日 14:02 に、保証便 さんは書きました:\n> 古い",
        ["了解"],
        "古い",
    ),
    "wrote without a date": ("了解\n\n保証便 <hosho@hoshobin.example> wrote:\n> 古い", ["了解"], "古い"),
    "Outlook in Japanese": (
        "申し込みます。\n\n" + OUTLOOK_JA + "\n「提出」と返信",
        ["申し込みます。"],
        "「提出」",
    ),
    "Outlook in English": (
        "申し込みます。\n\n" + OUTLOOK_EN + "\n「提出」と返信",
        ["申し込みます。"],
        "「提出」",
    ),
    "Outlook below a rule": (
        "了解\n________________________________\n" + OUTLOOK_JA + "\n古い",
        ["了解"],
        "____",
    ),
    "Outlook with bold labels": (
        "了解\n\n*From:* x <a@b.example>\n*Sent:* Friday\n*To:* y\n*Subject:* z\n\n古い",
        ["了解"],
        "古い",
    ),
    "Outlook with a wrapped address list": (
        "了解\n\nFrom: x <a@b.example>\nSent: Friday\n"
        "To: y <y@b.example>;\nz <z@b.example>\nSubject: z\n\n古い",
        ["了解"],
        "z@b.example",
    ),
    "Outlook's original message": (
        "承認\n\n-----Original Message-----\n" + OUTLOOK_EN + "\n古い\n\n-----Original Message-----\nもっと",
        ["承認"],
        "もっと",
    ),
    "元のメッセージ": ("承認\n\n-----元のメッセージ-----\n" + OUTLOOK_JA + "\n古い", ["承認"], "古い"),
    "Yahoo!メール": (
        "確認\n\n----- Original Message -----\n>From: x\n>To: y\n>\n>古い\n\n追伸です",
        ["確認", "追伸です"],
        "古い",
    ),
    "Thunderbird forward": (
        "ご確認ください。\n\n-------- 転送されたメッセージ --------\n"
        "件名: \tz\n日付: \tFri\n差出人: \tx\n宛先: \ty\n\n「提出」",
        ["ご確認ください。"],
        "「提出」",
    ),
    "Gmail forward": (
        "お願いします\n\n---------- Forwarded message ---------\n"
        "From: x <a@b.example>\nDate: Fri\nSubject: z\n"
        "To: <y@b.example>\n\n古い",
        ["お願いします"],
        "古い",
    ),
    "Apple forward": (
        "お願いします\n\nBegin forwarded message:\n\n> From: x\n> Subject: z\n>\n> 古い",
        ["お願いします"],
        "古い",
    ),
    "a forward without a word": (OUTLOOK_JA + "\n保証契約番号 2080001234", [], "2080001234"),
    "a header with sender and subject alone": (
        "確認願います\n\n差出人: x@b.example\n件名: z\n番号とキー",
        ["確認願います"],
        "番号とキー",
    ),
    "answers between the lines": (
        "> 工期はいつまでですか。\n令和9年3月25日です。\n\n> 請負代金額は。\n48,400,000円です。",
        ["令和9年3月25日です。", "48,400,000円です。"],
        "請負代金額",
    ),
    "a signature between rules stays": (
        "申し込みます。\n-----------------------------\n㈱いよ建設\n"
        "TEL089-000-1234\n-----------------------------",
        [
            "申し込みます。",
            "-----------------------------",
            "㈱いよ建設",
            "TEL089-000-1234",
            "-----------------------------",
        ],
        "",
    ),
    "a form is no old header": (
        "◎発注者(宛名): 伊予灘市長\n◎契約(予定)日: 令和8年11月16日\n"
        "件名: 保証申込\n◎工期: R8.11.17 〜 R9.3.25",
        [
            "◎発注者(宛名): 伊予灘市長",
            "◎契約(予定)日: 令和8年11月16日",
            "件名: 保証申込",
            "◎工期: R8.11.17 〜 R9.3.25",
        ],
        "",
    ),
    "a date in a sentence is no attribution": (
        "2026年11月16日に契約します。\n工期は次のとおり:\n令和9年3月25日まで",
        ["2026年11月16日に契約します。", "工期は次のとおり:", "令和9年3月25日まで"],
        "",
    ),
    "sent from the office is a sentence": ("本社から送信", ["本社から送信"], ""),
}


@pytest.mark.parametrize("name", CASES)
def test_new_words_are_told_from_old_ones(name: str) -> None:
    text, expected, quoted_part = CASES[name]
    new, quoted = split(text)
    assert [line for line in new.split("\n") if line.strip()] == expected
    assert quoted_part in quoted


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_lost_or_doubled(name: str) -> None:
    text, _, _ = CASES[name]
    new, quoted = split(text)
    both = [line for line in (new + "\n" + quoted).split("\n") if line.strip()]
    assert sorted(both) == sorted(line for line in text.split("\n") if line.strip())


STYLES = tomllib.loads((Path(__file__).parent / "quoting_styles.toml").read_text(encoding="utf-8"))["style"]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style["name"])
def test_every_program_s_way_to_quote_is_known(style: dict[str, object]) -> None:
    new, quoted = split(str(style["text"]))
    assert [line for line in new.split("\n") if line.strip()] == style["new"]
    lines = sorted(line for line in str(style["text"]).split("\n") if line.strip())
    assert sorted(line for line in f"{new}\n{quoted}".split("\n") if line.strip()) == lines


def test_gateway_banners_are_taken_out_and_kept_as_remarks() -> None:
    text = (
        "*** このメールは庁内無害化システムで処理されました ***\n"
        "*** 添付ファイル1件を画像PDFに変換しました ***\n\nお世話になっております。"
    )
    assert without_banners(text) == (
        "お世話になっております。",
        ("このメールは庁内無害化システムで処理されました", "添付ファイル1件を画像PDFに変換しました"),
    )


@pytest.mark.parametrize(
    "unit",
    [
        "On 2026/11/13 ",
        "<",
        "2026/11/13 <a@b>\n",
        "-----\n",
        "From: a\n",
        "From: a\n\n",
        "*** a",
        "> \n",
        "wrote:\n",
        "a wrote in\n",
        "a さんは",
        "a> ",
        "| ",
        "------a wrote: ",
        "\tx\n",
        "--",
        "\n",
    ],
)
def test_splitting_is_linear(unit: str) -> None:
    """200 kB of any half-begun head is read in well under the child's budget."""
    began = time.process_time()
    split(unit * (200_000 // len(unit)))
    without_banners(unit * (200_000 // len(unit)))
    assert time.process_time() - began < 3
