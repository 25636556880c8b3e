"""A mail that was signed once and comes again is not asked again, whoever passes it on."""

from bot.deciding.items import Decision, Item
from bot.desk import World
from bot.identity.direct import is_signed, signed_digest
from bot.mail import Mail
from bot.outcome import COURTESY, Outcome
from bot.surety.party import Proof, Sender, Stranger


def replayed(mail: Mail, item: Item, sender: Sender | Stranger, world: World) -> Decision | None:
    """Ignore a mail whose signed parts were decided under another number; None where it is new.

    Who signs a mail is not who hands it over: what is unsigned (Reply-To, envelope, what forwarders add)
    may differ each time. Where a forwarder's seal alone proves it, the body may differ as well. The very same
    mail of somebody registered is left to be answered as one sent again.

    Where the first one came to nothing and reads otherwise, somebody may have spoilt it on the way, and this
    is the true one. To ignore it could lose it; to decide it could count a wrong code twice, or act on a copy
    of what a third one already proved. So people look at it: what they let go on is a later round. A
    stranger's is decided: his letters are limited by the day, and anybody could fill people's list.
    """
    digest = signed_digest(mail)
    if item.round or digest is None or sender.proof != Proof.FULL or sender.address is None:
        return None
    first = world.ledger.proven_before(sender.address, mail.message_id, digest if is_signed(mail) else None)
    if first is None:
        return None
    note = f"replay of inbox {first.inbox_id}"
    if isinstance(sender, Stranger):
        came_to_nothing = first.state in ("ignored", "expired")
        return None if came_to_nothing else Decision("ignored", note, Outcome(note=note), sender)
    if world.ledger.same_mail(sender.address, mail.message_id, mail.content_digest, proven=True):
        return None
    if first.state == "done" and first.reason != COURTESY:
        return Decision("ignored", note, Outcome(note=note), sender)
    note += f", which is {first.state} and reads otherwise: one of them was changed on the way"
    return Decision("parked", note, Outcome(note=note), sender)
