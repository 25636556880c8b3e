"""Certificate and key notice: what stands on them comes back exactly, from two unrelated readers."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pdfplumber
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.pdftypes import resolve1
from pydantic import SecretStr

from bot.surety.papers import CertificatePaper, GuaranteeKind, KeyNoticePaper, Rendition
from bot.writing.documents.certificate import certificate_pdf
from bot.writing.documents.key_notice import key_notice_pdf
from bot.writing.documents.sheet import PAGE_HEIGHT, SIDE
from bot.writing.documents.typeface import Unprintable

from .extraction import bare, by_pdfium, by_pdfplumber, characters
from .papers import LONG_ADDRESS, LONG_WORK_NAME, SURETY, certificate, key_notice, performance_certificate

POINTS = 72 / 25.4

HARD = {
    "work_name": LONG_WORK_NAME,
    "contractor_name": "髙橋・𠮷田・﨑山特定建設工事共同企業体 代表構成員 ㈱髙橋組 四国支店 支店長 𠮷田 ①郎",
    "orderer": "南予地区広域水道企業団 企業長 兼 西予灘市公営企業管理者",
}
CERTIFICATES = {
    "advance": certificate(),
    "amended interim": certificate(kind=GuaranteeKind.INTERIM, amended=True, rendition=Rendition.ORDERER),
    "performance": performance_certificate(),
    "long": certificate(
        **HARD,
        contractor_address=LONG_ADDRESS,
        guaranteed_amount_yen=123_456_789_012,
        contract_price_yen=999_999_999_999,
        covered_price_yen=987_654_321_098,
    ),
}
KEY_NOTICES = {
    "own key": key_notice(),
    "foreign key": key_notice(key=SecretStr("XYZ12345678901234567890")),
    "long": key_notice(**HARD),
}
READERS = (by_pdfium, by_pdfplumber)


def pdf_of(paper: CertificatePaper | KeyNoticePaper) -> bytes:
    return certificate_pdf(paper) if isinstance(paper, CertificatePaper) else key_notice_pdf(paper)


def every_paper() -> pytest.MarkDecorator:
    papers = {**CERTIFICATES, **{f"notice, {name}": paper for name, paper in KEY_NOTICES.items()}}
    return pytest.mark.parametrize("paper", papers.values(), ids=papers.keys())


def values_of(paper: CertificatePaper | KeyNoticePaper) -> list[str]:
    shared = [paper.number, paper.work_name, paper.orderer, paper.contractor_name, paper.surety.name]
    shared += [paper.surety.branch, paper.surety.phone, paper.surety.fax]
    if isinstance(paper, KeyNoticePaper):
        key = paper.key.get_secret_value()
        printed = f"{key[:5]}-{key[5:]}" if len(key) == 10 else key
        return [
            *shared,
            printed,
            *paper.to_contractor,
            *paper.to_orderer,
            paper.surety.hours,
            paper.surety.desk,
        ]
    amounts = [paper.guaranteed_amount_yen, paper.contract_price_yen, paper.covered_price_yen]
    return [
        *shared,
        *(f"{amount:,}円" for amount in amounts if amount is not None),
        paper.contractor_address,
        paper.bank,
        paper.surety.address,
        paper.surety.signatory,
        paper.surety.branch_address,
        paper.surety.terms_name,
        paper.surety.terms_url,
    ]


@every_paper()
@pytest.mark.parametrize("read", READERS)
def test_every_value_comes_back_exactly(
    paper: CertificatePaper | KeyNoticePaper, read: Callable[[bytes], str]
) -> None:
    """𠮷 came back as ₻ from reportlab's own text map."""
    text = bare(read(pdf_of(paper)))
    for value in values_of(paper):
        assert bare(value) in text


def test_a_plain_reader_finds_each_label_and_its_value_on_one_line() -> None:
    lines = by_pdfium(certificate_pdf(certificate(covered_price_yen=90_000_000))).splitlines()
    start = lines.index("令和 4年 5月10日")
    assert lines[start : start + 13] == [
        "令和 4年 5月10日",
        "保証証書（前払金保証）",
        "保証契約番号 2070004426",
        "保証契約者 愛媛県伊予灘市中央1丁目1番1号",
        "株式会社いよ建設 様",
        "保証受取者 伊予灘市長 様",
        "保証金額（総額） 40,000,000円",
        "保証期間 令和 5年 3月31日まで",
        "工期末日 令和 5年 3月31日",
        "工事名 市道中央線舗装補修工事",
        "請負金額（総額） 100,000,000円",
        "請負金額（対象額） 90,000,000円",
        "預託金融機関 伊予灘銀行 本町支店",
    ]
    lines = by_pdfium(key_notice_pdf(key_notice())).splitlines()
    start = lines.index("区分 前払金保証")
    assert lines[start + 1 : start + 7] == [
        "保証契約番号 2070004426",
        "認証キー K7M4P-3XHW3",
        "工事名 市道中央線舗装補修工事",
        "発注者 伊予灘市長",
        "保証契約者 株式会社いよ建設",
        "保証機関 瀬戸内建設業保証株式会社",
    ]


def test_each_value_is_drawn_right_behind_its_label() -> None:
    drawn = bare(by_pdfplumber(key_notice_pdf(key_notice())))
    assert "保証契約番号2070004426認証キーK7M4P-3XHW3工事名市道中央線舗装補修工事発注者伊予灘市長" in drawn


@every_paper()
def test_every_font_is_embedded_and_has_a_text_map(paper: CertificatePaper | KeyNoticePaper) -> None:
    """Without a first font of its own reportlab lists a Helvetica that it does not embed."""
    with pdfplumber.open(BytesIO(pdf_of(paper))) as document:
        fonts = [resolve1(font) for font in resolve1(document.pages[0].page_obj.resources["Font"]).values()]
    assert fonts
    for font in fonts:
        assert "FontFile2" in resolve1(font["FontDescriptor"])
        assert "ToUnicode" in font


@every_paper()
def test_the_same_paper_gives_the_same_bytes(paper: CertificatePaper | KeyNoticePaper) -> None:
    assert pdf_of(paper) == pdf_of(paper)


@every_paper()
def test_a_paper_is_one_titled_japanese_a4_page(paper: CertificatePaper | KeyNoticePaper) -> None:
    pdf = pdf_of(paper)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx((210 * POINTS, 297 * POINTS), abs=0.1)
    assert document.get_metadata_value("Title").endswith(paper.number)
    assert document.get_metadata_value("Author") == paper.surety.name
    with pdfplumber.open(BytesIO(pdf)) as opened:
        assert opened.doc.catalog["Lang"] == b"ja-JP"


names = st.text(alphabet="工事市道髙𠮷①（）ー、。 　aZ09-,.・", min_size=1, max_size=160)


@settings(max_examples=12, deadline=None)
@given(work_name=names, contractor=names, address=names, orderer=names)
def test_no_value_however_long_leaves_its_margins(
    work_name: str, contractor: str, address: str, orderer: str
) -> None:
    shared = {"work_name": work_name, "contractor_name": contractor, "orderer": orderer}
    sheets = (
        certificate_pdf(certificate(**shared, contractor_address=address, bank=work_name)),
        key_notice_pdf(key_notice(**shared)),
    )
    for pdf in sheets:
        for char in characters(pdf):
            assert char["x0"] >= SIDE * POINTS - 0.1
            assert char["x1"] <= (210 - SIDE) * POINTS + 0.1
            assert char["bottom"] <= (PAGE_HEIGHT - 16) * POINTS


def test_the_contractors_and_the_orderers_rendition_are_told_apart() -> None:
    contractor = by_pdfium(certificate_pdf(certificate()))
    orderer = by_pdfium(certificate_pdf(certificate(rendition=Rendition.ORDERER)))
    assert contractor.startswith("受注者控え（写し）\n発注者への提出には使えません\n")
    assert orderer.startswith("発注者確認用（写し）\n")
    assert "発注者への提出には使えません" not in orderer
    for text in (contractor, orderer):
        assert "原本は当社の電子台帳の記録であり、このPDFはその内容を示す写しです。" in text


def test_the_key_notice_says_that_it_is_the_paper_to_submit() -> None:
    lines = by_pdfium(key_notice_pdf(key_notice())).splitlines()
    assert lines[:2] == ["電子証書閲覧用「認証キー」等のお知らせ", "発注者へ提出するのはこの書面です"]


def test_an_amended_certificate_says_so_in_its_title() -> None:
    text = by_pdfium(certificate_pdf(certificate(kind=GuaranteeKind.INTERIM, amended=True)))
    assert "\n保証証書（中間前払金保証）（変更）\n" in text


def test_a_performance_certificate_has_a_span_its_own_amount_and_no_bank() -> None:
    text = by_pdfium(certificate_pdf(performance_certificate(bank="伊予灘銀行")))
    assert "保証証書（契約保証）" in text
    assert "保証期間 令和 8年11月16日から 令和 9年 3月25日まで" in text
    assert "契約保証金額 4,840,000円" in text
    assert "預託金融機関" not in text
    assert "当社は、契約保証特約に基づき" in text


def test_only_advance_payment_certificates_say_that_the_period_follows_the_work() -> None:
    """The leaflet says so of the 前払金保証 certificate; for 契約保証 nothing is known but its terms."""
    follows = "保証期間も変更後の工期に合わせて自動的に変更されます"
    assert follows in bare(by_pdfium(certificate_pdf(certificate())))
    assert follows not in bare(by_pdfium(certificate_pdf(performance_certificate())))


def test_the_first_year_of_an_era_is_printed_as_such() -> None:
    text = by_pdfium(certificate_pdf(certificate(issued_on=date(2019, 5, 1))))
    assert "令和元年 5月 1日" in text


def test_a_block_without_sentences_is_left_out() -> None:
    text = by_pdfium(key_notice_pdf(key_notice(to_contractor=())))
    assert "【お客様へのお知らせ】" not in text
    assert "【発注者様へのお知らせ】" in text


def test_a_paper_with_an_unprintable_character_is_not_made() -> None:
    with pytest.raises(Unprintable):
        certificate_pdf(certificate(work_name="工事😀"))
    with pytest.raises(Unprintable):
        key_notice_pdf(key_notice(surety=SURETY.but(branch="支店\ue000")))


def test_markup_in_a_value_is_text() -> None:
    """reportlab's paragraphs read markup, and would open a local file for an <img>."""
    name = '<b>A&B</b><img src="/etc/hostname">工事'
    assert name in by_pdfium(certificate_pdf(certificate(work_name=name)))
