"""利用登録 from a mailbox that is registered: nothing to do, and how to change what is registered."""

from bot.outcome import Desk, Outcome, answer
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind, Role

WORDS = (
    Word(
        "enrolled_already",
        "利用登録",
        Kind.BINDING,  # a whole sentence only: our own letters speak of it too
        ("利用登録~", "ご利用登録~", "利用登録の申込~", "利用登録の申し込み~"),
        frozenset({PartyKind.CONTRACTOR, PartyKind.ORDERER}),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Say under which number the mailbox is registered, and with which right."""
    values = {
        "party": desk.sender.party.kind.value,
        "party_name": desk.sender.party.name,
        "customer_number": desk.sender.party.number,
        "may_apply": desk.sender.may(Role.APPLY),
    }
    return Outcome(note="enrolled already", letters=(answer(desk, "enrolled_already", values),))
