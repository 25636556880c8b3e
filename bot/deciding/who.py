"""Who wrote an item: judged from the bytes' raw results, or the member of the staff a command names."""

from bot.deciding.items import Command, Item
from bot.desk import World
from bot.identity.authentication import Judgement, judge
from bot.identity.direct import judge_direct
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
    judgement = judged(item, item.content, world)
    found = identify(item.content.from_address, judgement, world.directory)
    if isinstance(found, Sender) and "confirmed_by" in item.known:
        how = f"confirmed by a code from {item.known['confirmed_by']}"
        return found.but(proof=Proof.CONFIRMED, how=how)
    return found


def judged(item: Item, content: Mail | Unreadable, world: World) -> Judgement:
    """Judge the source by the border's word where it has one, or else by what we verified: never by both."""
    if isinstance(content, Mail) and world.direct is not None and not world.border.authority(item.envelope):
        judgement = judge_direct(item.envelope, content, world.direct)
    else:
        headers = content.authentication if isinstance(content, Mail) else ()
        judgement = judge(item.envelope, content.from_address, headers, world.border)
    if judgement.proof == Proof.FULL and not _written_to_us(content, world.office):
        how = f"{judgement.how}, but of a mail that was not written to the desk"
        return judgement.but(proof=Proof.READER, how=how)
    return judgement


def dns_is_silent(item: Item, content: Mail, world: World, *, tried: bool = False) -> str:
    """Return what the DNS still owes us of a mail that may wait for it; '' where it can be decided.

    Nothing is owed where the proof is full already, where nobody would be answered, and where the patience
    is over: then the mail is decided as unproven, and the reason is the judgement's. With a stranger it is
    over at the second try (`tried`): a short outage loses no enrolment, a dead domain costs us no more.
    """
    found = content.verification
    if found is None or not found.unsettled or content.is_machines or world.direct is None:
        return ""
    if world.now >= item.envelope.received_at + world.direct.patience:
        return ""
    judgement = judged(item, content, world)
    if tried and isinstance(identify(content.from_address, judgement, world.directory), Stranger):
        return ""
    return "" if judgement.proof == Proof.FULL else found.unsettled


def _written_to_us(content: Mail | Unreadable, office: Office) -> bool:
    """Say whether the mail names the desk: a signed mail to somebody else may be passed on by anybody."""
    if not isinstance(content, Mail):
        return True
    return any(
        one == office.desk or one.endswith(f"@{office.domain}")
        for one in map(compared, (*content.to, *content.cc))
    )
