"""TLS on the listening side: the certificate, looked at again when its files change, and the handshake."""

import asyncio
import logging
import ssl
from pathlib import Path

log = logging.getLogger(__name__)

_LOOK_EVERY = 60.0  # seconds
_CLOSING_SECONDS = 3.0  # for the peer's close_notify; a shutdown waits for it

_Stamp = tuple[tuple[int, int, int], ...]


class BadCertificate(Exception):
    """Certificate and key cannot be used; the text names the file."""


class Certificate:
    """Our certificate with its key. A renewal is noticed by the files, at most a minute late.

    Raises BadCertificate where the files cannot be used at the start. Later they may be seen half renewed:
    what cannot be used then is logged, and the last good pair stays.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate, self._key = certificate, key
        self._stamp = self._stamped()
        self._context = _context(certificate, key)
        self._looked_at: float | None = None

    def context(self, now: float) -> ssl.SSLContext:
        """Return what a handshake at this moment of the loop's clock uses."""
        if self._looked_at is None or now - self._looked_at >= _LOOK_EVERY:
            self._looked_at = now
            self._look_again()
        return self._context

    def _look_again(self) -> None:
        try:
            stamp = self._stamped()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._context = _context(self._certificate, self._key)
        except BadCertificate as error:
            log.error("the changed TLS certificate is not used: %s", error)
        else:
            log.info("the TLS certificate was renewed: %s", self._certificate)

    def _stamped(self) -> _Stamp:
        found = []
        for file in (self._certificate, self._key):
            try:
                status = file.stat()
            except OSError as error:
                raise BadCertificate(f"{file}: {error.strerror}") from error
            found.append((status.st_mtime_ns, status.st_ino, status.st_size))
        return tuple(found)


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    for file in (certificate, key):
        try:
            file.read_bytes()
        except OSError as error:
            raise BadCertificate(f"{file}: {error.strerror}") from error
    asked: list[bool] = []

    def ask() -> str:
        """Know no password; otherwise OpenSSL would ask for one on the terminal."""
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(certificate, key, password=ask)
    except ssl.SSLError as error:
        if asked:
            raise BadCertificate(f"{key}: a key under a password cannot be used") from error
        why = {"KEY_VALUES_MISMATCH": f"is not the key of {certificate}"}.get(error.reason or "")
        raise BadCertificate(f"{key}: {why}" if why else f"{certificate}, {key}: no PEM pair") from error
    return context


async def shake_hands(
    transport: asyncio.WriteTransport, protocol: asyncio.Protocol, context: ssl.SSLContext, seconds: float
) -> asyncio.Transport:
    """Put TLS over a connection. Raises OSError where the peer fails, leaves or is silent for `seconds`.

    Nothing is awaited before the first byte that arrives belongs to the handshake.
    """
    secured = await asyncio.get_running_loop().start_tls(
        transport,
        protocol,
        context,
        server_side=True,
        ssl_handshake_timeout=seconds,
        ssl_shutdown_timeout=_CLOSING_SECONDS,
    )
    if secured is None:
        raise ConnectionResetError  # a peer that closes in the middle is no error to asyncio
    return secured
