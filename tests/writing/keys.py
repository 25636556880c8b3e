"""DKIM keys for tests, made once, and a DNS that publishes them to dkimpy."""

from base64 import b64decode
from functools import cache
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.writing.jobs import SigningKey
from bot.writing.signing_keys import record_name, record_value

DOMAIN = "hoshobin.example"


@cache
def rsa_pem(bits: int = 2048) -> bytes:
    return generate_private_key(65537, bits).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def rsa_key() -> SigningKey:
    der = generate_private_key(65537, 2048).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(domain=DOMAIN, selector="hoshobin", private=der)


@cache
def ed25519_key() -> SigningKey:
    der = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(domain=DOMAIN, selector="hoshobin-ed25519", private=der)


class _BadSignatureError(Exception):
    """As dkimpy expects it of PyNaCl."""


class _VerifyKey:
    """The one class that dkimpy takes from PyNaCl, over OpenSSL."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(text))

    def verify(self, digest: bytes, signature: bytes) -> bytes:
        try:
            self._key.verify(signature, digest)
        except InvalidSignature as error:
            raise _BadSignatureError from error
        return digest


_NACL = SimpleNamespace(
    signing=SimpleNamespace(VerifyKey=_VerifyKey),
    encoding=SimpleNamespace(Base64Encoder=None),
    exceptions=SimpleNamespace(BadSignatureError=_BadSignatureError, ValueError=ValueError),
)


def verdicts(data: bytes, *keys: SigningKey) -> list[bool]:
    """Let dkimpy judge every signature of a mail, with these keys in DNS."""
    published = {f"{record_name(key)}.".encode(): record_value(key).encode() for key in keys}

    def dns(name: bytes, timeout: int = 5) -> bytes | None:
        return published.get(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dkim, "nacl", _NACL, raising=False)
        found: list[bool] = []
        for index in range(data.count(b"DKIM-Signature:")):
            try:
                found.append(dkim.DKIM(data).verify(idx=index, dnsfunc=dns))
            except dkim.DKIMException:
                found.append(False)
    return found
