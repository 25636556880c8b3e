"""What becomes of automatic mail: reports mark the letter they are about; nothing of it is ever answered."""

from datetime import timedelta

from bot import verp
from bot.clock import tokyo_date
from bot.deciding import passwords, taken
from bot.deciding.asked import case_of
from bot.deciding.items import Decision, Item
from bot.desk import World
from bot.handlers.casework import to_role
from bot.ledger import Bounced, Change, Reachable, SentLetter, Unreachable
from bot.mail import Mail
from bot.outcome import Letter, Outcome, once_each
from bot.reading.keys_in_text import without_keys
from bot.surety.address import compared
from bot.surety.party import Party, Proof, Role, Sender, Stranger
from bot.surety.work import Case

BOUNCES_UNTIL_UNREACHABLE = 3  # letters to one mailbox that came back ...
WITHIN = timedelta(days=7)  # ... within this time
_ABOUT_A_LETTER = frozenset({"staff_bounced", "staff_mailbox_unreachable", "staff_letter_failed"})


def reported(mail: Mail, item: Item, sender: Sender | Stranger, world: World) -> Decision | None:
    """Settle automatic mail, reports and password notices; None for what a person seems to have written.

    For that is taken, too, what its words alone make automatic, where a known writer asks for something.
    A report counts only for a letter that it proves to have seen: by a return path of ours, or by the
    Message-ID of a letter to a recipient whom the report names. Any other changes nothing.
    """
    if mail.password_notice:
        return passwords.told(mail, item, sender, _case(mail, sender, world), world)
    reason = mail.automatic or ("sent by a mail daemon" if _is_daemon(item.envelope.mail_from) else "")
    if not reason:
        return None
    note = f"{_named(mail)}: {reason}"
    named = _letter_of_path(mail.to + mail.cc, item, world)
    kind = mail.bounced_kind or ("failed" if named and _is_mute(mail, item) else "")
    letter = named or _letter_of_ids(mail, world)
    if letter is not None and kind in ("failed", "delayed"):
        return _bounced(
            letter, "failed" if kind == "failed" else "delayed", _words_of(mail), note, sender, world
        )
    is_by_way = _is_null(item) or _is_daemon(item.envelope.mail_from)
    if letter is None and not is_by_way and taken.asks(mail, sender):
        return None
    if letter is not None:
        note += f"; about letter {letter.id}"
    case = world.ledger.case(letter.case_code) if letter and letter.case_code else _case(mail, sender, world)
    told = _told_of_a_move(mail, sender, world)
    told += taken.told(mail, sender, world) if letter is None and not is_by_way else ()
    return Decision("ignored", note, Outcome(note=note, letters=told), sender, (), case)


def unreadable_report(item: Item, sender: Sender | Stranger, world: World) -> Decision | None:
    """Take unreadable bytes from nobody that arrive at a return path of ours for a bounce of its letter."""
    letter = _letter_of_path((), item, world) if _is_null(item) else None
    if letter is None:
        return None
    return _bounced(letter, "failed", "", "automatic (bounce): an unreadable report", sender, world)


def reached(decision: Decision, world: World) -> Decision:
    """Take a mailbox for reachable again once a proven mail came from it, or a code sent to it was typed."""
    sender = decision.sender
    if not isinstance(sender, Sender) or sender.mailbox is None or sender.proof == Proof.COMMAND_LINE:
        return decision
    address = sender.mailbox.address
    if not sender.proof.may_change or world.ledger.unreachable_since(address) is None:
        return decision
    outcome = decision.outcome
    changes: tuple[Change, ...] = (*outcome.changes, Reachable(address=address))
    outcome = outcome.but(changes=changes, note=f"{outcome.note}; {address} is reachable again")
    return Decision(decision.state, decision.reason, outcome, sender, decision.requests, decision.case)


def _named(mail: Mail) -> str:
    """Name the kind, for journal and lists: 'automatic (absence until 2026-11-20)'."""
    until = f" until {mail.automatic_until.isoformat()}" if mail.automatic_until else ""
    return f"automatic ({mail.automatic_kind or 'other'}{until})"


def _is_daemon(address: str) -> bool:
    return address.lower().partition("@")[0] in ("mailer-daemon", "mail-daemon", "maildaemon")


def _is_null(item: Item) -> bool:
    return item.envelope.source != "imap" and (
        not item.envelope.mail_from or _is_daemon(item.envelope.mail_from)
    )


def _is_mute(mail: Mail, item: Item) -> bool:
    """Say whether nothing but its way tells what a report is about; vacation notices come that way too."""
    return mail.automatic_kind in ("", "other", "bounce") and (
        _is_null(item) or mail.automatic.startswith("null return path")
    )


def _letter_of_path(shown: tuple[str, ...], item: Item, world: World) -> SentLetter | None:
    valid = timedelta(days=world.office.return_path_days)
    today = tokyo_date(world.now)
    for address in (*item.envelope.recipients, *shown):
        letter_id = verp.read(address, world.office.desk, world.code_secret, today, valid)
        if letter_id is not None:
            return next(iter(world.ledger.sent_letters((), letter_id)), None)
    return None


def _letter_of_ids(mail: Mail, world: World) -> SentLetter | None:
    """Find the letter by its returned Message-ID; a report that names another recipient is not about it."""
    named = set(map(compared, mail.failed_recipients))
    found = world.ledger.sent_letters(mail.bounced_message_ids) if mail.bounced_message_ids else ()
    return next((one for one in found if not named or one.recipient in named), None)


def _words_of(mail: Mail) -> str:
    return without_keys(" ".join(one for one in (mail.report_status, mail.report_text) if one))


def _bounced(
    letter: SentLetter, kind: str, words: str, note: str, sender: Sender | Stranger, world: World
) -> Decision:
    """Mark the letter; tell staff once a letter, and once more where the mailbox is given up."""
    note += f"; letter {letter.id} to {letter.recipient} {kind} ({words or 'no words'})"
    case = world.ledger.case(letter.case_code) if letter.case_code else None
    changes: list[Change] = []
    letters: list[Letter] = []
    if letter.bounced != "failed" and letter.bounced != kind:
        changes.append(
            Bounced(letter_id=letter.id, kind="failed" if kind == "failed" else "delayed", reason=words)
        )
    if changes and kind == "failed" and not _ABOUT_A_LETTER.intersection(letter.templates):
        letters += _told(letter, words, world)
    if changes and kind == "failed" and _comes_back_often(letter, world):
        changes.append(Unreachable(address=letter.recipient))
        note += f"; {letter.recipient} is unreachable"
        letters += _told_of_the_mailbox(letter, world)
    outcome = Outcome(note=note, changes=tuple(changes), letters=tuple(letters))
    return Decision("ignored", note, outcome, sender, (), case)


def _comes_back_often(letter: SentLetter, world: World) -> bool:
    if world.directory.mailbox(letter.recipient) is None or world.ledger.unreachable_since(letter.recipient):
        return False
    others = world.ledger.bounced_since(letter.recipient, world.now - WITHIN, besides=letter.id)
    return others + 1 >= BOUNCES_UNTIL_UNREACHABLE


def _told(letter: SentLetter, words: str, world: World) -> list[Letter]:
    values = {**_addressee(letter.recipient, world), "letter_id": letter.id, "title": letter.subject}
    told = to_role(
        world.directory, Role.MANAGE, "staff_bounced", {**values, "reason": words}, letter.case_code
    )
    return [*once_each(told, f"bounced:{letter.id}")]


def _told_of_the_mailbox(letter: SentLetter, world: World) -> list[Letter]:
    values = {**_addressee(letter.recipient, world), "letters": BOUNCES_UNTIL_UNREACHABLE}
    told = to_role(world.directory, Role.MANAGE, "staff_mailbox_unreachable", values)
    return [*once_each(told, f"unreachable:{letter.id}")]


def _addressee(address: str, world: World) -> dict[str, object]:
    """Say who reads a mailbox, and the phone number that the directory has."""
    box = world.directory.mailbox(address)
    party: Party | None
    if box is not None:
        party = world.directory.party(box.party_id)
    else:
        party = world.directory.party_of_domain(address.rpartition("@")[2])
    return {
        "recipient": address,
        "party": party.name if party else "",
        "person": box.person if box else "",
        "phone": _phone(party, address, world) if party else "",
    }


def _phone(party: Party, address: str, world: World) -> str:
    """Return the party's own number, or that of the department whose mailbox it is; else of any other."""
    profiles = world.directory.orderers(party.id) if not party.phone else ()
    departments = [one for profile in profiles for one in profile.submissions.values() if one.phone]
    departments.sort(key=lambda one: compared(one.address) != address)
    return departments[0].phone if departments else party.phone


def _case(mail: Mail, sender: Sender | Stranger, world: World) -> Case | None:
    return case_of(mail, sender, world) if isinstance(sender, Sender) else None


def _told_of_a_move(mail: Mail, sender: Sender | Stranger, world: World) -> tuple[Letter, ...]:
    """人事異動: a person must call back; no address that such a notice names is ever learnt."""
    if mail.automatic_kind != "moved" or not isinstance(sender, Sender):
        return ()
    values = {**_addressee(sender.answer_to, world), "writer": sender.address}
    told = to_role(world.directory, Role.MANAGE, "staff_moved", values)
    name = f"moved:{taken.writer_named(sender)}:{tokyo_date(world.now).isoformat()}"
    return once_each(told, name)
