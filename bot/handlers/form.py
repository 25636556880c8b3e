"""申込書: send the blank application form."""

from bot.outcome import Desk, Outcome, answer
from bot.requests import Kind, Request, Word
from bot.surety.form_text import blank_form
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "form",
        "申込書",
        Kind.HARMLESS,
        ("申込書", "申し込み書", "申込用紙", "申込書式", "保証申込書", "申込みたい", "申し込みたい"),
        frozenset({PartyKind.CONTRACTOR}),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Answer with the form, to be filled in and sent back."""
    return Outcome(note="blank form", letters=(answer(desk, "blank_form", {"form": blank_form()}),))
