"""一覧: the contractor's 保証工事一覧, with search words and pages (leaflet STEP 3)."""

import re

from bot.folding import fold
from bot.handlers.casework import shown
from bot.outcome import Desk, Outcome, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "list",
        "一覧",
        Kind.HARMLESS,
        ("一覧", "いちらん", "保証工事一覧", "工事一覧", "保証一覧", "リスト"),
        frozenset({PartyKind.CONTRACTOR}),
    ),
)
_WORD = re.compile(r"^.*?(?:一覧|いちらん|リスト)(?:表)?")
_PAGE = re.compile(r"(?:p|ページ|頁)\s*(\d{1,3})|(\d{1,3})\s*(?:p|ページ|頁)(?:目)?")
_POLITE = re.compile(
    r"(?:を|の)?(?:お?送って|見せて|お願い|ください|下さい|願います|希望|送付|送信).*$|^[をのはが]"
)


def handle(request: Request, desk: Desk) -> Outcome:
    """List the registered guarantees, newest first, a page at a time."""
    words, page = _asked(request.sentence)
    size = desk.office.page_rows
    found = desk.ledger.guarantees_of(desk.sender.party.id, words, (page - 1) * size, size)
    values = {
        "rows": [shown(one) for one in found.rows],
        "total": found.total,
        "first": (page - 1) * size + 1,
        "words": words,
        "page": page,
        "pages": max(1, -(-found.total // size)),
    }
    return Outcome(note=f"list: {found.total} guarantees", letters=(answer(desk, "list", values),))


def _asked(sentence: str) -> tuple[str, int]:
    """Split what follows the word into search words and a page number."""
    rest = _WORD.sub("", fold(sentence), count=1)
    page = _PAGE.search(rest)
    number = int(page.group(1) or page.group(2)) if page else 1
    words = _POLITE.sub("", _PAGE.sub(" ", rest).strip())
    return " ".join(words.split()), max(1, number)
