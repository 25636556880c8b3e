"""Which guarantees a contractor's word is about: those named, those of the thread, or the only ones."""

from bot.handlers.casework import names_another_case, registered
from bot.outcome import Desk, Refusal
from bot.requests import Request
from bot.surety.guarantee import Guarantee, GuaranteeState


def chosen(request: Request, desk: Desk) -> tuple[Guarantee, ...]:
    """Return the registered guarantees a word is about.

    A typed number comes first, then the guarantees that the answered letter named, then all of the case.
    Without any of these, a contractor with works of only one case means that one. Raises Refusal otherwise.
    """
    number = request.arguments.get("number")
    if number:
        return (_numbered(number, desk),)
    if desk.case is not None:
        found = registered(desk)
        named = _named_by_our_letter(desk)
        return tuple(one for one in found if one.number in named) or found
    page = desk.ledger.guarantees_of(desk.sender.party.id, "", 0, 10)
    if len({one.case_id for one in page.rows}) == 1 and not names_another_case(desk):
        return tuple(reversed(page.rows))
    raise Refusal("which_guarantee")


def _numbered(number: str, desk: Desk) -> Guarantee:
    found = desk.ledger.guarantee(number)
    mine = found is not None and found.contractor_id == desk.sender.party.id
    if found is None or not mine or found.state != GuaranteeState.REGISTERED:
        raise Refusal("no_such_guarantee", number=number)
    return found


def _named_by_our_letter(desk: Desk) -> set[str]:
    """Return the numbers in the letter of ours that the mail answers."""
    references = desk.mail.references if desk.mail is not None else ()
    numbers: set[str] = set()
    for letter in desk.ledger.our_letters(references):
        for values in letter.values:
            one = values.get("guarantee")
            many = values.get("guarantees")
            shown = [one] if isinstance(one, dict) else many if isinstance(many, list) else []
            numbers |= {str(entry["number"]) for entry in shown if isinstance(entry, dict)}
    return numbers
