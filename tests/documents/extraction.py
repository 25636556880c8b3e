"""The text of a PDF as two unrelated readers give it."""

from io import BytesIO
from typing import Any

import pdfplumber
import pypdfium2


def by_pdfium(pdf: bytes) -> str:
    """Plain text of the first page, line by line."""
    text: str = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    return text.replace("\r\n", "\n")


def by_pdfplumber(pdf: bytes) -> str:
    """All characters of the first page, in the order in which they were drawn."""
    return "".join(char["text"] for char in characters(pdf))


def characters(pdf: bytes) -> list[dict[str, Any]]:
    """pdfplumber's character boxes of the first page."""
    with pdfplumber.open(BytesIO(pdf)) as document:
        return list(document.pages[0].chars)


def bare(text: str) -> str:
    """The text without white space: where a line was broken does not matter."""
    return "".join(text.split())
