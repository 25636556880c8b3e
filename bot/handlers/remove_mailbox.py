"""登録削除: staff take a customer's mailbox, or one of their own, out of the directory."""

import re

from bot.handlers.casework import require
from bot.handlers.enrolment_decision import METHODS
from bot.handlers.enrolment_work import checked
from bot.handlers.written_mailbox import ADDRESS, applying, is_polite, plain
from bot.ledger import Put, RemoveMailbox
from bot.outcome import Desk, Letter, Outcome, Refusal, answer, section
from bot.requests import Kind, Request, Word
from bot.surety.address import compared
from bot.surety.enrolment import Method
from bot.surety.party import Mailbox, Party, PartyKind, Role

WORDS = (
    Word(
        "staff_remove_mailbox",
        "登録削除",
        Kind.BINDING,
        ("登録削除<text>", "登録削除:<text>", "登録削除~"),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
        confirmed_always=True,
    ),
)
_WRITTEN = re.compile(rf"[:\s]*{ADDRESS}[\s、,を]*(?P<rest>.*)")


def handle(request: Request, desk: Desk) -> Outcome:
    """Remove the mailbox. Raises Refusal without role or check, and where somebody would be left without."""
    text = request.arguments.get("text", "")
    found = _WRITTEN.match(plain(text))
    box = desk.directory.mailbox(compared(found["address"])) if found else None
    if found is None or box is None:
        raise Refusal("register_how", word=request.word, unknown=found["address"] if found else "")
    party = desk.directory.party(box.party_id)
    require(desk, Role.EXAMINE if party.kind == PartyKind.CONTRACTOR else Role.MANAGE)
    check = ""
    if party.kind != PartyKind.SURETY:
        _, made = checked(text, (*METHODS, Method.MAIN_NUMBER))
        check = f"{made.method.value} {made.text}"
    elif not is_polite(found["rest"]):
        raise Refusal("register_how", word=request.word, unknown="")
    _may_go(box, party, desk)
    return _removed(box, party, check, desk)


def _may_go(box: Mailbox, party: Party, desk: Desk) -> None:
    """Raise Refusal for the box that a domain's answers go to, and for the last of a role of the staff."""
    if party.domain is not None and party.registered_box == box.address:
        raise Refusal("mailbox_needed", address=box.address, why="domain", role="")
    if party.kind == PartyKind.SURETY:
        for role in sorted(box.roles):
            if [one.address for one in desk.directory.staff(role)] == [box.address]:
                raise Refusal("mailbox_needed", address=box.address, why="staff", role=role.value)


def _removed(box: Mailbox, party: Party, check: str, desk: Desk) -> Outcome:
    left = [one.address for one in applying(desk.directory, party.id) if one.address != box.address]
    handed_over = [
        Put(value=one.but(applicant=left[0]))
        for one in desk.ledger.applications_of(party.id)
        if left and one.applicant == box.address
    ]
    removal = RemoveMailbox(address=box.address, party_id=party.id, by_staff=True, check=check)
    letters = [answer(desk, "staff_done", {"action": "登録削除", "work_name": f"{party.name} {box.address}"})]
    if box.address != desk.sender.address and party.kind != PartyKind.SURETY:
        news = section("mailbox_lost", {"what": "removed", "by": ""})
        letters.append(Letter(recipient=box.address, sections=(news,)))
    note = f"mailbox removed by staff: {box.address}"
    return Outcome(note=note, changes=(removal, *handed_over), letters=tuple(letters))
