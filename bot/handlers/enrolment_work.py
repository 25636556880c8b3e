"""What those who deal with 利用登録 share: codes and thread, the task of staff, the check that is needed."""

import hmac
from typing import Protocol

from bot.clock import tokyo_date
from bot.directory import Directory
from bot.handlers.casework import codes_of
from bot.outcome import Desk, Letter, Refusal, section
from bot.requests import Request
from bot.surety.domains import is_provider, similar_domain
from bot.surety.enrolment import (
    Check,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    Method,
    check_in,
    enrolment_number,
    missing_in,
    rows_of,
)
from bot.surety.party import Party, Proof, Role

APPROVE, DECLINE = "登録承認", "登録謝絶"


class Codes(Protocol):
    """Whoever makes codes: the desk, or the world where no sender stands at it."""

    def code(self, *bound_to: object, digits: int = 4) -> str:
        """Make the code that belongs to these things and no others."""
        ...

    def suffix(self, *bound_to: object) -> str:
        """Make the four letters that end a thread's code."""
        ...


def thread_code(codes: Codes, enrolment: Enrolment) -> str:
    """Return what the subjects of an enrolment's letters carry: E8-00456-M3TX."""
    suffix = codes.suffix("enrolment", enrolment.number, enrolment.address)
    return f"{enrolment.number}-{suffix}"


def decision_code(codes: Codes, action: str, enrolment: Enrolment, mailbox: str) -> str:
    """Make the code that lets one mailbox take one decision on one version of an enrolment."""
    return codes.code("enrolment", action, enrolment.number, enrolment.version, mailbox)


def task_letters(codes: Codes, directory: Directory, enrolment: Enrolment) -> tuple[Letter, ...]:
    """Ask everybody of 審査 to check an enrolment outside mail, and to decide; each gets own codes."""
    letters = []
    page = _page(directory, enrolment)
    for box in directory.staff(Role.EXAMINE):
        typed = {a: decision_code(codes, a, enrolment, box.address) for a in (APPROVE, DECLINE)}
        one = section("staff_enrolment", {**page, "codes": typed})
        code = thread_code(codes, enrolment)
        letters.append(Letter(recipient=box.address, sections=(one,), case_code=code))
    return tuple(letters)


def _page(directory: Directory, enrolment: Enrolment) -> dict[str, object]:
    known = directory.party(enrolment.party_id) if enrolment.party_id is not None else None
    domain = enrolment.to_register.rpartition("@")[2]
    box = directory.mailbox(enrolment.to_register)
    same = () if known else directory.parties_named(enrolment.party_name)
    return {
        "number": enrolment.number,
        "kind": enrolment.kind.value,
        "party_name": enrolment.party_name,
        "asked_by": enrolment.address,
        "mailbox": enrolment.to_register,
        "role": enrolment.role.value if enrolment.role else Role.APPLY.value,
        "person": enrolment.person,
        "rows": rows_of(enrolment.stated),
        "missing": missing_in(enrolment.stated) if known is None else [],
        "known": {"number": known.number, "phone": known.phone} if known else None,
        "same_names": [{"number": one.number, "name": one.name} for one in same],
        "similar": similar_domain(domain, directory.mail_domains()) or "",
        "provider": is_provider(domain),
        "taken": bool(box and box.party_id != enrolment.party_id),
    }


def meant(desk: Desk, request: Request, action: str) -> Enrolment:
    """Return the enrolment that staff decide about: named, of the thread, or the one the typed code fits.

    Raises Refusal where none can be told, or where it waits for no decision.
    """
    named = request.arguments.get("number", "") or _of_thread(desk)
    if named:
        enrolment = desk.ledger.enrolment(named)
        if enrolment is None or enrolment.state != EnrolmentState.CONFIRMED:
            state = enrolment.state.value if enrolment else ""
            raise Refusal("enrolment_not_open", number=named, state=state)
        return enrolment
    fitting = [one for one in desk.ledger.open_enrolments() if _fits(desk, request, action, one)]
    if len(fitting) != 1:
        raise Refusal("enrolment_not_open", number="", state="")
    return fitting[0]


def _of_thread(desk: Desk) -> str:
    if desk.mail is None:
        return ""
    codes = codes_of(desk.mail)
    return next((code.rpartition("-")[0] for code in codes if code.startswith("E")), "")


def check_decision_code(desk: Desk, request: Request, action: str, enrolment: Enrolment) -> None:
    """Raise Refusal where the typed code is not the one of this action, version and mailbox.

    The command line has no code: it names its person, and obeys the same roles.
    """
    if desk.sender.proof != Proof.COMMAND_LINE and not _fits(desk, request, action, enrolment):
        raise Refusal("wrong_decision_code", action=action)


def _fits(desk: Desk, request: Request, action: str, enrolment: Enrolment) -> bool:
    expected = decision_code(desk, action, enrolment, desk.sender.address)
    return hmac.compare_digest(expected, request.arguments.get("code", ""))


def new_enrolment(desk: Desk, kind: EnrolmentKind, state: EnrolmentState, party: Party) -> Enrolment:
    """Begin an enrolment for a party that is registered, asked by who wrote."""
    serial = desk.next_number("enrolment")
    return Enrolment(
        number=enrolment_number(tokyo_date(desk.now), serial),
        kind=kind,
        state=state,
        address=desk.sender.address,
        asked_at=desk.now,
        party_name=party.name,
        party_id=party.id,
    )


def approved(enrolment: Enrolment, check: Check, desk: Desk) -> Enrolment:
    """Return an enrolment as the sender has just approved it."""
    return enrolment.but(
        state=EnrolmentState.APPROVED,
        version=enrolment.version + 1,
        check=check,
        decided_by=desk.sender.address,
    )


def checked(text: str, methods: tuple[Method, ...]) -> tuple[str, Check]:
    """Split a text at its check outside mail. Raises Refusal, which says how to write one, without it."""
    before, check = check_in(text)
    if check is None or check.method not in methods:
        raise Refusal("enrolment_unchecked", methods=[one.value for one in methods])
    return before, check
