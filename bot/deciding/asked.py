"""What a party asks by mail or command: its requests found, proven, handled and added up."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import tokyo_date
from bot.courtesies import sentences
from bot.deciding import guard, passwords
from bot.deciding.items import Command, Decision, Item, State
from bot.desk import OfficeDesk, World
from bot.handlers import FINDERS, OTHERWISE, TABLE, WORDS
from bot.handlers.casework import codes_of, to_staff
from bot.identity import confirmation
from bot.ledger import MailState, Resume
from bot.mail import Mail
from bot.outcome import COURTESY, Letter, Outcome, Refusal, add_up, answer, once_each, section
from bot.reading.keys_in_text import without_keys
from bot.reading.passwords import without_its_passwords
from bot.requests import Request, Unclear, parse
from bot.surety.party import PartyKind, Role, Sender, Stranger
from bot.surety.work import Case

_CONTINUED = re.compile(r"を|の(?!で)|が|は(?!い)")  # a line that goes on with the one above it
DAY = timedelta(days=1)


def commanded(command: Command, sender: Sender | Stranger, received_at: datetime, world: World) -> Decision:
    """Decide what the command line asks, in the name of a registered member of the staff."""
    if isinstance(sender, Stranger):
        note = f"{command.person} is no registered mailbox"
        return Decision("refused", note, Outcome(note=note, refused=True), sender)
    if sender.party.kind != PartyKind.SURETY:
        note = f"{command.person} is not of the surety's staff"
        return Decision("refused", note, Outcome(note=note, refused=True), sender)
    case = world.ledger.case(command.case_code) if command.case_code else None
    desk = OfficeDesk(world, sender, received_at, case=case)
    request = Request(word=command.word, arguments=command.arguments)
    return _handled((request,), desk)


def asked_by_mail(mail: Mail, item: Item, sender: Sender, world: World) -> Decision:
    """Decide what a party's mail asks. Raises TryLater where a limit delays it."""
    if item.round == 0:
        proven = sender.proof.may_change
        same = world.ledger.same_mail(sender.address, mail.message_id, mail.content_digest, proven=proven)
        if mail.message_id and same is not None:
            return _repeated(sender, same.inbox_id, same.state, world)
    case = case_of(mail, sender, world)
    if item.round == 0:
        thread = guard.thread_digest(mail, case)
        if reason := guard.endless(thread, sender, world):
            return guard.broken(reason, sender, world)
        guard.slow_down(sender, thread, world)
    seen = without_its_passwords(mail)  # no handler, and so no letter, ever sees one
    desk = OfficeDesk(world, sender, item.envelope.received_at, seen, item.papers, case)
    if (closed := passwords.stays_closed(desk, item)) is not None:
        return closed
    asked = _requests(desk, seen)
    if (told := passwords.told_beside(mail, asked, desk, item)) is not None:
        return told
    if isinstance(asked, Unclear):
        return _unclear(asked, desk)
    if not asked:
        return Decision("done", COURTESY, Outcome(note="nothing was asked"), sender, (), case)
    if confirmation.needed(sender, asked, WORDS) or _shown_too_often(sender, asked, world):
        if sender.proof.may_change and (refused := _tried(asked, desk)).state == "refused":
            return refused  # nobody is asked for a code by which nothing would be done
        return _asked_back(asked, item, desk)
    return _handled(asked, desk)


def _asked_back(asked: tuple[Request, ...], item: Item, desk: OfficeDesk) -> Decision:
    """Hold the mail for its confirmation, or say why even a code would not do."""
    try:
        outcome = confirmation.ask(desk, item.inbox_id, item.round, asked, WORDS)
    except Refusal as refusal:
        letter = answer(desk, refusal.template, refusal.values, case=desk.case)
        outcome = Outcome(note=f"refused: {refusal.template}", letters=(letter,), refused=True)
        return Decision("refused", outcome.note, outcome, desk.sender, asked, desk.case)
    return Decision("held", outcome.note, outcome, desk.sender, asked, desk.case)


def _tried(asked: tuple[Request, ...], desk: OfficeDesk) -> Decision:
    """Return what handling would come to, without using up any number."""
    return _handled(asked, replace(desk, world=replace(desk.world, numbers=lambda _: 0)))


def _shown_too_often(sender: Sender, asked: tuple[Request, ...], world: World) -> bool:
    """Beyond a daily number even what only shows something wants a proof of source."""
    if sender.proof.may_change or all(WORDS[request.word].goes_unproven for request in asked):
        return False
    return world.ledger.shown_since(sender.answer_to, world.now - DAY) >= world.office.shown_a_day


def _requests(desk: OfficeDesk, mail: Mail) -> tuple[Request, ...] | Unclear:
    """What a mail is as a whole (an application, a key notice) comes before the words in it."""
    for find in FINDERS:
        found = find(mail, desk)
        if found is not None:
            return (found,)
    mine = [word for word in WORDS.values() if desk.sender.party.kind in word.roles]
    asked = parse(mail.subject, mail.new_text, mine)
    if not isinstance(asked, Unclear):
        return tuple(_without_keys(one) for one in asked)
    for otherwise in OTHERWISE:
        request = otherwise(asked, desk)
        if request is not None:
            return (_without_keys(request),)
    return asked


def _without_keys(request: Request) -> Request:
    """Cover keys in the sentences that go on to staff and into the record."""
    return request.but(more=tuple(map(without_keys, request.more)))


def _handled(requests: tuple[Request, ...], desk: OfficeDesk) -> Decision:
    outcomes = []
    for request in requests:
        outcomes.append(_one(request, desk))
        desk.ledger.remember(outcomes[-1].changes)  # the next request stands on what this one did
        desk.directory.remember(outcomes[-1].changes)
    outcome = add_up(outcomes)
    state: State = "refused" if outcome.refused else "done"
    if outcome.hold is not None:
        state = "held"
    outcome = outcome.but(letters=(*outcome.letters, *_remarks(requests, desk)))
    return Decision(state, outcome.note, outcome, desk.sender, requests, desk.case)


def _remarks(requests: tuple[Request, ...], desk: OfficeDesk) -> tuple[Letter, ...]:
    """What a customer wrote beside a request goes to staff as 連絡事項; it changes nothing."""
    if desk.sender.party.kind == PartyKind.SURETY or desk.mail is None:
        return ()
    # Whole sentences only, not what is left of one that asked; keys are covered in `more` already.
    whole = set(map(without_keys, sentences(desk.mail.new_text).asked))
    more = [one for r in requests if not WORDS[r.word].keeps_remarks for one in r.more]
    lines = [one for one in dict.fromkeys(more) if one in whole and not _CONTINUED.match(one)]
    if not lines:
        return ()
    values = {
        "party": desk.sender.party.name,
        "writer": desk.sender.address,
        "words": [WORDS[request.word].japanese for request in requests],
        "lines": lines,
    }
    code = desk.case.code if desk.case is not None else None
    return to_staff(desk, Role.EXAMINE, "staff_remark", values, code)


def _one(request: Request, desk: OfficeDesk) -> Outcome:
    try:
        return TABLE[request.word](request, desk)
    except Refusal as refusal:
        letter = answer(desk, refusal.template, refusal.values, case=desk.case)
        return Outcome(note=f"refused {request.word}: {refusal.template}", letters=(letter,), refused=True)


def _unclear(unclear: Unclear, desk: OfficeDesk) -> Decision:
    """One helpful answer, beside what harmless was asked; the second time in a row a person gets it.

    From the third time in a day on only staff hear of it: the writer was told that somebody reads it, and
    two programs must not go on thanking each other.
    """
    before = [mail.reason for mail in desk.ledger.mails_of(desk.sender.address, 2) if _is_new(mail, desk)]
    again = before[:1] == ["unclear"]
    if before == ["unclear", "unclear"] and desk.mail is not None:
        return _told_to_staff(unclear, desk, desk.mail)
    doubts = [without_keys(one) for one in unclear.doubts]
    template = "unclear_again" if again else "unclear"
    party = desk.sender.party.kind.value
    letters = [answer(desk, template, {"doubts": doubts, "party": party}, case=desk.case)]
    if again:
        letters += to_staff(desk, Role.EXAMINE, "staff_unclear", _of_unclear(doubts, desk), None)
    outcome = Outcome(note=f"unclear: {len(doubts)} sentence(s)", letters=tuple(letters), refused=True)
    shown = [one for one in unclear.beside if not confirmation.needed(desk.sender, (one,), WORDS)]
    if shown and not _shown_too_often(desk.sender, tuple(shown), desk.world):
        outcome = add_up([*(_one(one, desk) for one in shown), outcome])
    return Decision("refused", "unclear", outcome, desk.sender, unclear, desk.case)


def _is_new(mail: MailState, desk: OfficeDesk) -> bool:
    return mail.received_at > desk.now - DAY


def _of_unclear(doubts: list[str], desk: OfficeDesk) -> dict[str, object]:
    return {"writer": desk.sender.address, "party": desk.sender.party.name, "doubts": doubts}


def _told_to_staff(unclear: Unclear, desk: OfficeDesk, mail: Mail) -> Decision:
    """Hand what is not understood on to staff, the same words once a day, and say nothing more."""
    values = _of_unclear([without_keys(one) for one in unclear.doubts], desk)
    told = to_staff(desk, Role.EXAMINE, "staff_unclear", values, None)
    name = f"unclear:{desk.sender.party.id}:{tokyo_date(desk.now)}:{guard.words_digest(mail)}"
    letters = once_each(told, name)
    note = f"unclear again: {len(unclear.doubts)} sentence(s) to staff"
    return Decision("refused", "unclear", Outcome(note=note, letters=letters, refused=True), desk.sender)


def _repeated(sender: Sender, first: int, state: str, world: World) -> Decision:
    """A mail that was sent again is not acted on again; the writer hears how the first one stands.

    A proven copy of one that waits for its confirmation confirms it: both are the same words. Not where
    only the code will do.
    """
    note = f"repeats inbox {first}"
    waiting = world.ledger.held_for_confirmation(sender.party.id) if state == "held" else ()
    confirms = any(one.inbox_id == first and not one.code_only for one in waiting)
    if confirms and sender.proof.may_change:
        resumed = Resume(inbox_id=first, known={"confirmed_by": sender.address})
        return Decision("ignored", note, Outcome(note=f"{note}, and proves it", changes=(resumed,)), sender)
    sections = (section("repeated", {"state": state}),)
    letter = Letter(recipient=sender.answer_to, sections=sections, answers=sender.mailbox is not None)
    return Decision("ignored", note, Outcome(note=note, letters=(letter,)), sender)


def case_of(mail: Mail, sender: Sender, world: World) -> Case | None:
    """Find the case that the thread names, if it is one that this party may see."""
    for code in codes_of(mail):
        case = world.ledger.case(code)
        if case is not None and may_see(case, sender, world):
            return case
    return None


def may_see(case: Case, sender: Sender, world: World) -> bool:
    """A case is seen by its contractor, by the party of its orderer, and by the surety."""
    if sender.party.kind.value == "surety" or case.contractor_id == sender.party.id:
        return True
    return (
        case.orderer_id is not None and world.directory.orderer(case.orderer_id).party_id == sender.party.id
    )
