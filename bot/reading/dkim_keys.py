"""A DKIM key record (RFC 6376 §3.6.1, RFC 8463) to a key that checks signatures, inside sane limits."""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from dkim.crypto import UnparsableKeyError, parse_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

from bot.mail import DnsAnswer

MIN_BITS = 1024  # RFC 8301 §3.2
MAX_BITS = 8192  # and whatever is longer costs time only
_MAX_EXPONENT = 1 << 33
_ED25519_BYTES = 32


class BadKey(Exception):
    """No key that may be used; the text says why, `bits` how long it is where that is known."""

    def __init__(self, reason: str, bits: int = 0) -> None:
        super().__init__(reason)
        self.bits = bits


@dataclass(frozen=True)
class SigningKey:
    """A public key as its domain published it."""

    key: RSAPublicKey | Ed25519PublicKey
    bits: int
    algorithm: str  # rsa-sha256 or ed25519-sha256
    is_testing: bool  # t=y: what it signs is to be treated as unsigned
    is_strict: bool  # t=s: i= must be of the very d=

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over the data."""
        try:
            if isinstance(self.key, RSAPublicKey):
                self.key.verify(signature, data, PKCS1v15(), SHA256())
            else:
                digest = Hash(SHA256())
                digest.update(data)
                self.key.verify(signature, digest.finalize())
        except InvalidSignature:
            return False
        return True


def published(answer: DnsAnswer) -> SigningKey:
    """Return the key of a TXT answer. Of several records the first that is a key counts. Raises BadKey."""
    fault = BadKey(answer.problem or "no key is published")
    for text in answer.values:
        try:
            return _key(text.encode("latin-1"))
        except BadKey as one:
            fault = one
    raise fault


def _key(record: bytes) -> SigningKey:
    try:
        tags = parse_tag_value(record)
    except InvalidTagValueList as error:
        raise BadKey("the key record cannot be read") from error
    if tags.get(b"v", b"DKIM1") != b"DKIM1" or (b"v" in tags and next(iter(tags)) != b"v"):
        raise BadKey("the key record is of another version")
    if not _listed(tags.get(b"s", b"*"), b"*", b"email"):
        raise BadKey("the key is not for mail")
    if not _listed(tags.get(b"h", b"sha256"), b"sha256"):
        raise BadKey("the key is not for sha256")
    material = b"".join(tags.get(b"p", b"").split())
    if not material:
        raise BadKey("the key was revoked" if b"p" in tags else "the key record holds no key")
    try:
        raw = base64.b64decode(material + b"=" * (-len(material) % 4), validate=True)
    except binascii.Error as error:
        raise BadKey("the key is no base64") from error
    kind = tags.get(b"k", b"rsa")
    if kind not in (b"rsa", b"ed25519"):
        raise BadKey("the key is of an unknown kind")
    key, bits = _rsa(raw) if kind == b"rsa" else _ed25519(raw)
    flags = tags.get(b"t", b"")
    return SigningKey(
        key=key,
        bits=bits,
        algorithm=f"{kind.decode()}-sha256",
        is_testing=_listed(flags, b"y"),
        is_strict=_listed(flags, b"s"),
    )


def _listed(value: bytes, *wanted: bytes) -> bool:
    return any(one.strip() in wanted for one in value.split(b":"))


def _rsa(raw: bytes) -> tuple[RSAPublicKey, int]:
    """Read both forms that are found in the DNS; the length is known before OpenSSL sees the numbers."""
    try:
        numbers = parse_public_key(raw)
    except (UnparsableKeyError, IndexError, AssertionError, TypeError) as error:
        raise BadKey("the key cannot be read") from error
    modulus, exponent = int(numbers["modulus"]), int(numbers["publicExponent"])
    bits = modulus.bit_length()
    if not MIN_BITS <= bits <= MAX_BITS:
        raise BadKey(f"an RSA key of {bits} bits", bits)
    if not 3 <= exponent < _MAX_EXPONENT:
        raise BadKey("an RSA key with an unusual exponent", bits)
    try:
        return RSAPublicNumbers(exponent, modulus).public_key(), bits
    except ValueError as error:
        raise BadKey("the key cannot be read", bits) from error


def _ed25519(raw: bytes) -> tuple[Ed25519PublicKey, int]:
    if len(raw) != _ED25519_BYTES:
        raise BadKey("the key cannot be read")
    return Ed25519PublicKey.from_public_bytes(raw), 256
