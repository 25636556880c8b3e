"""A typed code confirms, from the registered mailbox, a mail whose source was not proven."""

import hmac

from bot.identity.confirmation import DIGITS
from bot.ledger import Change, Resume, WrongCode
from bot.outcome import Desk, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "confirm",
        "確認コード",
        Kind.BINDING,
        ("<code6>~", "確認<code6>~", "確認コード<code6>~", "確認コード:<code6>~", "コード<code6>~"),
        frozenset(PartyKind),
        proves=True,
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Bring the held mail back whose code was typed; a wrong code costs every held mail of the party a try.

    Raises Refusal where nothing waits any more.
    """
    waiting = desk.ledger.held_for_confirmation(desk.sender.party.id)
    held = [one for one in waiting if one.until >= desk.now]  # the sweep that ends holds may be late
    if not held:
        raise Refusal("nothing_to_confirm")
    typed = request.arguments["code6"]
    for one in held:
        code = desk.code("confirmation", one.inbox_id, one.round, desk.sender.party.id, digits=DIGITS)
        if hmac.compare_digest(code, typed):
            known = {"confirmed_by": desk.sender.address}
            change = Resume(inbox_id=one.inbox_id, known=known)
            return Outcome(note=f"confirmed inbox {one.inbox_id}", changes=(change,))
    wrong: tuple[Change, ...] = tuple(WrongCode(inbox_id=one.inbox_id) for one in held)
    return Outcome(
        note="wrong confirmation code", changes=wrong, letters=(answer(desk, "wrong_code"),), refused=True
    )
