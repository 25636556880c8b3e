"""ARC: a listed forwarder's whole and unbroken seal counts like the signature it found; no other does."""

import re

import pytest

from bot.identity.direct import DirectRules
from bot.surety.party import Proof
from tests.verification.cases import BODY, DOMAIN, IYO_SIGNS, Case, Zone, head, judged, zone
from tests.verification.signing import Head, Signer, ed25519_key, rsa_key, signed, written

LIST = Signer("list.example", selector="arc", key=rsa_key(1024))
HOP = Signer("hop.example", selector="arc", key=rsa_key(1024))
DKIM_PASSED = f"dkim=pass header.d={DOMAIN}; spf=fail smtp.mailfrom=a@b.example"
RULES = DirectRules(trusted_forwarders=("list.example",))
FOOTER = BODY + "-- list footer\r\n"


def forwarded(said: str = DKIM_PASSED, signer: Signer = LIST, *, body: str = FOOTER, **changed: str) -> Head:
    """Return a mail as a forwarder passes it on: the body changed, the sender's signature broken, a seal."""
    mail: Head = [IYO_SIGNS.signature(head(), BODY), *head(**changed)]
    return [*signer.seal(mail, body, said), *mail]


def found(mail: Head, body: str = FOOTER, dns: Zone | None = None, rules: DirectRules = RULES) -> Case:
    return judged(
        written(mail, body), dns or zone(IYO_SIGNS, LIST, HOP), mail_from="a@list.example", rules=rules
    )


def proves(case: Case) -> bool:
    return case.judgement.proof is Proof.FULL


def broken(case: Case, why: str) -> None:
    assert case.judgement.proof is Proof.NONE
    assert case.found.arc is not None
    assert case.found.arc.result == "fail", case.found.arc
    assert why in case.found.arc.problem


def test_a_listed_forwarders_seal_counts_like_the_signature_it_found() -> None:
    case = found(forwarded())
    assert case.found.signatures[0].result == "fail", "the footer broke it"
    assert proves(case)
    assert "as the listed forwarder list.example found and sealed (ARC)" in case.judgement.how


def test_a_seal_by_ed25519_does_not_count() -> None:
    """RFC 8617 knows rsa-sha256 alone, and dkimpy's check of the tags refuses all else in a seal."""
    signer = Signer("list.example", key=ed25519_key())
    broken(found(forwarded(signer=signer), dns=zone(IYO_SIGNS, signer)), "not what it must be")


def test_a_longer_chain_counts_where_the_newest_seal_is_listed() -> None:
    mail = forwarded(signer=HOP)
    chain = [*LIST.seal(mail, FOOTER, DKIM_PASSED), *mail]
    case = found(chain)
    assert case.found.arc is not None
    assert case.found.arc.sealers == ("list.example", "hop.example")
    assert proves(case)


def test_an_unlisted_forwarder_proves_nothing_and_its_key_is_not_asked_for() -> None:
    dns = zone(IYO_SIGNS, HOP)
    case = found(forwarded(signer=HOP), dns=dns)
    assert case.judgement.proof is Proof.NONE
    assert not [name for name in dns.asked if name.endswith("hop.example")]


def test_a_listed_forwarder_below_an_unlisted_one_proves_nothing() -> None:
    mail = forwarded()
    assert not proves(found([*HOP.seal(mail, FOOTER, DKIM_PASSED), *mail]))


def test_with_nobody_listed_no_seal_counts() -> None:
    assert not proves(found(forwarded(), rules=DirectRules()))


@pytest.mark.parametrize(
    "said",
    [
        f"dkim=fail header.d={DOMAIN}",
        "dkim=pass header.d=other.example",
        f"dkim=pass header.d=mail.{DOMAIN}",
        f"dkim=pass header.d={DOMAIN}; dkim=fail header.d={DOMAIN}",
        f"spf=pass smtp.mailfrom=a@{DOMAIN}",
        f"dmarc=pass header.from={DOMAIN}",
        f'dkim=none (" dkim=pass header.d={DOMAIN} ")',
        "none",
    ],
)
def test_a_forwarder_that_found_no_aligned_signature_proves_nothing(said: str) -> None:
    assert not proves(found(forwarded(said)))


@pytest.mark.parametrize("name", ["to", "subject", "date", "message-id", "content-type"])
def test_the_forwarder_must_cover_what_a_sender_must(name: str) -> None:
    signer = Signer("list.example", "arc", rsa_key(1024), tuple(one for one in LIST.headers if one != name))
    case = found(forwarded(signer=signer))
    assert case.found.arc is not None
    assert case.found.arc.result == "pass"
    assert not proves(case)
    assert name in case.judgement.how


@pytest.mark.parametrize(
    ("there", "instead", "why"),
    [
        ("hello", "other", "sealed was changed"),
        (BODY, "承認 9999\r\n", "the body was changed"),
        ("dkim=pass", "dkim=none", "sealed was changed"),
        ("cv=none", "cv=pass", "cv=pass"),
        ("cv=none", "cv=fail", "cv=fail"),
        ("cv=none; ", "", "arc-seal"),
        ("i=1; cv", "i=2; cv", "a set is not whole"),
        ("i=1; list", "list", "without its instance"),
        ("i=1; list", "i=0; list", "without its instance"),
        ("; b=", "; h=from; b=", "a seal with h="),
    ],
)
def test_a_chain_that_was_tampered_with_fails(there: str, instead: str, why: str) -> None:
    data = written(forwarded(), FOOTER).decode()
    assert there in data
    changed = data.replace(there, instead, 1).encode()
    broken(judged(changed, zone(IYO_SIGNS, LIST), rules=RULES), why)


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_set_that_is_not_whole_fails(gone: int) -> None:
    mail = forwarded()
    broken(found([one for place, one in enumerate(mail) if place != gone]), "a set is not whole")


@pytest.mark.parametrize("twice", [0, 1, 2])
def test_two_headers_of_one_instance_fail(twice: int) -> None:
    mail = forwarded()
    broken(found([mail[twice], *mail]), "two headers of one kind")


def test_a_forged_report_above_the_sealed_one_fails() -> None:
    mail = forwarded("dkim=none")
    forged = ("ARC-Authentication-Results", f"i=1; list.example; dkim=pass header.d={DOMAIN}")
    broken(found([forged, *mail]), "two headers of one kind")


def test_a_gap_in_the_chain_fails() -> None:
    mail = forwarded()
    broken(found([*LIST.seal(mail, FOOTER, DKIM_PASSED, number=3), *mail]), "a set is not whole")


def test_a_chain_that_does_not_begin_with_none_fails() -> None:
    mail: Head = head()
    broken(found([*LIST.seal(mail, FOOTER, DKIM_PASSED, cv="pass"), *mail]), "cv=pass")


def test_a_seal_over_a_chain_that_failed_fails() -> None:
    mail = forwarded(signer=HOP)
    broken(found([*LIST.seal(mail, FOOTER, DKIM_PASSED, cv="fail"), *mail]), "cv=fail")


def test_a_seal_of_somebody_elses_key_fails() -> None:
    thief = Signer("list.example", "arc", rsa_key(2048))
    broken(found(forwarded(signer=thief)), "sealed was changed")


def test_an_earlier_seal_that_is_broken_breaks_the_chain() -> None:
    mail = forwarded(signer=HOP)
    chain = [*LIST.seal(mail, FOOTER, DKIM_PASSED), *mail]
    name, value = chain[3]
    assert name == "ARC-Seal"
    chain[3] = (name, re.sub("b=....", "b=AAAA", value))
    broken(found(chain), "sealed was changed")


def test_a_signature_over_a_seal_fails() -> None:
    signer = Signer("list.example", "arc", rsa_key(1024), (*LIST.headers, "arc-seal"))
    broken(found(forwarded(signer=signer)), "over a seal")


def test_eleven_seals_are_too_many() -> None:
    mail: Head = head()
    for _ in range(11):
        mail = [*LIST.seal(mail, FOOTER, DKIM_PASSED), *mail]
    broken(found(mail), "more than 10 seals")


def test_ten_thousand_seals_cost_little() -> None:
    lines = b"".join(b"ARC-Seal: i=%d; x\r\n" % n for n in range(6000))
    broken(judged(lines + signed(head(), BODY), zone(), rules=RULES), "")


def test_a_mail_without_a_seal_has_no_chain() -> None:
    assert found(head()).found.arc is None


def test_a_key_that_the_dns_does_not_give_leaves_the_chain_unsettled() -> None:
    dns = zone(IYO_SIGNS, LIST)
    dns.silent.add("arc._domainkey.list.example")
    case = found(forwarded(), dns=dns)
    assert case.found.arc is not None
    assert case.found.arc.result == "temperror"
    assert "list.example" in case.found.unsettled
