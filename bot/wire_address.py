"""A mail address as headers and envelopes carry it: old carrier addresses quoted, domains in ASCII."""

import re

from email_validator import EmailNotValidError, validate_email

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")


def on_the_wire(address: str) -> str:
    """Return the form for `To` and `RCPT TO`; an address that has it already stays as it is.

    `a..b@docomo.ne.jp` becomes `"a..b"@docomo.ne.jp`: what RFC 5321 §4.1.2 and RFC 5322 §3.4.1 know is the
    quoted local part; MTAs write it so towards the carriers too, which take it for the same mailbox.
    An international domain becomes its xn-- form, unless the local part needs SMTPUTF8 anyway.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii():
        return address
    if not _DOT_ATOM.fullmatch(local) and not local.startswith('"'):
        escaped = local.replace("\\", "\\\\").replace('"', '\\"')
        local = f'"{escaped}"'
    return f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Return a domain in ASCII; one that cannot be written so stays as it is."""
    if domain.isascii():
        return domain
    try:
        return validate_email(f"a@{domain}", check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError:
        return domain
