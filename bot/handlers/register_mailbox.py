"""メール登録: staff of 審査 register a contractor's mailbox after a call-back (its first mailbox is gone)."""

import re

from bot.handlers.casework import require
from bot.handlers.enrolment_decision import METHODS
from bot.handlers.enrolment_work import approved, checked, new_enrolment
from bot.handlers.written_mailbox import (
    ADDRESS,
    ROLE,
    Written,
    folded_or_none,
    person_of,
    plain,
    registration,
    role_of,
)
from bot.ledger import Put
from bot.outcome import Desk, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.enrolment import Enrolment, EnrolmentKind, EnrolmentState
from bot.surety.party import Party, PartyKind, Role

WORDS = (
    Word(
        "register_mailbox",
        "メール登録",
        Kind.BINDING,
        ("メール登録<text>", "メール登録:<text>", "メール登録~"),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
        confirmed_always=True,
    ),
)
_WRITTEN = re.compile(rf"[:\s]*{ADDRESS}[\s、,]+(?P<number>[A-Za-z0-9\-]+)[\s、,]+{ROLE}[\s、,]*(?P<rest>.*)")


def handle(request: Request, desk: Desk) -> Outcome:
    """Register the mailbox. Raises Refusal without role or check, or for a party that is no contractor."""
    require(desk, Role.EXAMINE)
    text = request.arguments.get("text", "")
    if not plain(text):
        raise Refusal("register_how", word=request.word, unknown="")
    before, check = checked(text, METHODS)
    written, number = _read(before, desk)
    party = desk.directory.party_numbered(number)
    if party is None or party.kind != PartyKind.CONTRACTOR:
        raise Refusal("register_how", word=request.word, unknown=number)
    put, letters = registration(desk, party, written, written.person)
    done = new_enrolment(desk, EnrolmentKind.MAILBOX, EnrolmentState.APPROVED, party).but(
        mailbox=written.address,
        role=written.role,
        person=written.person,
        check=check,
        decided_by=desk.sender.address,
    )
    settled = tuple(Put(value=approved(one, check, desk)) for one in _open_wishes(written, party, desk))
    told = answer(desk, "staff_done", {"action": "メール登録", "work_name": party.name})
    note = f"mailbox {written.address} registered for {party.number}"
    return Outcome(note=note, changes=(*put, Put(value=done), *settled), letters=(told, *letters))


def _read(text: str, desk: Desk) -> tuple[Written, str]:
    found = _WRITTEN.fullmatch(plain(text))
    address = folded_or_none(found["address"], desk.office.own_domains) if found else None
    person = person_of(found["rest"]) if found else None
    if found is None or address is None or person is None:
        raise Refusal("register_how", word="register_mailbox", unknown="")
    return Written(address, role_of(found["role"]), person), found["number"].upper()


def _open_wishes(written: Written, party: Party, desk: Desk) -> list[Enrolment]:
    """Return what this registration settles: the mailbox's own 利用登録, or its party's メール追加."""
    return [
        one
        for one in desk.ledger.open_enrolments()
        if one.to_register == written.address and one.party_id in (None, party.id)
    ]
