"""発注者登録: 管理 register an orderer's mailbox or domain after calling the body's main number."""

import re

from bot.handlers.casework import require
from bot.handlers.enrolment_work import checked, new_enrolment
from bot.handlers.written_mailbox import ADDRESS, folded_or_none, plain
from bot.ledger import Put
from bot.outcome import Desk, Letter, Outcome, Refusal, answer, section
from bot.requests import Kind, Request, Word
from bot.surety.address import fold_address
from bot.surety.domains import refuse_domain
from bot.surety.enrolment import Check, EnrolmentKind, EnrolmentState, Method
from bot.surety.party import Mailbox, Party, PartyKind, Role

WORDS = (
    Word(
        "register_orderer",
        "発注者登録",
        Kind.BINDING,
        ("発注者登録<text>", "発注者登録:<text>", "発注者登録~"),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
        confirmed_always=True,
    ),
)
_WRITTEN = re.compile(rf"[:\s]*{ADDRESS}[\s、,]*(?P<name>\S.*)")


def handle(request: Request, desk: Desk) -> Outcome:
    """Register the mailbox, or bind the domain. Raises Refusal without role or check, or where it may not."""
    require(desk, Role.MANAGE)
    text = request.arguments.get("text", "")
    if not plain(text):
        raise Refusal("register_how", word=request.word, unknown="")
    before, check = checked(text, (Method.MAIN_NUMBER,))
    found = _WRITTEN.fullmatch(plain(before))
    if found is None:
        raise Refusal("register_how", word=request.word, unknown="")
    party = _orderer(found["name"], desk)
    if found["address"].startswith("@"):
        return _domain(found["address"][1:], party, check, desk)
    address = folded_or_none(found["address"], desk.office.own_domains)
    if address is None:
        raise Refusal("register_how", word=request.word, unknown=found["address"])
    return _mailbox(address, party, check, desk)


def _orderer(name: str, desk: Desk) -> Party:
    """Find the body: by its own name, or by the title of an office-holder of it."""
    named = [one for one in desk.directory.parties_named(name) if one.kind == PartyKind.ORDERER]
    if len(named) == 1:
        return named[0]
    orderer = desk.directory.orderer_named(name)
    if orderer is None:
        raise Refusal("register_how", word="register_orderer", unknown=name)
    return desk.directory.party(orderer.party_id)


def _mailbox(address: str, party: Party, check: Check, desk: Desk) -> Outcome:
    before = desk.directory.mailbox(address)
    if before is not None:
        raise Refusal("orderer_registered_already", what=address, same=before.party_id == party.id)
    box = Mailbox(address=address, party_id=party.id, roles=frozenset({Role.VERIFY}))
    return _done(address, Put(value=box), address, party, check, desk)


def _domain(written: str, party: Party, check: Check, desk: Desk) -> Outcome:
    domain = _folded_domain(written)
    if party.domain is not None or desk.directory.party_of_domain(domain) is not None:
        raise Refusal("orderer_registered_already", what=f"@{domain}", same=party.domain == domain)
    others = [one.name for one in desk.directory.parties_in_domain(domain) if one.id != party.id]
    fault = refuse_domain(domain, desk.office.own_domains, others, shared_ok=party.shared_domain_ok)
    if fault is not None:
        raise Refusal("domain_refused", domain=domain, fault=fault, others=others)
    box = party.registered_box or _box_in(domain, party, desk)
    if box is None:
        raise Refusal("domain_refused", domain=domain, fault="no_box", others=[])
    bound = party.but(domain=domain, registered_box=box)
    return _done(f"@{domain}", Put(value=bound), box, party, check, desk)


def _folded_domain(written: str) -> str:
    try:
        return fold_address(f"x@{written}").rpartition("@")[2]
    except ValueError:
        return written.lower()


def _box_in(domain: str, party: Party, desk: Desk) -> str | None:
    """Return a registered mailbox of the party in the domain: answers to the domain's people go there."""
    boxes = [box.address for box in desk.directory.mailboxes(party.id)]
    return next((one for one in boxes if one.endswith(f"@{domain}")), None)


def _done(what: str, put: Put, box: str, party: Party, check: Check, desk: Desk) -> Outcome:
    enrolment = new_enrolment(desk, EnrolmentKind.ORDERER, EnrolmentState.APPROVED, party).but(
        mailbox=what, role=Role.VERIFY, check=check, decided_by=desk.sender.address
    )
    welcome = section("orderer_welcome", {"what": what, "body": party.name})
    letters = (
        answer(desk, "staff_done", {"action": "発注者登録", "work_name": party.name}),
        Letter(recipient=box, sections=(welcome,)),
    )
    note = f"orderer {party.number}: {what} registered"
    return Outcome(note=note, changes=(put, Put(value=enrolment)), letters=letters)
