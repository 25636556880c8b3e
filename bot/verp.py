"""Return paths that name their letter (VERP), so that a bounce is known by where it arrives.

`hosho+b-1234-fuop-k3v…@hosho.example.jp`: letter, day and a MAC over both and over the desk's own address.
Nobody who was not sent that letter, or has not seen its transport, can make one.
"""

import base64
import hashlib
import hmac
import re
from datetime import date, timedelta

MAX_LOCAL = 64  # octets, RFC 5321 §4.5.3.1.1
_CLOCKS_APART = timedelta(days=1)  # two nodes around midnight
_MAC_BYTES = 10
_PATH = re.compile(
    r"(?P<local>[^@]{1,64})\+b-(?P<letter>[1-9][0-9]{0,18})-(?P<day>[1-9a-z][0-9a-z]{2,4})-(?P<mac>[a-z2-7]{16})"
    r"@(?P<domain>[^@]{1,255})"
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def make(desk: str, letter_id: int, day: date, secret: bytes) -> str:
    """Return the return path of one letter; the desk itself where that is not ASCII, or leaves no room."""
    local, _, domain = desk.lower().rpartition("@")
    stem = f"{local}+b-{letter_id}-{_base36(day.toordinal())}"
    made = f"{stem}-{_mac(stem, domain, secret)}"
    return f"{made}@{domain}" if made.isascii() and len(made) <= MAX_LOCAL else desk


def read(address: str, desk: str, secret: bytes, today: date, valid: timedelta) -> int | None:
    """Return the letter that a return path of this desk names; None for any other address, or an old one."""
    folded = address.lower()
    found = _PATH.fullmatch(folded) if address.isascii() else None
    if found is None or f"{found['local']}@{found['domain']}" != desk.lower():
        return None
    stem = folded.rpartition("@")[0].rpartition("-")[0]
    if not hmac.compare_digest(_mac(stem, found["domain"], secret), found["mac"]):
        return None
    sent_on = date.fromordinal(int(found["day"], 36))
    return int(found["letter"]) if -_CLOCKS_APART <= today - sent_on <= valid else None


def _mac(stem: str, domain: str, secret: bytes) -> str:
    bound_to = "\x1f".join(["return path", stem, domain])
    digest = hmac.new(secret, bound_to.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
