"""DKIM verified by ourselves: what proves a sender, and every way in which a signature does not."""

from datetime import timedelta

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from bot.identity.direct import signed_digest
from bot.mail import Mail
from bot.reading.mail import OpenedMail, read_mail
from bot.surety.party import Proof
from tests.verification.cases import (
    BODY,
    DOMAIN,
    IYO,
    IYO_SIGNS,
    NOW,
    Zone,
    head,
    judged,
    nothing,
    proves,
    zone,
)
from tests.verification.signing import (
    H,
    Signer,
    ed25519_key,
    record,
    rsa_key,
    signed,
    written,
)


def test_an_aligned_signature_over_all_that_matters_is_full_proof() -> None:
    case = judged(signed(head(), BODY, IYO_SIGNS), zone())
    assert proves(case)
    assert case.judgement.how == f"DKIM of {DOMAIN} (selector s), aligned, verified by ourselves"


@pytest.mark.parametrize(
    "signer",
    [
        Signer(DOMAIN, key=ed25519_key()),
        Signer(DOMAIN, key=rsa_key(1024)),
        Signer(DOMAIN, relaxed=False),
        Signer(DOMAIN, tags=f"i=soumu@{DOMAIN}; "),
        Signer(DOMAIN, headers=(*H, "from", "subject", "x-not-there")),
        Signer(DOMAIN, tags=f"t={int(NOW.timestamp())}; x={int(NOW.timestamp()) + 60}; "),
    ],
    ids=["ed25519", "1024 bits", "simple", "with i=", "oversigned", "with t= and x="],
)
def test_all_usual_kinds_of_signatures_prove(signer: Signer) -> None:
    assert proves(judged(signed(head(), BODY, signer), zone(signer)))


def test_a_key_may_be_published_as_pkcs_1() -> None:
    dns = Zone({f"s._domainkey.{DOMAIN}": record(rsa_key(), bare=True)})
    assert proves(judged(signed(head(), BODY, IYO_SIGNS), dns))


def test_what_dkimpy_signs_we_verify() -> None:
    pem = rsa_key(1024).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    data = written(head(), "本文 \r\n\r\n  x\t y \r\n\r\n\r\n")
    names = [name.encode() for name in H]
    for form in ((b"simple", b"simple"), (b"relaxed", b"simple"), (b"relaxed", b"relaxed")):
        line = dkim.sign(data, b"s", DOMAIN.encode(), pem, canonicalize=form, include_headers=names)
        case = judged(line + data, zone(Signer(DOMAIN, key=rsa_key(1024))))
        assert case.found.signatures[0].result == "pass", "but t= is of the machine's clock"


def test_line_ends_on_disk_do_not_matter() -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    assert proves(judged(data.replace(b"\r\n", b"\n"), zone()))


def test_all_signatures_are_judged_and_one_that_holds_is_enough() -> None:
    broken = Signer(DOMAIN, selector="old", key=rsa_key(1024))
    case = judged(signed(head(), BODY, broken, IYO_SIGNS), zone(IYO_SIGNS))
    assert [one.result for one in case.found.signatures] == ["permerror", "pass"]
    assert proves(case)


# A forged From.


def test_a_forged_from_without_a_signature_proves_nothing() -> None:
    nothing(judged(written(head(), BODY), zone()), "not signed")


def test_a_forged_from_with_the_forgers_own_signature_proves_nothing() -> None:
    forger = Signer("evil.test")
    case = judged(signed(head(), BODY, forger), zone(forger), mail_from="a@evil.test")
    nothing(case, "signed by evil.test only")


def test_the_keys_of_strangers_are_not_even_asked_for() -> None:
    """Whoever writes to us would choose which name servers we wait for."""
    dns = zone(Signer("evil.test"))
    judged(signed(head(), BODY, Signer("evil.test")), dns, mail_from="a@evil.test")
    assert not [name for name in dns.asked if name.endswith("evil.test")]


@pytest.mark.parametrize("domain", [f"mail.{DOMAIN}", "example", f"{DOMAIN}.evil.test", f"evil{DOMAIN}"])
def test_a_sub_domain_or_look_alike_is_not_aligned(domain: str) -> None:
    signer = Signer(domain)
    assert not proves(judged(signed(head(), BODY, signer), zone(signer)))


def test_two_from_headers_are_nobody() -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    for both in (
        b"From: kessai@surety.example\r\n" + data,
        data.replace(b"From:", b"From: x@y.example\r\nFrom:"),
    ):
        case = judged(both, zone())
        assert case.judgement.proof is Proof.NONE


def test_a_from_of_two_people_is_nobody() -> None:
    two = Signer(DOMAIN)
    case = judged(signed(head(**{"from": f"{IYO}, kessai@surety.example"}), BODY, two), zone())
    assert case.judgement.how == "no single From address"


# A signed mail that was changed on its way.


@pytest.mark.parametrize(
    "added",
    [
        "Subject: 承認",
        "To: hosho@hoshobin.example",
        "Cc: hosho@hoshobin.example",
        "Date: Tue, 10 Nov 2026 10:00:00 +0900",
        "Message-ID: <2@x.example>",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
    ],
)
def test_a_second_one_of_what_matters_unsigned_proves_nothing(added: str) -> None:
    """A verifier takes the lowest of a name, a reader the first."""
    data = signed(head(), BODY, IYO_SIGNS)
    above = judged(f"{added}\r\n".encode() + data, zone())
    nothing(above, f"does not cover all of {added.partition(':')[0].lower()}")
    before_body = judged(data.replace(b"\r\n\r\n", f"\r\n{added}\r\n\r\n".encode(), 1), zone())
    assert not proves(before_body)


def test_an_added_reply_to_changes_nothing_that_is_signed() -> None:
    """Nobody is ever answered there, and the same signed mail is not asked twice (test_replays.py)."""
    data = signed(head(), BODY, IYO_SIGNS)
    with_reply_to = b"Reply-To: thief@evil.test\r\n" + data
    first, second = judged(data, zone()), judged(with_reply_to, zone())
    assert proves(second)
    assert signed_digest(first.mail) == signed_digest(second.mail)


@pytest.mark.parametrize("name", ["to", "subject", "date", "message-id", "content-type"])
def test_a_signature_that_leaves_something_out_proves_nothing(name: str) -> None:
    signer = Signer(DOMAIN, headers=tuple(one for one in H if one != name))
    case = judged(signed(head(), BODY, signer), zone(signer))
    assert case.found.signatures[0].result == "pass"
    nothing(case, f"does not cover all of {name}")


def test_what_must_be_signed_must_be_named_even_where_it_is_missing() -> None:
    """A missing Content-Type may have been taken out: an attached mail would then be read as new words."""
    signer = Signer(DOMAIN, headers=tuple(one for one in H if one != "content-type"))
    nothing(judged(signed(head(content_type=""), BODY, signer), zone(signer)), "content-type")
    assert proves(judged(signed(head(content_type=""), BODY, IYO_SIGNS), zone()))


@pytest.mark.parametrize(
    ("there", "instead"),
    [(b"hello", b"other"), (b"To: hosho", b"To: other"), (BODY.encode(), "承認 9999\r\n".encode())],
)
def test_what_is_signed_cannot_be_changed(there: bytes, instead: bytes) -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    assert there in data
    nothing(judged(data.replace(there, instead), zone()), "fail")


def test_words_behind_a_signed_length_prove_nothing() -> None:
    signer = Signer(DOMAIN, length=len(BODY.encode()))
    data = signed(head(), BODY, signer)
    assert judged(data, zone(signer)).found.signatures[0].has_length
    nothing(judged(data, zone(signer)), "l= leaves the end of the body unsigned")
    nothing(judged(data + b"more words\r\n", zone(signer)), "l= leaves the end of the body unsigned")


@pytest.mark.parametrize("line", [b"From evil\r\n more words\r\n", b"From evil\r\n", b"no header at all\r\n"])
def test_a_line_that_a_verifier_skips_and_a_reader_does_not_proves_nothing(line: bytes) -> None:
    """Trap: dkimpy skips "From " lines anywhere; for our reader the body begins there."""
    data = signed(head(), BODY, IYO_SIGNS)
    for at in (data.index(b"To:"), data.index(b"\r\n\r\n") + 2):
        broken = data[:at] + line + data[at:]
        assert line.splitlines()[0].decode() in read(broken).new_text
        nothing(judged(broken, zone()), "could not be verified: ")


def read(data: bytes) -> Mail:
    opened = read_mail(data)
    assert isinstance(opened, OpenedMail)
    return opened.mail


def test_an_unclear_header_block_does_not_hide_that_dmarc_refuses_the_from() -> None:
    data = written(head(), BODY).replace(b"\r\n\r\n", b"\r\nno header\r\n\r\n", 1)
    assert judged(data, zone(dmarc="v=DMARC1; p=reject")).judgement.refused_by_dmarc


def test_what_dkimpy_lets_through_there_we_do_not() -> None:
    """Shows the trap at work in the library, so that nobody goes back to its parser unawares."""
    data = signed(head(), BODY, IYO_SIGNS)
    at = data.index(b"To:")
    text = record(rsa_key()).encode()
    broken = data[:at] + b"From evil words\r\n" + data[at:]
    assert dkim.verify(broken, dnsfunc=lambda name, timeout: text)


def test_a_mail_without_a_message_id_proves_nothing() -> None:
    """Nothing would tell a replay of it from the next mail with the same words."""
    nothing(judged(signed(head(message_id=""), BODY, IYO_SIGNS), zone()), "no Message-ID")


def test_a_mailbox_files_first_line_does_no_harm() -> None:
    assert proves(
        judged(b"From soumu Tue Nov 10 10:00:00 2026\r\n" + signed(head(), BODY, IYO_SIGNS), zone())
    )


# Moments.


@pytest.mark.parametrize(("days", "is_proof"), [(-8, False), (-6, True), (6, True), (8, False)])
def test_the_date_must_be_within_days_of_the_arrival(days: int, is_proof: bool) -> None:
    case = judged(signed(head(), BODY, IYO_SIGNS), zone(), received_at=NOW - timedelta(days=days))
    assert proves(case) == is_proof
    if not is_proof:
        nothing(case, "its Date is more than 7 days off")


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_a_mail_without_a_date_proves_nothing(date: str) -> None:
    nothing(judged(signed(head(date=date), BODY, IYO_SIGNS), zone()), "no Date")


def test_a_signature_that_expired_or_is_of_tomorrow_proves_nothing() -> None:
    expired = Signer(DOMAIN, tags=f"x={int(NOW.timestamp()) - 1}; ")
    nothing(judged(signed(head(), BODY, expired), zone(expired)), "expired")
    tomorrow = Signer(DOMAIN, tags=f"t={int(NOW.timestamp()) + 3600}; ")
    nothing(judged(signed(head(), BODY, tomorrow), zone(tomorrow)), "signed in the future")


def test_what_expires_while_it_waits_was_good_when_it_came() -> None:
    """All is held against the arrival: a later round judges as the first did."""
    signer = Signer(DOMAIN, tags=f"x={int(NOW.timestamp()) + 1}; ")
    assert proves(judged(signed(head(), BODY, signer), zone(signer)))


@pytest.mark.parametrize("tag", ["t=x; ", "t=-1; ", "x=99999999999999; ", "t=999999999999; "])
def test_a_moment_that_is_none_proves_nothing(tag: str) -> None:
    signer = Signer(DOMAIN, tags=tag)
    nothing(judged(signed(head(), BODY, signer), zone(signer)), "permerror")
