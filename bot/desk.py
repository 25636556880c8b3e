"""窓口 as handlers see it: the office over one moment, with the only sources of what is unique or random."""

import hashlib
import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from bot.directory import Directory
from bot.identity.authentication import Border
from bot.identity.direct import DirectRules
from bot.ledger import Ledger
from bot.mail import Mail, PaperReading
from bot.surety import authkey
from bot.surety.office import Office
from bot.surety.party import Sender
from bot.surety.work import Case


@dataclass(frozen=True)
class World:
    """What one decision may look at: record, directory, settings, moment, and the sources of the new."""

    ledger: Ledger
    directory: Directory
    office: Office
    border: Border
    now: datetime
    numbers: Callable[[str], int]
    rng: random.Random
    code_secret: bytes
    direct: DirectRules | None = None  # None: only our border's word on a source counts

    def code(self, *bound_to: object, digits: int = 4) -> str:
        """Make the code that belongs to these things and no others, from the service's secret.

        None begins with 0: 092322 alone on a line reads as a telephone number below a name.
        """
        lowest = 10 ** (digits - 1)
        number = int.from_bytes(self._mac("code", bound_to)[:8], "big")
        return str(lowest + number % (9 * lowest))

    def suffix(self, *bound_to: object) -> str:
        """Make the four letters that end a case code."""
        letters = self._mac("suffix", bound_to)
        return "".join(authkey.ALPHABET[byte % len(authkey.ALPHABET)] for byte in letters[:4])

    def _mac(self, purpose: str, bound_to: tuple[object, ...]) -> bytes:
        text = "\x1f".join([purpose, *map(str, bound_to)])
        return hmac.new(self.code_secret, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class OfficeDesk:
    """The desk for one sender and one mail (or command)."""

    world: World
    sender: Sender
    received_at: datetime
    mail: Mail | None = None
    papers: tuple[PaperReading, ...] = ()
    case: Case | None = None

    @property
    def ledger(self) -> Ledger:
        """The surety's record, read-only."""
        return self.world.ledger

    @property
    def directory(self) -> Directory:
        """The directory, read-only."""
        return self.world.directory

    @property
    def office(self) -> Office:
        """What the desk says of itself."""
        return self.world.office

    @property
    def now(self) -> datetime:
        """The moment of the decision, UTC."""
        return self.world.now

    def next_number(self, kind: str) -> int:
        """Give out the next number of a series."""
        return self.world.numbers(kind)

    def new_key(self) -> SecretStr:
        """Make a new auth key of our own."""
        return authkey.new_key(self.world.rng)

    def code(self, *bound_to: object, digits: int = 4) -> str:
        """Make the code that belongs to these things and no others."""
        return self.world.code(*bound_to, digits=digits)

    def suffix(self, *bound_to: object) -> str:
        """Make the four letters that end a case code."""
        return self.world.suffix(*bound_to)

    def of(self, sender: Sender) -> "OfficeDesk":
        """Return the same desk for a sender of whom more is proven."""
        return replace(self, sender=sender)
