"""A private Dovecot of a test: IMAP (plain and TLS), LMTP with Sieve, Maildirs, on loopback. Needs root."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.daemons import PATIENCE, until
from tests.postfix import free_port, program

PASSWORD = "geheim-秘密"
_OWNER = "nobody"  # whose the Maildirs are: Dovecot never serves mail as root
_SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"

_CONF = """\
base_dir = {root}/run
state_dir = {root}/state
instance_name = {name}
log_path = {root}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_home = {root}/mail/%u
mail_uid = {owner}
mail_gid = {group}
mail_max_userip_connections = 100
submission_host = {submission}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={root}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
  postmaster_address = postmaster@dovecot.example
}}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_vacation_min_period = 0
}}
{extra}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running instance. Every user exists as soon as somebody names it, with PASSWORD."""

    imap_port: int  # plain, and STARTTLS
    imaps_port: int
    lmtp_port: int
    certificate: Path  # PEM, self-signed, for localhost and 127.0.0.1: a client's ca_file
    root: Path
    process_id: int

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Return one folder of a user's Maildir, made if need be. Names in modified UTF-7."""
        box = self.root / "mail" / user / "Maildir"
        box = box if folder == "INBOX" else box / f".{folder}"
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
        for path in (self.root / "mail" / user, *(self.root / "mail" / user).rglob("*")):
            if path.is_dir():
                shutil.chown(path, _OWNER, _group())
        return box

    def drop(self, user: str, data: bytes, folder: str = "INBOX") -> Path:
        """Put one mail into a Maildir, as a delivery agent would; return its file."""
        return self.drop_all(user, [data], folder)[0]

    def drop_all(self, user: str, mails: list[bytes], folder: str = "INBOX") -> list[Path]:
        """Put many mails into a Maildir; each appears at once and whole."""
        box = self.maildir(user, folder)
        paths = []
        for data in mails:
            name = uuid.uuid4().hex
            half = box / "tmp" / name
            half.write_bytes(data)
            shutil.chown(half, _OWNER, _group())
            paths.append(half.rename(box / "new" / name))
        return paths

    def sieve(self, user: str, script: str) -> None:
        """Make a Sieve script the user's active one."""
        self.maildir(user)
        path = self.root / "mail" / user / ".dovecot.sieve"
        path.write_text(script, encoding="utf-8")
        shutil.chown(path, _OWNER, _group())

    def doveadm(self, *arguments: str) -> str:
        """Run doveadm on this instance; return what it prints, whatever its exit code."""
        command = [program("doveadm"), "-c", str(self.root / "dovecot.conf"), *arguments]
        environment = {"PATH": _SBIN, "LANG": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE)
        return done.stdout + done.stderr

    def log(self) -> str:
        """Return its log so far."""
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def dovecot(submission: str = "", extra: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot until the block ends.

    `submission` is host:port of the SMTP server that Sieve's vacation and redirect send through; `extra` is
    laid behind the configuration.
    """
    with tempfile.TemporaryDirectory(prefix="hoshobin-peer-") as name:  # short: sockets are made below it
        os.chmod(name, 0o755)
        yield from _running(Path(name), submission, extra)


def _running(root: Path, submission: str, extra: str) -> Iterator[Dovecot]:
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    _lay_out(root)
    values = {"name": root.name, "password": PASSWORD, "owner": _OWNER, "group": _group()}
    ports = {"imap": imap, "imaps": imaps, "lmtp": lmtp}
    text = _CONF.format(root=root, submission=submission, extra=extra, **values, **ports)
    (root / "dovecot.conf").write_text(text, encoding="utf-8")
    command = [program("dovecot"), "-F", "-c", str(root / "dovecot.conf")]
    with (root / "start.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": _SBIN, "LANG": "C"}
        )
    reaper = threading.Timer(10 * PATIENCE, process.kill)  # bounded, whatever becomes of the test
    reaper.start()
    running = Dovecot(imap, imaps, lmtp, root / "cert.pem", root, process.pid)
    try:
        until(
            lambda: process.poll() is not None or (_greets(imap, b"* OK") and _greets(lmtp, b"220 ")),
            "Dovecot to start",
            20,
        )
        assert process.poll() is None, (root / "start.log").read_text(errors="replace") + running.log()
        yield running
    finally:
        reaper.cancel()
        process.terminate()
        process.wait(PATIENCE)


def _group() -> str:
    return "nogroup"


def _lay_out(root: Path) -> None:
    (root / "mail").mkdir()
    shutil.chown(root / "mail", _OWNER, _group())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (root / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (root / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (root / "key.pem").chmod(0o600)


def _greets(port: int, word: bytes) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        return connection.recv(16).startswith(word)
    return False
