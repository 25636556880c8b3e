"""利用登録 by a stranger: one letter with a code to the very mailbox that asks, and its answer 「登録」.

A stranger has no party, so its two words stand here and in no table of commands.
"""

import hmac

from bot.clock import tokyo_date
from bot.deciding import stranger_letters
from bot.deciding.items import Decision
from bot.desk import World
from bot.handlers.casework import codes_of
from bot.handlers.enrolment_work import task_letters, thread_code
from bot.ledger import Put
from bot.mail import Mail
from bot.outcome import Letter, Outcome, once_each, section
from bot.requests import Kind, Word, parse
from bot.surety.enrolment import (
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    enrolment_number,
    form_text,
    missing_in,
    read_stated,
    rows_of,
)
from bot.surety.party import Role, Stranger

ENROL = Word(
    "enrol",
    "利用登録",
    Kind.HARMLESS,
    ("利用登録", "ご利用登録", "新規利用登録", "新規登録", "id登録", "保証便の利用登録", "保証便利用登録"),
    frozenset(),
)
CONFIRM = Word("enrol_confirm", "登録", Kind.BINDING, ("登録~", "ご登録~", "利用登録~"), frozenset())


def enrolling(mail: Mail, address: str, stranger: Stranger, world: World) -> Decision | None:
    """Decide what a stranger's mail means for an enrolment; None where it asks for none."""
    stated, rest = read_stated(mail.new_text)
    named = _named(mail, address, world)
    confirms = _says(CONFIRM, mail.subject, rest)
    if named is not None and not _is_over(named, world):
        return _answered(named, stated, confirms, stranger, world)
    if _says(ENROL, mail.subject, rest) or (named is not None and confirms):
        return _asked(address, stated, stranger, world)
    return None


def _says(word: Word, subject: str, text: str) -> bool:
    asked = parse(subject, text, [word])
    return isinstance(asked, tuple) and bool(asked)


def _is_over(enrolment: Enrolment, world: World) -> bool:
    return enrolment.is_over(world.now, world.office.enrolment_days)


def _named(mail: Mail, address: str, world: World) -> Enrolment | None:
    """Find the enrolment whose code the mail carries, if this very mailbox has asked for it."""
    for code in codes_of(mail):
        enrolment = world.ledger.enrolment(code.rpartition("-")[0])
        if enrolment is None or enrolment.kind != EnrolmentKind.PARTY or enrolment.address != address:
            continue
        if hmac.compare_digest(thread_code(world, enrolment), code):
            return enrolment
    return None


def _asked(address: str, stated: dict[str, str], stranger: Stranger, world: World) -> Decision:
    """Begin an enrolment, or go on with the one that waits for its confirmation."""
    before = world.ledger.enrolment_asked_by(address)
    if before is not None and before.state == EnrolmentState.CONFIRMED:
        note = f"enrolment {before.number} waits for staff already"
        return _decided(
            note, (), _once_a_day(task_letters(world, world.directory, before), before, world), stranger
        )
    once = stranger_letters.name(address, "enrolment", stranger, world)
    if not stranger_letters.allowed(once, stranger, world):
        note = "more letters to strangers in a day than are sent"
        outcome = Outcome(note=note, letters=stranger_letters.told(stranger, world))
        return Decision("ignored", note, outcome, stranger)
    if before is not None and before.state == EnrolmentState.ASKED and not _is_over(before, world):
        # What a forger writes later must not change what the letter that was sent lets its reader confirm.
        enrolment = _with(before, stated) if stranger.proof.may_change else before
    else:
        enrolment = _with(_begun(address, world), stated)
    letter = _letter(enrolment, world).but(once=once)
    return _decided(f"enrolment {enrolment.number} asked", (Put(value=enrolment),), (letter,), stranger)


def _begun(address: str, world: World) -> Enrolment:
    return Enrolment(
        number=enrolment_number(tokyo_date(world.now), world.numbers("enrolment")),
        kind=EnrolmentKind.PARTY,
        state=EnrolmentState.ASKED,
        address=address,
        asked_at=world.now,
    )


def _answered(
    enrolment: Enrolment, stated: dict[str, str], confirms: bool, stranger: Stranger, world: World
) -> Decision | None:
    """Take the answer to our letter: 「登録」, or lines that were missing or wrong.

    Who answers with the code reads the mailbox: it may hear once a day more what is still missing.
    """
    if enrolment.state != EnrolmentState.ASKED or not (confirms or stated):
        return None
    enrolment = _with(enrolment, stated)
    if confirms and enrolment.party_name:
        enrolment = enrolment.but(state=EnrolmentState.CONFIRMED, version=enrolment.version + 1)
        letters = task_letters(world, world.directory, enrolment)
        return _decided(f"enrolment {enrolment.number} confirmed", (Put(value=enrolment),), letters, stranger)
    letter = _letter(enrolment, world).but(once=f"enrolment:{enrolment.number}:{_today(world)}")
    return _decided(f"enrolment {enrolment.number} asked again", (Put(value=enrolment),), (letter,), stranger)


def _with(enrolment: Enrolment, stated: dict[str, str]) -> Enrolment:
    known = {**enrolment.stated, **stated}
    person = " ".join(filter(None, (known.get("department"), known.get("person", "").removesuffix("様"))))
    return enrolment.but(stated=known, party_name=known.get("company", ""), person=person, role=Role.APPLY)


def _letter(enrolment: Enrolment, world: World) -> Letter:
    stated = enrolment.stated
    values = {
        "party_name": enrolment.party_name,
        "person": enrolment.person,
        "rows": rows_of(stated),
        "missing": missing_in(stated),
        "form": form_text(stated),
        "days": world.office.enrolment_days,
    }
    one = section("enrolment", values)
    code = thread_code(world, enrolment)
    return Letter(recipient=enrolment.address, sections=(one,), case_code=code, answers=True)


def _today(world: World) -> str:
    return tokyo_date(world.now).isoformat()


def _once_a_day(letters: tuple[Letter, ...], enrolment: Enrolment, world: World) -> tuple[Letter, ...]:
    name = f"enrolment again:{enrolment.number}:{_today(world)}"
    return once_each(letters, name)


def _decided(
    note: str, changes: tuple[Put, ...], letters: tuple[Letter, ...], stranger: Stranger
) -> Decision:
    return Decision("done", note, Outcome(note=note, changes=changes, letters=letters), stranger)
