"""What may be asked of the directory: parties, registered mailboxes, staff. Read-only."""

from collections.abc import Sequence
from typing import Protocol

from bot.ledger import Change
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

    def party_numbered(self, number: str) -> Party | None:
        """Find a party by its customer number."""
        ...

    def parties_named(self, name: str) -> tuple[Party, ...]:
        """List the parties of one name, however its 株式会社 is written."""
        ...

    def parties_in_domain(self, domain: str) -> tuple[Party, ...]:
        """List the parties that have mailboxes in a domain."""
        ...

    def mail_domains(self) -> frozenset[str]:
        """Return every domain in which a party has a mailbox, or that is registered as a whole."""
        ...

    def remember(self, changes: Sequence[Change]) -> None:
        """Show mailboxes from here on as one request of this mail changed them."""
        ...

    def orderers(self, party_id: int) -> tuple[Orderer, ...]:
        """List the orderer profiles of a party, in a fixed order."""
        ...

    def orderer(self, orderer_id: int) -> Orderer:
        """Return an orderer that is known to exist."""
        ...

    def orderer_named(self, written: str) -> Orderer | None:
        """Find the one orderer whose office-holder's title starts what a contractor wrote."""
        ...
