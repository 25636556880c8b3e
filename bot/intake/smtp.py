"""The SMTP door: listens inside the caller's event loop, and closes without losing a message under way."""

import asyncio
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

from bot.clock import Clock
from bot.intake.lmtp import LmtpConnection
from bot.intake.lobby import Accept, DoorSettings, Lobby
from bot.intake.protocol import SmtpConnection

__all__ = ["Accept", "DoorSettings", "LmtpConnection", "SmtpConnection", "SmtpDoor"]

_BACKLOG = 1024  # connections the system may queue; it cuts this to its own limit
_SOCKET_MODE = 0o660  # owner and group: who may connect is who may write


class SmtpDoor:
    """Accepts mail for our addresses by SMTP, or by LMTP. A 250 is given only after `accept` has returned.

    Whatever goes wrong on our side, `accept` raising or not returning before the message's deadline, is
    answered 451 and the peer tries again; so `accept` must be idempotent. A commit once begun is never
    cancelled by its peer or the deadline, only by the end of a shutdown's grace.
    """

    def __init__(
        self,
        settings: DoorSettings,
        accept: Accept,
        clock: Clock,
        protocol: type[SmtpConnection] = SmtpConnection,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._protocol = protocol
        self._lobby = Lobby(settings, accept)
        self._servers: list[asyncio.Server] = []
        self._sockets: dict[Path, int] = {}  # -> inode

    def _connection(self) -> SmtpConnection:
        return self._protocol(self._settings, self._lobby, self._clock, asyncio.get_running_loop())

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen and return (host, port), the real port where 0 was asked for. May be called again.

        Raises OSError where the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, host, port, backlog=_BACKLOG)
        self._servers.append(server)
        bound = server.sockets[0].getsockname()
        return bound[0], bound[1]

    async def open_socket(self, path: Path) -> None:
        """Listen on a Unix socket of mode 0660; what a dead process left there is removed.

        Raises OSError where somebody listens there, or where something else than a socket stands.
        """
        listening = _bound(path)
        loop = asyncio.get_running_loop()
        self._servers.append(
            await loop.create_unix_server(self._connection, sock=listening, backlog=_BACKLOG)
        )
        self._sockets[path] = path.stat().st_ino

    async def close(self, grace_seconds: float) -> None:
        """Stop listening, answer 421, wait up to `grace_seconds` for what is under way, then cut."""
        for path, inode in self._sockets.items():
            with suppress(OSError):
                if path.stat().st_ino == inode:
                    path.unlink()
        self._sockets.clear()
        for server in self._servers:
            server.close()
        await self._lobby.empty(grace_seconds)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()


def _bound(path: Path) -> socket.socket:
    if path.is_socket():
        _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Before it has a name nobody can connect: the name never has more rights than it is to have.
        os.fchmod(listening.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        listening.bind(str(path))
        path.chmod(_SOCKET_MODE)
    except OSError:
        listening.close()
        raise
    return listening


def _remove_stale(path: Path) -> None:
    """Remove a socket on which nobody listens; one that somebody uses is left and found in use by bind."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
