"""メール追加 / 変更 / 削除: a contractor's mailboxes. Rights go at once, and come only after a check."""

import re
from typing import NamedTuple

from bot.handlers.casework import require
from bot.handlers.enrolment_work import new_enrolment, task_letters
from bot.handlers.written_mailbox import (
    ADDRESS,
    ROLE,
    Written,
    applying,
    folded_or_none,
    is_polite,
    person_of,
    plain,
    role_of,
)
from bot.ledger import Change, Put, RemoveMailbox
from bot.outcome import Desk, Letter, Outcome, Refusal, answer, section
from bot.requests import Kind, Request, Word
from bot.surety.enrolment import EnrolmentKind, EnrolmentState
from bot.surety.party import Mailbox, PartyKind, Role

_CONTRACTORS = frozenset({PartyKind.CONTRACTOR})


def _word(name: str, japanese: str, *others: str) -> Word:
    names = (japanese, *others)
    written = (*(f"{one}{joint}<text>" for one in names for joint in ("", ":")), f"{japanese}~")
    return Word(name, japanese, Kind.BINDING, written, _CONTRACTORS, needs_proof=True, stems=others)


WORDS = (
    _word("mailbox_add", "メール追加", "メールアドレス追加", "メールアドレスの追加"),
    _word("mailbox_change", "メール変更", "メールアドレス変更", "メールアドレスの変更"),
    _word("mailbox_remove", "メール削除", "メールアドレス削除", "メールアドレスの削除"),
)
_WITH_ROLE = re.compile(rf"[:\s]*{ADDRESS}[\s、,を]*{ROLE}[\s、,]*(?P<rest>.*)")
_ALONE = re.compile(rf"[:\s]*{ADDRESS}[\s、,]*(?P<rest>.*)")


def handle(request: Request, desk: Desk) -> Outcome:
    """Change the party's mailboxes. Raises Refusal where the writer may not, or what to do is not clear."""
    require(desk, Role.APPLY)
    if request.word == "mailbox_remove":
        return _removed(_registered(_address(request, desk), desk), desk)
    written = _written(request, desk)
    known = desk.directory.mailbox(written.address)
    if request.word == "mailbox_add" and (known is None or known.party_id != desk.sender.party.id):
        return _asked(written, desk)  # of another party's mailbox too: who asks learns nothing of it
    box = _registered(written.address, desk)
    if written.role in box.roles:
        raise Refusal("mailbox_unchanged", address=box.address, role=written.role.value)
    return _asked(written, desk) if written.role == Role.APPLY else _lowered(box, desk)


def _written(request: Request, desk: Desk) -> Written:
    found = _WITH_ROLE.fullmatch(plain(request.arguments.get("text", "")))
    address = folded_or_none(found["address"], desk.office.own_domains) if found else None
    person = person_of(found["rest"]) if found else None
    if found is None or address is None or person is None:
        raise Refusal("mailbox_how", word=request.word)
    return Written(address, role_of(found["role"]), person)


def _address(request: Request, desk: Desk) -> str:
    found = _ALONE.fullmatch(plain(request.arguments.get("text", "")))
    address = folded_or_none(found["address"], desk.office.own_domains) if found else None
    if found is None or address is None or not is_polite(found["rest"]):
        raise Refusal("mailbox_how", word=request.word)
    return address


def _registered(address: str, desk: Desk) -> Mailbox:
    """Return a mailbox of the sender's party. Raises Refusal, which tells nothing of others' mailboxes."""
    box = desk.directory.mailbox(address)
    if box is None or box.party_id != desk.sender.party.id:
        raise Refusal("mailbox_unknown", address=address)
    return box


def _asked(written: Written, desk: Desk) -> Outcome:
    """Ask staff to check outside mail; the same wish that still waits is not asked twice."""
    party = desk.sender.party
    for one in desk.ledger.open_enrolments():
        if (one.party_id, one.to_register, one.role) == (party.id, written.address, written.role):
            return Outcome(note=f"asked again: {one.number}", letters=(_received(written, desk),))
    enrolment = new_enrolment(desk, EnrolmentKind.MAILBOX, EnrolmentState.CONFIRMED, party).but(
        mailbox=written.address, role=written.role, person=written.person
    )
    letters = (_received(written, desk), *task_letters(desk, desk.directory, enrolment))
    note = f"enrolment {enrolment.number}: {written.address} for {party.number}"
    return Outcome(note=note, changes=(Put(value=enrolment),), letters=letters)


def _received(written: Written, desk: Desk) -> Letter:
    return answer(desk, "mailbox_asked", {"address": written.address, "role": written.role.value})


def _lowered(box: Mailbox, desk: Desk) -> Outcome:
    left = _left_without(box, desk)
    changes: tuple[Change, ...] = (Put(value=box.but(roles=frozenset({Role.VIEW}))),)
    return _told(box, left, changes, "lowered", desk)


def _removed(box: Mailbox, desk: Desk) -> Outcome:
    left = _left_without(box, desk)
    removal = RemoveMailbox(address=box.address, party_id=box.party_id)
    return _told(box, left, (removal,), "removed", desk)


def _left_without(box: Mailbox, desk: Desk) -> "_Left":
    """Say who goes on in the place of a mailbox. Raises Refusal for the last one that may apply."""
    others = [one.address for one in applying(desk.directory, box.party_id) if one.address != box.address]
    if not others:
        raise Refusal("mailbox_last", address=box.address)
    return _Left(heir=desk.sender.address if desk.sender.address in others else others[0])


class _Left(NamedTuple):
    """Who gets the letters about the works that the mailbox has applied for."""

    heir: str


def _told(box: Mailbox, left: _Left, changes: tuple[Change, ...], what: str, desk: Desk) -> Outcome:
    """Tell who asked and whom it concerns; letters about works go on to a mailbox that still may apply."""
    handed_over = [
        Put(value=one.but(applicant=left.heir))
        for one in desk.ledger.applications_of(box.party_id)
        if one.applicant == box.address
    ]
    values = {"address": box.address, "what": what, "heir": left.heir if handed_over else ""}
    letters = [answer(desk, "mailbox_changed", values)]
    if box.address != desk.sender.address:
        news = section("mailbox_lost", {"what": what, "by": desk.sender.address})
        letters.append(Letter(recipient=box.address, sections=(news,)))
    note = f"mailbox {what}: {box.address}"
    return Outcome(note=note, changes=(*changes, *handed_over), letters=tuple(letters))
