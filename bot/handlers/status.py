"""状況: what became of the sender's own mails."""

from bot.outcome import Desk, Outcome, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

NEWEST = 10

WORDS = (
    Word(
        "status",
        "状況",
        Kind.HARMLESS,
        ("状況", "じょうきょう", "進捗", "進行状況", "現在の状況", "今の状況", "どうなっていますか"),
        frozenset(PartyKind),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """List the newest mails of this very mailbox, and how each stands."""
    mails = desk.ledger.mails_of(desk.sender.address, NEWEST)
    rows = [
        {"received_at": one.received_at.isoformat(), "subject": one.subject, "state": one.state}
        for one in mails
    ]
    return Outcome(note=f"status of {len(mails)} mails", letters=(answer(desk, "status", {"mails": rows}),))
