"""What becomes of bytes that cannot be read as a mail."""

from bot.clock import tokyo_date
from bot.deciding.items import Decision
from bot.desk import World
from bot.handlers.casework import to_role
from bot.mail import Unreadable
from bot.outcome import Letter, Outcome, once_each, section
from bot.surety.party import Role, Sender, Stranger

MOST_TOLD = 5  # unreadable mails of one party, not proven, that staff hear of in a day; then that more come


def unreadable(content: Unreadable, sender: Sender | Stranger, world: World) -> Decision:
    """Park it, tell staff (of strangers' once a day); a registered mailbox gets one fixed answer a day."""
    letters = list(_told(content, sender, world))
    if isinstance(sender, Sender):
        once = f"unreadable:{sender.answer_to}:{tokyo_date(world.now).isoformat()}"
        sections = (section("unreadable", {}),)
        letters.append(Letter(recipient=sender.answer_to, sections=sections, once=once))
    note = f"unreadable: {content.reason}"
    return Decision("parked", note, Outcome(note=note, letters=tuple(letters)), sender)


def _told(content: Unreadable, sender: Sender | Stranger, world: World) -> tuple[Letter, ...]:
    """Tell 審査 of each that is proven, of some a day in the name of a party, of one a day of strangers."""
    values = {"reason": content.reason, "writer": sender.address or "", "more": False}
    letters = to_role(world.directory, Role.EXAMINE, "staff_unreadable", values)
    day = tokyo_date(world.now).isoformat()
    if isinstance(sender, Stranger):
        return once_each(letters, f"unreadable stranger:{day}")
    if sender.proof.may_change or not letters:
        return letters
    for number in range(1, MOST_TOLD + 1):
        name = f"unreadable of {sender.party.id}:{day}:{number}"
        if not world.ledger.has_letter(f"{name}:{letters[0].recipient}"):
            return once_each(letters, name)
    more = to_role(world.directory, Role.EXAMINE, "staff_unreadable", {**values, "more": True})
    return once_each(more, f"unreadable of {sender.party.id}:{day}:more")
