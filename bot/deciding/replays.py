"""A mail that was signed once and comes again is not asked again, whoever passes it on."""

from bot.deciding.items import Decision, Item
from bot.desk import World
from bot.identity.direct import is_signed, signed_digest
from bot.mail import Mail
from bot.outcome import Outcome
from bot.surety.party import Proof, Sender, Stranger


def replayed(mail: Mail, item: Item, sender: Sender | Stranger, world: World) -> Decision | None:
    """Ignore a mail whose signed parts were decided under another number; None where it is new.

    Who signs a mail is not who hands it over: what is unsigned (Reply-To, envelope, what forwarders add)
    may differ each time. Where a forwarder's seal alone proves it, the body may differ as well. The very same
    mail of somebody registered is left to be answered as one sent again.
    """
    digest = signed_digest(mail)
    if item.round or digest is None or sender.proof != Proof.FULL or sender.address is None:
        return None
    first = world.ledger.proven_before(sender.address, mail.message_id, digest if is_signed(mail) else None)
    if first is None:
        return None
    if isinstance(sender, Sender) and world.ledger.same_mail(
        sender.address, mail.message_id, mail.content_digest, proven=True
    ):
        return None
    note = f"replay of inbox {first.inbox_id}"
    return Decision("ignored", note, Outcome(note=note), sender)
