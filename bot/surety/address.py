"""Mail addresses as the directory keeps them: checked, and folded so that one mailbox has one form."""

import re

from email_validator import EmailNotValidError, validate_email

CARRIER_DOMAINS = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com"})
# What a letter can be written to: two labels at least, none with a hyphen at either end (RFC 1123 §2.1).
_LABEL = r"(?!-)[a-z0-9\x80-\U0010ffff-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def fold_address(address: str) -> str:
    """Return the form under which an address is stored and compared; domains internationalised to ASCII.

    Old carrier addresses such as `a..b@docomo.ne.jp` break RFC 5322 and are still in use: they pass.
    Raises ValueError where the address cannot be one.
    """
    local, _, domain = address.strip().rpartition("@")
    domain = domain.lower()
    if domain in CARRIER_DOMAINS:
        local = local.strip('"').lower()
        validate_local = "".join(part for part in local.split(".") if part)
        _validated(f"{validate_local}@{domain}", address)
        return f"{local}@{domain}"
    valid = _validated(f"{local}@{domain}", address).lower()
    if _DOMAIN.fullmatch(valid.rpartition("@")[2]) is None:
        raise ValueError(f"{address!r} is not a mail address: no domain of a mailbox")
    return valid


def _validated(address: str, shown: str) -> str:
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise ValueError(f"{shown!r} is not a mail address: {error}") from error
    return valid.ascii_email or valid.normalized


def compared(address: str) -> str:
    """Fold an address that arrived, for look-up; one that cannot be registered folds to itself."""
    try:
        return fold_address(address)
    except ValueError:
        return address.strip().lower()


def can_be_written_to(address: str) -> bool:
    """Say whether a letter can be written to an address that arrived."""
    try:
        fold_address(address)
    except ValueError:
        return False
    return True


def without_tag(address: str) -> str:
    """Return a folded address without what many providers let stand behind a + for the same mailbox."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
