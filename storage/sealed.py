"""The service key: seals columns (AES-GCM), derives secrets for codes, and rotates."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12


class KeyMissing(Exception):
    """A key file is missing, unreadable, or does not hold the key that sealed something."""


class Sealer:
    """Seals and opens bytes. `bound_to` names the row: sealed bytes moved to another row do not open."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise KeyMissing("a service key has 32 bytes")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])
        self._root = keys[-1]
        self._fingerprints = hmac.new(self.derive("digests"), digestmod=hashlib.sha256)

    def __repr__(self) -> str:
        return f"Sealer(current={self.current_id})"

    @property
    def current_id(self) -> str:
        """The id of the key that seals now, as hex; safe to show."""
        return self._current.hex()

    @property
    def root_id(self) -> str:
        """The id of the first key this database ever had, as hex; safe to show."""
        return _key_id(self._root).hex()

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Return format byte, key id, nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._current]
        return _FORMAT + self._current + nonce + cipher.encrypt(nonce, plain, bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """Open what `seal` made. Raises KeyMissing where the key is not ours or the row is another."""
        key_id = sealed[1 : 1 + _ID_BYTES]
        cipher = self._ciphers.get(key_id)
        if sealed[:1] != _FORMAT or cipher is None:
            raise KeyMissing(f"no service key with id {key_id.hex()} at hand")
        start = 1 + _ID_BYTES
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, bound_to.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: cut within the nonce
            raise KeyMissing(f"sealed bytes do not belong to {bound_to}") from error

    def is_current(self, sealed: bytes) -> bool:
        """Say whether these bytes were sealed with the newest key."""
        return sealed[1 : 1 + _ID_BYTES] == self._current

    def derive(self, purpose: str) -> bytes:
        """Return 32 secret bytes for one purpose; the same after a rotation, so that codes stay valid."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self._root)

    def fingerprint(self, *parts: bytes | str) -> str:
        """Return what is equal for equal parts and tells nothing without the key, as hex.

        A plain digest of a short mail is no secret: the auth key in it could be found by trying them all.
        """
        mac = self._fingerprints.copy()
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            mac.update(len(data).to_bytes(8, "big") + data)
        return mac.hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"hoshobin key id" + key).digest()[:_ID_BYTES]


def make_key_file(path: Path) -> None:
    """Write a new key, mode 0600; refuse to overwrite one. The name appears only when the key is durable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, secrets.token_hex(32) + "\n")
    os.link(draft, path)
    draft.unlink()
    _sync_directory(path.parent)


def load_key_file(path: Path) -> Sealer:
    """Read the keys, newest first, one hex line each. Raises KeyMissing with the path in its text."""
    try:
        lines = path.read_text().split()
        return Sealer([bytes.fromhex(line) for line in lines])
    except (OSError, ValueError, KeyMissing) as error:
        raise KeyMissing(f"{path}: {error}") from error


def add_key(path: Path) -> None:
    """Put a new key before the others, atomically: what is sealed from now on uses it.

    Raises KeyMissing where the file does not hold sound keys now.
    """
    load_key_file(path)
    _draft(path, secrets.token_hex(32) + "\n" + path.read_text()).replace(path)
    _sync_directory(path.parent)


def _draft(path: Path, keys: str) -> Path:
    """Write keys durably beside a key file; what a death left there before is taken away."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(keys)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_directory(path: Path) -> None:
    """Make a new name durable: what is sealed with a key that a power cut takes back is lost."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
