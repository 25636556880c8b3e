"""Prove the border: send a probe with forged verdicts through it, and fail unless it comes back without."""

import random
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import col, or_, select

from bot.app import settings_of
from bot.clock import Clock, SystemClock
from bot.config import Config
from bot.identity.probe import REASON, probe_token
from bot.mail import Envelope, Mail, Unreadable
from bot.operations.checked import CheckResult
from bot.operations.forgeries import Forgery, forgeries, survivors
from bot.reading.client import ReadingHelper
from bot.surety.party import Proof
from storage import inbox
from storage.database import looking
from storage.sealed import Sealer, load_key_file
from storage.states import InboxState
from storage.tables import InboxRow

WAIT_SECONDS = 120.0  # a border may greylist, scan and queue; ours looks again every 20 s at the latest
_EVERY = 0.25
_SAY_EVERY = 10.0
_CLOCKS_DIFFER = timedelta(hours=1)
_UNDECIDED = (InboxState.WAITING, InboxState.CLAIMED)


@dataclass(frozen=True)
class _Probe:
    """One mail that was sent: how it is known again, and what was forged in it."""

    token: str
    message_id: str
    forged: tuple[Forgery, ...]
    made_at: datetime
    data: bytes


def probe_border(
    config: Config,
    say: Callable[[str], None],
    *,
    sender: str = "",
    wait_seconds: float = WAIT_SECONDS,
    clock: Clock | None = None,
) -> list[CheckResult]:
    """Send one probe and judge what comes back. The daemon must be running.

    `sender` is the probe's From, the desk by default: another, where the border takes no mail from outside
    in the desk's own name. Raises KeyMissing where the service key cannot be read.
    """
    if not config.identity.border or not config.identity.authserv_id:
        missing = "border" if config.identity.authserv_id else "authserv_id"
        return [CheckResult("border", False, f"[identity] {missing} is empty: there is nothing to probe")]
    sealer = load_key_file(config.storage.key_file)
    nonce = f"{random.SystemRandom().getrandbits(64):016x}"
    probe = _make(config, sealer, nonce, sender or config.service.desk, clock or SystemClock())
    if refused := _hand_over(config, probe):
        return [CheckResult("border", False, refused)]
    say(f"the border took the probe; waiting up to {wait_seconds:.0f} s for it in the inbox")
    row = _await(config, probe, wait_seconds, say)
    if row is None:
        why = f"the border took the probe, but it did not come back within {wait_seconds:.0f} s"
        hint = "is the daemon running, and does the border hand on to it? A later answer is ignored as well"
        return [CheckResult("border", False, f"{why}: {hint}")]
    return _judged(config, sealer, probe, row)


def _make(config: Config, sealer: Sealer, nonce: str, sender: str, clock: Clock) -> _Probe:
    token = probe_token(sealer.derive("codes"), nonce)
    domain = sender.rpartition("@")[2]
    forged = forgeries(config.identity.authserv_id, domain, nonce)
    middle, now = len(forged) // 2, clock.now()
    lines = [
        *(one.header for one in forged[:middle]),
        f"From: {sender}",
        f"To: {config.service.desk}",
        f"Subject: {token}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{token}@{config.service.domain}>",
        "Auto-Submitted: auto-generated",
        *(one.header for one in forged[middle:]),
        "",
        "A probe by hoshobin check --border. Its Authentication-Results are forged: the border must",
        "take them out. The service puts this mail aside.",
        "",
    ]
    message_id = f"{token}@{config.service.domain}"
    return _Probe(token, message_id, forged, now, "\r\n".join(lines).encode("ascii"))


def _hand_over(config: Config, probe: _Probe) -> str:
    """Send the probe with the null sender, so that nothing is ever answered; return why it was not taken."""
    parts = urlsplit(config.identity.border)
    host, port = parts.hostname or "", parts.port or 25
    try:
        with smtplib.SMTP(host, port, config.service.domain, timeout=30) as connection:
            connection.sendmail("", [config.service.desk], probe.data)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[config.service.desk]
        return _refusal(code, text)
    except smtplib.SMTPResponseException as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return f"{config.identity.border} cannot be reached: {error}"
    return ""


def _refusal(code: int, text: bytes | str) -> str:
    shown = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    hint = "where it takes no mail from outside in the desk's name, give another: --probe-from ADDRESS"
    return f"the border refused the probe: {code} {shown.splitlines()[0][:200] if shown else ''}; {hint}"


def _await(config: Config, probe: _Probe, seconds: float, say: Callable[[str], None]) -> InboxRow | None:
    """Look for the probe until it is decided; None where time is over."""
    started = time.monotonic()
    say_at = started + _SAY_EVERY
    while (now := time.monotonic()) < started + seconds:
        if (row := _arrived(config.storage.url, probe)) is not None:
            return row
        if now >= say_at:
            say(f"still waiting ({now - started:.0f} s)")
            say_at += _SAY_EVERY
        time.sleep(_EVERY)
    return _arrived(config.storage.url, probe)


def _arrived(url: str, probe: _Probe) -> InboxRow | None:
    mine = or_(col(InboxRow.message_id) == probe.message_id, col(InboxRow.subject).contains(probe.token))
    newest = col(InboxRow.received_at) > probe.made_at - _CLOCKS_DIFFER  # the index finds them
    with looking(url) as session:
        row = session.exec(select(InboxRow).where(newest, mine).order_by(col(InboxRow.id))).first()
        if row is not None:
            session.expunge(row)
    return row if row is not None and row.state not in _UNDECIDED else None


def _judged(config: Config, sealer: Sealer, probe: _Probe, row: InboxRow) -> list[CheckResult]:
    assert row.id is not None
    with looking(config.storage.url) as session:
        data = inbox.data_of(session, sealer, row.id)
    mail = _read(data)
    return [
        _stripped(config, probe, mail),
        _unproven(row),
        _peer(config, row.envelope),
        _put_aside(row),
    ]


def _read(data: bytes) -> Mail | Unreadable:
    reading = ReadingHelper()
    reading.start()
    try:
        with reading.read(data, null_sender=True) as conversation:
            return conversation.mail
    finally:
        reading.close()


def _stripped(config: Config, probe: _Probe, mail: Mail | Unreadable) -> CheckResult:
    name = "border: forged results"
    if isinstance(mail, Unreadable):
        return CheckResult(name, False, f"the probe came back unreadable: {mail.reason}")
    left = survivors(probe.forged, mail.authentication, config.identity.authserv_id)
    if left:
        count = f"{len(left)} of {len(probe.forged)} came through"
        return CheckResult(name, False, f"{count}, written so: {'; '.join(left)}")
    ours = [one for one in mail.authentication if one.authserv_id == config.identity.authserv_id.lower()]
    return CheckResult(name, True, f"all {len(probe.forged)} were taken out; {len(ours)} of the border's own")


def _unproven(row: InboxRow) -> CheckResult:
    proof = Proof(row.proof) if row.proof else Proof.NONE
    found = f"the probe was judged {proof.value}"
    if proof.may_change:
        found += ": the border vouches for it itself. Run this from outside the networks it signs for"
    return CheckResult("border: proof", not proof.may_change, found)


def _peer(config: Config, envelope: dict[str, Any]) -> CheckResult:
    peer = Envelope.model_validate(envelope).peer
    trusted = settings_of(config).border.trusts(peer)
    found = "is listed" if trusted else "is not in trusted_peers: nothing the border writes will count"
    return CheckResult("border: peer", trusted, f"{peer} {found}")


def _put_aside(row: InboxRow) -> CheckResult:
    known = row.state == InboxState.IGNORED and row.reason == REASON
    found = f"inbox {row.id}: {row.state} ({row.reason})"
    return CheckResult("border: probe", known, found)
