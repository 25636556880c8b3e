"""One LMTP connection (RFC 2033): LHLO greets; after a message each accepted RCPT has its reply."""

from typing import Any

from aiosmtpd.smtp import MISSING, Session
from aiosmtpd.smtp import Envelope as Transaction

from bot.intake.protocol import SmtpConnection


class LmtpConnection(SmtpConnection):
    """A mail server that delivers to us by LMTP."""

    source = "lmtp"
    greetings = ("LHLO",)
    __ident__ = "LMTP Hoshobin"
    _taken = 0  # RCPTs accepted in this transaction, the same address twice counted twice (RFC 2033 §4.2)

    def _create_envelope(self) -> Transaction:
        self._taken = 0
        return super()._create_envelope()

    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802
        """Name what we offer; the rules are those of EHLO."""
        if hostname:
            await self.smtp_EHLO(hostname)
        else:
            await self.push("501 Syntax: LHLO hostname")

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        """Ask for the greeting that this protocol has."""
        return bool(await super().check_helo_needed("LHLO"))

    async def _count_recipient(
        self, session: Session, envelope: Transaction, address: str, options: list[str]
    ) -> Any:
        if self._taken >= self._settings.max_recipients:
            return "452 4.5.3 Too many recipients"
        status = await self._take_recipient(session, envelope, address, options)
        if status is MISSING or status.startswith("250"):
            self._taken += 1
        return status

    _handle_hooks: dict[str, Any] = {**SmtpConnection._handle_hooks, "RCPT": _count_recipient}

    def _for_each(self, reply: str) -> str:
        return "\r\n".join([reply] * self._taken)
