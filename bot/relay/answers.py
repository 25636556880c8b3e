"""What a relay is asked, and the three ways in which it does not take a letter."""

from typing import Protocol


class Deferred(Exception):
    """The relay did not take the letter now; nothing of it has left."""


class Refused(Exception):
    """The relay refused the letter for good."""


class Unknown(Exception):
    """The bytes left, and no answer came: nobody can know."""


class Relay(Protocol):
    """Takes one letter to one recipient."""

    def transmit(self, sender: str, recipient: str, data: bytes) -> None:
        """Return where the relay said 250. Raises Deferred, Refused or Unknown."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
