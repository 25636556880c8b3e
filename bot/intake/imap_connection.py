"""Open an IMAP connection: TLS, limits, login; and how another thread can end it.

imapclient reads a literal of any size that a server declares, and makes a text of each mail that it reads for
a log that nobody keeps: both are taken away here.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, LoginError

from bot.intake.imap_settings import MailboxSettings, Secret

LONGEST_PAUSE = 300.0  # seconds between two tries of a connection


class LoginRefused(Exception):
    """The server does not let us in."""


class Literals:
    """Reads literals for imaplib, none over a limit: it would take any size that a server declares."""

    def __init__(self, read: Callable[[int], bytes], most: int) -> None:
        self.refused = False
        self._read = read
        self._most = most

    def read(self, size: int) -> bytes:
        """Return a literal's bytes, or end the connection."""
        if size > self._most:
            self.refused = True
            raise IMAPClientAbortError(f"a literal of {size} bytes")
        return self._read(size)


class Pulse:
    """How long a mailbox's thread may still be quiet, and what would be cut: seen by another thread."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self.expect(LONGEST_PAUSE)

    def expect(self, seconds: float) -> None:
        """Say that the next step takes no longer than this."""
        self.due_at = time.monotonic() + seconds

    def hold(self, connection: socket.socket | None) -> None:
        """Say which connection would be cut."""
        self._connection = connection

    def cut(self) -> None:
        """End the connection from another thread: who waits for the peer fails at once."""
        connection = self._connection
        if connection is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS, which is not ours


class Connection(NamedTuple):
    """An imapclient connection that is logged in, with its limit, and whether it can IDLE."""

    client: Any
    literals: Literals
    idles: bool


def connect(settings: MailboxSettings, secret: Secret, pulse: Pulse) -> Connection:
    """Connect and log in. Raises LoginRefused, OSError, or what imapclient raises."""
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    pulse.expect(4 * settings.connect_seconds + settings.work_seconds)
    implicit = settings.tls == "implicit"
    context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
    client: Any = IMAPClient(
        settings.host,
        settings.port,
        ssl=implicit,
        ssl_context=context if implicit else None,
        timeout=SocketTimeout(settings.connect_seconds, settings.read_seconds),
    )
    try:
        pulse.hold(client.socket())
        literals = _bounded(client, settings.max_bytes)
        if settings.tls == "starttls":
            client.starttls(context)
            pulse.hold(client.socket())
        _tune(client.socket())
        _log_in(client, settings, secret)
        return Connection(client, literals, bool(client.has_capability("IDLE")))
    except BaseException:
        pulse.hold(None)
        with suppress(Exception):
            client.shutdown()
        raise


def _bounded(client: Any, most: int) -> Literals:
    """Read no literal over the limit, make no log text of what is read, and keep the zone of moments."""
    literals = Literals(client._imap.read, most)
    client._imap.read, client._imap.debug = literals.read, 0
    client.normalise_times = False
    return literals


def _tune(connection: socket.socket) -> None:
    """Let the system notice a peer that vanished without a word, within two minutes; and send at once.

    imapclient sends a command and its line end apart: the second would wait 40 ms for the peer's delayed ACK.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _log_in(client: Any, settings: MailboxSettings, secret: Secret) -> None:
    """Prove who we are. What the server says to a refusal is not shown: it may repeat the secret."""
    try:
        if secret.kind == "token":
            first = f"user={settings.user}\1auth=Bearer {secret.value}\1\1"
            words = iter([first])
            client.sasl_login("XOAUTH2", lambda _: next(words, ""))  # an error comes as one more challenge
        elif client.has_capability("AUTH=PLAIN") or not (settings.user + secret.value).isascii():
            client.plain_login(settings.user, secret.value)
        else:
            client.login(settings.user, secret.value)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):
            raise IMAPClientAbortError("the connection ended while logging in") from None
        raise LoginRefused("the server refuses the login") from None
