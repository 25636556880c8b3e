"""Who wrote: a Sender whom the directory knows, with what is proven of the mail, or a Stranger."""

from bot.directory import Directory
from bot.identity.authentication import Judgement
from bot.surety.address import compared
from bot.surety.party import Proof, Sender, Stranger


def identify(from_address: str | None, judgement: Judgement, directory: Directory) -> Sender | Stranger:
    """Find the visible From in the directory: as a mailbox, or else by the domain of its party.

    A From that fails DMARC is a stranger, whatever it says. One whose DMARC we could not find out is who it
    says, unproven: what is on our side refuses nobody.
    """
    if from_address is None:
        return Stranger(address=None, proof=Proof.NONE, how=judgement.how)
    address = compared(from_address)
    if judgement.refused_by_dmarc:
        return Stranger(address=address, proof=Proof.NONE, refused_by_dmarc=True, how=judgement.how)
    mailbox = directory.mailbox(address)
    if mailbox is not None:
        party = directory.party(mailbox.party_id)
        return Sender(address=address, party=party, mailbox=mailbox, proof=judgement.proof, how=judgement.how)
    party_of_domain = directory.party_of_domain(address.rpartition("@")[2])
    if party_of_domain is None:
        return Stranger(
            address=address, proof=judgement.proof, dmarc_unknown=judgement.dmarc_unknown, how=judgement.how
        )
    return Sender(
        address=address, party=party_of_domain, mailbox=None, proof=judgement.proof, how=judgement.how
    )
