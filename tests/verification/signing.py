"""Signs mails as senders and forwarders do (RFC 6376, 8463, 8617): written apart from what verifies them."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

# Public keys that are too short to be made any more.
RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANjVqIsTIc20IpUL7F0qJsR+0hBRPDZB/GnnK0L0+I4AtxkyWyhIhVNC2+PrvTloTxY9uu1PZgXb"
    "4iNy0hi98o8CAwEAAQ=="
)
RSA_768 = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALnkqW9TNcwKcS9KFb/JTzXXQHHW+8P4x1kVLkm5h2Vu2FqJWp3R6IDjiG3U1U3OOTsxDgyZ0Ip7"
    "RbAUhjhZtqkcOosoL4OCtfD/MXthmEO7/rEmQEzFbECr+rGpph3cRwIDAQAB"
)
H = ("from", "to", "subject", "date", "message-id", "content-type")

Head = list[tuple[str, str]]


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make one key of a length, once."""
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    """Make one key, once."""
    return ed25519.Ed25519PrivateKey.generate()


Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def record(key: Key, more: str = "", *, bare: bool = False) -> str:
    """Write the key record; `bare`: as PKCS#1, which some publish."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; {more}p={base64.b64encode(raw).decode()}"
    form = serialization.PublicFormat.PKCS1 if bare else serialization.PublicFormat.SubjectPublicKeyInfo
    raw = key.public_key().public_bytes(serialization.Encoding.DER, form)
    return f"v=DKIM1; k=rsa; {more}p={base64.b64encode(raw).decode()}"


@dataclass(frozen=True)
class Signer:
    """Who signs, and how."""

    domain: str
    selector: str = "s"
    key: Key | None = None  # None: an RSA key of 2048 bits
    headers: tuple[str, ...] = H
    tags: str = ""  # more of them, each with its semicolon
    relaxed: bool = True
    length: int | None = None

    @property
    def _key(self) -> Key:
        return self.key or rsa_key()

    @property
    def _algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self._key, rsa.RSAPrivateKey) else "ed25519-sha256"

    def published(self) -> tuple[str, str]:
        """Return name and value of the record."""
        return f"{self.selector}._domainkey.{self.domain}", record(self._key)

    def signature(self, head: Head, body: str) -> tuple[str, str]:
        """Return the DKIM-Signature over a mail."""
        canonical = _relaxed_body(body) if self.relaxed else _simple_body(body)
        shown = f"l={self.length}; " if self.length is not None else ""
        form = "relaxed/relaxed" if self.relaxed else "simple/simple"
        value = (
            f"v=1; a={self._algorithm}; c={form}; d={self.domain}; s={self.selector}; {self.tags}{shown}"
            f"h={':'.join(self.headers)}; bh={_hash(canonical[: self.length])}; b="
        )
        return "DKIM-Signature", value + self._sign(self._covered(head) + self._own("DKIM-Signature", value))

    def seal(self, head: Head, body: str, results: str, cv: str = "", number: int = 0) -> Head:
        """Return the ARC set that a forwarder puts above a mail, newest header first."""
        number = number or 1 + sum(name == "ARC-Seal" for name, _ in head)
        cv = cv or ("none" if number == 1 else "pass")
        said = ("ARC-Authentication-Results", f"i={number}; {self.domain}; {results}")
        value = (
            f"i={number}; a={self._algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector}; "
            f"h={':'.join(self.headers)}; bh={_hash(_relaxed_body(body))}; b="
        )
        message = (
            "ARC-Message-Signature",
            value + self._sign(self._covered(head) + self._own("ARC-Message-Signature", value)),
        )
        sealed = f"i={number}; cv={cv}; a={self._algorithm}; d={self.domain}; s={self.selector}; b="
        before = [one for one in head if one[0].lower().startswith("arc-")]
        chain = [*_by_instance(before), said, message]
        hashed = b"".join(_relaxed(*one) for one in chain) + self._own("ARC-Seal", sealed)
        return [("ARC-Seal", sealed + self._sign(hashed)), message, said]

    def _covered(self, head: Head) -> bytes:
        left = list(head)
        found = b""
        for name in self.headers:
            at = [i for i, one in enumerate(left) if one[0].lower() == name.lower()]
            if at:
                one = left.pop(at[-1])
                found += _relaxed(*one) if self.relaxed else f"{one[0]}: {one[1]}\r\n".encode()
        return found

    def _own(self, name: str, value: str) -> bytes:
        relaxed = self.relaxed or name != "DKIM-Signature"
        line = _relaxed(name, value) if relaxed else f"{name}: {value}\r\n".encode()
        return line.removesuffix(b"\r\n")

    def _sign(self, data: bytes) -> str:
        if isinstance(self._key, rsa.RSAPrivateKey):
            made = self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            made = self._key.sign(hashlib.sha256(data).digest())
        return base64.b64encode(made).decode()


def _by_instance(head: Head) -> Head:
    order = {"arc-authentication-results": 0, "arc-message-signature": 1, "arc-seal": 2}

    def place(one: tuple[str, str]) -> tuple[int, int]:
        found = re.search(r"i=(\d+)", one[1])
        assert found is not None
        return int(found[1]), order[one[0].lower()]

    return sorted(head, key=place)


def _relaxed(name: str, value: str) -> bytes:
    unfolded = re.sub(r"[ \t]+", " ", value.replace("\r\n", "")).strip()
    return f"{name.lower()}:{unfolded}\r\n".encode()


def _relaxed_body(body: str) -> bytes:
    lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in body.split("\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\r\n" for line in lines).encode()


def _simple_body(body: str) -> bytes:
    return body.rstrip("\r\n").encode() + b"\r\n"


def _hash(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def written(head: Head, body: str) -> bytes:
    """Write a mail down."""
    return "".join(f"{name}: {value}\r\n" for name, value in head).encode() + b"\r\n" + body.encode()


def signed(head: Head, body: str, *signers: Signer) -> bytes:
    """Write a mail down with the signatures of all signers above it."""
    return written([*(one.signature(head, body) for one in signers), *head], body)
