"""The relay: where letters leave, by SMTP or into a Maildir. It says what it knows, no more."""

from pathlib import Path
from urllib.parse import urlsplit

from bot.relay.answers import Deferred, Refused, Relay, Unknown
from bot.relay.maildir import MaildirRelay
from bot.relay.security import BadSecurity, Security
from bot.relay.smtp import SmtpRelay

__all__ = [
    "BadSecurity",
    "Deferred",
    "MaildirRelay",
    "Refused",
    "Relay",
    "Security",
    "SmtpRelay",
    "Unknown",
    "make_relay",
]


def make_relay(url: str, name: str, timeout: float, security: Security | None = None) -> Relay:
    """Make the relay that a URL names: smtp://host:port, smtps://host:port or maildir:DIRECTORY."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return MaildirRelay(Path(url.removeprefix("maildir:")))
    at_once = parts.scheme == "smtps"
    port = parts.port or (465 if at_once else 25)
    return SmtpRelay(parts.hostname or "", port, name, timeout, security, tls_at_once=at_once)
