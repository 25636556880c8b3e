"""A certificate authority of a test, and certificates that it signs for names and addresses on loopback."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_YEARS = timedelta(days=3650)


class Authority:
    """Signs certificates, and writes its own to `file`."""

    def __init__(self, directory: Path, name: str = "ca") -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        unsigned = _about(self._name, self._name, self._key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        unsigned = unsigned.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        unsigned = unsigned.add_extension(usage, critical=True)
        self.file = directory / f"{name}.pem"
        self.file.write_bytes(unsigned.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(
        self, name: str, *hosts: str, into: str = "", password: str = "", days: int = 3650
    ) -> tuple[Path, Path]:
        """Write a certificate for `name` and what else it answers to, and its key; return both files.

        Negative days have it expired.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        unsigned = _about(subject, self._name, key.public_key(), days)
        names = x509.SubjectAlternativeName([_general_name(one) for one in (name, *hosts)])
        unsigned = unsigned.add_extension(names, critical=False)
        certificate = self._directory / f"{into or name}.pem"
        certificate.write_bytes(unsigned.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        key_file = self._directory / f"{into or name}.key"
        key_file.touch(mode=0o600)
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        return certificate, key_file


def _about(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int = 3650
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _YEARS)
        .not_valid_after(now + timedelta(days=days))
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
