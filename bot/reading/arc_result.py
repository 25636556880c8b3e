"""The chain of forwarders' seals on a mail, verified whole (RFC 8617 §5.2)."""

import re
from dataclasses import dataclass
from hashlib import sha256

from bot.mail import ArcResult, MethodResult
from bot.reading.dkim_keys import BadKey, published
from bot.reading.mime import Headers
from bot.reading.questions import Questions
from bot.reading.signatures import authentication_headers
from bot.reading.signed_bytes import Field, SignedBytes
from bot.reading.tag_values import BadTags, Tags, fits, read_tags, without_signature

MAX_SETS = 10  # RFC 8617 §4.2.1 allows 50; a mail that passed ten forwarders proves nothing to us
_KINDS = ("arc-authentication-results", "arc-message-signature", "arc-seal")
_INSTANCE = re.compile(rb"\s*i\s*=\s*([1-9][0-9]?)\s*(?:;|\Z)")
_NEEDED_MESSAGE = (b"i", b"a", b"b", b"bh", b"d", b"h", b"s")
_NEEDED_SEAL = (b"i", b"a", b"b", b"cv", b"d", b"s")
_MAX_COVERED = 60


class Broken(Exception):
    """The chain fails; the text says why."""


class DnsSilent(Exception):
    """A key of the chain could not be had for now."""


@dataclass(frozen=True)
class _Set:
    """What one forwarder added."""

    results: Field
    message: Field
    seal: Field
    message_tags: Tags
    seal_tags: Tags


def arc_result(message: SignedBytes, questions: Questions, trusted: tuple[str, ...]) -> ArcResult | None:
    """Verify the chain; None where there is none.

    Keys are only asked for where the newest seal is of a forwarder that is listed: no other chain counts.
    """
    fields = [one for one in message.fields if one.key in _KINDS]
    if not fields:
        return None
    try:
        sets = _sets(fields)
    except Broken as broken:
        return ArcResult(result="fail", problem=str(broken))
    newest = sets[-1]
    base = ArcResult(
        result="none",
        sealers=tuple(one.seal_tags.domain for one in reversed(sets)),
        message_signer=newest.message_tags.domain,
        covered=dict(list(newest.message_tags.covered().items())[:_MAX_COVERED]),
        body_hash=newest.message_tags.raw[b"bh"].decode("ascii"),
        said=_said(newest.results),
    )
    if newest.seal_tags.domain not in trusted:
        return base.but(problem="not sealed by a listed forwarder: its keys were not asked for")
    try:
        _verify(message, sets, questions)
    except Broken as broken:
        return base.but(result="fail", problem=str(broken))
    except DnsSilent as silent:
        return base.but(result="temperror", problem=str(silent))
    return base.but(result="pass")


def _sets(fields: list[Field]) -> list[_Set]:
    """Order the headers into one whole set for every instance from 1 on. Raises Broken."""
    found: dict[tuple[int, str], Field] = {}
    for one in fields:
        instance = _instance(one)
        if (instance, one.key) in found:
            raise Broken(f"two headers of one kind for instance {instance}")
        found[instance, one.key] = one
    newest = max(instance for instance, _ in found)
    if newest > MAX_SETS:
        raise Broken(f"more than {MAX_SETS} seals")
    wanted = {(instance, kind) for instance in range(1, newest + 1) for kind in _KINDS}
    if found.keys() != wanted:
        raise Broken("a set is not whole")
    return [_set(*(found[instance, kind] for kind in _KINDS)) for instance in range(1, newest + 1)]


def _instance(field: Field) -> int:
    if field.key == "arc-authentication-results":
        named = _INSTANCE.match(field.value)
        if not named:
            raise Broken("an ARC-Authentication-Results without its instance")
        return int(named[1])
    tags = _tags(field)
    if not re.fullmatch(rb"[1-9][0-9]?", tags.raw[b"i"]):
        raise Broken("an instance that is no number")
    return int(tags.raw[b"i"])


def _tags(field: Field) -> Tags:
    is_seal = field.key == "arc-seal"
    try:
        tags = read_tags(field.value, _NEEDED_SEAL if is_seal else _NEEDED_MESSAGE, arc=True)
    except BadTags as bad:
        raise Broken(f"{field.key}: {bad}") from bad
    if is_seal and b"h" in tags.raw:
        raise Broken("a seal with h=")
    if not is_seal and "arc-seal" in tags.names:
        raise Broken("an ARC-Message-Signature over a seal")
    return tags


def _set(results: Field, message: Field, seal: Field) -> _Set:
    return _Set(results, message, seal, _tags(message), _tags(seal))


def _verify(message: SignedBytes, sets: list[_Set], questions: Questions) -> None:
    for number, one in enumerate(sets, 1):
        state = one.seal_tags.raw[b"cv"]
        if state != (b"none" if number == 1 else b"pass"):
            raise Broken(f"seal {number} says cv={state.decode('ascii', 'replace')}")
    _verify_message(message, sets[-1], questions)
    for count in range(len(sets), 0, -1):
        _verify_seal(sets[:count], questions)


def _verify_message(message: SignedBytes, newest: _Set, questions: Questions) -> None:
    tags = newest.message_tags
    if tags.length is not None:
        raise Broken("an ARC-Message-Signature with l=")
    if sha256(message.body(tags.relaxed_body)).digest() != tags.body_hash:
        raise Broken("the body was changed after the newest seal")
    relaxed = tags.relaxed_headers
    hashed = b"".join(one.canonical(relaxed) for one in message.named(tags.names))
    _check(tags, hashed + without_signature(newest.message, relaxed), questions)


def _verify_seal(sets: list[_Set], questions: Questions) -> None:
    """A seal covers all sets up to its own, oldest first, in relaxed form (§5.1.1)."""
    hashed = b""
    for one in sets:
        hashed += one.results.canonical(True) + one.message.canonical(True)
        hashed += one.seal.canonical(True) if one is not sets[-1] else without_signature(one.seal, True)
    _check(sets[-1].seal_tags, hashed, questions)


def _check(tags: Tags, hashed: bytes, questions: Questions) -> None:
    answer = questions.answer(tags.key_name, "TXT")
    if answer.outcome == "failed":
        raise DnsSilent(f"the DNS did not give the key of {tags.domain}")
    try:
        key = published(answer)
    except BadKey as bad:
        raise Broken(f"{tags.domain}: {bad}") from bad
    if key.is_testing or not fits(tags, key, hashed):
        raise Broken(f"what {tags.domain} sealed was changed")


def _said(field: Field) -> tuple[MethodResult, ...]:
    """Tokenise what the sealer found: behind its instance it is written like any Authentication-Results."""
    value = _INSTANCE.sub(b"", field.value, count=1)
    headers = authentication_headers(Headers([("authentication-results", value)]))
    return headers[0].results
