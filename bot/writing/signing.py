"""DKIM signatures of finished letters (RFC 6376, RFC 8463), by OpenSSL; the same letter, the same bytes."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from bot.writing.jobs import SigningKey

# What is shown, routed or threaded by. Each is named once more than it stands there (RFC 6376 §8.15), so
# that one that somebody adds on the way breaks the signature.
OVERSIGNED = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
)
SIGNED = ("auto-submitted",)

_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")
_SPACES = re.compile(rb"[ \t]+")
_FEW_SPACES = re.compile(rb"[ \t]{2,}|\t")
_LINE = 70  # characters of a folded value: a header line stays below 78 (RFC 5322 §2.1.1)


@dataclass(frozen=True)
class Signer:
    """A private key, ready to sign with, and where its public half is published."""

    domain: str
    selector: str
    algorithm: str  # the value of a=
    key: RSAPrivateKey | Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """Sign header bytes. Both kinds sign the SHA-256 digest (RFC 8463 §3), and always alike."""
        digest = hashlib.sha256(data).digest()
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
        return self.key.sign(digest)


def make_signers(keys: Sequence[SigningKey]) -> tuple[Signer, ...]:
    """Make the keys ready. Raises ValueError for bytes that are no such private key."""
    return tuple(_signer(key) for key in keys)


def _signer(key: SigningKey) -> Signer:
    private = load_der_private_key(key.private, None)
    if isinstance(private, RSAPrivateKey):
        return Signer(key.domain, key.selector, "rsa-sha256", private)
    if isinstance(private, Ed25519PrivateKey):
        return Signer(key.domain, key.selector, "ed25519-sha256", private)
    raise ValueError("a signing key is RSA or Ed25519")


def signed(data: bytes, signers: Sequence[Signer], at: datetime) -> bytes:
    """Put one DKIM-Signature for each signer before a letter, relaxed/relaxed, over the whole body.

    `at` becomes t=: the moment of the letter, not of the signing, so that it can be written again alike.
    """
    if not signers:
        return data
    head, _, body = data.partition(b"\r\n\r\n")
    names, fields = _covered(head + b"\r\n")
    body_hash = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    made = [_signature(signer, names, fields, body_hash, at) for signer in signers]
    return b"".join([*made, data])


def _signature(signer: Signer, names: list[str], fields: bytes, body_hash: str, at: datetime) -> bytes:
    lines = [
        f"DKIM-Signature: v=1; a={signer.algorithm}; c=relaxed/relaxed;",
        f"d={signer.domain};",
        f"s={signer.selector}; t={int(at.timestamp())};",
        *_folded(names),
        f"bh={body_hash};",
        "b=",
    ]
    unsigned = "\r\n ".join(lines).encode("ascii")
    own = b"dkim-signature:" + _relaxed_value(unsigned.partition(b":")[2])
    value = b64encode(signer.sign(fields + own)).decode("ascii")
    pieces = [value[start : start + _LINE] for start in range(0, len(value), _LINE)]
    return unsigned + "\r\n ".join(pieces).encode("ascii") + b"\r\n"


def _folded(names: list[str]) -> list[str]:
    """Write h= over several lines; space may stand around its colons (RFC 6376 §3.5)."""
    lines = [f"h={names[0]}"]
    for name in names[1:]:
        if len(lines[-1]) + len(name) > _LINE:
            lines[-1] += ":"
            lines.append(name)
        else:
            lines[-1] += f":{name}"
    lines[-1] += ";"
    return lines


def _covered(head: bytes) -> tuple[list[str], bytes]:
    """Return the names for h=, and what stands under them in canonical form (RFC 6376 §3.4.2, §5.4.2)."""
    there: dict[str, list[bytes]] = {}
    for name, value in _HEADER.findall(head):
        there.setdefault(name.decode("ascii").lower(), []).append(value)
    names: list[str] = []
    fields: list[bytes] = []
    for name in (*OVERSIGNED, *SIGNED):
        values = there.get(name, [])
        names += [name] * (len(values) + (name in OVERSIGNED))
        fields += [name.encode() + b":" + _relaxed_value(value) + b"\r\n" for value in reversed(values)]
    return names, b"".join(fields)


def _relaxed_value(value: bytes) -> bytes:
    return _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def relaxed_body(body: bytes) -> bytes:
    """Return a body in canonical form: runs of space as one, none at line ends, no empty lines at the end."""
    if b"  " in body or b"\t" in body:
        body = _FEW_SPACES.sub(b" ", body)
    body = body.replace(b" \r\n", b"\r\n").rstrip(b" \r\n")
    return body + b"\r\n" if body else b""
