"""The doors of one node, SMTP and LMTP: made from the configuration, opened and closed together."""

import asyncio
import dataclasses
import logging

from bot.clock import Clock
from bot.config import BadConfig, Config
from bot.endpoints import host_and_port, socket_path
from bot.intake.lmtp import LmtpConnection
from bot.intake.smtp import Accept, DoorSettings, SmtpDoor
from bot.intake.tls import BadCertificate, Certificate

log = logging.getLogger("hoshobin")


def load_certificate(config: Config) -> Certificate | None:
    """Load what STARTTLS needs; None where none is configured. Raises BadConfig."""
    smtp = config.smtp
    if smtp.tls_certificate is None or smtp.tls_key is None:
        return None
    try:
        return Certificate(smtp.tls_certificate, smtp.tls_key)
    except BadCertificate as error:
        raise BadConfig(f"smtp.tls_certificate, smtp.tls_key: {error}") from error


class Doors:
    """Where mail comes in. Each door has the limits of [smtp] for itself."""

    def __init__(self, config: Config, settings: DoorSettings, accept: Accept, clock: Clock) -> None:
        self._smtp_at, self._lmtp_at = config.smtp.listen, config.lmtp.listen
        self._smtp = SmtpDoor(settings, accept, clock)
        if socket_path(self._lmtp_at) is not None:  # nobody sits on the wire of a Unix socket
            settings = dataclasses.replace(settings, certificate=None, tls_required=False)
        self._lmtp = SmtpDoor(settings, accept, clock, LmtpConnection)

    async def open(self) -> tuple[str, int]:
        """Listen; return where SMTP is spoken. Raises BadConfig where an address cannot be had."""
        bound = await self._open("smtp.listen", self._smtp, self._smtp_at)
        if self._lmtp_at:
            try:
                await self._open("lmtp.listen", self._lmtp, self._lmtp_at)
            except BadConfig:
                await self.close(0)
                raise
            log.info("LMTP on %s", self._lmtp_at)
        assert bound is not None
        return bound

    async def _open(self, key: str, door: SmtpDoor, at: str) -> tuple[str, int] | None:
        path = socket_path(at)
        try:
            if path is None:
                return await door.open(*host_and_port(at))
            await door.open_socket(path)
        except OSError as error:
            raise BadConfig(f"{key} = {at!r}: {error.strerror or error}") from error
        return None

    async def close(self, grace_seconds: float) -> None:
        """Stop listening, wait up to `grace_seconds` for what is under way, then cut."""
        await asyncio.gather(self._smtp.close(grace_seconds), self._lmtp.close(grace_seconds))
