"""Mail that nobody is answered for: automatic mail, reports, our own mail, loops."""

from datetime import timedelta

from bot.deciding.items import Decision
from bot.desk import World
from bot.mail import Mail
from bot.outcome import Outcome
from bot.surety.address import compared
from bot.surety.party import Sender, Stranger

LOOP_REPEATS = 3  # the same content of one writer within an hour: somebody answers our answers
HOUR = timedelta(hours=1)


def ignored(mail: Mail, sender: Sender | Stranger, world: World) -> Decision | None:
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
