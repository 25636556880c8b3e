"""What becomes of a mail from somebody the directory does not know."""

from collections.abc import Sequence
from datetime import timedelta

from bot.clock import tokyo_date
from bot.deciding import stranger_letters
from bot.deciding.enrolling import enrolling
from bot.deciding.items import Decision, Item
from bot.desk import World
from bot.handlers.casework import shown, to_role
from bot.handlers.copy import in_copy_only
from bot.handlers.verify import asked_about
from bot.mail import Mail
from bot.outcome import Hold, Letter, Outcome, once_each, section
from bot.surety.address import can_be_written_to
from bot.surety.domains import is_provider, similar_domain
from bot.surety.enquiry import Asked
from bot.surety.guarantee import Guarantee
from bot.surety.party import Role, Stranger

MOST_HELD = 20  # mails of one address (or domain, where it is a body's own) held within a day
DAY = timedelta(days=1)


def stranger_wrote(mail: Mail, item: Item, stranger: Stranger, world: World) -> Decision:
    """A stranger is told nothing about any guarantee.

    Two fixed letters exist, together at most one a day and mailbox, none to a From that fails DMARC or of
    which that could not be found out: the confirmation of an enrolment, and the receipt of an enquiry.
    """
    address = stranger.address
    if stranger.dmarc_unknown:
        return _ignored(f", and {stranger.how}", stranger)
    if address is None or not can_be_written_to(address):
        return _ignored("", stranger)
    if stranger.refused_by_dmarc or in_copy_only(mail, world.office.desk):
        return _ignored("", stranger)
    asked = [one for one in asked_about(mail, item.papers) if one.number and one.key]
    if asked:
        return _enquired(asked, mail, address, stranger, world)
    return enrolling(mail, address, stranger, world) or _ignored("", stranger)


def _ignored(more: str, stranger: Stranger, letters: tuple[Letter, ...] = ()) -> Decision:
    note = f"stranger: not in the directory{more}"
    return Decision("ignored", note, Outcome(note=note, letters=letters), stranger)


def _enquired(asked: Sequence[Asked], mail: Mail, address: str, stranger: Stranger, world: World) -> Decision:
    """Answer number and key with one neutral letter, the same whether they are right or wrong.

    Where they are right it may be an orderer not registered yet: staff hear of it at once, and the mail waits
    for the registration, to be decided then as that of somebody known.
    """
    day = tokyo_date(world.now).isoformat()
    received = section("enquiry_received", {})
    once = stranger_letters.name(address, "enquiry", stranger, world)
    letters = [Letter(recipient=address, sections=(received,), answers=True, once=once)]
    if not stranger_letters.allowed(once, stranger, world):
        letters = list(stranger_letters.told(stranger, world))
    right = [guarantee for one in asked if (guarantee := _opened(one, world)) is not None]
    for guarantee in right:
        values = _task(guarantee, address, world)
        told = to_role(world.directory, Role.MANAGE, "staff_unlisted_orderer", values)
        once = f"unlisted:{guarantee.number}:{address}:{day}"
        letters += once_each(told, once)
    more = f", asked about {len(asked)} guarantee(s)"
    if not right or not _may_wait(mail, address, stranger, world):
        return _ignored(more, stranger, tuple(letters))
    hold = Hold(kind="registration", until=world.now + timedelta(days=world.office.registration_days))
    note = f"stranger: not in the directory{more}; waits to be registered"
    return Decision("held", note, Outcome(note=note, letters=tuple(letters), hold=hold), stranger)


def _opened(asked: Asked, world: World) -> Guarantee | None:
    """Look up number and key; both are looked up whatever the other says."""
    guarantee, opens = world.ledger.guarantee(asked.number), world.ledger.key_opens(asked.number, asked.key)
    return guarantee if opens else None


def _task(guarantee: Guarantee, address: str, world: World) -> dict[str, object]:
    domain = address.rpartition("@")[2]
    return {
        "asked_by": address,
        "guarantee": shown(guarantee),
        "similar": similar_domain(domain, world.directory.mail_domains()) or "",
        "provider": is_provider(domain),
        "days": world.office.registration_days,
    }


def _may_wait(mail: Mail, address: str, stranger: Stranger, world: World) -> bool:
    """Say whether the mail may be held: not the same one twice, and no more in a day than anybody needs."""
    proven = stranger.proof.may_change
    if mail.message_id:
        same = world.ledger.same_mail(address, mail.message_id, mail.content_digest, proven=proven)
        if same is not None and same.state == "held":
            return False
    domain = address.rpartition("@")[2]
    own = "" if is_provider(domain) else domain
    held = world.ledger.held_for_registration(address, own, world.now - DAY, proven=proven)
    return held < MOST_HELD
