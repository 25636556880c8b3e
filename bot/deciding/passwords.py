"""PPAP: an archive under a password waits for its notice, and a notice for its archive, whichever is first.

Both are paired by who wrote them. A notice, proven or not, does nothing but open an archive: what its mail
asks for still needs that mail's own proof. No password reaches a letter, the journal, the log or a column.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import tokyo_date
from bot.deciding import taken
from bot.deciding.items import Decision, Item
from bot.desk import OfficeDesk, World
from bot.folding import squash
from bot.handlers.casework import to_role
from bot.handlers.copy import in_copy_only
from bot.ledger import Change, HeldArchive, Moot, Resume
from bot.mail import Attachment, Mail
from bot.outcome import Hold, Letter, Outcome, TryLater, answer, once_each
from bot.reading.passwords import COVER, names_a_password, passwords_of
from bot.requests import Request, Unclear, thread_title
from bot.surety.party import Role, Sender, Stranger
from bot.surety.work import Case, case_codes

PATIENCE = timedelta(minutes=5)  # the notice of a gateway comes by itself: nobody is asked for it before
TRIES = 5  # wrong notices for one mail, unproven and proven ones each: no forgery uses up a proven one's try
NOTICES_READ = 5  # waiting ones, of which the passwords are tried on one mail
MOST_NOTICES = 20  # of one party that wait at the same time; further unproven ones are ignored
_NOTE = "password notice of an archive"


def told(mail: Mail, item: Item, sender: Sender | Stranger, case: Case | None, world: World) -> Decision:
    """Decide a notice: it has the mails read again that wait for a password, and waits until it opens one.

    A wrong one may be that of a mail still to come.
    """
    if isinstance(sender, Stranger):
        return Decision("ignored", _NOTE, Outcome(note=_NOTE), sender)
    if "used_for" in item.known:
        return _noted(f"{_NOTE}: opened inbox {item.known['used_for']}", sender, case)
    if not passwords_of(mail):
        return _for_staff(sender, case, world)
    changes = let_go_on(mail, item, sender, world)
    note = _for(changes) if changes else f"{_NOTE}: waits for the archive"
    waiting = world.ledger.password_notices(sender.party.id, sender.address)
    if len(waiting) >= MOST_NOTICES and not sender.proof.may_change:
        note = f"{_NOTE}: too many wait already"
        return Decision("ignored", note, Outcome(note=note, changes=changes), sender, (), case)
    until = world.now + timedelta(days=world.office.password_days)
    hold = Hold(kind="archive", until=until, party_id=sender.party.id)
    return Decision("held", note, Outcome(note=note, changes=changes, hold=hold), sender, (), case)


def _noted(note: str, sender: Sender, case: Case | None, changes: tuple[Change, ...] = ()) -> Decision:
    return Decision("done", note, Outcome(note=note, changes=changes), sender, (), case)


def _for(changes: tuple[Change, ...]) -> str:
    resumed = ", ".join(str(one.inbox_id) for one in changes if isinstance(one, Resume))
    return f"{_NOTE}: for inbox {resumed}"


def _for_staff(sender: Sender, case: Case | None, world: World) -> Decision:
    """A notice whose password no rule finds is for a person; unproven ones once a day and party."""
    values = {"party": sender.party.name, "writer": sender.address}
    code = case.code if case else None
    letters = to_role(world.directory, Role.EXAMINE, "staff_password_notice", values, code)
    if not sender.proof.may_change:
        name = f"password:{taken.writer_named(sender)}:{tokyo_date(world.now).isoformat()}"
        letters = once_each(letters, name)
    return Decision("done", _NOTE, Outcome(note=_NOTE, letters=letters), sender, (), case)


def let_go_on(mail: Mail, item: Item, sender: Sender, world: World) -> tuple[Change, ...]:
    """Return what lets the mails be read again for which this one may tell the password."""
    count = "tries_proven" if sender.proof.may_change else "tries_unproven"
    held = world.ledger.held_for_password(sender.party.id)
    open_to_it = [one for one in held if int(one.known.get(count, "0")) < TRIES]
    meant = _meant(mail, sender, open_to_it)
    return tuple(
        Resume(
            inbox_id=one.inbox_id,
            known={
                "password_from": str(item.inbox_id),
                "password_until": one.until.isoformat(),
                "password_meant": "yes" if len(meant) == 1 else "perhaps",
                count: str(int(one.known.get(count, "0")) + 1),
            },
        )
        for one in meant
    )


def _meant(mail: Mail, sender: Sender, held: list[HeldArchive]) -> list[HeldArchive]:
    """Choose among several: those of the very address, and of them those whose subject the notice names."""
    mine = [one for one in held if one.address == sender.address] or held
    words = squash(f"{mail.subject}\n{mail.new_text}\n{mail.quoted_text}")
    named = [one for one in mine if (title := _title(one.subject)) and title in words]
    return named or mine


def _title(subject: str) -> str:
    """Return what a notice repeats of a subject: gateways shorten it, and people leave our code out."""
    for code in case_codes(subject):
        subject = subject.replace(f"[{code}]", "")
    return squash(thread_title(subject))


def told_beside(
    mail: Mail, asked: tuple[Request, ...] | Unclear, desk: OfficeDesk, item: Item
) -> Decision | None:
    """Take a person's own words for a notice, where a mail waits for one and nothing else is asked."""
    doubts = asked.doubts if isinstance(asked, Unclear) else ()
    if asked and not (doubts and all(COVER in one or names_a_password(one) for one in doubts)):
        return None
    if any(one.encrypted for one in mail.attachments) or not passwords_of(mail):
        return None
    changes = let_go_on(mail, item, desk.sender, desk.world)
    return _noted(_for(changes), desk.sender, desk.case, changes) if changes else None


def stays_closed(desk: OfficeDesk, item: Item) -> Decision | None:
    """Decide a mail of which an archive under a password stays closed; None where none does.

    Raises TryLater where its notice came while the mail was being read.
    """
    assert desk.mail is not None
    locked = [one for one in desk.mail.attachments if one.encrypted and one.within is None]
    closed = [one for one in locked if one.archive not in ("", "opened")]
    if not closed:
        return None
    hopeless = [one for one in closed if one.archive not in ("locked", "wrong_password")]
    if hopeless:
        return None if _is_copy(desk) else _refused(hopeless, desk)
    waiting = desk.ledger.password_notices(desk.sender.party.id, desk.sender.address)
    if set(waiting[:NOTICES_READ]) - set(item.told_by):
        raise TryLater("the password came while the mail was read")
    return _held(closed, desk, item)


def _refused(closed: list[Attachment], desk: OfficeDesk) -> Decision:
    """Ask to have it sent in another way: no password will open this one here."""
    values = {"files": [one.name for one in closed], "why": closed[0].archive}
    letter = answer(desk, "archive_unopened", values, case=desk.case)
    note = f"refused: an archive stays closed ({closed[0].archive})"
    outcome = Outcome(note=note, letters=(letter,), refused=True)
    return Decision("refused", note, outcome, desk.sender, (), desk.case)


def _held(closed: list[Attachment], desk: OfficeDesk, item: Item) -> Decision:
    """Hold the mail; its writer is asked for the password when it does not come by itself."""
    until = desk.now + timedelta(days=desk.office.password_days)
    if "password_until" in item.known:
        until = datetime.fromisoformat(item.known["password_until"])
    is_wrong = item.known.get("password_meant") == "yes"
    template = "password_wrong" if is_wrong else "password_awaited"
    values = {"files": [one.name for one in closed], "until": until.isoformat()}
    letter = answer(desk, template, values, case=desk.case).but(once=f"{template}:{item.inbox_id}")
    if not is_wrong:
        letter = letter.but(not_before=desk.now + PATIENCE)
    letters: tuple[Letter, ...] = () if _is_copy(desk) else (letter,)
    changes = _moot(item) if is_wrong else ()
    hold = Hold(kind="password", until=until, party_id=desk.sender.party.id)
    note = f"held: {'a wrong password' if is_wrong else 'an archive wants its password'}"
    outcome = Outcome(note=note, changes=changes, letters=letters, hold=hold)
    return Decision("held", note, outcome, desk.sender, (), desk.case)


def _moot(item: Item) -> tuple[Change, ...]:
    return (Moot(inbox_id=item.inbox_id, template="password_awaited"),)


def _is_copy(desk: OfficeDesk) -> bool:
    return desk.mail is not None and in_copy_only(desk.mail, desk.office.desk)


def opened(decision: Decision, item: Item) -> Decision:
    """Settle what waited for an archive that was opened: its notices, and the letter that asks for them.

    A mail that is held will be read again: its notices go on waiting, too.
    """
    if decision.state == "held":
        return decision
    changes: tuple[Change, ...] = tuple(
        Resume(inbox_id=one, known={"used_for": str(item.inbox_id)}) for one in item.opened_by
    )
    if "password_from" in item.known:
        changes += _moot(item)
    if not changes:
        return decision
    outcome = decision.outcome.but(changes=(*decision.outcome.changes, *changes))
    return replace(decision, outcome=outcome)
