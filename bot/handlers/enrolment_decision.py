"""登録承認 / 登録謝絶: staff of 審査 decide an enrolment; without a recorded check outside mail, nothing."""

from bot.handlers.casework import require
from bot.handlers.enrolment_work import APPROVE, DECLINE, approved, check_decision_code, checked, meant
from bot.handlers.written_mailbox import Written, applying, registration
from bot.ledger import Change, Put, RegisterParty
from bot.outcome import Desk, Letter, Outcome, Refusal, answer, section
from bot.requests import Kind, Request, Word
from bot.surety.enrolment import Check, Enrolment, EnrolmentKind, EnrolmentState, Method
from bot.surety.party import Mailbox, Party, PartyKind, Role

METHODS = (Method.PHONE, Method.POST, Method.PAPER)

WORDS = (
    Word(
        "enrol_approve",
        APPROVE,
        Kind.BINDING,
        ("登録承認<code>~", "登録承認<code><text>"),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
        keeps_remarks=True,
        against=("enrol_decline",),
    ),
    Word(
        "enrol_decline",
        DECLINE,
        Kind.BINDING,
        ("登録謝絶<code>~",),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
        against=("enrol_approve",),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Approve or decline. Raises Refusal without role, code or check, or where nothing waits any more."""
    require(desk, Role.EXAMINE)
    action = APPROVE if request.word == "enrol_approve" else DECLINE
    enrolment = meant(desk, request, action)
    check_decision_code(desk, request, action, enrolment)
    if action == DECLINE:
        return _declined(desk, enrolment)
    _, check = checked(request.arguments.get("text", ""), METHODS)
    if enrolment.kind == EnrolmentKind.PARTY:
        return _party(desk, enrolment, check)
    return _mailbox(desk, enrolment, check)


def _declined(desk: Desk, enrolment: Enrolment) -> Outcome:
    """The applicant gets neutral words; the reason is told by a person."""
    done = enrolment.but(
        state=EnrolmentState.DECLINED, version=enrolment.version + 1, decided_by=desk.sender.address
    )
    letters = [_done(desk, DECLINE, enrolment)]
    known = enrolment.kind == EnrolmentKind.PARTY or desk.directory.mailbox(enrolment.address) is not None
    if known:
        values = {"kind": enrolment.kind.value, "mailbox": enrolment.to_register}
        told = section("enrolment_declined", values)
        letters.append(Letter(recipient=enrolment.address, sections=(told,)))
    note = f"enrolment {enrolment.number} declined"
    return Outcome(note=note, changes=(Put(value=done),), letters=tuple(letters))


def _party(desk: Desk, enrolment: Enrolment, check: Check) -> Outcome:
    if desk.directory.mailbox(enrolment.address) is not None:
        raise Refusal("enrolment_moot", number=enrolment.number, mailbox=enrolment.address)
    stated = enrolment.stated
    party = Party(
        id=0,
        number=_free_number(desk),
        kind=PartyKind.CONTRACTOR,
        name=enrolment.party_name,
        address=stated.get("address", ""),
        representative=stated.get("representative", ""),
        phone=stated.get("phone", ""),
    )
    mailbox = Mailbox(
        address=enrolment.address, party_id=0, person=enrolment.person, roles=frozenset({Role.APPLY})
    )
    values = {"customer_number": party.number, "party_name": party.name}
    welcome = Letter(recipient=enrolment.address, sections=(section("enrolled", values),))
    changes = (RegisterParty(party=party, mailbox=mailbox), Put(value=approved(enrolment, check, desk)))
    note = f"enrolment {enrolment.number} approved: {party.number}"
    return Outcome(note=note, changes=changes, letters=(_done(desk, APPROVE, enrolment), welcome))


def _free_number(desk: Desk) -> str:
    """Give out the next customer number that no imported party has."""
    while True:
        number = f"C-{desk.next_number('customer'):05d}"
        if desk.directory.party_numbered(number) is None:
            return number


def _mailbox(desk: Desk, enrolment: Enrolment, check: Check) -> Outcome:
    """Who asked must still be one who may: a mailbox that is gone vouches for no other."""
    assert enrolment.party_id is not None
    assert enrolment.role is not None
    party = desk.directory.party(enrolment.party_id)
    if enrolment.address not in {box.address for box in applying(desk.directory, party.id)}:
        raise Refusal("enrolment_moot", number=enrolment.number, mailbox=enrolment.to_register)
    written = Written(enrolment.to_register, enrolment.role, enrolment.person)
    put, letters = registration(desk, party, written, enrolment.person)
    changes: tuple[Change, ...] = (*put, Put(value=approved(enrolment, check, desk)))
    note = f"enrolment {enrolment.number} approved: {enrolment.to_register} of {party.number}"
    return Outcome(note=note, changes=changes, letters=(_done(desk, APPROVE, enrolment), *letters))


def _done(desk: Desk, action: str, enrolment: Enrolment) -> Letter:
    return answer(desk, "staff_done", {"action": action, "work_name": enrolment.party_name})
