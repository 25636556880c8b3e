"""SPF and DMARC by ourselves: a reader at most; and when a From is refused."""

import pytest

from bot.identity.direct import peer_for_spf
from bot.mail import Envelope
from bot.reading.dmarc_record import dmarc_record, organization_of
from bot.reading.questions import Questions
from bot.surety.party import Proof
from tests.verification.cases import BODY, DOMAIN, IYO_SIGNS, NOW, PEER, Zone, head, judged, zone
from tests.verification.signing import Signer, signed, written

UNSIGNED = written(head(), BODY)
OURS = f"v=spf1 ip4:{PEER} -all"


def test_spf_alone_proves_a_reader_and_never_a_change() -> None:
    case = judged(UNSIGNED, zone(spf=OURS))
    assert case.judgement.proof is Proof.READER
    assert not case.judgement.proof.may_change


@pytest.mark.parametrize(
    ("spf", "mail_from"),
    [
        ("v=spf1 ip4:198.51.100.1 -all", "soumu@iyo-kensetsu.example"),
        ("v=spf1 ip4:198.51.100.1 ~all", "soumu@iyo-kensetsu.example"),
        ("v=spf1 ?all", "soumu@iyo-kensetsu.example"),
        ("v=spf1 bad:mechanism", "soumu@iyo-kensetsu.example"),
        (OURS, "a@evil.test"),
        (OURS, "a@mail.iyo-kensetsu.example"),
    ],
)
def test_spf_that_does_not_pass_for_the_very_domain_proves_nothing(spf: str, mail_from: str) -> None:
    assert judged(UNSIGNED, zone(spf=spf), mail_from=mail_from).judgement.proof is Proof.NONE


@pytest.mark.parametrize("source", ["lmtp", "imap"])
def test_spf_says_nothing_of_a_mail_that_a_machine_of_ours_hands_on(source: str) -> None:
    case = judged(UNSIGNED, zone(spf=OURS, dmarc="v=DMARC1; p=reject"), source=source)
    assert case.found.spf is None
    assert (case.judgement.proof, case.judgement.refused_by_dmarc) == (Proof.NONE, False)


@pytest.mark.parametrize(
    ("peer", "asked"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("10.1.2.3", ""),
        ("::ffff:192.168.0.9", ""),
        ("fd00::1", ""),
        ("unix", ""),
        ("", ""),
    ],
)
def test_which_peer_spf_can_speak_of(peer: str, asked: str) -> None:
    assert peer_for_spf(Envelope(mail_from="", recipients=(), peer=peer, received_at=NOW)) == asked


def test_an_spf_record_that_asks_for_ever_ends() -> None:
    """RFC 7208 §4.6.4: ten lookups, two of them in vain."""
    endless = Zone({DOMAIN: f"v=spf1 include:1.{DOMAIN} -all"})
    for n in range(1, 100):
        endless.texts[f"{n}.{DOMAIN}"] = f"v=spf1 include:{n + 1}.{DOMAIN} -all"
    case = judged(UNSIGNED, endless)
    assert case.found.spf is not None
    assert case.found.spf.result == "permerror"
    assert len(case.found.dns) < 20


def test_a_mail_asks_sixty_questions_at_most() -> None:
    asking = Zone()
    many = Questions(asking.ask)
    answers = [many.answer(f"{n}.example", "TXT") for n in range(70)]
    assert len(asking.asked) == 60
    assert answers[-1].problem == "more than 60 questions for one mail"


@pytest.mark.parametrize("policy", ["quarantine", "reject"])
def test_a_from_that_fails_dmarc_is_refused(policy: str) -> None:
    case = judged(UNSIGNED, zone(dmarc=f"v=DMARC1; p={policy}"))
    assert case.judgement.refused_by_dmarc
    assert f"DMARC failed (p={policy} of {DOMAIN})" in case.judgement.how


@pytest.mark.parametrize(
    "record", ["v=DMARC1; p=none", "v=DMARC1; p=quarantine; t=y", "v=DMARC1", "v=DMARC2; p=reject"]
)
def test_a_from_that_fails_without_a_policy_is_only_unproven(record: str) -> None:
    case = judged(UNSIGNED, zone(dmarc=record))
    assert (case.judgement.proof, case.judgement.refused_by_dmarc) == (Proof.NONE, False)


def test_what_proves_a_sender_is_not_refused_whatever_the_record() -> None:
    dns = zone(spf=OURS, dmarc="v=DMARC1; p=reject; adkim=s; aspf=s")
    assert judged(signed(head(), BODY, IYO_SIGNS), dns).judgement.proof is Proof.FULL
    assert judged(UNSIGNED, dns).judgement.proof is Proof.READER


@pytest.mark.parametrize(("more", "refused"), [("", False), ("; adkim=s", True)])
def test_a_signature_of_the_same_organization_is_no_proof_but_no_failure(more: str, refused: bool) -> None:
    signer = Signer(f"mail.{DOMAIN}")
    case = judged(signed(head(), BODY, signer), zone(signer, dmarc=f"v=DMARC1; p=reject{more}"))
    assert case.judgement.proof is Proof.NONE
    assert case.judgement.refused_by_dmarc is refused


@pytest.mark.parametrize(("more", "refused"), [("", False), ("; aspf=s", True)])
def test_spf_of_the_same_organization_is_no_failure(more: str, refused: bool) -> None:
    dns = zone(dmarc=f"v=DMARC1; p=reject{more}")
    dns.texts[f"mail.{DOMAIN}"] = OURS
    case = judged(UNSIGNED, dns, mail_from=f"a@mail.{DOMAIN}")
    assert case.judgement.refused_by_dmarc is refused


def test_a_signature_that_proves_nothing_may_still_pass_dmarc() -> None:
    """What DMARC refuses is treated as a stranger's; a weak signature is merely no proof."""
    weak = Signer(DOMAIN, headers=("from",))
    case = judged(signed(head(), BODY, weak), zone(weak, dmarc="v=DMARC1; p=reject"))
    assert (case.judgement.proof, case.judgement.refused_by_dmarc) == (Proof.NONE, False)


def test_a_signature_of_another_organization_does_not_help() -> None:
    other = Signer("other.example")
    case = judged(signed(head(), BODY, other), zone(other, dmarc="v=DMARC1; p=reject"))
    assert case.judgement.refused_by_dmarc


# The tree walk (RFC 9989 §4.10).


def walk(domain: str, **records: str) -> tuple[str, str | None, list[str]]:
    dns = Zone({f"_dmarc.{name.replace('_', '.')}": text for name, text in records.items()})
    found = dmarc_record(domain, Questions(dns.ask))
    asked = [name.removeprefix("_dmarc.") for name in dns.asked]
    organization = organization_of(domain, Questions(dns.ask))
    return organization, f"{found.domain}: {found.policy}" if found else None, asked


REJECT = "v=DMARC1; p=reject"


def test_the_walk_goes_up_to_the_top() -> None:
    assert walk("a.b.example") == ("a.b.example", None, ["a.b.example", "b.example", "example"])


def test_the_shortest_name_with_a_record_is_the_organization() -> None:
    organization, policy, _ = walk("a.b.example", a_b_example=REJECT, b_example="v=DMARC1; p=none")
    assert (organization, policy) == ("b.example", "a.b.example: reject")


def test_without_a_record_of_its_own_the_organizations_sub_domain_policy_holds() -> None:
    assert walk("a.b.example", b_example=REJECT)[1] == "b.example: reject"
    assert walk("a.b.example", b_example=f"{REJECT}; sp=none")[1] == "b.example: none"
    assert walk("b.example", b_example=f"{REJECT}; sp=none")[1] == "b.example: reject"


def test_a_public_suffix_ends_the_walk_one_label_below() -> None:
    organization, policy, asked = walk(
        "x.city.lg.example", lg_example="v=DMARC1; p=none; psd=y", example=REJECT
    )
    assert (organization, policy) == ("city.lg.example", "lg.example: none")
    assert "example" not in asked


def test_a_domain_may_say_that_it_is_an_organization() -> None:
    organization, _, asked = walk("a.b.example", b_example=f"{REJECT}; psd=n", example=REJECT)
    assert organization == "b.example"
    assert "example" not in asked


def test_a_long_name_is_walked_in_eight_questions() -> None:
    name = ".".join("abcdefghijkl") + ".example"
    *_, asked = walk(name)
    assert asked == [name, *(".".join(name.split(".")[-n:]) for n in range(7, 0, -1))]


def test_two_records_of_one_name_count_as_none() -> None:
    dns = Zone()

    def ask(name: str, kind: str) -> object:
        return dns.ask(name, "TXT").but(outcome="found", values=(REJECT, REJECT))

    assert dmarc_record("b.example", Questions(ask)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["p=reject; v=DMARC1", "v=DMARC1p=reject", "V=dmarc1; p=reject", ";", "v=spf1"]
)
def test_a_record_that_does_not_begin_with_its_version_is_none(text: str) -> None:
    assert walk("b.example", b_example=text)[1] is None
