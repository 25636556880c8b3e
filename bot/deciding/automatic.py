"""Mail that nobody is answered for: automatic mail, reports, our own mail, loops."""

from bot.deciding import guard
from bot.deciding.items import Decision, Item
from bot.deciding.reports import reported
from bot.desk import World
from bot.identity.probe import REASON, is_probe
from bot.mail import Mail
from bot.outcome import Outcome
from bot.surety.address import compared
from bot.surety.party import Sender, Stranger


def ignored(mail: Mail, item: Item, sender: Sender | Stranger, world: World) -> Decision | None:
    """Automatic mail, our own mail and loops are never answered."""
    if is_probe(mail, world.code_secret):
        return Decision("ignored", REASON, Outcome(note=REASON), sender)
    if (settled := reported(mail, item, sender, world)) is not None:
        return settled
    if mail.from_address is not None and compared(mail.from_address) == world.office.desk:
        return Decision("ignored", "our own mail", Outcome(note="our own mail"), sender)
    reason = guard.loop(mail, sender, world)
    return guard.broken(reason, sender, world) if reason else None
