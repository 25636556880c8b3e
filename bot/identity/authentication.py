"""Judge the raw Authentication-Results of a mail: whose word counts, and what it proves of the From."""

import ipaddress
from collections.abc import Sequence

from bot.endpoints import UNIX
from bot.mail import AuthenticationHeader, Envelope, MethodResult
from bot.surety.party import Proof
from bot.values import Value


class Judgement(Value):
    """What is proven of the visible From, and why, in English for people who run the daemon."""

    proof: Proof
    how: str
    refused_by_dmarc: bool = False
    dmarc_unknown: bool = False  # DMARC may refuse it: something kept us from finding out


class Border(Value):
    """The authserv-id that our own border writes, and the peers that deliver to us across it."""

    authserv_id: str  # '' : nobody's results count
    trusted_peers: tuple[str, ...]  # networks
    mailboxes: dict[str, str] = {}  # mailbox at a provider -> the authserv-id whose results count there

    def authority(self, envelope: Envelope) -> str:
        """Return whose results count for a mail that came this way; '' for nobody's."""
        if envelope.source == "imap":
            return self.mailboxes.get(envelope.account, "")
        return self.authserv_id if self.trusts(envelope.peer) else ""

    def trusts(self, peer: str) -> bool:
        """Say whether a peer's address is listed; "unix" is who delivers over our own Unix socket."""
        if peer == UNIX:
            return UNIX in self.trusted_peers
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped  # how a socket for both families names an IPv4 peer
        networks = (network for network in self.trusted_peers if network != UNIX)
        return any(address in ipaddress.ip_network(network) for network in networks)


def judge(
    envelope: Envelope, from_address: str | None, headers: Sequence[AuthenticationHeader], border: Border
) -> Judgement:
    """Judge by the strict rule (RFC 8601 §5, §7.1).

    Only headers of our own authserv-id count, only from a listed peer, and all of them must stand above
    that peer's own Received line, the topmost: one below it was written by somebody else, so there is no
    proof at all. Two results of one method that differ prove nothing either, whatever another method says.
    What passes must be aligned with the visible From (RFC 7489 §3.1).
    """
    if from_address is None or "@" not in from_address:
        return Judgement(proof=Proof.NONE, how="no single From address")
    authority = border.authority(envelope).lower()
    if not authority:
        return Judgement(proof=Proof.NONE, how="the peer is not one whose results count")
    ours = [header for header in headers if header.authserv_id.lower() == authority]
    if not ours:
        return Judgement(proof=Proof.NONE, how="no Authentication-Results of our border")
    if any(not header.above_received or not header.sound for header in ours):
        return Judgement(
            proof=Proof.NONE, how="an Authentication-Results of our name stands where it cannot be ours"
        )
    results = [result for header in ours for result in header.results]
    return _judge_results(results, from_address.rpartition("@")[2].lower())


def _judge_results(results: list[MethodResult], domain: str) -> Judgement:
    dmarc = verdicts(results, "dmarc", domain, ("header.from",))
    dkim = verdicts(results, "dkim", domain, ("header.d", "header.i"))
    spf = verdicts(results, "spf", domain, ("smtp.mailfrom",))
    if "fail" in dmarc:
        return Judgement(proof=Proof.NONE, how="DMARC failed at the border", refused_by_dmarc=True)
    for method, found in (("DMARC", dmarc), ("DKIM", dkim), ("SPF", spf)):
        if len(found) > 1:
            return Judgement(proof=Proof.NONE, how=f"two {method} results of our border differ")
    if dkim == {"pass"}:
        return Judgement(proof=Proof.FULL, how=f"DKIM of {domain}, aligned, by our border")
    if spf == {"pass"}:
        return Judgement(
            proof=Proof.READER, how=f"SPF of {domain}, aligned, by our border: may read, not change"
        )
    return Judgement(proof=Proof.NONE, how="nothing aligned with the From passed at our border")


def verdicts(results: list[MethodResult], method: str, domain: str, properties: tuple[str, ...]) -> set[str]:
    """Return the different verdicts of a method on the From's domain.

    One that names no domain at all (`dkim=none`) speaks of the mail as a whole: it counts, but never passes.
    """
    found = set()
    for result in results:
        verdict = result.result.lower()
        whole = not result.properties and verdict != "pass"
        if result.method.lower() == method and (whole or _aligned(result, domain, properties)):
            found.add(verdict)
    return found


def _aligned(result: MethodResult, domain: str, properties: tuple[str, ...]) -> bool:
    """Strict alignment: the very same domain; a sub-domain may belong to somebody else.

    The first property that is there decides: `header.d` is what was verified, `header.i` only its claim.
    """
    value = next((result.properties[name] for name in properties if result.properties.get(name)), "")
    return value.rpartition("@")[2].lower().rstrip(".") == domain
