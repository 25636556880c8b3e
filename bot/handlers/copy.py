"""Our desk only in CC: a record, never an act. Nobody but the contractor is answered."""

from bot.handlers.casework import write_to
from bot.handlers.submit import record
from bot.mail import Mail
from bot.outcome import Desk, Outcome, add_up
from bot.reading.keys_in_text import numbers_and_keys
from bot.requests import Kind, Request, Word
from bot.surety.address import compared
from bot.surety.guarantee import Guarantee
from bot.surety.party import PartyKind
from bot.surety.submitting import submission_of

WORDS = (Word("copy", "写し(CC)", Kind.HARMLESS, (), frozenset(PartyKind), noted=True),)


def find(mail: Mail, desk: Desk) -> Request | None:
    """Recognise a mail that was written to somebody else, with our desk in CC."""
    return Request(word="copy") if in_copy_only(mail, desk.office.desk) else None


def in_copy_only(mail: Mail, ours: str) -> bool:
    """Say whether a mail went to somebody else, and to our desk as a copy."""
    to, cc = ({compared(one) for one in group} for group in (mail.to, mail.cc))
    return ours in cc and ours not in to


def handle(request: Request, desk: Desk) -> Outcome:
    """Record the submission of each key notice that a proven contractor sent with us in copy."""
    if desk.sender.party.kind != PartyKind.CONTRACTOR or not desk.sender.proof.may_change:
        return Outcome(note=f"in copy only ({desk.sender.party.kind.value}, proof {desk.sender.proof.value})")
    certificates = [paper for paper in desk.papers if paper.what == "certificate"]
    guarantees = _submitted(desk)
    if guarantees:
        return add_up([record(one, "copy", desk) for one in guarantees])
    if certificates:
        return _wrong_paper(desk, [paper.fields.get("number", "") for paper in certificates])
    return Outcome(note="in copy only: no key notice in it")


def _submitted(desk: Desk) -> list[Guarantee]:
    """Return this contractor's guarantees whose right number and key the mail carries."""
    assert desk.mail is not None
    pairs = [(paper.fields.get("number", ""), paper.fields.get("auth_key", "")) for paper in desk.papers]
    text = f"{desk.mail.new_text}\n{desk.mail.quoted_text}"
    pairs += [(typed.number, typed.key) for typed in numbers_and_keys(text)]
    found: dict[int, Guarantee] = {}
    for number, key in pairs:
        guarantee = desk.ledger.guarantee(number) if number and key else None
        mine = guarantee is not None and guarantee.contractor_id == desk.sender.party.id
        if guarantee is not None and mine and desk.ledger.key_opens(number, key):
            found[guarantee.id] = guarantee
    return list(found.values())


def _wrong_paper(desk: Desk, numbers: list[str]) -> Outcome:
    """The certificate went instead of the key notice: the commonest mistake (leaflet STEP 4, 【重要】)."""
    outcomes = []
    for number in dict.fromkeys(numbers):
        guarantee = desk.ledger.guarantee(number)
        if guarantee is None or guarantee.contractor_id != desk.sender.party.id:
            continue
        orderer = desk.directory.orderer(guarantee.orderer_id)
        values = {
            "number": number,
            "work_name": guarantee.work_name,
            "department": submission_of(guarantee, orderer).department,
        }
        letter = write_to(desk.sender.answer_to, "certificate_submitted", values, guarantee.case_code)
        outcomes.append(
            Outcome(note=f"certificate {number} sent instead of the key notice", letters=(letter,))
        )
    return add_up(outcomes) if outcomes else Outcome(note="in copy only: an unknown certificate")
