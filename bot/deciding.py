"""Decide one inbox item: from what was read to an Outcome. Pure: it looks at the World and causes nothing."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.clock import tokyo_date
from bot.courtesies import sentences
from bot.desk import OfficeDesk, World
from bot.handlers import FINDERS, OTHERWISE, TABLE, WORDS
from bot.handlers.casework import shown, to_role, to_staff
from bot.handlers.copy import in_copy_only
from bot.handlers.verify import asked_about
from bot.identity import confirmation
from bot.identity.authentication import judge
from bot.identity.sender import identify
from bot.ledger import Resume
from bot.mail import Envelope, Mail, PaperReading, Unreadable
from bot.outcome import Letter, Outcome, Refusal, TryLater, add_up, answer, section
from bot.reading.keys_in_text import without_keys
from bot.requests import Request, Unclear, parse
from bot.surety.address import compared
from bot.surety.office import Office
from bot.surety.party import PartyKind, Proof, Role, Sender, Stranger
from bot.surety.work import Case, case_codes

_CONTINUED = re.compile(r"を|の(?!で)|が|は(?!い)")  # a line that goes on with the one above it
LOOP_REPEATS = 3  # the same content of one writer within an hour: somebody answers our answers
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

State = Literal["done", "refused", "ignored", "held", "parked"]


@dataclass(frozen=True)
class Command:
    """What the command line asks for, as a named member of the staff."""

    word: str
    arguments: dict[str, str]
    person: str  # the folded address of a registered mailbox
    case_code: str | None = None


@dataclass(frozen=True)
class Item:
    """One inbox item as it was read."""

    inbox_id: int
    round: int
    envelope: Envelope
    content: Mail | Unreadable | Command
    papers: tuple[PaperReading, ...] = ()
    known: dict[str, str] = field(default_factory=dict)  # what later mails added


@dataclass(frozen=True)
class Decision:
    """What is to become of the item, and why."""

    state: State
    reason: str
    outcome: Outcome
    sender: Sender | Stranger | None = None
    requests: tuple[Request, ...] | Unclear = ()
    case: Case | None = None


def who(item: Item, world: World) -> Sender | Stranger:
    """Say who wrote: judged from the bytes' raw results, or the staff member a command names."""
    if isinstance(item.content, Command):
        mailbox = world.directory.mailbox(item.content.person)
        if mailbox is None:
            return Stranger(address=item.content.person, proof=Proof.COMMAND_LINE)
        party = world.directory.party(mailbox.party_id)
        return Sender(
            address=mailbox.address,
            party=party,
            mailbox=mailbox,
            proof=Proof.COMMAND_LINE,
            how="command line",
        )
    headers = item.content.authentication if isinstance(item.content, Mail) else ()
    judgement = judge(item.envelope, item.content.from_address, headers, world.border)
    if judgement.proof == Proof.FULL and not _written_to_us(item.content, world.office):
        how = f"{judgement.how}, but of a mail that was not written to the desk"
        judgement = judgement.but(proof=Proof.READER, how=how)
    found = identify(item.content.from_address, judgement, world.directory)
    if isinstance(found, Sender) and "confirmed_by" in item.known:
        how = f"confirmed by a code from {item.known['confirmed_by']}"
        return found.but(proof=Proof.CONFIRMED, how=how)
    return found


def _written_to_us(content: Mail | Unreadable, office: Office) -> bool:
    """Say whether the mail names the desk: a signed mail to somebody else may be passed on by anybody."""
    if not isinstance(content, Mail):
        return True
    return any(
        one == office.desk or one.endswith(f"@{office.domain}")
        for one in map(compared, (*content.to, *content.cc))
    )


def decide(item: Item, world: World) -> Decision:
    """Decide one item. Raises TryLater where a limit delays it; handlers' own bugs pass through."""
    sender = who(item, world)
    match item.content:
        case Unreadable():
            return _unreadable(item.content, sender, world)
        case Command():
            return _command(item.content, sender, item.envelope.received_at, world)
        case Mail() as mail:
            ignored = _ignored(mail, sender, world)
            if ignored is not None:
                return ignored
            if isinstance(sender, Stranger):
                return _stranger(mail, item, sender, world)
            return _asked(mail, item, sender, world)


def _ignored(mail: Mail, sender: Sender | Stranger, world: World) -> Decision | None:
    """Automatic mail, our own mail and loops change nothing and are never answered."""
    reason = ""
    if mail.automatic:
        reason = f"automatic: {mail.automatic}"
    elif mail.from_address is not None and compared(mail.from_address) == world.office.desk:
        reason = "our own mail"
    elif sender.address is not None:
        proven = sender.proof.may_change
        same = world.ledger.same_content_since(
            sender.address, mail.content_digest, world.now - HOUR, proven=proven
        )
        if same >= LOOP_REPEATS:
            reason = "loop: the same content again and again"
    return Decision("ignored", reason, Outcome(note=reason), sender) if reason else None


def _unreadable(content: Unreadable, sender: Sender | Stranger, world: World) -> Decision:
    """Park it, tell staff (of strangers' once a day); a registered mailbox gets one fixed answer a day."""
    values = {"reason": content.reason, "writer": sender.address or ""}
    letters = list(to_role(world.directory, Role.EXAMINE, "staff_unreadable", values))
    day = tokyo_date(world.now).isoformat()
    if isinstance(sender, Stranger):
        letters = [one.but(once=f"unreadable stranger:{day}:{one.recipient}") for one in letters]
    if isinstance(sender, Sender):
        once = f"unreadable:{sender.answer_to}:{day}"
        sections = (section("unreadable", {}),)
        letters.append(Letter(recipient=sender.answer_to, sections=sections, once=once))
    note = f"unreadable: {content.reason}"
    return Decision("parked", note, Outcome(note=note, letters=tuple(letters)), sender)


def _command(command: Command, sender: Sender | Stranger, received_at: datetime, world: World) -> Decision:
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


def _stranger(mail: Mail, item: Item, stranger: Stranger, world: World) -> Decision:
    """A stranger is told nothing about any guarantee.

    Only who writes a number and a key gets one neutral letter a day, the same whether they are right or
    wrong; where they are right, staff hear of it at once, since it may be an orderer not registered yet.
    """
    note = "stranger: not in the directory"
    asked = [one for one in asked_about(mail, item.papers) if one.number and one.key]
    address = stranger.address
    if not asked or address is None or stranger.refused_by_dmarc or in_copy_only(mail, world.office.desk):
        return Decision("ignored", note, Outcome(note=note), stranger)
    day = tokyo_date(world.now).isoformat()
    received = section("enquiry_received", {})
    letters = [Letter(recipient=address, sections=(received,), answers=True, once=f"enquiry:{address}:{day}")]
    for one in asked:
        guarantee = world.ledger.guarantee(one.number)
        if guarantee is not None and world.ledger.key_opens(one.number, one.key):
            values = {"asked_by": address, "guarantee": shown(guarantee)}
            told = to_role(world.directory, Role.MANAGE, "staff_unlisted_orderer", values)
            once = f"unlisted:{one.number}:{address}:{day}"
            letters += [letter.but(once=f"{once}:{letter.recipient}") for letter in told]
    note += f", asked about {len(asked)} guarantee(s)"
    return Decision("ignored", note, Outcome(note=note, letters=tuple(letters)), stranger)


def _asked(mail: Mail, item: Item, sender: Sender, world: World) -> Decision:
    if item.round == 0:
        proven = sender.proof.may_change
        same = world.ledger.same_mail(sender.address, mail.message_id, mail.content_digest, proven=proven)
        if mail.message_id and same is not None:
            return _repeated(sender, same.inbox_id, same.state, world)
        newest = world.ledger.mails_since(sender.address, world.now - HOUR, proven=proven)
        if newest >= world.office.letters_an_hour:
            raise TryLater("more mails in an hour than are answered at once")
    case = _case_of(mail, sender, world)
    desk = OfficeDesk(world, sender, item.envelope.received_at, mail, item.papers, case)
    asked = _requests(desk, mail)
    if isinstance(asked, Unclear):
        return _unclear(asked, desk)
    if not asked:
        return Decision("done", "courtesy", Outcome(note="nothing was asked"), sender, (), case)
    if confirmation.needed(sender, asked, WORDS) or _shown_too_often(sender, asked, world):
        outcome = confirmation.ask(desk, item.inbox_id, item.round, asked, WORDS)
        return Decision("held", outcome.note, outcome, sender, asked, case)
    return _handled(asked, desk)


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
    """One helpful answer, beside what harmless was asked; the second time in a row a person gets it."""
    before = desk.ledger.mails_of(desk.sender.address, 1)
    again = bool(before) and before[0].reason == "unclear"
    doubts = [without_keys(one) for one in unclear.doubts]
    template = "unclear_again" if again else "unclear"
    party = desk.sender.party.kind.value
    letters = [answer(desk, template, {"doubts": doubts, "party": party}, case=desk.case)]
    if again:
        values = {"writer": desk.sender.address, "party": desk.sender.party.name, "doubts": doubts}
        letters += to_staff(desk, Role.EXAMINE, "staff_unclear", values, None)
    outcome = Outcome(note=f"unclear: {len(doubts)} sentence(s)", letters=tuple(letters), refused=True)
    shown = [one for one in unclear.beside if not confirmation.needed(desk.sender, (one,), WORDS)]
    if shown and not _shown_too_often(desk.sender, tuple(shown), desk.world):
        outcome = add_up([*(_one(one, desk) for one in shown), outcome])
    return Decision("refused", "unclear", outcome, desk.sender, unclear, desk.case)


def _repeated(sender: Sender, first: int, state: str, world: World) -> Decision:
    """A mail that was sent again is not acted on again; the writer hears how the first one stands.

    A proven copy of one that waits for its confirmation confirms it: both are the same words.
    """
    note = f"repeats inbox {first}"
    if state == "held" and sender.proof.may_change:
        resumed = Resume(inbox_id=first, known={"confirmed_by": sender.address})
        return Decision("ignored", note, Outcome(note=f"{note}, and proves it", changes=(resumed,)), sender)
    sections = (section("repeated", {"state": state}),)
    letter = Letter(recipient=sender.answer_to, sections=sections, answers=sender.mailbox is not None)
    return Decision("ignored", note, Outcome(note=note, letters=(letter,)), sender)


def _case_of(mail: Mail, sender: Sender, world: World) -> Case | None:
    """Find the case that the thread names, if it is one that this party may see."""
    text = "\n".join([mail.subject, *mail.references, mail.new_text, mail.quoted_text])
    for code in case_codes(text):
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
