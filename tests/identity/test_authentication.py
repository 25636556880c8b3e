"""The strict rule for Authentication-Results (RFC 8601 §5, §7.1): one test for each clause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.identity.authentication import Border, Judgement, judge
from bot.mail import AuthenticationHeader, Envelope, MethodResult
from bot.surety.party import Proof
from tests.desk import START

OURS = "border.hoshobin.example"
FROM = "soumu@iyo-kensetsu.example"
DOMAIN = "iyo-kensetsu.example"
BORDER = Border(authserv_id=OURS, trusted_peers=("127.0.0.1", "2001:db8:1::/48"))


def result(method: str, verdict: str, **properties: str) -> MethodResult:
    named = {name.replace("_", "."): value for name, value in properties.items()}
    return MethodResult(method=method, result=verdict, properties=named)


def header(
    *results: MethodResult, name: str = OURS, above: bool = True, sound: bool = True
) -> AuthenticationHeader:
    return AuthenticationHeader(authserv_id=name, above_received=above, results=results, sound=sound)


def judged(
    *headers: AuthenticationHeader,
    sender: str | None = FROM,
    peer: str = "127.0.0.1",
    border: Border = BORDER,
) -> Judgement:
    envelope = Envelope(mail_from="x@y.example", recipients=(), peer=peer, received_at=START)
    return judge(envelope, sender, headers, border)


DKIM = result("dkim", "pass", header_d=DOMAIN)
SPF = result("spf", "pass", smtp_mailfrom=DOMAIN)


def test_aligned_dkim_of_our_border_is_full_proof() -> None:
    found = judged(header(DKIM))
    assert found.proof is Proof.FULL
    assert found.proof.may_change


@pytest.mark.parametrize("peer", ["127.0.0.1", "2001:db8:1::25", "::ffff:127.0.0.1"])
def test_results_count_from_a_listed_peer(peer: str) -> None:
    assert judged(header(DKIM), peer=peer).proof is Proof.FULL


@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8:2::25", "::ffff:192.0.2.7", "", "unknown"])
def test_results_from_any_other_peer_prove_nothing(peer: str) -> None:
    assert judged(header(DKIM), peer=peer).proof is Proof.NONE


def test_where_no_border_is_configured_nothing_is_proven() -> None:
    border = Border(authserv_id="", trusted_peers=("127.0.0.1",))
    assert judged(header(DKIM, name=""), border=border).proof is Proof.NONE


def test_only_our_own_authserv_id_counts() -> None:
    assert judged(header(DKIM, name="mx.elsewhere.example")).proof is Proof.NONE
    assert judged(header(DKIM, name=f"{OURS}.elsewhere.example")).proof is Proof.NONE


def test_our_authserv_id_is_compared_without_case() -> None:
    assert judged(header(DKIM, name="Border.Hoshobin.Example")).proof is Proof.FULL


def test_results_of_others_neither_help_nor_harm() -> None:
    stranger = header(result("dkim", "fail", header_d=DOMAIN), name="mx.elsewhere.example", above=False)
    assert judged(header(DKIM), stranger).proof is Proof.FULL


def test_one_header_of_our_name_below_the_topmost_received_is_no_proof_at_all() -> None:
    assert judged(header(DKIM, above=False)).proof is Proof.NONE
    assert judged(header(DKIM), header(DKIM, above=False)).proof is Proof.NONE


def test_an_unsound_header_of_our_name_is_no_proof_at_all() -> None:
    assert judged(header(DKIM), header(sound=False)).proof is Proof.NONE


def test_two_verdicts_that_differ_prove_nothing() -> None:
    fails = result("dkim", "fail", header_d=DOMAIN)
    assert judged(header(DKIM, fails)).proof is Proof.NONE
    assert judged(header(DKIM), header(fails)).proof is Proof.NONE


def test_verdicts_of_one_method_that_differ_outweigh_another_method() -> None:
    fails = result("dkim", "fail", header_d=DOMAIN)
    assert judged(header(DKIM, fails, SPF)).proof is Proof.NONE
    assert judged(header(DKIM, SPF, result("spf", "softfail", smtp_mailfrom=DOMAIN))).proof is Proof.NONE


def test_a_verdict_on_the_mail_as_a_whole_can_contradict_and_never_proves() -> None:
    assert judged(header(DKIM), header(result("dkim", "none"))).proof is Proof.NONE
    assert judged(header(result("dkim", "pass"))).proof is Proof.NONE


def test_the_same_verdict_twice_is_one_verdict() -> None:
    assert judged(header(DKIM), header(DKIM)).proof is Proof.FULL


def test_another_domains_verdict_does_not_count() -> None:
    other = result("dkim", "fail", header_d="relay.example")
    assert judged(header(DKIM, other)).proof is Proof.FULL
    assert judged(header(result("dkim", "pass", header_d="relay.example"))).proof is Proof.NONE


@pytest.mark.parametrize("domain", [f"mail.{DOMAIN}", f"evil{DOMAIN}", "example", f"{DOMAIN}.evil.example"])
def test_a_sub_domain_or_look_alike_is_not_aligned(domain: str) -> None:
    assert judged(header(result("dkim", "pass", header_d=domain))).proof is Proof.NONE
    assert judged(header(result("spf", "pass", smtp_mailfrom=f"a@{domain}"))).proof is Proof.NONE


def test_a_signature_of_the_parent_does_not_prove_a_sub_domain() -> None:
    assert judged(header(DKIM), sender=f"a@genba.{DOMAIN}").proof is Proof.NONE


def test_what_was_verified_counts_and_not_the_identity_that_was_claimed() -> None:
    """header.d is the signing domain; header.i is only the signer's own word for who it signs for."""
    claimed = result("dkim", "pass", header_d="relay.example", header_i=FROM)
    assert judged(header(claimed)).proof is Proof.NONE
    assert judged(header(result("dkim", "pass", header_i=f"@{DOMAIN}"))).proof is Proof.FULL


def test_the_verdict_is_bound_to_the_visible_from() -> None:
    assert judged(header(DKIM), sender="kessai@surety.example").proof is Proof.NONE


def test_case_and_a_final_dot_of_a_domain_do_not_matter() -> None:
    assert judged(header(result("dkim", "PASS", header_d="IYO-kensetsu.example."))).proof is Proof.FULL


def test_aligned_spf_alone_proves_a_reader_and_no_change() -> None:
    found = judged(header(SPF))
    assert found.proof is Proof.READER
    assert not found.proof.may_change


def test_spf_of_the_helo_name_proves_nothing() -> None:
    assert judged(header(result("spf", "pass", smtp_helo=DOMAIN))).proof is Proof.NONE


def test_dmarc_that_passed_by_spf_does_not_prove_a_change() -> None:
    dmarc = result("dmarc", "pass", header_from=DOMAIN)
    assert judged(header(dmarc, SPF)).proof is Proof.READER
    assert judged(header(dmarc)).proof is Proof.NONE


def test_a_from_that_fails_dmarc_is_refused_whatever_else_passed() -> None:
    found = judged(header(DKIM, SPF, result("dmarc", "fail", header_from=DOMAIN)))
    assert found.proof is Proof.NONE
    assert found.refused_by_dmarc


def test_dmarc_that_failed_without_naming_a_domain_is_meant_for_this_from() -> None:
    assert judged(header(DKIM, result("dmarc", "fail"))).refused_by_dmarc


def test_two_dmarc_verdicts_that_differ_refuse() -> None:
    passes, fails = (result("dmarc", verdict, header_from=DOMAIN) for verdict in ("pass", "fail"))
    assert judged(header(DKIM, passes, fails)).refused_by_dmarc


def test_dmarc_of_another_domain_says_nothing_of_this_from() -> None:
    other = result("dmarc", "fail", header_from="elsewhere.example")
    assert judged(header(DKIM, other)).proof is Proof.FULL


def test_without_any_header_of_ours_nothing_is_proven() -> None:
    assert judged().proof is Proof.NONE


@pytest.mark.parametrize("sender", [None, "", "nobody"])
def test_without_one_visible_from_nothing_is_proven(sender: str | None) -> None:
    assert judged(header(DKIM), sender=sender).proof is Proof.NONE


@pytest.mark.parametrize(
    "verdict", ["fail", "neutral", "none", "policy", "temperror", "permerror", "", "passed"]
)
def test_only_pass_is_a_pass(verdict: str) -> None:
    assert judged(header(result("dkim", verdict, header_d=DOMAIN))).proof is Proof.NONE


_METHODS = st.builds(
    MethodResult,
    method=st.sampled_from(["dkim", "spf", "dmarc", "arc"]),
    result=st.sampled_from(["pass", "fail", "none", "neutral"]),
    properties=st.dictionaries(
        st.sampled_from(["header.d", "header.i", "header.from", "smtp.mailfrom"]),
        st.sampled_from([DOMAIN, FROM, "elsewhere.example", f"sub.{DOMAIN}"]),
    ),
)
_HEADERS = st.lists(
    st.builds(
        AuthenticationHeader,
        authserv_id=st.sampled_from([OURS, "mx.elsewhere.example"]),
        above_received=st.booleans(),
        results=st.lists(_METHODS, max_size=3).map(tuple),
        sound=st.booleans(),
    ),
    max_size=4,
)


@given(_HEADERS)
def test_full_proof_always_rests_on_an_aligned_signature_above_received(
    headers: list[AuthenticationHeader],
) -> None:
    if judged(*headers).proof is not Proof.FULL:
        return
    ours = [one for one in headers if one.authserv_id == OURS]
    assert all(one.above_received and one.sound for one in ours)
    passes = [
        r
        for one in ours
        for r in one.results
        if (r.method, r.result) == ("dkim", "pass")
        and (r.properties.get("header.d") or r.properties.get("header.i")) in (DOMAIN, FROM)
    ]
    assert passes


@given(_HEADERS)
def test_headers_of_others_never_add_proof(headers: list[AuthenticationHeader]) -> None:
    foreign = [one.but(authserv_id="mx.elsewhere.example") for one in headers]
    assert judged(*foreign).proof is Proof.NONE
