"""How the letters of a case hang together: References (RFC 5322 §3.6.4), and Outlook's Thread-Index."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.clock import TOKYO

_RESERVED = b"\x01"
_YEAR = re.compile(r"R(\d{1,2})-")
_REIWA_BEGAN = datetime(2019, 5, 1, tzinfo=TOKYO)
_FILETIME_BEGAN = datetime(1601, 1, 1, tzinfo=UTC)
_FINE, _COARSE = 18, 23  # bits of 100 ns that a response level leaves out: within 1.7 years, and beyond
_LEVEL_BITS = 31

REFERENCES = 20  # identifiers of one letter: the case, and the newest
_KEPT = 8  # of the parents of a mail: its row stays small
_KEPT_CHARACTERS = 500


def parents_kept(references: Sequence[str]) -> str:
    """Return what to keep of the identifiers that a mail hangs on, oldest first, separated by spaces.

    Reading names In-Reply-To before References: it is the nearest, so it goes to the end.
    """
    kept: list[str] = []
    for one in [*references[:1], *reversed(references[1:])][:_KEPT]:
        if " " in one or len(" ".join([*kept, one])) > _KEPT_CHARACTERS:
            break
        kept.append(one)
    return " ".join(reversed(kept))


def references(case_code: str | None, domain: str, parents: str, answered: str) -> tuple[str, ...]:
    """Return what a letter hangs on: the case, what the answered mail hangs on, and that mail itself.

    The case has an identifier of its own, which no mail bears: so its letters find each other, whatever was
    answered. Where there are too many, the oldest between the first and the newest are left out.
    """
    root = [f"{case_code}@{domain}"] if case_code else []
    chain = list(dict.fromkeys([*root, *parents.split()]))
    chain = [one for one in chain if one != answered] + ([answered] if answered else [])
    return tuple(chain if len(chain) <= REFERENCES else chain[:1] + chain[1 - REFERENCES :])


def thread_index(domain: str, case_code: str, message_id: str, written_at: datetime) -> str:
    """Return the header's value: 22 bytes that all letters of a case share, and 5 of this letter alone.

    No letter is the first of its case: as in References, what all hang on is the case itself, which began
    with the year that its code names. So the value does not depend on what was written before.
    """
    began = _began(case_code)
    delta = max(0, _filetime(written_at) - began)
    identity = hashlib.sha256(f"{domain}\0{case_code}".encode()).digest()[:16]
    # The 24 low bits are left out; what follows the time is a GUID of the thread.
    header = _RESERVED + (began >> 24).to_bytes(5, "big") + identity
    return b64encode(header + _level(delta, message_id)).decode("ascii")


def _level(delta: int, message_id: str) -> bytes:
    """Make a response level: which precision, the time since the thread began, and what tells twins apart."""
    is_coarse = delta >> (_FINE + _LEVEL_BITS) > 0
    left_out = _COARSE if is_coarse else _FINE
    time = (delta >> left_out) & ((1 << _LEVEL_BITS) - 1)
    unique = hashlib.sha256(message_id.encode()).digest()[:1]
    return ((is_coarse << _LEVEL_BITS) | time).to_bytes(4, "big") + unique


def _began(case_code: str) -> int:
    year = _YEAR.match(case_code)
    if year is None:
        return _filetime(_REIWA_BEGAN)
    return max(_filetime(_REIWA_BEGAN), _filetime(datetime(2018 + int(year[1]), 1, 1, tzinfo=TOKYO)))


def _filetime(moment: datetime) -> int:
    """Return a moment as Windows counts: units of 100 ns since 1601."""
    since = moment - _FILETIME_BEGAN
    return (since.days * 86_400 + since.seconds) * 10**7 + since.microseconds * 10
