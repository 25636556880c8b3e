"""Whose Authentication-Results count for a mailbox at a provider: its own authserv-id, of that account."""

from datetime import UTC, datetime

import pytest

from bot.identity.authentication import Border, judge
from bot.mail import AuthenticationHeader, Envelope, MethodResult
from bot.surety.party import Proof

NOW = datetime(2026, 10, 1, tzinfo=UTC)
FROM = "taro@kensetsu.example.jp"
BORDER = Border(
    authserv_id="border.hosho.example",
    trusted_peers=("192.0.2.1/32",),
    mailboxes={"main": "mx.provider.example", "silent": ""},
)


def envelope(account: str, source: str = "imap", peer: str = "") -> Envelope:
    fields = {"mail_from": "", "recipients": ("desk@hosho.example",), "peer": peer, "received_at": NOW}
    return Envelope.model_validate({**fields, "source": source, "account": account})


def header(authserv_id: str, *, above: bool = True) -> AuthenticationHeader:
    result = MethodResult(method="dkim", result="pass", properties={"header.d": "kensetsu.example.jp"})
    return AuthenticationHeader(authserv_id=authserv_id, above_received=above, results=(result,))


def test_the_providers_word_counts_where_its_name_is_configured() -> None:
    judged = judge(envelope("main"), FROM, [header("MX.provider.example")], BORDER)
    assert judged.proof == Proof.FULL


@pytest.mark.parametrize("account", ["silent", "unknown", ""])
def test_without_a_name_nothing_is_proven(account: str) -> None:
    for authserv_id in ("mx.provider.example", "border.hosho.example", ""):
        assert judge(envelope(account), FROM, [header(authserv_id)], BORDER).proof == Proof.NONE


def test_our_own_borders_name_in_a_fetched_mail_is_somebodys_invention() -> None:
    assert judge(envelope("main"), FROM, [header("border.hosho.example")], BORDER).proof == Proof.NONE


def test_the_providers_name_counts_at_no_other_door() -> None:
    for source in ("smtp", "lmtp", "file"):
        came = envelope("main", source, peer="192.0.2.1")
        assert judge(came, FROM, [header("mx.provider.example")], BORDER).proof == Proof.NONE


def test_below_a_received_line_it_proves_nothing() -> None:
    """Whether the provider or the sender wrote what stands there, nobody can tell."""
    headers = [header("mx.provider.example", above=False)]
    assert judge(envelope("main"), FROM, headers, BORDER).proof == Proof.NONE
