"""How a relay is trusted and how we prove ourselves to it: TLS, its authority, our login."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Tls = Literal["none", "opportunistic", "required"]


class BadSecurity(Exception):
    """What is configured cannot be used; the text names the key and the file."""


@dataclass(frozen=True)
class Security:
    """TLS towards the relay, and the login it wants. Files are read at every connection: they may be renewed.

    opportunistic: TLS where the relay offers it, whoever it is. required: nothing leaves without TLS to a
    relay whose certificate is proven by `ca_file`, or by the system's authorities.
    """

    tls: Tls = "opportunistic"
    ca_file: Path | None = None
    user: str = ""  # '': no login
    password_file: Path | None = None
    given_password: str = field(default="", repr=False)

    def check(self) -> None:
        """Raise BadSecurity where a file cannot be used."""
        if self.ca_file is not None:
            self.context(verified=True)
        self.password()

    def context(self, *, verified: bool) -> ssl.SSLContext:
        """Make what a handshake uses. Raises BadSecurity."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            why = "no PEM certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise BadSecurity(f"relay.ca_file = '{self.ca_file}': {why}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def password(self) -> str:
        """Return the password, '' where there is none. Raises BadSecurity, which never quotes it."""
        if self.password_file is None:
            return self.given_password
        where = f"relay.password_file = '{self.password_file}'"
        try:
            # Not the group: what a service manager hands over under an access list shows a group's bits.
            if self.password_file.stat().st_mode & 0o007:
                raise BadSecurity(f"{where}: others can read it: chmod 600")
            found = self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise BadSecurity(f"{where}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise BadSecurity(f"{where}: is not UTF-8") from error
        if not found or "\n" in found or "\0" in found:
            raise BadSecurity(f"{where}: does not hold one line, the password")
        return found


def is_loopback_address(address: str) -> bool:
    """Say whether an IP address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
