"""Every DKIM signature of a mail, verified on its stored bytes (RFC 6376 §6.1)."""

from hashlib import sha256

from bot.mail import SignatureResult, Verified
from bot.reading.dkim_keys import BadKey, SigningKey, published
from bot.reading.questions import Questions
from bot.reading.signed_bytes import Field, SignedBytes
from bot.reading.tag_values import BadTags, Tags, fits, read_tags, without_signature

MAX_SIGNATURES = 10
_NEEDED = (b"v", b"a", b"b", b"bh", b"d", b"h", b"s")
_MAX_COVERED = 60


def signature_results(
    message: SignedBytes, from_domain: str, questions: Questions
) -> tuple[SignatureResult, ...]:
    """Return the result of every signature, topmost first, at most MAX_SIGNATURES of them.

    Those that speak for the From's domain come first into the count. Keys of domains that could never be
    aligned with it are not asked for: whoever writes to us would choose which name servers we wait for.
    """
    headers = message.all("dkim-signature")
    read = [_read(one) for one in headers]
    ranked = sorted(range(len(read)), key=lambda i: (not related(_domain(read[i]), from_domain), i))
    chosen = sorted(ranked[:MAX_SIGNATURES])
    return tuple(_result(message, headers[i], read[i], from_domain, questions) for i in chosen)


def related(domain: str, other: str) -> bool:
    """Say whether two domains could have one organizational domain: they share their last two labels."""
    return bool(domain) and (
        domain == other
        or domain.split(".")[-2:] == other.split(".")[-2:]
        or domain.endswith(f".{other}")
        or other.endswith(f".{domain}")
    )


def _read(field: Field) -> Tags | BadTags:
    try:
        return read_tags(field.value, _NEEDED)
    except BadTags as bad:
        return bad


def _domain(read: Tags | BadTags) -> str:
    return read.domain


def _result(
    message: SignedBytes, field: Field, tags: Tags | BadTags, from_domain: str, questions: Questions
) -> SignatureResult:
    if isinstance(tags, BadTags):
        return SignatureResult(
            domain=tags.domain, selector=tags.selector, result="permerror", problem=str(tags)
        )
    base = SignatureResult(
        domain=tags.domain,
        selector=tags.selector,
        result="none",
        algorithm=tags.algorithm,
        covered=dict(list(tags.covered().items())[:_MAX_COVERED]),
        has_length=tags.length is not None,
        body_hash=tags.raw[b"bh"].decode("ascii"),
        signed_at=tags.signed_at,
        expires_at=tags.expires_at,
    )
    if not related(tags.domain, from_domain):
        return base.but(problem="not of the From's domain: its key was not asked for")
    if "from" not in tags.names:
        return base.but(result="permerror", problem="From is not signed")
    return _checked(message, field, tags, base, questions)


def _checked(
    message: SignedBytes, field: Field, tags: Tags, base: SignatureResult, questions: Questions
) -> SignatureResult:
    answer = questions.answer(tags.key_name, "TXT")
    if answer.outcome == "failed":
        return base.but(result="temperror", problem="the DNS did not give the key")
    try:
        key = published(answer)
    except BadKey as bad:
        return base.but(result="permerror", problem=str(bad), key_bits=bad.bits)
    base = base.but(key_bits=key.bits)
    result, problem = _verified(message, field, tags, key)
    return base.but(result=result, problem=problem)


def _verified(message: SignedBytes, field: Field, tags: Tags, key: SigningKey) -> tuple[Verified, str]:
    if key.is_strict and tags.identity_domain != tags.domain:
        return "permerror", "the key is not for sub-domains"
    body = message.body(tags.relaxed_body)
    if tags.length is not None:
        if tags.length > len(body):
            return "permerror", "l= is longer than the body"
        body = body[: tags.length]
    if sha256(body).digest() != tags.body_hash:
        return "fail", "the body was changed"
    relaxed = tags.relaxed_headers
    hashed = b"".join(one.canonical(relaxed) for one in message.named(tags.names))
    if not fits(tags, key, hashed + without_signature(field, relaxed)):
        return "fail", "a signed header was changed, or the key is another"
    if key.is_testing:
        return "none", "the key is in test mode (t=y)"
    return "pass", ""
