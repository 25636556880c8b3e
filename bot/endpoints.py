"""Hosts, ports, URLs and addresses as the configuration writes them: what each may be."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email

_NUMBER = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_SELECTOR = re.compile(r"(?!-)[A-Za-z0-9-]{1,50}(?:\.[A-Za-z0-9-]{1,50})*")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")


UNIX = "unix"  # the peer of a connection over a Unix socket, which has no address


def listen(value: str) -> str:
    """Accept host:port, port 0 for any. Raises ValueError, as all of these do."""
    host, port = host_and_port(value)
    if not _HOST.fullmatch(host) or not 0 <= port <= 65535:
        raise ValueError("is not host:port")
    return value


def optional_listen(value: str) -> str:
    """Accept host:port, unix:/PATH (a path of at most 100 bytes), or nothing."""
    path = socket_path(value)
    if path is None:
        return listen(value) if value else ""
    if not path.is_absolute() or len(bytes(path)) > 100:  # the system's own limit is 107
        raise ValueError("is not unix:/PATH, of at most 100 bytes")
    return value


def socket_path(value: str) -> Path | None:
    """Return the path of unix:/PATH; None for what is not one."""
    return Path(value.removeprefix("unix:")) if value.startswith("unix:") else None


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
    """Accept smtp(s)://host:port or maildir:DIRECTORY; what would be ignored, as a password, is refused."""
    parts = _parts(value)
    if parts.scheme == "maildir" and parts.path and not parts.netloc:
        return value
    host, port = host_and_port(parts.netloc if parts.port is not None else f"{parts.netloc}:25")
    rest = parts.path.strip("/") + parts.query + parts.fragment
    if parts.scheme in ("smtp", "smtps") and _HOST.fullmatch(host) and 0 < port <= 65535 and not rest:
        return value
    raise ValueError("is neither smtp://host:port, smtps://host:port nor maildir:DIRECTORY")


def host(value: str) -> str:
    """Accept a host name or an IP address, without port and brackets."""
    if not _HOST.fullmatch(value) or (":" in value and not _is_ip(value)):
        raise ValueError("is not a host name or an IP address")
    return value


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def is_private(url: str) -> bool:
    """Say whether nobody but the relay named hears what is said to it: proven TLS, or this machine."""
    parts = urlsplit(url)
    try:
        here = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    return here or parts.scheme in ("smtps", "maildir")


def nameserver(value: str) -> str:
    """Accept the IP address of a name server, or address:port."""
    host, port = host_and_port(value)
    if _is_ip(value) or (_is_ip(host) and 0 < port <= 65535):
        return value
    raise ValueError("is not the IP address of a name server, or address:port")


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
    """Accept one address, a network of at most 256, or "unix" for who delivers over our Unix socket."""
    if value == UNIX:
        return UNIX
    network = ipaddress.ip_network(value, strict=False)
    if network.num_addresses > 256:
        raise ValueError("is wider than 256 addresses: name the peers that may vouch for others")
    return str(network)


def optional_border(value: str) -> str:
    """Accept smtp://host:port of the border MTA, or nothing."""
    if value and not value.startswith("smtp://"):
        raise ValueError("is not smtp://host:port")
    return relay(value) if value else ""


def optional_domain(value: str) -> str:
    """Accept a domain name, and fold it; or nothing."""
    return domain(value) if value else ""


def selector(value: str) -> str:
    """Accept the name under which a DKIM key is published (RFC 6376 §3.1)."""
    if not _SELECTOR.fullmatch(value):
        raise ValueError("is not a DKIM selector")
    return value.lower()
