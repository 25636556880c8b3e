"""The SMTP conversation: aiosmtpd's command loop with our own reading of DATA, addresses and answers.

What is replaced here of aiosmtpd, and why: `_getaddr` (a header parser, a fifth of a mail's cost), DATA (no
size limit without CRLF, one `readuntil` a line, a vanishing client cancels the commit), EHLO (a segment a
line, a shared table that grows), VRFY (it repeats what the peer wrote).
"""

import asyncio
import logging
from typing import Any

from aiosmtpd.smtp import MISSING, Session
from aiosmtpd.smtp import Envelope as Transaction

from bot.intake.addresses import (
    NULL_SENDER,
    domain_of,
    fold_address,
    printable,
    read_path,
    refuse_recipient,
    sender_of,
)
from bot.intake.connection import NOT_STORED, Connection
from bot.intake.data import DataScanner
from bot.intake.lobby import SHUTTING_DOWN
from bot.mail import Envelope

log = logging.getLogger(__name__)

_BUSY = "451 4.3.2 Too much mail at this moment, please try again later"
_NEED_TLS = "530 5.7.0 Must issue a STARTTLS command first"


class _LineLimits(dict[str, int]):
    """Octets a command may have. A missing name is not remembered: peers invent as many as they like."""

    def __missing__(self, command: str) -> int:
        return 512  # RFC 5321 §4.5.3.1.4


class SmtpConnection(Connection):
    """A peer that speaks SMTP to us."""

    command_size_limits = _LineLimits(MAIL=1024, RCPT=1024)
    enable_SMTPUTF8 = True  # noqa: N815

    # -- the commands

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Name what we offer, in one segment."""
        if not hostname:
            await self.push("501 Syntax: EHLO hostname")
            return
        assert self.session is not None
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = [self.hostname, f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self._settings.certificate is not None and not self._secured:
            offers.append("STARTTLS")
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
        if self._settings.tls_required and not self._secured:
            return _NEED_TLS
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
                reply = "250 2.0.0 OK" if await self._stored(content) else NOT_STORED
            replies = self._for_each(reply)
        finally:
            self.envelope = self._create_envelope()
            self._message_begun = False
            self._start_deadline()
            self._heard_at = self.loop.time()
        await self.push(replies)

    async def _stored(self, content: bytes) -> bool:
        """Wait for the commit, in a task of its own: neither a vanishing peer nor the deadline undoes it."""
        try:
            commit = self._lobby.store(self._claims(), content)
        except Exception:
            log.exception("a message of %d bytes from %s was not stored", len(content), self.peer)
            return False
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
            source=self.source,
            received_at=self._clock.now(),
        )
