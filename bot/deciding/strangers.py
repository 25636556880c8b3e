"""What becomes of a mail from somebody the directory does not know."""

from bot.clock import tokyo_date
from bot.deciding.items import Decision, Item
from bot.desk import World
from bot.handlers.casework import shown, to_role
from bot.handlers.copy import in_copy_only
from bot.handlers.verify import asked_about
from bot.mail import Mail
from bot.outcome import Letter, Outcome, section
from bot.surety.party import Role, Stranger


def stranger_wrote(mail: Mail, item: Item, stranger: Stranger, world: World) -> Decision:
    """A stranger is told nothing about any guarantee.

    Only who writes a number and a key gets one neutral letter a day, the same whether they are right or
    wrong; where they are right, staff hear of it at once, since it may be an orderer not registered yet.
    """
    note = "stranger: not in the directory"
    asked = [one for one in asked_about(mail, item.papers) if one.number and one.key]
    address = stranger.address
    if not asked or address is None or stranger.refused_by_dmarc or in_copy_only(mail, world.office.desk):
        return Decision("ignored", note, Outcome(note=note), stranger)
    day = tokyo_date(world.now).isoformat()
    received = section("enquiry_received", {})
    letters = [Letter(recipient=address, sections=(received,), answers=True, once=f"enquiry:{address}:{day}")]
    for one in asked:
        guarantee = world.ledger.guarantee(one.number)
        if guarantee is not None and world.ledger.key_opens(one.number, one.key):
            values = {"asked_by": address, "guarantee": shown(guarantee)}
            told = to_role(world.directory, Role.MANAGE, "staff_unlisted_orderer", values)
            once = f"unlisted:{one.number}:{address}:{day}"
            letters += [letter.but(once=f"{once}:{letter.recipient}") for letter in told]
    note += f", asked about {len(asked)} guarantee(s)"
    return Decision("ignored", note, Outcome(note=note, letters=tuple(letters)), stranger)
