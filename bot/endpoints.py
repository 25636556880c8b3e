"""Hosts, ports, URLs and addresses as the configuration writes them: what each may be."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email

_NUMBER = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")


def listen(value: str) -> str:
    """Accept host:port, port 0 for any. Raises ValueError, as all of these do."""
    host, port = host_and_port(value)
    if not _HOST.fullmatch(host) or not 0 <= port <= 65535:
        raise ValueError("is not host:port")
    return value


def host_and_port(value: str) -> tuple[str, int]:
    """Split host:port; an IPv6 address stands in brackets. The port is -1 where there is none."""
    host, _, port = value.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    return host, int(port) if _NUMBER.fullmatch(port) else -1


def _parts(url: str) -> SplitResult:
    """Split a URL. Raises ValueError for a port that is none: urlsplit notices it only when asked."""
    parts = urlsplit(url)
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("its port is no port") from error
    return parts


def relay(value: str) -> str:
    """Accept smtp://host:port or maildir:DIRECTORY; what would be ignored, as a password, is refused."""
    parts = _parts(value)
    if parts.scheme == "maildir" and parts.path and not parts.netloc:
        return value
    host, port = host_and_port(parts.netloc if parts.port is not None else f"{parts.netloc}:25")
    rest = parts.path.strip("/") + parts.query + parts.fragment
    if parts.scheme == "smtp" and _HOST.fullmatch(host) and 0 < port <= 65535 and not rest:
        return value
    raise ValueError("is neither smtp://host:port nor maildir:DIRECTORY")


def storage(value: str) -> str:
    """Accept a SQLite file or a PostgreSQL database. In memory every connection would have its own."""
    parts = _parts(value)
    file = parts.path.strip("/")
    if parts.scheme == "sqlite" and not parts.netloc and file and file != ":memory:":
        return value
    if parts.scheme == "postgresql+psycopg" and parts.path.strip("/") and parts.port != 0:
        return value
    raise ValueError("is neither sqlite:///FILE nor postgresql+psycopg://host/database")


def domain(value: str) -> str:
    """Accept a domain name, and fold it."""
    if not _DOMAIN.fullmatch(value):
        raise ValueError("is not a domain name (ASCII; of an international one the xn-- form)")
    return value.lower()


def address(value: str) -> str:
    """Accept a mail address, and fold it."""
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(f"is not a mail address ({error})") from error


def network(value: str) -> str:
    """Accept one address or a network of at most 256."""
    network = ipaddress.ip_network(value, strict=False)
    if network.num_addresses > 256:
        raise ValueError("is wider than 256 addresses: name the peers that may vouch for others")
    return str(network)
