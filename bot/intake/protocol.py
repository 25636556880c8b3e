"""One SMTP connection: aiosmtpd's command loop with our own reading of DATA, addresses, clocks and answers.

aiosmtpd's version is pinned because private parts of it are replaced here. What is replaced, and why:
`__init__` (it searches its own methods by reflection for every connection), `_getaddr` (a header parser, a
fifth of a mail's cost), DATA (no size limit without CRLF, one `readuntil` a line, a vanishing client cancels
the commit), the timer (it takes DATA for idleness), `eof_received` (it drops what a half-closing client has
already sent), `handle_exception` (500 with internals), EHLO (a segment a line, a shared table that grows),
VRFY (it repeats what the peer wrote).
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction

from bot.clock import Clock
from bot.intake.addresses import (
    NULL_SENDER,
    domain_of,
    fold_address,
    printable,
    read_path,
    refuse_recipient,
    sender_of,
)
from bot.intake.data import DataScanner, LineReader
from bot.intake.lobby import SHUTTING_DOWN, DoorSettings, Lobby
from bot.mail import Envelope

log = logging.getLogger(__name__)

_NOT_STORED = "451 4.3.0 Temporary failure, please try again later"
_BUSY = "451 4.3.2 Too much mail at this moment, please try again later"
_TIMED_OUT = "421 4.4.2 Timeout, closing the connection"
_COMMANDS = ("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT")


class _LineLimits(dict[str, int]):
    """Octets a command may have. A missing name is not remembered: peers invent as many as they like."""

    def __missing__(self, command: str) -> int:
        return 512  # RFC 5321 §4.5.3.1.4


class SmtpConnection(SMTP):
    """A peer that speaks SMTP to us."""

    command_size_limits = _LineLimits(MAIL=1024, RCPT=1024)
    enable_SMTPUTF8 = True  # noqa: N815
    # What aiosmtpd's __init__ would set for a door without TLS, AUTH and PROXY.
    __ident__ = "ESMTP Hoshobin"
    event_handler = tls_context = session = envelope = transport = None
    require_starttls = _decode_data = _auth_required = _enforce_call_limit = False
    _auth_require_tls = _tls_handshake_okay = True
    _auth_callback = _authenticator = _ehlo_hook_ver = _proxy_timeout = None
    _timeout_handle = _tls_protocol = _original_transport = _handler_coroutine = None
    _auth_methods: dict[str, Any] = {}

    def __init__(self, settings: DoorSettings, lobby: Lobby, clock: Clock, loop: Any) -> None:
        reader = LineReader(loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop)
        self._reader: LineReader = reader
        self.loop = loop
        self.hostname = settings.hostname
        self.data_size_limit = settings.max_bytes
        self._smtp_methods = {name: getattr(self, f"smtp_{name}") for name in _COMMANDS}
        self.peer = ""  # IP address
        self._settings = settings
        self._lobby = lobby
        self._clock = clock
        self._refusal: str | None = None
        self._heard_at = self._deadline = 0.0  # loop time
        self._message_begun = False
        self._in_data = False  # from 354 to the answer: the only time in which a shutdown waits for the peer
        self._reading = False  # from 354 to the final dot; still set afterwards when the reading failed
        self._storing = False

    # -- coming and going

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or turn away when there are too many."""
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) else ""
        self._deadline = self.loop.time() + self._settings.total_seconds
        self._refusal = self._lobby.enter(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Let the lobby know. A commit under way goes on."""
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
            log.error("SMTP session with %s failed", self.peer, exc_info=error)
        if self._reading or isinstance(error, OSError):
            self._reader.hang_up()
        return _NOT_STORED

    def dismiss(self) -> None:
        """Say 421 and close, now or as soon as the message under way is answered."""
        if not self._in_data:
            self._say_goodbye(SHUTTING_DOWN)

    def cut(self) -> None:
        """Close without another word."""
        if self.transport is not None:
            self.transport.abort()

    def _say_goodbye(self, reply: str) -> None:
        if self.transport is not None:
            self._writer.write(reply.encode() + b"\r\n")
            self._hang_up()

    def _hang_up(self) -> None:
        self._reader.hang_up()
        if self.transport is None:
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

    # -- the commands

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Name what we offer, in one segment."""
        if not hostname:
            await self.push("501 Syntax: EHLO hostname")
            return
        assert self.session is not None
        self._set_rset_state()
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = (self.hostname, f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING")
        await self.push("".join(f"250-{offer}\r\n" for offer in offers) + "250 HELP")

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802
        """Tell nobody which addresses exist (RFC 5321 §7.3)."""
        await self.push("252 Cannot VRFY user, but will accept message and attempt delivery")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        if not arg:
            return "", ""
        return read_path(arg) or (None, None)

    async def _begin_message(
        self, session: Session, envelope: Transaction, address: str, _: list[str]
    ) -> Any:
        if address != NULL_SENDER and not domain_of(address):
            return "553 5.1.7 Error: sender without a domain"
        if not self._message_begun:
            self._message_begun = True  # RSET and MAIL again win no further time
            self._start_deadline()
        return MISSING

    async def _take_recipient(
        self, session: Session, envelope: Transaction, address: str, _: list[str]
    ) -> Any:
        folded = fold_address(address)
        ours = self._settings
        if (refusal := refuse_recipient(folded, ours.desk_domains, ours.recipients)) is not None:
            return refusal
        if any(fold_address(taken) == folded for taken in envelope.rcpt_tos):
            return "250 OK"
        if len(envelope.rcpt_tos) >= ours.max_recipients:
            return "452 4.5.3 Too many recipients"
        return MISSING

    _handle_hooks: dict[str, Any] = {"MAIL": _begin_message, "RCPT": _take_recipient}

    # -- the message

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Read a message and answer it; 250 only when it is stored."""
        assert self.envelope is not None
        if await self.check_helo_needed():
            return
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        if self._lobby.full:
            await self.push(_BUSY)
            return
        self._in_data = True
        try:
            await self._answer_message(await self._read_message())
        finally:
            self._in_data = False
        if self._lobby.closing:
            self._say_goodbye(SHUTTING_DOWN)

    async def _read_message(self) -> bytes | None:
        self._reading = True
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        scanner = DataScanner(self._settings.max_bytes)
        rest = None
        while rest is None:
            self._heard_at = self.loop.time()
            rest = scanner.feed(await self._reader.chunk())
        self._reader.take_back(rest)
        self._reading = False
        return scanner.content()

    async def _answer_message(self, content: bytes | None) -> None:
        try:
            if content is None:
                reply = "552 5.3.4 Error: message too big"
            else:
                reply = "250 2.0.0 OK" if await self._stored(content) else _NOT_STORED
        finally:
            self.envelope = self._create_envelope()
            self._message_begun = False
            self._start_deadline()
            self._heard_at = self.loop.time()
        await self.push(reply)

    async def _stored(self, content: bytes) -> bool:
        """Wait for the commit, in a task of its own: neither a vanishing peer nor the deadline undoes it."""
        commit = self._lobby.store(self._claims(), content)
        self._storing = True
        try:
            await asyncio.wait({commit}, timeout=max(0.0, self._deadline - self.loop.time()))
        finally:
            self._storing = False
        if not commit.done():
            log.warning("a message of %d bytes from %s is not stored in time", len(content), self.peer)
        return commit.done() and not commit.cancelled() and commit.result()

    def _claims(self) -> Envelope:
        assert self.session is not None
        assert self.envelope is not None
        return Envelope(
            mail_from=sender_of(self.envelope.mail_from or NULL_SENDER),
            recipients=tuple(self.envelope.rcpt_tos),
            peer=self.peer,
            helo=printable(self.session.host_name or ""),
            received_at=self._clock.now(),
        )
