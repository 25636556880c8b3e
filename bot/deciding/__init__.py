"""Decide one inbox item: from what was read to an Outcome. Pure: it looks at the World and causes nothing."""

from bot.deciding.asked import asked_by_mail, commanded, may_see
from bot.deciding.automatic import ignored
from bot.deciding.guard import LOOP_REPEATS, SAME_WORDS
from bot.deciding.items import Command, Decision, Item
from bot.deciding.passwords import opened
from bot.deciding.replays import replayed
from bot.deciding.reports import reached, unreadable_report
from bot.deciding.strangers import stranger_wrote
from bot.deciding.unreadable import unreadable
from bot.deciding.who import who
from bot.desk import World
from bot.mail import Mail, Unreadable
from bot.reading.passwords import without_its_passwords
from bot.surety.party import Stranger

__all__ = ["LOOP_REPEATS", "SAME_WORDS", "Command", "Decision", "Item", "decide", "may_see", "who"]


def decide(item: Item, world: World) -> Decision:
    """Decide one item. Raises TryLater where a limit delays it; handlers' own bugs pass through."""
    sender = who(item, world)
    match item.content:
        case Unreadable():
            return unreadable_report(item, sender, world) or unreadable(item.content, sender, world)
        case Command():
            return commanded(item.content, sender, item.envelope.received_at, world)
        case Mail() as mail:
            settled = ignored(mail, item, sender, world)
            settled = settled or replayed(mail, item, sender, world)
            if settled is not None:
                return settled
            if isinstance(sender, Stranger):
                return stranger_wrote(without_its_passwords(mail), item, sender, world)
            return reached(opened(asked_by_mail(mail, item, sender, world), item), world)
