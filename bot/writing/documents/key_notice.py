"""認証キー等のお知らせ: the one-page PDF that the contractor submits to the orderer."""

from collections.abc import Iterator

from bot.surety.papers import KIND_NAMES, KeyNoticePaper
from bot.writing.documents.sheet import Sheet, Style, one_page
from bot.writing.documents.typeface import Typeface

_TITLE = Style(Typeface.BOLD, 19)
_SUBMIT = Style(Typeface.BOLD, 15)
_SUBMIT_SMALL = Style(Typeface.GOTHIC, 9.5)
_LABEL = Style(Typeface.GOTHIC, 10.5)
_VALUE = Style(Typeface.GOTHIC, 12)
_NUMBER = Style(Typeface.BOLD, 18)
_KEY = Style(Typeface.BOLD, 28)
_HEADING = Style(Typeface.BOLD, 11.5)
_BODY = Style(Typeface.GOTHIC, 10.5)
_SMALL = Style(Typeface.GOTHIC, 9)

_NAME = "電子証書閲覧用「認証キー」等のお知らせ"
_NOT_THE_CERTIFICATE = (
    "保証証書のPDF（受注者控え）は提出書類ではありません。お間違えのないようお願いいたします。"
)
_GROUP = 5  # characters: keys of our own are ten, written in two groups


def key_notice_pdf(paper: KeyNoticePaper) -> bytes:
    """Return the PDF; the same paper gives the same bytes.

    Raises Unprintable for a character no face has and TooMuchText for values that fill more than a page.
    """
    return one_page(f"{_NAME} {paper.number}", paper.surety.name, lambda sheet: _draw(sheet, paper))


def grouped(key: str) -> str:
    """Return a key as it is printed: ten characters in two groups of five, any other key as it is."""
    return f"{key[:_GROUP]}-{key[_GROUP:]}" if len(key) == 2 * _GROUP and key.isalnum() else key


def _draw(sheet: Sheet, paper: KeyNoticePaper) -> None:
    sheet.text(_NAME, _TITLE, align="centre")
    sheet.gap(4)
    sheet.box(
        ("発注者へ提出するのはこの書面です", _SUBMIT),
        (_NOT_THE_CERTIFICATE, _SUBMIT_SMALL),
        weight=2.2,
    )
    sheet.gap(6)
    sheet.text("電子証書の内容を確認するための保証契約番号と認証キーは、次のとおりです。", _BODY)
    sheet.gap(2)
    sheet.rule(1.0)
    for label, *values in _rows(paper):
        sheet.row(label, _LABEL, *values)
    sheet.gap(7)
    _draw_block(sheet, "【お客様へのお知らせ】", paper.to_contractor)
    _draw_block(sheet, "【発注者様へのお知らせ】", paper.to_orderer)
    _draw_imprint(sheet, paper)


def _rows(paper: KeyNoticePaper) -> Iterator[tuple[str, *tuple[tuple[str, Style], ...]]]:
    yield "区分", (KIND_NAMES[paper.kind], _VALUE)
    yield "保証契約番号", (paper.number, _NUMBER)
    yield "認証キー", (grouped(paper.key.get_secret_value()), _KEY)
    yield "工事名", (paper.work_name, _VALUE)
    yield "発注者", (paper.orderer, _VALUE)
    yield "保証契約者", (paper.contractor_name, _VALUE)
    yield "保証機関", (paper.surety.name, _VALUE)


def _draw_block(sheet: Sheet, heading: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    sheet.text(heading, _HEADING)
    sheet.gap(1)
    for sentence in sentences:
        sheet.item("・", sentence, _BODY, indent=5)
    sheet.gap(5)


def _draw_imprint(sheet: Sheet, paper: KeyNoticePaper) -> None:
    surety = paper.surety
    sheet.rule(0.4)
    sheet.gap(2)
    sheet.text(f"お問い合わせ　{surety.name} {surety.branch}", _SMALL)
    sheet.text(f"TEL {surety.phone}　FAX {surety.fax}（{surety.hours}）　電子メール {surety.desk}", _SMALL)
