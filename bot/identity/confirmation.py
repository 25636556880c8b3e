"""When a request must be confirmed from the registered mailbox, and what the confirmation shows."""

from collections.abc import Sequence
from datetime import timedelta

from bot.mail import Mail
from bot.outcome import Desk, Hold, Letter, Outcome, Refusal, Section, TryLater
from bot.reading.keys_in_text import without_keys
from bot.requests import Request, Word
from bot.surety.party import Proof, Sender

DIGITS = 6
TRIES = 5
MOST_WAITING = 10  # unproven mails of one party that may wait for a code at the same time
_SHOWN_CHARACTERS = 20_000  # whoever types the code answers for all of it: nothing may hide behind a cut


def needed(sender: Sender, requests: Sequence[Request], words: dict[str, Word]) -> bool:
    """Say whether the source must be proven first: for changes, and wherever only a domain is registered.

    A reader's proof (SPF alone) is enough for a domain-only writer who asks to be shown something. What is
    only noted down is never answered, so nothing is asked about it either. What staff decide of themselves,
    without a code of ours to answer, is confirmed by one even where the mail is proven.
    """
    asked = [words[request.word] for request in requests]
    if any(word.confirmed_always for word in asked):
        return sender.proof not in (Proof.CONFIRMED, Proof.COMMAND_LINE)
    if sender.proof.may_change or all(word.goes_unproven for word in asked):
        return False
    if any(word.needs_proof for word in asked):
        return True
    return sender.mailbox is None and sender.proof != Proof.READER


def ask(
    desk: Desk, inbox_id: int, round_: int, requests: Sequence[Request], words: dict[str, Word]
) -> Outcome:
    """Hold the mail and write to the registered mailbox what was asked, with the code that confirms it.

    Raises Refusal where a proof is wanted beside the code and there is none; TryLater where so many mails of
    the party wait already that a code found by chance would open too many doors.
    """
    always = any(words[request.word].confirmed_always for request in requests)
    if always and not desk.sender.proof.may_change:
        raise Refusal("needs_proven_mail", asked=[words[request.word].japanese for request in requests])
    if not desk.sender.proof.may_change:
        waiting = desk.ledger.held_for_confirmation(desk.sender.party.id)
        if sum(one.until >= desk.now for one in waiting) >= MOST_WAITING:
            raise TryLater("many mails of this party wait for a confirmation", gives_way=True)
    code = desk.code("confirmation", inbox_id, round_, desk.sender.party.id, digits=DIGITS)
    until = desk.now + timedelta(hours=desk.office.confirmation_hours)
    text = without_keys(_whole(desk.mail)) if desk.mail else ""
    asked = [words[request.word].japanese for request in requests]
    section = Section(
        template="confirmation",
        values={
            "asked": asked,
            "writer": desk.sender.address,
            "proven": desk.sender.proof.may_change,
            "text": text,
            "code": code,
            "until": until.isoformat(),
        },
    )
    letter = Letter(
        recipient=desk.sender.answer_to, sections=(section,), answers=desk.sender.mailbox is not None
    )
    hold = Hold(
        kind="confirmation", until=until, party_id=desk.sender.party.id, tries_left=TRIES, code_only=always
    )
    note = f"held: {', '.join(r.word for r in requests)} wants a confirmation ({desk.sender.how})"
    return Outcome(note=note, letters=(letter,), hold=hold)


def _whole(mail: Mail) -> str:
    """Return what was asked in full: a new subject may ask too, and files are part of it.

    Each line is marked as quoted, so that no words of an unproven writer can pass for our own.
    """
    lines = [mail.subject, *(one.name for one in mail.attachments), "", mail.new_text.strip()]
    text = "\n".join(lines).strip()[:_SHOWN_CHARACTERS]
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
