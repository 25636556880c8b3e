"""Who is inside a door and what is being stored for them: the limits, and the orderly end."""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.intake.tls import Certificate
from bot.mail import Envelope

log = logging.getLogger(__name__)

Accept = Callable[[Envelope, bytes], Awaitable[None]]
"""Returns only when the bytes are durably stored; raises anything for "not stored". Must be idempotent:
a client that did not hear the answer sends the same again."""

SHUTTING_DOWN = "421 4.3.2 Service is shutting down, please try again later"
_LAST_SECONDS = 1.0  # for what was cut to let go


@dataclass(frozen=True)
class DoorSettings:
    """What one door is told. Sizes are octets of the message, dots unstuffed."""

    hostname: str
    desk_domains: frozenset[str]  # folded
    recipients: frozenset[str] | None  # our addresses, folded; None = any local part at desk_domains
    max_bytes: int
    max_recipients: int
    idle_seconds: float  # without a valid command, or without a byte inside DATA
    total_seconds: float  # from MAIL to our answer to the message; also how long a peer may go without a MAIL
    max_connections: int
    max_connections_per_peer: int
    certificate: Certificate | None = None  # None: STARTTLS is not offered
    tls_required: bool = False  # MAIL is refused before STARTTLS


class Guest(Protocol):
    """A connection, as the lobby sees it."""

    peer: str

    def dismiss(self) -> None:
        """Say 421 and close, now or as soon as the message under way is answered."""

    def cut(self) -> None:
        """Close without another word."""


class Lobby:
    """The connections and the running commits of one door."""

    def __init__(self, settings: DoorSettings, accept: Accept) -> None:
        self.closing = False
        self._settings = settings
        self._accept = accept
        self._guests: dict[Guest, str | None] = {}  # -> its network; None for who was turned away
        self._commits: set[asyncio.Task[bool]] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def enter(self, guest: Guest) -> str | None:
        """Register a connection. Return the reply that turns it away, or None where it is welcome."""
        network = network_of(guest.peer)
        refusal = self._refusal(network)
        self._guests[guest] = None if refusal else network
        self._quiet.clear()
        return refusal

    def _refusal(self, network: str) -> str | None:
        inside = [other for other in self._guests.values() if other is not None]
        if self.closing:
            return SHUTTING_DOWN
        if len(inside) >= self._settings.max_connections:
            return "421 4.3.2 Too many connections, please try again later"
        if inside.count(network) >= self._settings.max_connections_per_peer:
            return "421 4.7.0 Too many connections from your address, please try again later"
        return None

    def leave(self, guest: Guest) -> None:
        """Forget a connection that is gone."""
        self._guests.pop(guest, None)
        self._settle()

    @property
    def full(self) -> bool:
        """Whether so many commits run (for peers that left, or were answered 451) that no more may start."""
        return len(self._commits) >= self._settings.max_connections

    def store(self, envelope: Envelope, content: bytes) -> asyncio.Task[bool]:
        """Start a commit that outlives its connection. The task says whether the message is stored."""
        task = asyncio.get_running_loop().create_task(self._stored(envelope, content))
        self._commits.add(task)
        self._quiet.clear()
        task.add_done_callback(self._forget)
        return task

    async def _stored(self, envelope: Envelope, content: bytes) -> bool:
        try:
            await self._accept(envelope, content)
        except Exception:
            log.exception("a message of %d bytes from %s was not stored", len(content), envelope.peer)
            return False
        return True

    def _forget(self, task: asyncio.Task[bool]) -> None:
        self._commits.discard(task)
        self._settle()

    def _settle(self) -> None:
        if not self._guests and not self._commits:
            self._quiet.set()

    async def empty(self, grace_seconds: float) -> None:
        """Send everybody away; wait for messages under way and their commits, then cut what is left."""
        self.closing = True
        for guest in tuple(self._guests):
            guest.dismiss()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), grace_seconds)
        if self._quiet.is_set():
            return
        log.warning("cut at shutdown: %d connections, %d commits", len(self._guests), len(self._commits))
        for guest in tuple(self._guests):
            guest.cut()
        for task in tuple(self._commits):
            task.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), _LAST_SECONDS)


def network_of(peer: str) -> str:
    """Return what counts as one peer: "unix", an IPv4 address, or the /64 that an IPv6 site is given."""
    if ":" not in peer:
        return peer
    return str(ipaddress.ip_network((peer.partition("%")[0], 64), strict=False))
