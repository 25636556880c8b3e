"""Mail that nobody is answered for: automatic mail, reports, our own mail, loops."""

from bot.deciding import guard
from bot.deciding.items import Decision
from bot.desk import World
from bot.mail import Mail
from bot.outcome import Outcome
from bot.surety.address import compared
from bot.surety.party import Sender, Stranger


def ignored(mail: Mail, sender: Sender | Stranger, world: World) -> Decision | None:
    """Automatic mail, our own mail and loops change nothing and are never answered."""
    reason = ""
    if mail.automatic:
        reason = f"automatic: {mail.automatic}"
    elif mail.from_address is not None and compared(mail.from_address) == world.office.desk:
        reason = "our own mail"
    if reason:
        return Decision("ignored", reason, Outcome(note=reason), sender)
    reason = guard.loop(mail, sender, world)
    return guard.broken(reason, sender, world) if reason else None
