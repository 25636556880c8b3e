"""Verifying in the real reading child: confined, killable, and only where a helper is started for it."""

import subprocess
import sys

import pytest

from bot.dns import Resolver
from bot.mail import DnsAnswer, DnsKind, Mail, Verification
from bot.reading.client import ReadingHelper
from bot.reading.limits import Limits
from bot.reading.wire import Verify
from tests.verification.cases import BODY, DOMAIN, IYO, IYO_SIGNS, PEER, head
from tests.verification.dns_server import DnsServer
from tests.verification.signing import signed

WANTED = Verify(from_domain=DOMAIN, mail_from=IYO, peer=PEER, helo="mx.example")
DATA = signed(head(), BODY, IYO_SIGNS)


def asks_for_nothing(name: str, kind: DnsKind) -> DnsAnswer:
    return DnsAnswer(name=name, kind=kind, outcome="no name")


def test_a_child_verifies_and_then_reads_papers(helper: ReadingHelper, dns_server: DnsServer) -> None:
    resolver = Resolver([dns_server.address], 2)
    with helper.read(DATA, null_sender=False) as conversation:
        assert isinstance(conversation.mail, Mail)
        found = conversation.verify(WANTED, resolver.for_one_mail())
        assert [one.result for one in found.signatures] == ["pass"]
        assert conversation.verify(WANTED, resolver.for_one_mail()) == found
        with pytest.raises(IndexError):
            conversation.papers([0])


def test_a_child_that_was_let_go_is_replaced(helper: ReadingHelper) -> None:
    with helper.read(DATA, null_sender=False) as conversation:
        conversation.close()
        found = conversation.verify(WANTED, asks_for_nothing)
    assert [one.problem for one in found.signatures] == ["no key is published"]


@pytest.mark.slow
def test_the_wait_for_the_dns_is_not_the_childs_time(dns_server: DnsServer) -> None:
    """A slow name server must not look like a mail that takes too long to read."""
    dns_server.silent.add(f"s._domainkey.{DOMAIN}")
    running = ReadingHelper(Limits(mail_seconds=1), verifying=True)
    resolver = Resolver([dns_server.address], 1.5)
    try:
        with running.read(DATA, null_sender=False) as conversation:
            found = conversation.verify(WANTED, resolver.for_one_mail())
    finally:
        running.close()
    assert found.unsettled == f"s._domainkey.{DOMAIN}"
    assert found.problem == ""


def test_a_helper_that_was_not_started_to_verify_cannot() -> None:
    running = ReadingHelper()
    try:
        with running.read(DATA, null_sender=False) as conversation:
            found = conversation.verify(WANTED, asks_for_nothing)
    finally:
        running.close()
    assert found.problem.startswith("verification failed")


def test_a_helper_that_does_not_verify_loads_nothing_of_it() -> None:
    """Where direct verification is off, reading costs what it always did."""
    libraries = {"dkim", "spf", "dns", "bot.reading.verification"}
    program = f"import sys, bot.reading.sandbox; sys.exit(len({libraries!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-I", "-c", program], check=False, timeout=60).returncode == 0


def test_a_mail_that_kills_its_verifier_is_unproven_with_the_reason(helper: ReadingHelper) -> None:
    def hangs_up(name: str, kind: DnsKind) -> DnsAnswer:
        return DnsAnswer(name=name, kind=kind, outcome="found", values=("x" * 70_000,))

    with helper.read(DATA, null_sender=False) as conversation:
        found = conversation.verify(WANTED, hangs_up)
        assert found.problem == "verification failed: reading crashed"
        assert conversation.papers([]) == ()


@pytest.mark.slow
def test_a_child_that_asks_for_ever_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.reading.process.MAX_DNS_QUESTIONS", 1)
    running = ReadingHelper(verifying=True)
    try:
        with running.read(DATA, null_sender=False) as conversation:
            found = conversation.verify(WANTED, asks_for_nothing)
    finally:
        running.close()
    assert found.problem == "verification failed: reading crashed"


def test_nothing_can_be_verified_of_what_is_no_mail(helper: ReadingHelper) -> None:
    with helper.read(b"", null_sender=False) as nothing, pytest.raises(ValueError, match="nothing was read"):
        nothing.verify(WANTED, asks_for_nothing)


def test_a_verdict_survives_the_way_through_json(helper: ReadingHelper) -> None:
    with helper.read(DATA, null_sender=False) as conversation:
        found = conversation.verify(WANTED, asks_for_nothing)
    assert Verification.model_validate(found.model_dump(mode="json")) == found
