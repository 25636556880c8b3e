"""The addresses of MAIL and RCPT: read quickly and totally, kind to old carriers; which of them are ours."""

import re

NULL_SENDER = "<>"  # what aiosmtpd keeps for MAIL FROM:<>; an empty string would mean "no MAIL yet" to it

MAX_ADDRESS = 320  # octets: 64 + 1 + 255; a bounce address may spend them with a local part over 64
MAX_DOMAIN = 255  # octets, RFC 5321 §4.5.3.1.2

# No control characters (C1 too), no lone surrogates (bytes that are not UTF-8), no white space, no specials.
_BAD = r"\x00-\x20\x7f-\xa0\ud800-\udfff\s"
_ATOM = rf"[^{_BAD}<>()\[\]\\,;:@\"]+"  # dots anywhere: a..b@docomo.ne.jp, x.@ezweb.ne.jp
_QUOTED = r'"(?:[^\x00-\x1f\x7f-\x9f\ud800-\udfff"\\]|\\[\x20-\x7e])*"'
_LABEL = rf"[^{_BAD}<>()\[\]\\,;:@\"./]+"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z.:-]+\])"
_MAILBOX = rf"(?:{_ATOM}|{_QUOTED})@{_DOMAIN}"
_ROUTE = rf"(?:@[^{_BAD}<>:\"]*:)?"  # RFC 5321 §4.1.1.3: a source route is taken and ignored
_PATH = re.compile(rf"(?:<(?:{_ROUTE}({_MAILBOX})|(postmaster)|())>|({_MAILBOX}))(?:\s+(.*))?", re.IGNORECASE)


def read_path(text: str) -> tuple[str, str] | None:
    """Return (address as written, the parameters after it), or None where it is no address.

    The null sender comes back as NULL_SENDER. Of bare names only `<postmaster>` is one (RFC 5321 §4.5.1).
    """
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    mailbox, postmaster, null, unbracketed, rest = match.groups()
    if null is not None:
        return NULL_SENDER, rest or ""
    address = mailbox or postmaster or unbracketed
    if len(address.encode()) > MAX_ADDRESS or len(domain_of(address).encode()) > MAX_DOMAIN:
        return None
    return address, rest or ""


def domain_of(address: str) -> str:
    """Return what stands after the last @; '' where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""


def fold_address(address: str) -> str:
    """Return the form in which two spellings of one of our own addresses are equal."""
    return address.lower()


def refuse_recipient(
    folded: str, desk_domains: frozenset[str], recipients: frozenset[str] | None
) -> str | None:
    """Return the reply to RCPT for what is not ours, or None. Postmaster is always ours (RFC 5321 §4.5.1)."""
    local, _, domain = folded.rpartition("@")
    if folded == "postmaster" or (recipients is not None and _is_ours(folded, recipients)):
        return None
    if domain not in desk_domains:
        return "550 5.7.1 Relaying refused"
    if local == "postmaster" or recipients is None:
        return None
    return "550 5.1.1 No such address here"


def _is_ours(folded: str, recipients: frozenset[str]) -> bool:
    """Say whether an address is one of ours, or a sub-address of one (RFC 5233), as our return paths are."""
    local, _, domain = folded.rpartition("@")
    bases = {f"{local[:at]}@{domain}" for at, character in enumerate(local) if character == "+"}
    return not recipients.isdisjoint({folded, *bases})


def sender_of(mail_from: str) -> str:
    """Return an envelope sender as Envelope.mail_from has it: '' for the null sender."""
    return "" if mail_from == NULL_SENDER else mail_from


def printable(claim: str, limit: int = 255) -> str:
    """Return a peer's free words (its HELO name) without what no log or database wants, cut at `limit`."""
    return "".join(c if c.isprintable() else "?" for c in claim[:limit])
