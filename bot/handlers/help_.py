"""ヘルプ: what one can write to the desk."""

from bot.outcome import Desk, Outcome, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "help",
        "ヘルプ",
        Kind.HARMLESS,
        ("ヘルプ", "へるぷ", "help", "使い方", "つかいかた", "使いかた", "使用方法", "操作方法"),
        frozenset(PartyKind),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Answer with the words this kind of party may use."""
    letter = answer(desk, "help", {"party": desk.sender.party.kind.value})
    return Outcome(note="help", letters=(letter,))
