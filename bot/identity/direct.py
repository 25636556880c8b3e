"""Judge what we verified ourselves of a mail's source: what it proves of the From, and what a replay is."""

import hashlib
import ipaddress
from datetime import timedelta

from bot.identity.authentication import Judgement, verdicts
from bot.mail import ArcResult, Envelope, Mail, SignatureResult, Verification
from bot.reading.wire import Verify
from bot.surety.address import compared
from bot.surety.party import Proof
from bot.values import Value

MIN_BITS = 1024  # of an RSA key (RFC 8301 §3.2)
REQUIRED = ("from", "to", "subject", "date", "message-id", "content-type")
# Added unsigned, they would name us, change the reading, or make a file of the words.
IF_PRESENT = ("cc", "content-transfer-encoding", "content-disposition")
_SKEW = timedelta(minutes=5)  # of the signer's clock
_INNER = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"),
    )
)


class DirectRules(Value):
    """How a source that we verify ourselves is judged."""

    date_days: int = 7
    trusted_forwarders: tuple[str, ...] = ()
    patience: timedelta = timedelta(hours=24)  # how long the DNS is asked again


def peer_for_spf(envelope: Envelope) -> str:
    """Return the peer that SPF can speak of; '' where a machine of ours stands between it and us."""
    if envelope.source not in ("smtp", "file"):
        return ""
    try:
        address = ipaddress.ip_address(envelope.peer)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or any(address in network for network in _INNER):
        return ""
    return str(address)


def what_to_verify(envelope: Envelope, mail: Mail, rules: DirectRules) -> Verify:
    """Return what a reading child must know to find out where a mail comes from."""
    return Verify(
        from_domain=_domain(mail),
        mail_from=envelope.mail_from,
        peer=peer_for_spf(envelope),
        helo=envelope.helo,
        forwarders=rules.trusted_forwarders,
    )


def judge_direct(envelope: Envelope, mail: Mail, rules: DirectRules) -> Judgement:
    """Judge by the strict rule: the d= of DKIM, or the domain of MAIL FROM, is the From's very domain.

    Only DMARC's own refusal (RFC 9989 §5.3.3) goes by the alignment that the record asks for. All moments are
    held against the mail's arrival, so that every later round judges alike.
    """
    if mail.from_address is None or "@" not in mail.from_address:
        return Judgement(proof=Proof.NONE, how="no single From address")
    found = mail.verification
    if found is None:
        return Judgement(proof=Proof.NONE, how="its source was not verified")
    domain = _domain(mail)
    misses = [(one, _misses(one, envelope, mail, rules)) for one in found.signatures if one.domain == domain]
    for one, miss in misses:
        if not miss:
            how = f"DKIM of {domain} (selector {one.selector}), aligned, verified by ourselves"
            return Judgement(proof=Proof.FULL, how=how)
    sealed = _arc_misses(found.arc, envelope, mail, rules)
    if found.arc is not None and not sealed:
        how = f"DKIM of {domain}, as the listed forwarder {found.arc.sealers[0]} found and sealed (ARC)"
        return Judgement(proof=Proof.FULL, how=how)
    why = "; ".join([f"DKIM ({one.selector or '?'}): {miss}" for one, miss in misses] or [_unsigned(found)])
    why += f"; ARC: {sealed}" if found.arc is not None else ""
    return _without_signature(domain, found, why)


def _without_signature(domain: str, found: Verification, why: str) -> Judgement:
    if found.spf is not None and found.spf.result == "pass" and found.spf.domain == domain:
        how = f"SPF of {domain}, aligned, verified by ourselves: may read, not change ({why})"
        return Judgement(proof=Proof.READER, how=how)
    if found.unsettled:
        unknown = found.dmarc is None or found.dmarc.policy != "none"
        how = f"the DNS gave no answer for {found.unsettled} ({why})"
        return Judgement(proof=Proof.NONE, how=how, dmarc_unknown=unknown)
    if found.unchecked:
        unknown = found.dmarc is not None and found.dmarc.policy != "none"
        how = f"its signatures could not all be verified: {found.problem} ({why})"
        return Judgement(proof=Proof.NONE, how=how, dmarc_unknown=unknown)
    if found.dmarc is not None and found.spf is not None and not _dmarc_passes(domain, found):
        refused = found.dmarc.policy != "none"
        how = f"DMARC failed (p={found.dmarc.policy} of {found.dmarc.domain}): {why}"
        return Judgement(proof=Proof.NONE, how=how, refused_by_dmarc=refused)
    return Judgement(proof=Proof.NONE, how=f"nothing aligned with the From proves it: {why}")


def _unsigned(found: Verification) -> str:
    if found.problem and not found.signatures:
        return f"could not be verified: {found.problem}"
    others = ", ".join(dict.fromkeys(one.domain or "?" for one in found.signatures))
    return f"signed by {others} only" if others else "not signed"


def _dmarc_passes(domain: str, found: Verification) -> bool:
    """Say whether DKIM or SPF passed for a domain aligned with the From (RFC 9989 §4.4)."""
    assert found.dmarc is not None

    def aligned(other: str, strict: bool) -> bool:
        assert found.dmarc is not None
        if other == domain or strict:
            return other == domain
        return found.organizations.get(other) == found.dmarc.organization

    signed = any(
        one.result == "pass" and aligned(one.domain, found.dmarc.strict_dkim) for one in found.signatures
    )
    spf = found.spf
    return signed or (
        spf is not None and spf.result == "pass" and aligned(spf.domain, found.dmarc.strict_spf)
    )


def _misses(one: SignatureResult, envelope: Envelope, mail: Mail, rules: DirectRules) -> str:
    """Return why a signature of the From's very domain proves nothing; '' where it proves the From."""
    if one.result != "pass":
        return f"{one.result}: {one.problem}" if one.problem else one.result
    if one.has_length:
        return "l= leaves the end of the body unsigned"
    if one.algorithm == "rsa-sha256" and one.key_bits < MIN_BITS:
        return f"an RSA key of {one.key_bits} bits"
    if one.expires_at is not None and one.expires_at < envelope.received_at:
        return "expired"
    if one.signed_at is not None and one.signed_at > envelope.received_at + _SKEW:
        return "signed in the future"
    return _uncovered(one.covered, mail) or _unplaced(envelope, mail, rules)


def _uncovered(covered: dict[str, int], mail: Mail) -> str:
    """Return which header is not signed in all its instances.

    One that must be signed must be named even where it is missing: it may have been taken out.
    """
    assert mail.verification is not None
    stands = mail.verification.instances
    if stands.get("from") != 1:
        return "not exactly one From"
    wanted = {name: max(1, stands.get(name, 0)) for name in REQUIRED}
    wanted |= {name: stands.get(name, 0) for name in IF_PRESENT}
    missing = [name for name, count in wanted.items() if covered.get(name, 0) < count]
    return f"does not cover all of {', '.join(missing)}" if missing else ""


def _unplaced(envelope: Envelope, mail: Mail, rules: DirectRules) -> str:
    """Return why a mail could be one of long ago, or no certain one; '' where it is of these days."""
    if not mail.message_id:
        return "no Message-ID"  # nothing would tell it from the next one
    if mail.date is None:
        return "no Date"
    off = abs(envelope.received_at - mail.date)
    return (
        f"its Date is more than {rules.date_days} days off" if off > timedelta(days=rules.date_days) else ""
    )


def _arc_misses(arc: ArcResult | None, envelope: Envelope, mail: Mail, rules: DirectRules) -> str:
    """Return why a chain of seals proves nothing; '' where it counts like the signature it reports.

    What was signed is not said in it, so the forwarder's own signature must cover what a sender's must.
    """
    if arc is None or arc.result != "pass":
        return "" if arc is None else f"{arc.result}: {arc.problem}"
    if not {arc.sealers[0], arc.message_signer} <= set(rules.trusted_forwarders):
        return "the newest seal is of nobody who is listed"
    if verdicts(list(arc.said), "dkim", _domain(mail), ("header.d", "header.i")) != {"pass"}:
        return "the forwarder found no aligned DKIM"
    return _uncovered(arc.covered, mail) or _unplaced(envelope, mail, rules)


def _domain(mail: Mail) -> str:
    return (mail.from_address or "").rpartition("@")[2].lower()


def signed_digest(mail: Mail) -> str | None:
    """Digest what makes a mail whose source we verified the same mail again.

    That is From, Message-ID, Subject, Date and body; the last three in the form that signatures are over, so
    that blanks which a signature forgives make no other mail.
    """
    found = mail.verification
    if found is None or not found.body_digest or mail.from_address is None:
        return None
    text = "\0".join((compared(mail.from_address), mail.message_id, found.head_digest, found.body_digest))
    return hashlib.sha256(text.encode()).hexdigest()


def is_signed(mail: Mail) -> bool:
    """Say whether a signature of the From's own domain holds; a forwarder may have changed all others."""
    found = mail.verification
    return found is not None and any(
        one.domain == _domain(mail) and one.result == "pass" for one in found.signatures
    )
