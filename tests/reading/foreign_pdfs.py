"""PDFs as other programs and other trades make them."""

from collections.abc import Iterable
from io import BytesIO

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bot.writing.documents.typeface import Typeface, load

FACE = Typeface.GOTHIC.value[0]


def pdf_with(
    *pages: Iterable[tuple[float, float, str]],
    size: float = 11,
    face: str = FACE,
    password: str | None = None,
    owner: str = "owner",
) -> bytes:
    """A PDF of pieces of text, each at (x, y from the top) in points, drawn in the order given."""
    load()
    buffer = BytesIO()
    encrypt = None if password is None else StandardEncryption(password, ownerPassword=owner, strength=128)
    canvas = Canvas(buffer, pagesize=(595, 842), encrypt=encrypt, initialFontName=face, invariant=1)
    for pieces in pages:
        canvas.setFont(face, size)
        for x, y, text in pieces:
            canvas.drawString(x, 842 - y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def page_of(text: str) -> list[tuple[float, float, str]]:
    """One page's pieces: the lines of `text` below each other."""
    return [(60, 60 + 18 * row, line) for row, line in enumerate(text.splitlines())]


def columns(labels: list[str], values: list[str]) -> list[tuple[float, float, str]]:
    """A table whose label column is drawn first and whose values follow, as some programs print."""
    rows = range(len(labels))
    left = [(60.0, 60.0 + 24 * row, labels[row]) for row in rows]
    return left + [(220.0, 60.0 + 24 * row, values[row]) for row in rows]


def without_embedded_font(text: str) -> bytes:
    """A PDF that names a CID font of Adobe-Japan1 but embeds nothing and has no text map."""
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    return pdf_with(page_of(text), face="HeiseiKakuGo-W5")


def without_text_map(pdf: bytes) -> bytes:
    """The same PDF with its text maps unlinked: drawn all the same, but it copies out as codes."""
    return pdf.replace(b"/ToUnicode", b"/ToNothing")
