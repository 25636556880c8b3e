"""The SMTP door: listens inside the caller's event loop, and closes without losing a message under way."""

import asyncio

from bot.clock import Clock
from bot.intake.lobby import Accept, DoorSettings, Lobby
from bot.intake.protocol import SmtpConnection

__all__ = ["Accept", "DoorSettings", "SmtpDoor"]

_BACKLOG = 1024  # connections the system may queue; it cuts this to its own limit


class SmtpDoor:
    """Accepts mail for our addresses by SMTP. A 250 is given only after `accept` has returned.

    Whatever goes wrong on our side, `accept` raising or not returning before the message's deadline, is
    answered 451 and the peer tries again; so `accept` must be idempotent. A commit once begun is never
    cancelled by its peer or the deadline, only by the end of a shutdown's grace.
    """

    def __init__(self, settings: DoorSettings, accept: Accept, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lobby = Lobby(settings, accept)
        self._servers: list[asyncio.Server] = []

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen and return (host, port), the real port where 0 was asked for. May be called again.

        Raises OSError where the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SmtpConnection(self._settings, self._lobby, self._clock, loop),
            host,
            port,
            backlog=_BACKLOG,
        )
        self._servers.append(server)
        bound = server.sockets[0].getsockname()
        return bound[0], bound[1]

    async def close(self, grace_seconds: float) -> None:
        """Stop listening, answer 421, wait up to `grace_seconds` for what is under way, then cut."""
        for server in self._servers:
            server.close()
        await self._lobby.empty(grace_seconds)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
