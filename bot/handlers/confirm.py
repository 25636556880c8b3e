"""A typed code confirms, from the registered mailbox, a mail whose source was not proven."""

import hmac
from datetime import timedelta

from bot.handlers.casework import to_staff
from bot.identity.confirmation import DIGITS
from bot.ledger import Change, Resume, WrongCode
from bot.outcome import WRONG_CODE, Desk, Letter, Outcome, Refusal, answer, once_each, today
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind, Role

WRONG_A_DAY = 10  # typed in the name of one party by mails that are not proven: then only proven ones count
_DAY = timedelta(days=1)

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

    Raises Refusal where nothing waits any more, and where too many wrong ones came today to believe another
    mail that is not proven: whoever may try without end finds any code.
    """
    waiting = desk.ledger.held_for_confirmation(desk.sender.party.id)
    held = [one for one in waiting if one.until >= desk.now]  # the sweep that ends holds may be late
    if not held:
        raise Refusal("nothing_to_confirm")
    wrong_before = desk.ledger.wrong_codes_since(desk.sender.party.id, desk.now - _DAY)
    if wrong_before >= WRONG_A_DAY and not desk.sender.proof.may_change:
        raise Refusal("codes_spent")
    typed = request.arguments["code6"]
    for one in held:
        code = desk.code("confirmation", one.inbox_id, one.round, desk.sender.party.id, digits=DIGITS)
        if hmac.compare_digest(code, typed):
            known = {"confirmed_by": desk.sender.address}
            change = Resume(inbox_id=one.inbox_id, known=known)
            return Outcome(note=f"confirmed inbox {one.inbox_id}", changes=(change,))
    wrong: tuple[Change, ...] = tuple(WrongCode(inbox_id=one.inbox_id) for one in held)
    letters: tuple[Letter, ...] = (answer(desk, "wrong_code"),)
    if wrong_before + 1 >= WRONG_A_DAY:
        letters += _told(desk)
    return Outcome(note=WRONG_CODE, changes=wrong, letters=letters, refused=True)


def _told(desk: Desk) -> tuple[Letter, ...]:
    """Tell 審査, once a day and party, that somebody tries one code after another."""
    party = desk.sender.party
    values = {"party": party.name, "writer": desk.sender.address, "phone": party.phone}
    told = to_staff(desk, Role.EXAMINE, "staff_wrong_codes", values, None)
    name = f"wrong codes:{party.id}:{today(desk).isoformat()}"
    return once_each(told, name)
