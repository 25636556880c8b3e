"""A PDF becomes a PaperReading: plain text first, words by position only where that leaves gaps."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from typing import Any, Literal

import pdfplumber
import pypdfium2
from pdfminer.cmapdb import CMapDB

from bot.mail import PaperReading
from bot.reading.fields import folded_lines, kind_in, labelled_fields
from bot.reading.keys_in_text import KEY_LABEL, NUMBER_LABEL, TypedKey, numbers_and_keys

MAX_BYTES = 10_000_000
MAX_PAGES = 20
MAX_TEXT = 20_000  # characters
MAX_WORD_PAGES = 3  # the costly rung: a notice is one page

Rung = Literal["none", "text", "words"]
What = Literal["key_notice", "certificate", "lookalike", "text_only", "no_text"]

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_LEAST_TEXT = 4  # characters: less is a stray mark on a scan
_KEY_ROW = re.compile(f'{KEY_LABEL}(?![」』"]? ?等?の? ?お知らせ)')
_NUMBER_ROW = re.compile(NUMBER_LABEL)
_NOTICE_TITLE = re.compile(f'{KEY_LABEL}[」』"]? ?等? ?の? ?お ?知 ?ら ?せ')
_CERTIFICATE_TITLE = re.compile(
    r"保 ?証 ?証 ?書 ?\(.{0,10}?保 ?証 ?(?:金 ?保 ?証)?\)|^保 ?証 ?証 ?書$|^電 ?子 ?証 ?書$", re.MULTILINE
)
_CERTIFICATE_ROW = re.compile("保 ?証 ?(?:金 ?額|期 ?間)|保 ?証 ?受 ?取 ?者|請 ?負 ?金 ?額")
# Insurers' papers. Contracts name insurers too, deep in their articles: those words count near the top only.
_LOOKALIKE = re.compile("保証証券等確認システム|閲覧用 ?(?:パスワ[ーァ]ド|URL)|証券番号")
_LOOKALIKE_TITLE = re.compile("保険会社|損害保険|火災海上|損保|履行保証保険|保険証券|保証証券")
_TOP = 300  # characters
# What is loaded from a file at first use, and must be in memory in a child that may open none: text codecs,
# a module for passwords of AES-256, and the CMaps of Japanese PDFs without a text map.
_CODECS = ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32")
_ENCODINGS = (
    "90ms-RKSJ-",
    "90msp-RKSJ-",
    "UniJIS-UCS2-",
    "UniJIS-UTF16-",
    "UniJIS-UTF8-",
    "EUC-",
    "Ext-RKSJ-",
    "",
)

_TINY = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 38>>stream\nBT /F 12 Tf 10 50 Td (warm text) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R>>\n"
)


def warm() -> None:
    """Run every rung once, so that a child which may open no file or socket has all it needs in memory."""
    for found in (_plain_text(_TINY)[0], _word_lines(_TINY)):
        if found != "warm text":
            raise RuntimeError(f"the tiny PDF reads {found!r}")
    read_pdf(_TINY, 0)
    for codec in _CODECS:
        codecs.lookup(codec)
    import_module("pdfminer._saslprep")
    for encoding in _ENCODINGS:
        CMapDB.get_cmap(encoding + "H")
        CMapDB.get_cmap(encoding + "V")
    CMapDB.get_unicode_map("Adobe-Japan1", vertical=False)
    CMapDB.get_unicode_map("Adobe-Japan1", vertical=True)


def read_pdf(data: bytes, index: int) -> PaperReading:
    """Return what the PDF is and says. Bad input never raises, but it may hang: only for the reading child.

    `fields` gives the first number and key; several pairs in one file stand in `text`, for numbers_and_keys.
    """
    if len(data) > MAX_BYTES:
        return _unread(index, "no_text", f"over {MAX_BYTES} bytes, not opened")
    try:
        text, pages = _plain_text(data)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD_ERROR
        return _unread(index, "encrypted" if encrypted else "damaged", " ".join(str(error).split()))
    except Exception as error:  # foreign bytes: whatever a library makes of them, the mail goes on
        return _unread(index, "damaged", type(error).__name__)
    problem = f"only {MAX_PAGES} of {pages} pages read" if pages > MAX_PAGES else ""
    rung: Rung = "text" if is_text(text) else "none"
    if text and _words_may_help(text):
        rung, text, trouble = _better_of(text, rung, data)
        problem = trouble or problem
    if rung == "none":
        return PaperReading(index=index, rung="none", what="no_text", pages=pages, problem=problem)
    text = text.replace("\x00", "")  # glyphs without a meaning; a database refuses NUL
    what, fields = _understood(text)
    return PaperReading(
        index=index, rung=rung, what=what, fields=fields, text=text, pages=pages, problem=problem
    )


def _unread(index: int, what: Literal["no_text", "encrypted", "damaged"], problem: str) -> PaperReading:
    return PaperReading(index=index, rung="none", what=what, problem=problem)


def _better_of(text: str, rung: Rung, data: bytes) -> tuple[Rung, str, str]:
    """Return rung, text and trouble after trying the words: the plain text stays unless they give more."""
    try:
        words = _word_lines(data)
    except Exception as error:  # pdfplumber raises TypeError and others on real files
        return rung, text, f"words by position: {type(error).__name__}"
    if is_text(words) and (rung == "none" or _gain(words) > _gain(text)):
        return "words", words, ""
    return rung, text, ""


def is_text(text: str) -> bool:
    """Whether extracted text is language: not (cid:…) runs, control characters or private-use codes."""
    visible = [c for c in text if not c.isspace()]
    if len(visible) < _LEAST_TEXT:
        return False
    lost = sum(unicodedata.category(c) in ("Cc", "Co", "Cn") or c == "\ufffd" for c in visible)
    lost += 5 * text.count("(cid:")
    return lost * 5 < len(visible)


def _plain_text(data: bytes) -> tuple[str, int]:
    document = pypdfium2.PdfDocument(data)
    try:
        parts: list[str] = []
        for number in range(min(len(document), MAX_PAGES)):
            page = document[number].get_textpage()
            parts.append(_mended(page.get_text_range(0, min(page.count_chars(), MAX_TEXT))))
            if sum(map(len, parts)) >= MAX_TEXT:
                break
        return "\n".join(parts).strip()[:MAX_TEXT], len(document)
    finally:
        document.close()


def _mended(text: str) -> str:
    """Undo pdfium's ways: CRLF, and U+FFFE or U+0002 for a hyphen at the end of a line."""
    return re.sub("[\ufffe\x02]", "-", text.replace("\r\n", "\n"))


def _word_lines(data: bytes) -> str:
    """Return the text as it stands on the page: a label and the words right of it on one line."""
    with pdfplumber.open(BytesIO(data)) as document:
        pages = [_page_lines(page) for page in document.pages[:MAX_WORD_PAGES]]
    return "\n".join(pages)[:MAX_TEXT]


def _page_lines(page: Any) -> str:
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(page.extract_words(), key=lambda word: (word["top"] + word["bottom"]) / 2):
        home = next((line for line in reversed(lines[-3:]) if _same_line(word, line)), None)
        if home is None:
            lines.append([word])
        else:
            home.append(word)
    return "\n".join(" ".join(word["text"] for word in sorted(line, key=_left)) for line in lines)


def _left(word: dict[str, Any]) -> float:
    return float(word["x0"])


def _same_line(word: dict[str, Any], line: Iterable[dict[str, Any]]) -> bool:
    """Whether the word's middle lies within every box of the line, or theirs within its: sizes may differ."""
    middle = (word["top"] + word["bottom"]) / 2
    return all(
        other["top"] <= middle <= other["bottom"]
        or word["top"] <= (other["top"] + other["bottom"]) / 2 <= word["bottom"]
        for other in line
    )


def _words_may_help(text: str) -> bool:
    """Whether the plain text is unreadable, or names a number or key that it does not give."""
    if not is_text(text):
        return True
    folded = "\n".join(folded_lines(text))
    pairs = numbers_and_keys(text)
    lacks_key = bool(_KEY_ROW.search(folded)) and not any(pair.key for pair in pairs)
    lacks_number = bool(_NUMBER_ROW.search(folded)) and not any(pair.number for pair in pairs)
    return lacks_key or lacks_number


def _gain(text: str) -> int:
    best = _best_pair(text)
    return bool(best.number) + bool(best.key)


def _best_pair(text: str) -> TypedKey:
    pairs = numbers_and_keys(text)
    return next((pair for pair in pairs if pair.complete), pairs[0] if pairs else TypedKey())


def _understood(text: str) -> tuple[What, dict[str, str]]:
    folded = "\n".join(folded_lines(text))
    pair = _best_pair(text)
    what = _what(folded, pair)
    if what in ("lookalike", "text_only"):
        return what, {}
    fields = labelled_fields(text)
    title = _CERTIFICATE_TITLE.search(folded)
    if "kind" not in fields and title and (kind := kind_in(title[0].replace(" ", ""))):
        fields["kind"] = kind
    if pair.number:
        fields["number"] = pair.number
    if pair.key and what == "key_notice":
        fields["auth_key"] = pair.key
    return what, fields


def _what(folded: str, pair: TypedKey) -> What:
    """Decide what a paper is: by its pair, then by insurers' words, then by the title that comes first."""
    if pair.complete:
        return "key_notice"
    if _LOOKALIKE.search(folded) or _LOOKALIKE_TITLE.search(folded[:_TOP]):
        return "lookalike"
    if pair.key and _KEY_ROW.search(folded):
        return "key_notice"
    notice, certificate = _NOTICE_TITLE.search(folded), _CERTIFICATE_TITLE.search(folded)
    if notice and _NUMBER_ROW.search(folded) and (not certificate or notice.start() < certificate.start()):
        return "key_notice"
    if certificate and (pair.number or _CERTIFICATE_ROW.search(folded)):
        return "certificate"
    return "text_only"
