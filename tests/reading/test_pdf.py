"""PDFs that arrive: what they are, what they say, and by which rung."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.reading.pdf import MAX_BYTES, MAX_TEXT, is_text, read_pdf, warm
from bot.surety.papers import GuaranteeKind, Rendition
from bot.writing.documents.certificate import certificate_pdf
from bot.writing.documents.key_notice import key_notice_pdf
from tests.documents.papers import LONG_WORK_NAME, certificate, key_notice, performance_certificate

from .foreign_pdfs import columns, page_of, pdf_with, without_embedded_font, without_text_map

NOTICE = key_notice_pdf(key_notice())
NOTICE_FIELDS = {
    "number": "2070004426",
    "auth_key": "K7M4P3XHW3",
    "kind": "advance",
    "work_name": "市道中央線舗装補修工事",
    "orderer": "伊予灘市長",
    "contractor": "株式会社いよ建設",
    "surety": "瀬戸内建設業保証株式会社",
}


def test_our_key_notice_is_read_whole_by_plain_text() -> None:
    reading = read_pdf(NOTICE, 3)
    assert (reading.index, reading.rung, reading.what, reading.pages) == (3, "text", "key_notice", 1)
    assert reading.fields == NOTICE_FIELDS
    assert reading.problem == ""


@pytest.mark.parametrize("kind", list(GuaranteeKind))
def test_a_key_notice_names_its_kind(kind: GuaranteeKind) -> None:
    assert read_pdf(key_notice_pdf(key_notice(kind=kind)), 0).fields["kind"] == kind.value


def test_a_key_of_another_issuer_is_read_as_it_is() -> None:
    reading = read_pdf(key_notice_pdf(key_notice(key=SecretStr("XXXX1234567890"))), 0)
    assert reading.fields["auth_key"] == "XXXX1234567890"


def test_long_values_are_put_together_again_and_names_keep_their_characters() -> None:
    name = "髙橋・𠮷田・﨑山特定建設工事共同企業体 代表構成員 ㈱髙橋組 四国支店 執行役員支店長 𠮷田 ①郎"
    fields = read_pdf(key_notice_pdf(key_notice(work_name=LONG_WORK_NAME, contractor_name=name)), 0).fields
    assert fields["work_name"].replace(" ", "") == LONG_WORK_NAME.replace(" ", "")
    assert fields["contractor"].replace(" ", "") == name.replace(" ", "")
    assert fields["orderer"] == "伊予灘市長"


@pytest.mark.parametrize("rendition", list(Rendition))
def test_our_certificate_is_told_from_the_key_notice(rendition: Rendition) -> None:
    """Sending the certificate in place of the key notice is the commonest mistake of contractors."""
    reading = read_pdf(certificate_pdf(certificate(rendition=rendition)), 0)
    assert (reading.what, reading.rung) == ("certificate", "text")
    assert reading.fields == {
        "number": "2070004426",
        "kind": "advance",
        "work_name": "市道中央線舗装補修工事",
        "orderer": "伊予灘市長",
        "contractor": "愛媛県伊予灘市中央1丁目1番1号株式会社いよ建設",
        "amount": "40000000",
    }


def test_a_performance_certificate_is_read_too() -> None:
    reading = read_pdf(certificate_pdf(performance_certificate(amended=True)), 0)
    assert reading.what == "certificate"
    assert (reading.fields["kind"], reading.fields["amount"]) == ("performance", "4840000")


@pytest.mark.parametrize(
    "text",
    [
        "電子保証にかかる認証キーのお知らせ\n保証契約番号 2080001234\n認証キー K7M4P-3XHW3",
        "認証キーのお知らせ\n証書番号：２０８０００１２３４\n認証キー：Ｋ７Ｍ４Ｐ―３ＸＨＷ３",
        "電子認証閲覧用「認証キー」等のお知らせ\n保証契約番号(証書番号) 2080001234\n暗証番号 K7M4P3XHW3",
        "保証契約番号等報告様式\n1 保証契約番号 2080001234\n2 認証キー K7M4P 3XHW3\n3 工事名 市道工事",
        "電子証書閲覧用「認証キー」等のお知らせ\n保 証 契 約 番 号 2080001234\n認 証 キ ー K7M4P-3XHW3\n"
        "保証証書は提出書類ではありません。保険会社の証券とも異なります。",
    ],
)
def test_notices_of_other_makers_are_known_by_their_labels(text: str) -> None:
    reading = read_pdf(pdf_with(page_of(text)), 0)
    assert reading.what == "key_notice"
    assert (reading.fields["number"], reading.fields["auth_key"]) == ("2080001234", "K7M4P3XHW3")


def test_a_table_drawn_column_by_column_is_read_by_position() -> None:
    table = columns(
        ["区分", "保証契約番号", "認証キー", "工事名", "発注者"],
        ["契約保証", "2080001234", "AB12CD34EF56", "市道中央線舗装補修工事", "伊予灘市長"],
    )
    reading = read_pdf(pdf_with([(60, 30, "「認証キー」等のお知らせ"), *table]), 0)
    assert (reading.rung, reading.what) == ("words", "key_notice")
    assert reading.fields == {
        "number": "2080001234",
        "auth_key": "AB12CD34EF56",
        "kind": "performance",
        "work_name": "市道中央線舗装補修工事",
        "orderer": "伊予灘市長",
    }


def test_a_notice_whose_key_cannot_be_read_is_still_a_notice() -> None:
    text = "電子証書閲覧用「認証キー」等のお知らせ\n保証契約番号 2080001234\n認証キー"
    reading = read_pdf(pdf_with(page_of(text)), 0)
    assert reading.what == "key_notice"
    assert "auth_key" not in reading.fields


def test_a_certificate_that_speaks_of_the_key_notice_is_a_certificate() -> None:
    text = (
        "保証証書（前払金保証）\n保証契約番号 2080001234\n保証金額（総額） 40,000,000円\n"
        "発注者へは「認証キー」等のお知らせをご提出ください。"
    )
    assert read_pdf(pdf_with(page_of(text)), 0).what == "certificate"


@pytest.mark.parametrize(
    "text",
    [
        "公共工事履行保証証券\n証券番号 2080001234\n保険会社 伊予灘損害保険株式会社",
        "保証証券等確認システム\n閲覧用URL https://shoken.example/\n閲覧用パスワード K7M4P-3XHW3",
        "履行保証保険証券\n保険金額 4,840,000円",
    ],
)
def test_insurers_papers_are_lookalikes_and_their_password_is_no_key(text: str) -> None:
    reading = read_pdf(pdf_with(page_of(text)), 0)
    assert reading.what == "lookalike"
    assert reading.fields == {}


@pytest.mark.parametrize(
    "text",
    [
        "前払金請求書\n請求金額 40,000,000円\n振込先 伊予灘銀行 普通 1234567\nTEL 089-000-1234",
        "送付状\n前払金保証の保証証書と認証キーをお送りします。",
        "工事請負契約書\n工事名 市道中央線舗装補修工事\n工期 令和8年11月17日から\n請負代金額 48,400,000円\n"
        + "第4条 受注者は次の各号のいずれかに掲げる保証を付さなければならない。" * 8
        + "\n銀行又は保険会社の保証 公共工事履行保証証券 履行保証保険契約",
    ],
)
def test_other_papers_are_only_text(text: str) -> None:
    reading = read_pdf(pdf_with([(20, 60 + 14 * row, line) for row, line in enumerate(text.splitlines())]), 0)
    assert (reading.what, reading.rung, reading.fields) == ("text_only", "text", {})
    assert reading.text


def test_a_page_without_text_is_an_image() -> None:
    reading = read_pdf(pdf_with([]), 0)
    assert (reading.what, reading.rung, reading.pages, reading.text) == ("no_text", "none", 1, "")


def test_text_that_copies_out_as_codes_counts_as_an_image() -> None:
    assert read_pdf(without_text_map(NOTICE), 0).what == "no_text"


def test_what_is_language_and_what_is_not() -> None:
    assert is_text("保証契約番号 2070004426")
    assert not is_text("(cid:1204)(cid:3391)(cid:842)")
    assert not is_text("\x01\x02\x03\x04 \ue000\ufffd")
    assert not is_text("  \n .")


def test_a_font_that_is_not_embedded_is_read_all_the_same() -> None:
    reading = read_pdf(without_embedded_font("保証契約番号 2080001234\n認証キー K7M4P-3XHW3"), 0)
    assert (reading.fields["number"], reading.fields["auth_key"]) == ("2080001234", "K7M4P3XHW3")


def test_a_locked_file_is_called_so_and_one_without_a_password_to_open_is_read() -> None:
    page = page_of("認証キーのお知らせ\n保証契約番号 2080001234\n認証キー K7M4P-3XHW3")
    locked = read_pdf(pdf_with(page, password="open sesame"), 0)
    assert (locked.what, locked.rung, locked.text) == ("encrypted", "none", "")
    assert read_pdf(pdf_with(page, password=""), 0).what == "key_notice"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"not a PDF at all", NOTICE[:400], b"\0" * 5000])
def test_a_damaged_file_is_called_so(data: bytes) -> None:
    reading = read_pdf(data, 0)
    assert (reading.what, reading.rung) == ("damaged", "none")
    assert reading.problem


def test_a_file_over_the_limit_is_not_opened() -> None:
    reading = read_pdf(NOTICE + b"\0" * MAX_BYTES, 0)
    assert (reading.what, reading.rung) == ("no_text", "none")
    assert str(MAX_BYTES) in reading.problem


def test_pages_and_text_are_capped() -> None:
    page = page_of("\n".join("工事請負契約書の条文がここに続きます。" * 2 for _ in range(40)))
    reading = read_pdf(pdf_with(*[page] * 23), 0)
    assert reading.pages == 23
    assert "20 of 23 pages" in reading.problem
    assert len(reading.text) == MAX_TEXT


def test_every_pair_of_a_file_with_two_notices_stands_in_its_text() -> None:
    first = page_of("認証キーのお知らせ\n保証契約番号 2080001234\n認証キー K7M4P-3XHW3")
    second = page_of("認証キーのお知らせ\n保証契約番号 2080001235\n認証キー AAAAA-CCCCC")
    reading = read_pdf(pdf_with(first, second), 0)
    assert reading.pages == 2
    assert reading.fields["number"] == "2080001234"
    assert "AAAAA-CCCCC" in reading.text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, len(NOTICE) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_no_scratch_in_a_file_makes_reading_raise(position: int, scratch: bytes, cut: bool) -> None:
    damaged = NOTICE[:position] + scratch + (b"" if cut else NOTICE[position + len(scratch) :])
    assert read_pdf(damaged, 0).index == 0


CHILD = """
import resource, sys
from bot.reading.pdf import read_pdf, warm
lengths = [int(length) for length in sys.argv[1:]]
files = [sys.stdin.buffer.read(length) for length in lengths]
warm()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
readings = [read_pdf(data, index) for index, data in enumerate(files)]
for reading in readings:
    print(reading.rung, reading.what, reading.fields.get("auth_key"))
"""


def test_a_warm_child_needs_no_file(tmp_path: Path) -> None:
    """Lazy imports and CMap files die with EMFILE in a child that may not open anything."""
    table = columns(["保証契約番号", "認証キー"], ["2080001234", "AB12CD34EF56"])
    files = [
        NOTICE,
        pdf_with(table),
        without_embedded_font("保証契約番号 2080001234\n暗証番号"),
        b"%PDF-1.4 broken",
    ]
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    child = subprocess.run(
        [sys.executable, "-W", "error", str(script), *(str(len(data)) for data in files)],
        input=b"".join(files),
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
        check=False,
    )
    assert child.stderr.decode() == ""
    assert child.stdout.decode().splitlines() == [
        "text key_notice K7M4P3XHW3",
        "words key_notice AB12CD34EF56",
        "text text_only None",
        "none damaged None",
    ]


def test_warming_twice_does_no_harm() -> None:
    warm()
    warm()
