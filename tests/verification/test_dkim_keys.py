"""DKIM keys and tags: which count, and that no odd one costs time."""

import base64
import time

import pytest

from tests.verification.cases import (
    BODY,
    DOMAIN,
    IYO_SIGNS,
    Zone,
    head,
    judged,
    nothing,
    proves,
    zone,
)
from tests.verification.signing import (
    RSA_512,
    RSA_768,
    Signer,
    ed25519_key,
    record,
    rsa_key,
    signed,
)


@pytest.mark.parametrize(("key", "bits"), [(RSA_512, 512), (RSA_768, 768)])
def test_a_short_key_proves_nothing(key: str, bits: int) -> None:
    dns = Zone({f"s._domainkey.{DOMAIN}": f"v=DKIM1; p={key}"})
    case = judged(signed(head(), BODY, IYO_SIGNS), dns)
    assert case.found.signatures[0].key_bits == bits
    nothing(case, f"an RSA key of {bits} bits")


def der(tag: int, body: bytes) -> bytes:
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    length = bytes([len(body)]) if len(body) < 128 else bytes([128 + len(size)]) + size
    return bytes([tag]) + length + body


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [((1 << 30_000) + 1, 65537), ((1 << 2047) + 1, (1 << 2040) + 1), ((1 << 2047) + 1, 1), (1, 3), (0, 0)],
    ids=["30000 bits", "long exponent", "exponent 1", "modulus 1", "nothing"],
)
def test_a_key_that_only_costs_time_is_refused_at_once(modulus: int, exponent: int) -> None:
    key = base64.b64encode(der(0x30, number(modulus) + number(exponent))).decode()
    began = time.process_time()
    case = judged(signed(head(), BODY, IYO_SIGNS), Zone({f"s._domainkey.{DOMAIN}": f"p={key}"}))
    assert time.process_time() - began < 1
    nothing(case, "an RSA key")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v=DKIM1; p=", "revoked"),
        ("v=DKIM1; k=rsa", "holds no key"),
        ("v=DKIM2; p=AAAA", "another version"),
        ("k=rsa; v=DKIM1; p=AAAA", "another version"),
        ("v=DKIM1; k=dsa; p=AAAA", "unknown kind"),
        ("v=DKIM1; h=sha1; p=AAAA", "not for sha256"),
        ("v=DKIM1; s=tlsrpt; p=AAAA", "not for mail"),
        ("v=DKIM1; p=????", "no base64"),
        ("v=DKIM1; p=AAAA", "cannot be read"),
        ("v=DKIM1; k=ed25519; p=AAAA", "cannot be read"),
        ("v=DKIM1; p=AAAA; p=BBBB", "cannot be read"),
        ("something else", "cannot be read"),
    ],
)
def test_a_record_that_is_no_key_of_ours_proves_nothing(text: str, why: str) -> None:
    nothing(judged(signed(head(), BODY, IYO_SIGNS), Zone({f"s._domainkey.{DOMAIN}": text})), why)


def test_a_key_in_test_mode_signs_nothing() -> None:
    dns = Zone({f"s._domainkey.{DOMAIN}": record(rsa_key(), "t=y; ")})
    nothing(judged(signed(head(), BODY, IYO_SIGNS), dns), "test mode")


def test_a_key_without_sub_domains_is_for_its_own_alone() -> None:
    dns = Zone({f"s._domainkey.{DOMAIN}": record(rsa_key(), "t=s; ")})
    below = Signer(DOMAIN, tags=f"i=a@genba.{DOMAIN}; ")
    nothing(judged(signed(head(), BODY, below), dns), "not for sub-domains")
    assert proves(judged(signed(head(), BODY, IYO_SIGNS), dns))


def test_a_key_of_one_kind_checks_no_signature_of_the_other() -> None:
    signer = Signer(DOMAIN, key=ed25519_key())
    nothing(judged(signed(head(), BODY, signer), zone(IYO_SIGNS)), "fail")


# Signatures that are none.


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"a=rsa-sha256", b"a=rsa-sha1"),
        (b"v=1", b"v=2"),
        (b"c=relaxed/relaxed", b"c=loose/loose"),
        (b"d=iyo", b"d=*.iyo"),
        (b"s=s;", b"s=s/../x;"),
        (b"; bh=", b"; bh=AAAA; bh="),
        (b"h=from:", b"h="),
        (b"d=iyo-kensetsu.example; ", b""),
        (b"; b=", b"; b=!"),
        (b"s=s; ", b"s=s; q=http; "),
    ],
)
def test_a_signature_that_breaks_the_rules_proves_nothing(there: bytes, instead: bytes) -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    assert there in data
    nothing(judged(data.replace(there, instead, 1), zone()), "")


def test_a_thousand_signatures_cost_little_and_ten_are_looked_at() -> None:
    lines = "".join(
        f"DKIM-Signature: v=1; a=rsa-sha256; d=x{n}.test; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        for n in range(1000)
    )
    dns = zone()
    began = time.process_time()
    case = judged(lines.encode() + signed(head(), BODY, IYO_SIGNS), dns)
    assert time.process_time() - began < 2
    assert proves(case), "those of the From's own domain come first into the count"
    assert len(case.found.signatures) == 10
    assert case.found.problem == "1001 signatures, of which 10 were looked at"
    assert len(dns.asked) <= 5


def test_a_thousand_signatures_in_the_froms_name_ask_ten_questions() -> None:
    lines = "".join(
        f"DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; s=s{n}; h=from; bh=AAAA; b=AAAA\r\n"
        for n in range(1000)
    )
    dns = zone()
    nothing(judged(lines.encode() + signed(head(), BODY, IYO_SIGNS), dns), "no key is published")
    assert sum("_domainkey" in name for name in dns.asked) == 10


def test_a_signature_of_a_hundred_kilobytes_costs_nothing() -> None:
    began = time.process_time()
    for filler in ("A" * 100_000, "\r\n " * 33_000, "; x=" * 25_000):
        line = f"DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; s=s; h=from; bh=AAAA; b={filler}\r\n"
        case = judged(line.encode() + signed(head(), BODY, IYO_SIGNS), zone())
        assert case.found.signatures[0].problem == "a signature of more than 8192 bytes"
        assert proves(case)
    assert time.process_time() - began < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", [" " * 3_000_000, "\t \r" * 500_000, "x \r\n" * 300_000, "\r\n" * 500_000], ids=range(4)
)
def test_a_body_made_to_be_slow_is_hashed_in_linear_time(body: str) -> None:
    """Trap: dkimpy's relaxed form takes the square of the length of a run of blanks."""
    began = time.process_time()
    judged(signed(head(), "x", IYO_SIGNS) + body.encode(), zone())
    assert time.process_time() - began < 4
