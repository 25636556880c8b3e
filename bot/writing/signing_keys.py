"""The DKIM keys as files: made, read with every fault named at once, and published as DNS records."""

import os
from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from bot.config import BadConfig, Config
from bot.wire_address import ascii_domain
from bot.writing.jobs import SigningKey

RSA_BITS = 2048  # at least; more than 4096 need not be verified by anybody (RFC 8301 §3.2)
_RSA_BITS_AT_MOST = 4096
_STRING = 255  # octets of one string of a TXT record (RFC 1035 §3.3.14)


def load_signing_keys(config: Config) -> tuple[SigningKey, ...]:
    """Read the keys that [signing] names; none where it names none. Raises BadConfig naming every fault."""
    signing = config.signing
    found: list[SigningKey] = []
    faults: list[str] = []
    for kind, file in (("rsa", signing.rsa_key_file), ("ed25519", signing.ed25519_key_file)):
        if file is None:
            continue
        try:
            found.append(_key(config, kind, file.read_bytes(), file.stat().st_mode))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            faults.append(f"  signing.{kind}_key_file = {str(file)!r}: {why}")
    if (found or faults) and not _aligned(config):
        desk = _desk_domain(config)
        faults.append(
            f"  signing.domain = {signing.domain!r}: a signature of it says nothing of a letter from the desk"
            f" (RFC 7489 §3.1.1); accepts {desk} or a domain above it"
        )
    if faults:
        raise BadConfig("\n".join([f"signing: {len(faults)} fault(s)", *faults]))
    return tuple(found)


def signing_domain(config: Config) -> str:
    """Return the domain that signs: the configured one, or the desk's."""
    return config.signing.domain or _desk_domain(config)


def _desk_domain(config: Config) -> str:
    return ascii_domain(config.service.desk.rpartition("@")[2])


def selector_of(config: Config, kind: str) -> str:
    """Return under which name a key is published: each kind has a record of its own."""
    return config.signing.selector if kind == "rsa" else f"{config.signing.selector}-{kind}"


def _aligned(config: Config) -> bool:
    desk, domain = _desk_domain(config), signing_domain(config)
    return desk == domain or ("." in domain and desk.endswith(f".{domain}"))


def _key(config: Config, kind: str, pem: bytes, mode: int) -> SigningKey:
    if mode & 0o077:
        raise ValueError("can be read by others; accepts a file of mode 0600")
    try:
        private = load_pem_private_key(pem, None)
    except TypeError as error:
        raise ValueError("is encrypted; accepts a PEM file without a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("is no private key; accepts a PEM file") from error
    if kind == "rsa":
        if not isinstance(private, RSAPrivateKey):
            raise ValueError("is no RSA key")
        if not RSA_BITS <= private.key_size <= _RSA_BITS_AT_MOST:
            raise ValueError(f"has {private.key_size} bits; accepts {RSA_BITS} to {_RSA_BITS_AT_MOST}")
    elif not isinstance(private, Ed25519PrivateKey):
        raise ValueError("is no Ed25519 key")
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(domain=signing_domain(config), selector=selector_of(config, kind), private=der)


def make_signing_key(config: Config, file: Path, kind: str) -> SigningKey:
    """Write a new key, mode 0600, and return it. Raises FileExistsError where the name is taken."""
    private: RSAPrivateKey | Ed25519PrivateKey
    private = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, RSA_BITS)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(pem)
        target.flush()
        os.fsync(target.fileno())
    return _key(config, kind, pem, 0o600)


def record_name(key: SigningKey) -> str:
    """Return the name of the TXT record that publishes a key (RFC 6376 §3.6.2.1)."""
    return f"{key.selector}._domainkey.{key.domain}"


def record_value(key: SigningKey) -> str:
    """Return what that record says. Of an Ed25519 key the bare 32 octets are published (RFC 8463 §4)."""
    private = load_der_private_key(key.private, None)
    if isinstance(private, Ed25519PrivateKey):
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={b64encode(public).decode()}"
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"


def zone_line(key: SigningKey) -> str:
    """Return the record as a zone file takes it, in strings that are short enough."""
    value = record_value(key)
    shown = " ".join(f'"{value[start : start + _STRING]}"' for start in range(0, len(value), _STRING))
    return f"{record_name(key)}. IN TXT ( {shown} )"
