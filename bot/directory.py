"""What may be asked of the directory: parties, registered mailboxes, staff. Read-only."""

from typing import Protocol

from bot.surety.orderer import Orderer
from bot.surety.party import Mailbox, Party, Role


class Directory(Protocol):
    """The registered people and bodies."""

    def mailbox(self, address: str) -> Mailbox | None:
        """Find a registered mailbox by its folded address."""
        ...

    def party(self, party_id: int) -> Party:
        """Return a party that is known to exist."""
        ...

    def party_of_domain(self, domain: str) -> Party | None:
        """Find the party that a whole domain is registered for."""
        ...

    def staff(self, role: Role) -> tuple[Mailbox, ...]:
        """List the surety's own mailboxes with a role, in a fixed order."""
        ...

    def mailboxes(self, party_id: int) -> tuple[Mailbox, ...]:
        """List the registered mailboxes of a party, in a fixed order."""
        ...

    def orderer(self, orderer_id: int) -> Orderer:
        """Return an orderer that is known to exist."""
        ...

    def orderer_named(self, written: str) -> Orderer | None:
        """Find the one orderer whose office-holder's title starts what a contractor wrote."""
        ...
