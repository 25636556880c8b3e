"""The application form, read: what builders write, and what it comes to mean."""

import string
from datetime import date
from decimal import Decimal

import pytest

from bot.folding import fold
from bot.surety.fields import BY_ID, FIELDS, field_labelled
from bot.surety.form import AdvanceRequest, read_form
from bot.surety.papers import GuaranteeKind
from tests.surety.forms import SAMPLE, TODAY, UNDERSTOOD, problems, understood, with_line


def test_the_form_as_a_builder_fills_it_in_is_understood_whole() -> None:
    reading = read_form(SAMPLE, TODAY)
    assert reading.faults == ()
    assert reading.form == UNDERSTOOD
    assert reading.unknown == ()
    assert reading.interpreted == {"needed_on", "advance"}
    assert reading.notes == ("証書が必要な日: ※契約は16日の予定",)


def test_the_form_in_full_width_means_the_same() -> None:
    ascii_marks = string.digits + string.ascii_letters + "():,./-%"
    wide = SAMPLE.translate({ord(char): ord(char) + 0xFEE0 for char in ascii_marks} | {ord(" "): "　"})
    form = understood(wide)
    plain = {"orderer_department", "documents", "contact_name"}
    assert form.model_dump(exclude=plain) == UNDERSTOOD.model_dump(exclude=plain)
    assert fold(form.orderer_department) == fold(UNDERSTOOD.orderer_department)
    assert fold(form.contact_name) == fold(UNDERSTOOD.contact_name)
    assert fold(str(form.documents)) == fold(str(UNDERSTOOD.documents))


def test_the_order_of_lines_does_not_matter() -> None:
    assert understood("\n".join(reversed(SAMPLE.splitlines()))) == UNDERSTOOD


def test_marks_numbers_and_synonyms_before_the_colon_are_tolerated() -> None:
    text = SAMPLE.replace("◎工事名:", "(8) ●工 事 件 名：").replace("◎契約(予定)日:", "・契約予定日：")
    text = text.replace("◎請負代金額(税込):", "①　契約金額（税込）：").replace("◎工期:", "１１．履行期間:")
    assert understood(text) == UNDERSTOOD


@pytest.mark.parametrize("label", ["契約日", "契約予定日", "契約(予定)日", "◎契約（予定）日", "契 約 日"])
def test_a_label_is_known_in_every_writing(label: str) -> None:
    assert field_labelled(label) is BY_ID["contract_on"]


def test_no_two_fields_share_a_label() -> None:
    for each in FIELDS:
        for name in (each.label, *each.synonyms.split()):
            assert field_labelled(name) is each


def test_a_value_may_go_on_in_the_next_line() -> None:
    wrapped = SAMPLE.replace("◎工事場所: 伊予灘市中央一丁目地内", "◎工事場所:\n伊予灘市中央\n　一丁目地内")
    assert understood(wrapped).work_place == "伊予灘市中央 一丁目地内"


def test_free_text_and_unknown_labels_go_to_staff_and_greetings_do_not() -> None:
    text = f"""〇〇建設業保証　ご担当者様

いつもお世話になっております。
㈱いよ建設の髙橋です。

{SAMPLE}
完成予定: 3月中ごろ
契約書の写しは来週お送りいたします。
以上、よろしくお願いいたします。
-----------------------------
㈱いよ建設　総務部　髙橋
TEL089-000-1234
-----------------------------
"""
    reading = read_form(text, TODAY)
    assert reading.form == UNDERSTOOD
    assert reading.unknown == ("完成予定: 3月中ごろ", "契約書の写しは来週お送りいたします。")


def test_an_answer_without_any_label_is_kept_for_staff_but_for_its_greeting() -> None:
    text = "お世話になっております。\nいよ建設の髙橋です。\n契約保証の証書待ちです。\n"
    assert read_form(text, TODAY).unknown == ("契約保証の証書待ちです。",)


@pytest.mark.parametrize("written", ["同意します", "はい、同意します", "約款に同意いたします。", "承諾する"])
def test_consent_may_be_worded_freely_but_not_denied(written: str) -> None:
    assert understood(with_line("約款等への同意", written)) == UNDERSTOOD
    assert problems(read_form(with_line("約款等への同意", "同意しません"), TODAY)).keys() == {
        "約款等への同意"
    }


def test_words_below_a_rule_that_are_no_signature_are_kept_for_staff() -> None:
    reading = read_form(SAMPLE + "-----\n契約は17日になるかもしれません\n", TODAY)
    assert reading.unknown == ("契約は17日になるかもしれません",)


def test_an_account_number_is_never_kept() -> None:
    text = with_line("預託金融機関", "伊予信用金庫　本店営業部　普通 １２３４５６７　※名義は当社")
    reading = read_form(text + "\n口座番号: 7654321\n", TODAY)
    assert reading.form == UNDERSTOOD
    everything = fold(reading.model_dump_json())
    assert "1234567" not in everything
    assert "7654321" not in everything
    assert any("口座番号は消しました" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("written", "bank"),
    [
        ("伊予信用金庫本店営業部普通", ("伊予信用金庫", "本店営業部", "普通")),
        ("伊予銀行・松山支店・普通預金", ("伊予銀行", "松山支店", "普通")),
        ("JAえひめ　本所　(普通)", ("JAえひめ", "本所", "普通")),
        ("三井住友銀行　銀行前支店　決済用預金", ("三井住友銀行", "銀行前支店", "決済用")),
        ("伊予銀行 本店 別口普通 口座番号 123-4567", ("伊予銀行", "本店", "別口普通")),
    ],
)
def test_a_bank_is_taken_apart(written: str, bank: tuple[str, str, str]) -> None:
    found = understood(with_line("預託金融機関", written)).bank
    assert found is not None
    assert (found.name, found.branch, found.account_type) == bank


@pytest.mark.parametrize(
    ("written", "request_", "interpreted"),
    [
        ("4割で", AdvanceRequest(percent=Decimal(40)), True),
        ("請負代金額の４割", AdvanceRequest(percent=Decimal(40)), True),
        ("四割でお願いします", AdvanceRequest(percent=Decimal(40)), True),
        ("3割5分", AdvanceRequest(percent=Decimal(35)), True),
        ("40%", AdvanceRequest(percent=Decimal(40)), True),
        ("10分の4", AdvanceRequest(percent=Decimal(40)), True),
        ("4割(10万円未満切捨て)", AdvanceRequest(percent=Decimal(40), rounding_yen=100_000), True),
        ("40%、端数切り捨て", AdvanceRequest(percent=Decimal(40)), True),
        ("19,300,000円", AdvanceRequest(amount_yen=19_300_000), False),
        ("1,930万円", AdvanceRequest(amount_yen=19_300_000), True),
        ("19,300,000円(4割)", AdvanceRequest(amount_yen=19_300_000, percent=Decimal(40)), False),
        ("4割 = 19,360,000円", AdvanceRequest(amount_yen=19_360_000, percent=Decimal(40)), False),
    ],
)
def test_an_advance_is_an_amount_or_a_rate(written: str, request_: AdvanceRequest, interpreted: bool) -> None:
    reading = read_form(with_line("前払金の請求額", written), TODAY)
    assert reading.form is not None
    assert reading.form.advance == request_
    assert ("advance" in reading.interpreted) is interpreted


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("契約保証", {GuaranteeKind.PERFORMANCE}),
        ("前払＋契約", {GuaranteeKind.PERFORMANCE, GuaranteeKind.ADVANCE}),
        ("前払金保証及び契約保証", {GuaranteeKind.PERFORMANCE, GuaranteeKind.ADVANCE}),
        ("①契約保証　②前払金保証", {GuaranteeKind.PERFORMANCE, GuaranteeKind.ADVANCE}),
        ("前払金保証のみ", {GuaranteeKind.ADVANCE}),
    ],
)
def test_what_is_applied_for_is_recognised(written: str, kinds: set[GuaranteeKind]) -> None:
    assert understood(with_line("申込区分", written)).kinds == kinds


def test_an_interim_application_needs_the_day_of_approval() -> None:
    text = with_line("申込区分", "中間前払金保証")
    assert problems(read_form(text, TODAY)) == {"中間前払の認定日": "ご記入がありません。"}
    form = understood(with_line("中間前払の認定日", "10月30日", text))
    assert form.kinds == {GuaranteeKind.INTERIM}
    assert form.interim_approved_on == date(2026, 10, 30)


def test_only_what_is_applied_for_must_be_filled_in() -> None:
    text = with_line("前払金の請求額", "", with_line("預託金融機関", "", with_line("申込区分", "契約保証")))
    assert understood(text).advance is None
    text = with_line("契約保証金額", "", with_line("申込区分", "前払金保証"))
    assert understood(text).performance is None


def test_what_belongs_to_a_guarantee_not_asked_for_is_a_note() -> None:
    reading = read_form(with_line("申込区分", "契約保証"), TODAY)
    assert reading.form is not None
    assert reading.form.advance is None
    assert any(note.startswith("前払金の請求額: 4割で") for note in reading.notes)


def test_an_amendment_names_the_guarantees_it_changes() -> None:
    text = with_line("申込区分", "契約保証の変更(増額)")
    assert problems(read_form(text, TODAY)) == {"変更前の保証契約番号": "ご記入がありません。"}
    form = understood(with_line("変更前の保証契約番号", "２０８０００１２３４、2070004427", text))
    assert form.amendment
    assert form.previous_numbers == ("2080001234", "2070004427")


def test_a_reservation_is_told_apart() -> None:
    """契約保証予約 has no electronic certificate (leaflet, 「対象の保証証書」): it goes on on paper."""
    reading = read_form(with_line("申込区分", "契約保証予約"), TODAY)
    assert reading.reservation
    assert "電子交付の対象外" in problems(reading)["申込区分"]
    assert not read_form(SAMPLE, TODAY).reservation


def test_tax_of_eight_percent_and_none_are_taken_where_they_are_written() -> None:
    text = with_line("請負代金額(税込)", "1,080,000円", with_line("契約保証金額", "108,000円"))
    assert understood(with_line("うち消費税等", "80,000円(8%)", text)).tax_percent == 8
    assert understood(with_line("うち消費税等", "免税事業者", text)).tax_yen == 0
    assert (
        "うち消費税の合計が合いません"
        in problems(read_form(with_line("うち消費税等", "80,000円", text), TODAY))["請負代金額(税込)"]
    )


@pytest.mark.parametrize("tax", ["90,909円", "90,910円"])
def test_a_fraction_of_a_yen_of_tax_may_be_cut_or_raised(tax: str) -> None:
    text = with_line("請負代金額(税込)", "1,000,001円", with_line("契約保証金額", "10%"))
    assert understood(with_line("うち消費税等", tax, text)).tax_yen


def test_the_price_that_counts_may_differ_from_the_total() -> None:
    assert understood(SAMPLE + "請負代金額(対象額): 30,000,000円\n").covered_price_yen == 30_000_000


def test_invisible_and_control_characters_are_dropped() -> None:
    form = understood(SAMPLE.replace("工事名: 市道", "工事名: \u202e市\u200b道\x07"))
    assert form.work_name == UNDERSTOOD.work_name


def test_a_monstrous_mail_is_read_in_no_time() -> None:
    """Every line of it is a stranger's: nothing may take more than linear time."""
    spaces, digits = " " * 50_000, "1" * 50_000
    lines = [
        f"工期: {digits}",
        f"預託金融機関: 伊予銀行{spaces}x",
        f"備考: 口座{spaces}{digits}",
        f"工事名:{spaces}※",
    ]
    many = [f"区分: {number}" for number in range(5_000)] + ["連絡事項: a"] + ["  続き" * 10] * 5_000
    reading = read_form("\n".join(lines + many), TODAY)
    assert reading.form is None
    assert max(map(len, reading.given.values())) <= 2_500
