"""The daemon's resolver against a real DNS server on loopback."""

from collections.abc import Iterator

import pytest

from bot.dns import MAX_BYTES, Resolver
from bot.mail import DnsAnswer
from tests.test_arrows import imported, not_under
from tests.verification.dns_server import DnsServer, dns_serving, txt

ZONE = {
    ("a.example", "TXT"): [txt("one"), txt("v=spf1 -all")],
    ("long.example", "TXT"): [txt("x" * 3000)],
    ("poison.example", "TXT"): [txt(f"{n:0250}") for n in range(1, 60)],
    ("huge.example", "TXT"): [txt("z" * (MAX_BYTES + 1))],
    ("many.example", "A"): [f"192.0.2.{n}" for n in range(1, 120)],
    ("bytes.example", "TXT"): ['"\\200\\255"'],
    ("mail.example", "MX"): ["10 mx.mail.example.", "0 ."],
    ("mail.example", "A"): ["192.0.2.7"],
    ("mail.example", "AAAA"): ["2001:db8::7"],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.example."],
    ("alias.example", "CNAME"): ["a.example"],
    ("loop.example", "CNAME"): ["loop.example"],
}


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with dns_serving(ZONE) as running:
        running.records.pop(("loop.example", "CNAME"))
        yield running


def resolver(server: DnsServer, seconds: float = 2) -> Resolver:
    return Resolver([server.address], seconds)


def found(answer: DnsAnswer) -> set[str]:
    assert answer.outcome == "found", answer
    return set(answer.values)


def test_answers_are_plain_values(server: DnsServer) -> None:
    asks = resolver(server)
    assert found(asks.answer("A.example.", "TXT")) == {"one", "v=spf1 -all"}
    assert found(asks.answer("mail.example", "MX")) == {"10 mx.mail.example", "0 ."}
    assert found(asks.answer("mail.example", "A")) == {"192.0.2.7"}
    assert found(asks.answer("mail.example", "AAAA")) == {"2001:db8::7"}
    assert found(asks.answer("7.2.0.192.in-addr.arpa", "PTR")) == {"mail.example"}
    assert found(asks.answer("alias.example", "TXT")) == {"one", "v=spf1 -all"}
    assert found(asks.answer("bytes.example", "TXT")) == {"\u00c8\xff"}


def test_nothing_and_nobody_are_told_apart(server: DnsServer) -> None:
    asks = resolver(server)
    assert asks.answer("nobody.example", "TXT").outcome == "no name"
    assert asks.answer("a.example", "MX").outcome == "no data"


def test_what_is_known_is_not_asked_again(server: DnsServer) -> None:
    asks = resolver(server)
    for _ in range(3):
        asks.answer("a.example", "TXT")
        asks.answer("nobody.example", "TXT")
    assert server.asked == [("a.example", "TXT"), ("nobody.example", "TXT")]


def test_what_lasts_no_time_is_asked_again(server: DnsServer) -> None:
    server.ttl = 0
    asks = resolver(server)
    asks.answer("a.example", "TXT")
    asks.answer("a.example", "TXT")
    assert len(server.asked) == 2


@pytest.mark.parametrize("how", ["silent", "failing"])
def test_a_failure_is_no_answer_and_is_kept_as_a_failure_for_a_while(server: DnsServer, how: str) -> None:
    """Trap: a time-out taken for "no record" would make an unproven mail of a proven one."""
    names: set[str] = getattr(server, how)
    names.add("a.example")
    asks = resolver(server, 0.2)
    assert asks.answer("a.example", "TXT").outcome == "failed"
    questions = len(server.asked)
    assert asks.answer("A.example", "TXT").outcome == "failed"
    assert len(server.asked) == questions, "to ask a dead server again costs the whole time again"


def test_when_the_while_is_over_it_is_asked_again(server: DnsServer) -> None:
    server.failing.add("a.example")
    asks = Resolver([server.address], 0.2, failures_last=0.0)
    assert asks.answer("a.example", "TXT").outcome == "failed"
    server.failing.clear()
    assert found(asks.answer("a.example", "TXT")) == {"one", "v=spf1 -all"}


def test_a_mail_that_has_used_its_time_up_says_nothing_of_a_name_to_others(server: DnsServer) -> None:
    server.silent.add("a.example")
    asks = resolver(server, 0.5)
    assert asks.answer("a.example", "TXT", 0.1).outcome == "failed"
    server.silent.clear()
    assert found(asks.answer("a.example", "TXT")) == {"one", "v=spf1 -all"}


def test_nobody_listening_is_a_failure() -> None:
    with dns_serving({}) as gone:
        asks = resolver(gone, 0.3)
    assert asks.answer("a.example", "TXT").outcome == "failed"


def test_an_answer_too_long_for_udp_comes_by_tcp(server: DnsServer) -> None:
    assert found(resolver(server).answer("long.example", "TXT")) == {"x" * 3000}
    assert server.by_tcp == 1


@pytest.mark.parametrize("name", ["poison.example", "huge.example"])
def test_an_answer_of_a_poisoned_size_counts_as_none(server: DnsServer, name: str) -> None:
    answer = resolver(server).answer(name, "TXT")
    assert (answer.outcome, answer.values) == ("no data", ())
    assert answer.problem.startswith("an answer of more than")


def test_an_answer_of_too_many_records_counts_as_none(server: DnsServer) -> None:
    assert resolver(server).answer("many.example", "A").outcome == "no data"


@pytest.mark.parametrize(
    "name", ["", "a..example", "x" * 64 + ".example", ".".join(["x" * 60] * 5), "ホ.example"]
)
def test_what_is_no_name_is_not_asked(server: DnsServer, name: str) -> None:
    answer = resolver(server).answer(name, "TXT")
    assert answer.outcome == "no name"
    assert server.asked == []


def test_a_name_is_taken_as_it_is(server: DnsServer) -> None:
    """No search list, and a backslash is no escape."""
    server.records[("a", "TXT")] = [txt("x")]
    asks = resolver(server)
    asks.answer("b", "TXT")
    asks.answer("a\\046b.example", "TXT")
    assert server.asked == [("b", "TXT"), ("a\\\\046b.example", "TXT")]


def test_one_mail_waits_for_two_silent_servers_and_no_more(server: DnsServer) -> None:
    """Whoever writes chooses which servers we wait for: his tarpit must not hold up everybody's mail."""
    server.silent |= {f"{n}.tarpit.example" for n in range(9)}
    asks = resolver(server, 0.2).for_one_mail()
    answers = [asks(f"{n}.tarpit.example", "TXT") for n in range(9)]
    assert {one.outcome for one in answers} == {"failed"}
    assert {name for name, _ in server.asked} == {"0.tarpit.example", "1.tarpit.example"}
    assert answers[-1].problem == "the time for this mail is over"


def test_only_the_resolver_asks_the_dns() -> None:
    """What dkimpy and pyspf would ask themselves is asked from a reading child, which has no socket."""
    assert imported(not_under("bot.dns"), {"dns"}) == []
    assert imported(not_under("bot.reading"), {"spf"}) == []
