"""保証証書: one rendition of one certificate version as a one-page PDF."""

from collections.abc import Iterator

from bot.surety.papers import KIND_NAMES, CertificatePaper, GuaranteeKind, Rendition
from bot.surety.wareki import wareki_padded
from bot.writing.documents.sheet import PAGE_HEIGHT, PAGE_WIDTH, Sheet, Style, one_page
from bot.writing.documents.typeface import Typeface

_TITLE = Style(Typeface.MINCHO, 22)
_LABEL = Style(Typeface.GOTHIC, 10)
_VALUE = Style(Typeface.MINCHO, 12)
_STRONG = Style(Typeface.MINCHO, 15)
_BODY = Style(Typeface.MINCHO, 12)
_SMALL = Style(Typeface.GOTHIC, 8.5)
_BANNER = Style(Typeface.BOLD, 12)
_WARNING = Style(Typeface.BOLD, 10.5)

_BANNERS = {
    Rendition.CONTRACTOR: ("受注者控え（写し）", "発注者への提出には使えません"),
    Rendition.ORDERER: ("発注者確認用（写し）", ""),
}
_ORIGINAL = "原本は当社の電子台帳の記録であり、このPDFはその内容を示す写しです。"
_FRAME = 12.0  # mm from the page's edge
_IMPRINT_LEFT = 92.0  # mm


def certificate_pdf(paper: CertificatePaper) -> bytes:
    """Return the PDF; the same paper gives the same bytes.

    Raises Unprintable for a character no face has and TooMuchText for values that fill more than a page.
    """
    return one_page(f"{_title(paper)} {paper.number}", paper.surety.name, lambda sheet: _draw(sheet, paper))


def _title(paper: CertificatePaper) -> str:
    return f"保証証書（{KIND_NAMES[paper.kind]}）" + ("（変更）" if paper.amended else "")


def _draw(sheet: Sheet, paper: CertificatePaper) -> None:
    sheet.frame(_FRAME, _FRAME, PAGE_WIDTH - _FRAME, PAGE_HEIGHT - _FRAME, 1.2)
    sheet.frame(_FRAME + 1.2, _FRAME + 1.2, PAGE_WIDTH - _FRAME - 1.2, PAGE_HEIGHT - _FRAME - 1.2, 0.4)
    _draw_banner(sheet, paper.rendition)
    sheet.text(wareki_padded(paper.issued_on), _VALUE, align="right")
    sheet.gap(4)
    sheet.text(_title(paper), _TITLE, align="centre")
    sheet.gap(6)
    sheet.rule(1.0)
    for label, *values in _rows(paper):
        sheet.row(label, _LABEL, *values)
    sheet.gap(5)
    sheet.text(_guarantee_sentence(paper), _BODY)
    sheet.gap(5)
    _draw_imprint(sheet, paper)
    sheet.gap(6)
    _draw_notes(sheet, paper)


def _draw_banner(sheet: Sheet, rendition: Rendition) -> None:
    name, warning = _BANNERS[rendition]
    warnings = [(warning, _WARNING)] if warning else []
    sheet.box((name, _BANNER), *warnings, (_ORIGINAL, _SMALL), weight=1.0, padding=1.5)
    sheet.gap(4)


def _rows(paper: CertificatePaper) -> Iterator[tuple[str, *tuple[tuple[str, Style], ...]]]:
    """Yield label and values, row by row; 契約保証 has a span, its own word for the amount, and no bank."""
    performance = paper.kind is GuaranteeKind.PERFORMANCE
    yield "保証契約番号", (paper.number, _STRONG)
    yield "保証契約者", (paper.contractor_address, _VALUE), (f"{paper.contractor_name}\u00a0様", _VALUE)
    yield "保証受取者", (f"{paper.orderer}\u00a0様", _VALUE)
    amount_label = "契約保証金額" if performance else "保証金額（総額）"
    yield amount_label, (f"{paper.guaranteed_amount_yen:,}円", _STRONG)
    yield "保証期間", (_period(paper), _VALUE)
    yield "工期末日", (wareki_padded(paper.work_period_to), _VALUE)
    yield "工事名", (paper.work_name, _VALUE)
    yield "請負金額（総額）", (f"{paper.contract_price_yen:,}円", _VALUE)
    if paper.covered_price_yen is not None:
        yield "請負金額（対象額）", (f"{paper.covered_price_yen:,}円", _VALUE)
    if paper.bank and not performance:
        yield "預託金融機関", (paper.bank, _VALUE)


def _period(paper: CertificatePaper) -> str:
    until = f"{wareki_padded(paper.period_to)}まで"
    return f"{wareki_padded(paper.period_from)}から {until}" if paper.period_from else until


def _guarantee_sentence(paper: CertificatePaper) -> str:
    kind, terms = KIND_NAMES[paper.kind], paper.surety.terms_name
    return f"当社は、{terms}に基づき、上記のとおり{kind}を引き受け、その責任を負います。"


def _draw_imprint(sheet: Sheet, paper: CertificatePaper) -> None:
    surety = paper.surety
    sheet.text(surety.address, _VALUE, left=_IMPRINT_LEFT)
    sheet.text(surety.name, _STRONG, left=_IMPRINT_LEFT)
    sheet.text(surety.signatory, _VALUE, left=_IMPRINT_LEFT)
    sheet.gap(2)
    sheet.text(f"取扱部店 {surety.branch}", _SMALL, left=_IMPRINT_LEFT)
    sheet.text(surety.branch_address, _SMALL, left=_IMPRINT_LEFT)
    sheet.text(f"TEL {surety.phone}　FAX {surety.fax}", _SMALL, left=_IMPRINT_LEFT)


def _draw_notes(sheet: Sheet, paper: CertificatePaper) -> None:
    sheet.rule(1.0)
    sheet.gap(2)
    sheet.text("（注）", _SMALL)
    for position, note in enumerate(_notes(paper), start=1):
        sheet.item(f"{position}.", note, _SMALL)
    sheet.gap(2)
    sheet.text(f"{paper.surety.terms_name}は {paper.surety.terms_url} でご覧いただけます。", _SMALL)


def _notes(paper: CertificatePaper) -> tuple[str, ...]:
    """Return what follows a change (leaflet STEP 3); for 契約保証 only its terms say what follows."""
    amended = (
        "保証金額の増額・減額などの変更があったときは、（変更）と表示し、"
        "変更後の内容を記載した保証証書を発行します。"
    )
    if paper.kind is GuaranteeKind.PERFORMANCE:
        return (
            amended,
            f"工期または請負金額が変更されたときの取扱いは、"
            f"{paper.surety.terms_name}の定めるところによります。",
        )
    return (
        amended,
        "工期が変更されたときは、保証期間も変更後の工期に合わせて自動的に変更されます。"
        "このための保証証書は発行しません。",
        "請負金額だけが変更されたときは、変更の保証証書の発行を省略します。",
    )
