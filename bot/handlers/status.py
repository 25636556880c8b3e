"""状況: what became of the sender's own mails, and how the contractor's cases stand."""

from bot.handlers.casework import work_name
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
    """List the newest mails of this very mailbox and, for a contractor, its newest cases."""
    mails = desk.ledger.mails_of(desk.sender.address, NEWEST)
    rows = [
        {"received_at": one.received_at.isoformat(), "subject": one.subject, "state": one.state}
        for one in mails
    ]
    cases = []
    if desk.sender.party.kind == PartyKind.CONTRACTOR:
        newest = desk.ledger.applications_of(desk.sender.party.id)[:NEWEST]
        cases = [{"code": a.case_code, "work_name": work_name(a), "state": a.state.value} for a in newest]
    letter = answer(desk, "status", {"mails": rows, "cases": cases})
    return Outcome(note=f"status of {len(mails)} mails, {len(cases)} cases", letters=(letter,))
