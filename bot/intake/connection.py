"""One connection of a mail peer: coming and going, its clocks, and TLS put over it.

aiosmtpd's version is pinned because private parts of it are replaced here and in protocol.py. Here:
`__init__` (it searches its own methods by reflection for every connection), the timer (it takes DATA for
idleness), `eof_received` (it drops what a half-closing client has already sent), `handle_exception` (500
with internals), STARTTLS (it hands a second connection to the same protocol).
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction

from bot.clock import Clock
from bot.intake.data import LineReader
from bot.intake.lobby import SHUTTING_DOWN, DoorSettings, Lobby
from bot.intake.tls import shake_hands

log = logging.getLogger(__name__)

NOT_STORED = "451 4.3.0 Temporary failure, please try again later"
_TIMED_OUT = "421 4.4.2 Timeout, closing the connection"
_INJECTED = "503 5.5.1 Nothing may follow STARTTLS in the clear, closing the connection"
_COMMANDS = ("MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT")


class Connection(SMTP):
    """A peer that is connected, whatever it says."""

    source: Literal["smtp", "lmtp"] = "smtp"
    greetings: tuple[str, ...] = ("EHLO", "HELO")
    # What aiosmtpd's __init__ would set for a door without TLS, AUTH and PROXY.
    __ident__ = "ESMTP Hoshobin"
    session: Session | None = None
    envelope: Transaction | None = None
    transport: asyncio.Transport | None = None
    event_handler = tls_context = None
    require_starttls = _decode_data = _auth_required = _enforce_call_limit = False
    _auth_require_tls = _tls_handshake_okay = True
    _auth_callback = _authenticator = _ehlo_hook_ver = _proxy_timeout = None
    _timeout_handle = _tls_protocol = _original_transport = _handler_coroutine = None
    _auth_methods: dict[str, Any] = {}
    _handle_hooks: dict[str, Any] = {}

    def __init__(self, settings: DoorSettings, lobby: Lobby, clock: Clock, loop: Any) -> None:
        reader = LineReader(loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop)
        self._reader: LineReader = reader
        self.loop = loop
        self.hostname = settings.hostname
        self.data_size_limit = settings.max_bytes
        tls = ("STARTTLS",) if settings.certificate is not None else ()
        known = (*self.greetings, *_COMMANDS, *tls)
        self._smtp_methods = {name: getattr(self, f"smtp_{name}") for name in known}
        self.peer = ""  # IP address; "unix" for a Unix socket
        self._settings = settings
        self._lobby = lobby
        self._clock = clock
        self._refusal: str | None = None
        self._heard_at = self._deadline = 0.0  # loop time
        self._message_begun = False
        self._in_data = False  # from 354 to the answer: the only time in which a shutdown waits for the peer
        self._reading = False  # from 354 to the final dot; still set afterwards when the reading failed
        self._storing = False
        self._secured = self._shaking_hands = self._gone = False
        self._wire: asyncio.Transport | None = None  # what TLS was put over

    # -- coming and going

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or turn away when there are too many."""
        name = transport.get_extra_info("peername")
        local = isinstance(
            name, str | bytes
        )  # a Unix socket; a TCP socket's is a tuple, or None once it is lost
        self.peer = "unix" if local else str(name[0]) if isinstance(name, tuple) else ""
        self._deadline = self.loop.time() + self._settings.total_seconds
        self._refusal = self._lobby.enter(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Let the lobby know, once. A commit under way goes on."""
        if not self._gone:
            self._gone = True
            super().connection_lost(error)
            self._lobby.leave(self)

    def eof_received(self) -> bool | None:
        """Work off what has arrived: a peer that half-closed still waits for its answers."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    async def _handle_client(self) -> None:
        assert self.transport is not None
        with suppress(OSError):
            if self._refusal is None:
                await super()._handle_client()
            else:
                await self.push(self._refusal)
        self._hang_up()

    async def handle_exception(self, error: Exception) -> str:
        """Answer a fault of ours. After one inside DATA, what follows on the wire is no command."""
        if not isinstance(error, OSError):
            log.error("%s session with %s failed", self.source, self.peer, exc_info=error)
        if self._reading or isinstance(error, OSError):
            self._reader.hang_up()
        return self._for_each(NOT_STORED) if self._reading else NOT_STORED

    def _for_each(self, reply: str) -> str:
        """Return the reply to a message as often as this protocol wants it."""
        return reply

    def dismiss(self) -> None:
        """Say 421 and close, now or as soon as the message under way is answered."""
        if not self._in_data:
            self._say_goodbye(SHUTTING_DOWN)

    def cut(self) -> None:
        """Close without another word."""
        if self.transport is not None:
            # asyncio's TLS transport can do nothing any more once it was closed twice, as aiosmtpd does.
            (self._wire or self.transport).abort()

    def _say_goodbye(self, reply: str) -> None:
        if self._shaking_hands:
            self.cut()  # words in the clear would be taken for TLS
        elif self.transport is not None:
            if not self.transport.is_closing():
                self._writer.write(reply.encode() + b"\r\n")
            self._hang_up()

    def _hang_up(self) -> None:
        self._reader.hang_up()
        if self.transport is None or (self._secured and self.transport.is_closing()):
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # a peer that does not read would keep a closing socket for ever
        else:
            self.transport.close()

    # -- the clocks: idleness, and a deadline for a message

    def _reset_timeout(self, duration: float | None = None) -> None:
        self._heard_at = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_cb()

    def _timeout_cb(self) -> None:
        now = self.loop.time()
        due = min(self._heard_at + self._settings.idle_seconds, self._deadline)
        if self._storing:
            due = now + self._settings.idle_seconds  # the peer waits for us; _stored has its own limit
        if now < due:
            self._timeout_handle = self.loop.call_at(due, self._timeout_cb)
        else:
            self._say_goodbye(_TIMED_OUT)

    def _start_deadline(self) -> None:
        self._deadline = self.loop.time() + self._settings.total_seconds

    # -- TLS

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Put TLS over the connection, which then begins anew (RFC 3207)."""
        if arg or self._secured:
            await self.push("501 Syntax: STARTTLS" if arg else "503 5.5.1 TLS is active already")
        elif self._reader.unread:
            # Whoever sits on the wire may have written it, to have it taken as sent over TLS (CVE-2011-0411).
            log.warning("%s sent more than STARTTLS in the clear", self.peer)
            self._say_goodbye(_INJECTED)
        else:
            await self._secure()

    async def _secure(self) -> None:
        certificate, clear = self._settings.certificate, self.transport
        assert certificate is not None
        assert clear is not None
        context = certificate.context(self.loop.time())
        clear.write(b"220 2.0.0 Ready to start TLS\r\n")
        self._reader.move_to(None)
        self._shaking_hands = True
        try:
            secured = await shake_hands(clear, self, context, self._settings.idle_seconds)
        except OSError as error:
            log.info("no TLS with %s: %s", self.peer, error)
            clear.abort()
            self.connection_lost(error)  # asyncio does not say so while hands are shaken
            raise ConnectionResetError from error
        finally:
            self._shaking_hands = False
        self._begin_anew(secured)

    def _begin_anew(self, secured: asyncio.Transport) -> None:
        """Forget what was said in the clear."""
        assert self.session is not None
        self._wire, self.transport = self.transport, secured
        self._writer._transport = secured  # type: ignore[attr-defined]
        self._reader.move_to(secured)
        self._over_ssl = self._secured = True
        peer = self.session.peer
        self.session, self.envelope = self._create_session(), self._create_envelope()
        self.session.peer = peer
