"""The tags of a DKIM-Signature, ARC-Message-Signature or ARC-Seal header, checked (RFC 6376 §3.5)."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dkim import DKIMException, validate_signature_fields
from dkim.canonicalization import CanonicalizationPolicy, InvalidCanonicalizationPolicyError
from dkim.util import InvalidTagValueList, parse_tag_value

from bot.reading.dkim_keys import SigningKey
from bot.reading.signed_bytes import Field

MAX_SIGNATURE = 8192  # bytes of one header; the longest honest ones have about 2,000
_MAX_NAMES = 200
_BASE64 = (b"b", b"bh")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_COUNT = re.compile(rb"[0-9]{1,12}")
ALGORITHMS = ("rsa-sha256", "ed25519-sha256")  # RFC 8301 §3.1: rsa-sha1 must not be verified


class BadTags(Exception):
    """The header is no signature that can be checked; the text says why, `tags` what could be read."""

    def __init__(self, reason: str, domain: str = "", selector: str = "") -> None:
        super().__init__(reason)
        self.domain = domain
        self.selector = selector


@dataclass(frozen=True)
class Tags:
    """What one signature says of itself."""

    domain: str
    selector: str
    algorithm: str
    signature: bytes
    body_hash: bytes  # b'' for a seal, which covers no body
    names: tuple[str, ...]  # h=
    relaxed_headers: bool
    relaxed_body: bool
    length: int | None  # l=
    identity_domain: str  # of i=; the domain itself where it is not given
    signed_at: datetime | None
    expires_at: datetime | None
    raw: dict[bytes, bytes]

    @property
    def key_name(self) -> str:
        """Where the key is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    def covered(self) -> dict[str, int]:
        """Return how often each header is named."""
        return {name: self.names.count(name) for name in dict.fromkeys(self.names)}


def read_tags(value: bytes, needed: Iterable[bytes], *, arc: bool = False) -> Tags:
    """Read the value of one header. Raises BadTags."""
    if len(value) > MAX_SIGNATURE:
        raise BadTags(f"a signature of more than {MAX_SIGNATURE} bytes")
    try:
        raw: dict[bytes, bytes] = parse_tag_value(value)
    except InvalidTagValueList as error:
        raise BadTags("the tags cannot be read") from error
    raw |= {tag: b"".join(raw[tag].split()) for tag in _BASE64 if tag in raw}
    domain, selector = _name(raw.get(b"d", b"")), _name(raw.get(b"s", b""))
    if not domain or not selector:
        raise BadTags("d= or s= is no domain name")
    try:
        return _checked(raw, domain, selector, list(needed), arc)
    except BadTags as error:
        raise BadTags(str(error), domain, selector) from error


def _name(raw: bytes) -> str:
    text = raw.decode("ascii", "replace").lower().rstrip(".")
    return text if _DOMAIN.fullmatch(text) else ""


def _checked(raw: dict[bytes, bytes], domain: str, selector: str, needed: list[bytes], arc: bool) -> Tags:
    # t= and x= are judged by the daemon's clock, with the mail's arrival; the library knows only now.
    timeless = {tag: value for tag, value in raw.items() if tag not in (b"t", b"x")}
    algorithm = raw.get(b"a", b"").decode("ascii", "replace").lower()
    if algorithm not in ALGORITHMS:
        raise BadTags("the algorithm is not one that counts")
    try:
        validate_signature_fields(timeless, needed, arc)
        policy = CanonicalizationPolicy.from_c_value(raw.get(b"c", b"relaxed/relaxed" if arc else None))
        signature = base64.b64decode(raw[b"b"], validate=True)
        body_hash = base64.b64decode(raw.get(b"bh", b""), validate=True)
    except (DKIMException, InvalidCanonicalizationPolicyError, binascii.Error) as error:
        raise BadTags("a tag is missing or not what it must be") from error
    names = tuple(one.strip().decode("ascii", "replace").lower() for one in raw.get(b"h", b"").split(b":"))
    if len(names) > _MAX_NAMES:
        raise BadTags(f"more than {_MAX_NAMES} headers named")
    return Tags(
        domain=domain,
        selector=selector,
        algorithm=algorithm,
        signature=signature,
        body_hash=body_hash,
        names=names,
        relaxed_headers=policy.header_algorithm.name == b"relaxed",
        relaxed_body=policy.body_algorithm.name == b"relaxed",
        length=int(raw[b"l"]) if b"l" in raw else None,
        identity_domain=_name(raw.get(b"i", b"").rpartition(b"@")[2]) or domain if not arc else domain,
        signed_at=_moment(raw, b"t"),
        expires_at=_moment(raw, b"x"),
        raw=raw,
    )


def _moment(raw: dict[bytes, bytes], tag: bytes) -> datetime | None:
    if tag not in raw:
        return None
    if not _COUNT.fullmatch(raw[tag]):
        raise BadTags(f"{tag.decode()}= is no number")
    try:
        return datetime.fromtimestamp(int(raw[tag]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadTags(f"{tag.decode()}= is no moment") from error


def fits(tags: Tags, key: SigningKey, headers: bytes) -> bool:
    """Say whether the signature is this key's over these canonical headers."""
    return key.algorithm == tags.algorithm and key.signed(headers, tags.signature)


def without_signature(field: Field, relaxed: bool) -> bytes:
    """Return the signature's own header as it is hashed: the value of b= taken out, no line end (§3.7)."""
    parts = field.value.split(b";")
    emptied = []
    for part in parts:
        tag, equals, _ = part.partition(b"=")
        emptied.append(tag + equals if tag.strip() == b"b" else part)
    return Field(field.name, b";".join(emptied)).canonical(relaxed).removesuffix(b"\r\n")
