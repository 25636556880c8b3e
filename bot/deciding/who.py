"""Who wrote an item: judged from the bytes' raw results, or the member of the staff a command names."""

from bot.deciding.items import Command, Item
from bot.desk import World
from bot.identity.authentication import judge
from bot.identity.sender import identify
from bot.mail import Mail, Unreadable
from bot.surety.address import compared
from bot.surety.office import Office
from bot.surety.party import Proof, Sender, Stranger


def who(item: Item, world: World) -> Sender | Stranger:
    """Say who wrote: judged from the bytes' raw results, or the staff member a command names."""
    if isinstance(item.content, Command):
        mailbox = world.directory.mailbox(item.content.person)
        if mailbox is None:
            return Stranger(address=item.content.person, proof=Proof.COMMAND_LINE)
        party = world.directory.party(mailbox.party_id)
        return Sender(
            address=mailbox.address,
            party=party,
            mailbox=mailbox,
            proof=Proof.COMMAND_LINE,
            how="command line",
        )
    headers = item.content.authentication if isinstance(item.content, Mail) else ()
    judgement = judge(item.envelope, item.content.from_address, headers, world.border)
    if judgement.proof == Proof.FULL and not _written_to_us(item.content, world.office):
        how = f"{judgement.how}, but of a mail that was not written to the desk"
        judgement = judgement.but(proof=Proof.READER, how=how)
    found = identify(item.content.from_address, judgement, world.directory)
    if isinstance(found, Sender) and "confirmed_by" in item.known:
        how = f"confirmed by a code from {item.known['confirmed_by']}"
        return found.but(proof=Proof.CONFIRMED, how=how)
    return found


def _written_to_us(content: Mail | Unreadable, office: Office) -> bool:
    """Say whether the mail names the desk: a signed mail to somebody else may be passed on by anybody."""
    if not isinstance(content, Mail):
        return True
    return any(
        one == office.desk or one.endswith(f"@{office.domain}")
        for one in map(compared, (*content.to, *content.cc))
    )
