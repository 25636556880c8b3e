"""停止 / 再開: whether a mailbox gets the letters that may be stopped."""

from bot.ledger import Put
from bot.outcome import Desk, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "stop",
        "停止",
        Kind.BINDING,
        ("停止~", "配信停止~", "お知らせ停止~", "お知らせを停止~", "お知らせの停止~"),
        frozenset(PartyKind),
        needs_proof=True,
        against=("resume",),
    ),
    Word(
        "resume",
        "再開",
        Kind.BINDING,
        ("再開~", "配信再開~", "お知らせ再開~", "お知らせを再開~", "お知らせの再開~"),
        frozenset(PartyKind),
        needs_proof=True,
        against=("stop",),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Set or clear the flag of the mailbox that wrote. Raises Refusal where only a domain is registered."""
    mailbox = desk.sender.mailbox
    if mailbox is None:
        raise Refusal("stop_not_for_domain")
    stopped = request.word == "stop"
    letter = answer(desk, "stopped" if stopped else "resumed", {"unchanged": mailbox.stopped == stopped})
    changes = () if mailbox.stopped == stopped else (Put(value=mailbox.but(stopped=stopped)),)
    return Outcome(note=f"{request.word} for {mailbox.address}", changes=changes, letters=(letter,))
