"""What becomes of bytes that cannot be read as a mail."""

from bot.clock import tokyo_date
from bot.deciding.items import Decision
from bot.desk import World
from bot.handlers.casework import to_role
from bot.mail import Unreadable
from bot.outcome import Letter, Outcome, section
from bot.surety.party import Role, Sender, Stranger


def unreadable(content: Unreadable, sender: Sender | Stranger, world: World) -> Decision:
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
