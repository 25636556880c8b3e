"""Probes of our own border: mails that carry a token of the service's secret, and change nothing."""

import hashlib
import hmac
import re

from bot.mail import Mail

REASON = "border probe"

_TOKEN = re.compile(r"border-probe\.([0-9a-f]{16})\.([0-9a-f]{32})")


def probe_token(secret: bytes, nonce: str) -> str:
    """Make the token of one probe; `nonce` is 16 hex digits. Who has not the secret cannot make one.

    Whoever sees a token may send it again: such a mail is put aside like the first, and causes nothing.
    """
    mac = hmac.new(secret, f"border probe\x1f{nonce}".encode(), hashlib.sha256).hexdigest()
    return f"border-probe.{nonce}.{mac[:32]}"


def is_probe(mail: Mail, secret: bytes) -> bool:
    """Say whether a mail is a probe of ours: by Message-ID, or by subject where a border made a new id."""
    tokens = [found for text in (mail.message_id, mail.subject) for found in _TOKEN.finditer(text)]
    return any(hmac.compare_digest(probe_token(secret, found[1]), found[0]) for found in tokens)
