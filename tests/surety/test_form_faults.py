"""Faults of the application form, all at once, and the answers that put them right."""

import re
from datetime import date

import pytest

from bot.surety.fields import FIELDS
from bot.surety.form import merge, read_form, read_given
from bot.surety.form_text import blank_form, form_to_complete
from tests.surety.forms import SAMPLE, TODAY, UNDERSTOOD, problems, understood, with_line


def test_six_faults_are_told_at_once_in_the_order_of_the_form() -> None:
    text = with_line("約款等への同意", "同意しない")
    text = with_line("証書が必要な日", "令和8年11月9日", text)
    text = with_line("工期", "R8.11.17 〜 R8.3.25", text)
    text = with_line("うち消費税等", "4,840,000円", text)
    text = with_line("前払金の請求額", "58,400,000円", text)
    text = with_line("担当者・電話", "総務 髙橋", text)
    reading = read_form(text, TODAY)
    assert reading.form is None
    assert [(fault.field, fault.label, fault.problem_ja) for fault in reading.faults] == [
        ("consent", "約款等への同意", "「同意する」とお書きいただくまで、お申込みをお受けできません。"),
        ("needed_on", "証書が必要な日", "「令和8年11月9日」は過ぎています。"),
        ("period", "工期の終わり", "「R8.3.25」ですが、着工日(R8.11.17)より前です。"),
        (
            "contract_price",
            "請負代金額(税込)",
            "うち消費税の合計が合いません(48,400,000円のうち消費税等は4,400,000円のはずです)。",
        ),
        ("advance", "前払金の請求額", "58,400,000円は、請負代金額(48,400,000円)を超えています。"),
        ("contact", "担当者・電話", "電話番号を市外局番からお書きください。"),
    ]


@pytest.mark.parametrize(
    ("label", "value", "problem"),
    [
        ("申込区分", "前払は不要", "読み取れません"),
        ("申込区分", "同時", "読み取れません"),
        ("申込区分", "前払金保証・中間前払金保証", "分けて"),
        ("保証証書の受取方法", "電子と書面", "どちら|「電子交付を希望する」か"),
        ("証書が必要な日", "なるべく早く", "読み取れません"),
        ("工事名", "なし", "ご記入がありません"),
        ("契約(予定)日", "未定", "予定日をお書きください"),
        ("工期", "令和8年11月17日", "どちらか一方"),
        ("請負代金額(税込)", "約4千万円", "決まりません"),
        ("前払金の請求額", "なし", "ご記入がありません"),
        ("前払金の請求額", "上限まで", "読み取れません"),
        ("前払金の請求額", "3分の1", "割合を読み取れません"),
        ("前払金の請求額", "140%", "割合をご確認"),
        ("契約保証金額", "10分の1(4,400,000円)", "割合と金額が合いません"),
        ("預託金融機関", "伊予銀行", "支店名・口座の種別"),
        ("保証料の支払方法", "検討中", "「都度払い」か「一括納付」"),
        ("低入札調査の対象", "たぶん", "「はい」か「いいえ」"),
        ("すでに受けた前払金", "60,000,000円", "超えています"),
        ("入札公告日", "令和8年2月30日", "という日はありません"),
        ("工事場所", "あ" * 201, "200字以内"),
    ],
)
def test_one_fault_is_told_with_its_reason(label: str, value: str, problem: str) -> None:
    told = problems(read_form(with_line(label, value), TODAY))
    assert list(told) == [label]
    assert re.search(problem, told[label])


def test_the_blank_form_lacks_all_that_is_required_and_nothing_else() -> None:
    reading = read_form(blank_form(), TODAY)
    assert reading.given == {}
    assert reading.unknown == ()
    assert set(problems(reading).values()) == {"ご記入がありません。"}
    assert reading.faulty == {each.id for each in FIELDS if each.block == 1} - {"advance", "bank"}


def test_one_label_with_two_values_is_a_fault_until_one_is_given() -> None:
    reading = read_form(SAMPLE + "\n低入札調査の対象: はい\n", TODAY)
    assert problems(reading) == {
        "低入札調査の対象": "「いいえ」と「はい」が書かれています。どちらか一方をお書きください。"
    }
    assert read_given(merge(reading.given, {}), TODAY).faulty == {"low_bid"}
    assert read_given(merge(reading.given, {"low_bid": "いいえ"}), TODAY).form == UNDERSTOOD


def test_one_label_twice_with_the_same_value_is_no_fault() -> None:
    assert understood(SAMPLE + "\n工事番号: 第123号\n") == UNDERSTOOD


def test_an_answer_with_only_the_changed_label_completes_the_form() -> None:
    first = read_form(with_line("工期", "R8.11.17 〜 R8.3.25"), TODAY)
    answer = read_form("お世話になります。\n工期: 令和8年11月17日〜令和9年3月25日\n", TODAY)
    assert answer.given == {"period": "令和8年11月17日〜令和9年3月25日"}
    assert read_given(merge(first.given, answer.given), TODAY).form == UNDERSTOOD


def test_an_answer_may_use_the_label_of_the_fault() -> None:
    """The fault says 工期の終わり, so that is what people write back."""
    first = read_form(with_line("工期", "R8.11.17 〜 R8.3.25"), TODAY)
    answer = read_form("工期の終わり: R9.3.25", TODAY)
    both = read_given(merge(first.given, answer.given), TODAY)
    assert both.form == UNDERSTOOD
    assert "period" in both.interpreted
    later = read_form("工期: R8.11.17〜R9.6.30", TODAY)
    whole = read_given(merge(both.given, later.given), TODAY).form
    assert whole is not None
    assert whole.work_to == date(2027, 6, 30)


def test_a_blank_line_of_the_template_takes_nothing_back() -> None:
    first = read_form(SAMPLE, TODAY)
    assert merge(first.given, read_form(blank_form(), TODAY).given) == first.given


def test_the_form_to_complete_holds_what_was_understood_as_written_and_gaps_for_the_rest() -> None:
    reading = read_form(with_line("工期", "来年まで"), TODAY)
    text = form_to_complete(reading)
    assert "◎工期:\n" in text
    assert "◎請負代金額(税込): ４８，４００，０００円\n" in text
    assert understood(text.replace("◎工期:", "◎工期: R8.11.17〜R9.3.25")) == UNDERSTOOD
