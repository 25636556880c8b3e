"""Published vectors, run through our own functions (sources and licences: tests/vectors/README.md)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.mail import DnsAnswer, DnsKind
from bot.reading.arc_result import arc_result
from bot.reading.dkim_results import signature_results
from bot.reading.questions import Questions
from bot.reading.signed_bytes import SignedBytes
from bot.reading.spf_result import spf_result

VECTORS = Path(__file__).parents[1] / "vectors"
SUITE: list[dict[str, Any]] = json.loads((VECTORS / "rfc7208.json").read_text(encoding="utf-8"))
CASES = [(scenario, name) for scenario in SUITE for name in scenario["tests"]]
KEYS: dict[str, str] = json.loads((VECTORS / "dkim" / "keys.json").read_text(encoding="utf-8"))


def zone(records: dict[str, Any]) -> Callable[[str, DnsKind], DnsAnswer]:
    """Answer from a scenario's zone data, as a resolver would."""
    known = {name.lower(): entries for name, entries in records.items()}

    def ask(name: str, kind: DnsKind, hops: int = 0) -> DnsAnswer:
        name = name.lower()
        if any(not 0 < len(label) < 64 for label in name.split(".")):
            return DnsAnswer(name=name, kind=kind, outcome="no name")
        if name not in known:
            return DnsAnswer(name=name, kind=kind, outcome="no name")
        values: list[str] = []
        made_of_spf = not any(isinstance(one, dict) and "TXT" in one for one in known[name])
        for one in known[name]:
            if one == "TIMEOUT":
                if values:
                    break
                return DnsAnswer(name=name, kind=kind, outcome="failed")
            ((sort, value),) = one.items()
            if sort == "CNAME" and hops < 12:
                found = ask(value, kind, hops + 1)
                return found.but(name=name)
            if sort == kind or (kind == "TXT" and sort == "SPF" and made_of_spf):
                if value == "TIMEOUT":
                    return DnsAnswer(name=name, kind=kind, outcome="failed")
                if value != "NONE":
                    values.append(_value(kind, value))
        return DnsAnswer(name=name, kind=kind, outcome="found" if values else "no data", values=tuple(values))

    return ask


def _value(kind: DnsKind, value: Any) -> str:
    if kind == "TXT":
        text = value if isinstance(value, str) else "".join(value)
        return text.encode("utf-8").decode("latin-1")
    return f"{value[0]} {value[1]}" if kind == "MX" else str(value)


@pytest.mark.parametrize(("scenario", "name"), CASES, ids=[name for _, name in CASES])
def test_the_spf_suite_of_rfc_7208(scenario: dict[str, Any], name: str) -> None:
    case = scenario["tests"][name]
    questions = Questions(zone(scenario["zonedata"]))
    found = spf_result(case["host"], case["mailfrom"] or "", case["helo"] or "", questions)
    allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    assert found.result in allowed, (found, case["description"])


def keys(name: str, kind: DnsKind) -> DnsAnswer:
    text = KEYS.get(name)
    values = (text,) if text and kind == "TXT" else ()
    return DnsAnswer(name=name, kind=kind, outcome="found" if values else "no name", values=values)


def results(name: str, domain: str) -> list[tuple[str, str, int, str]]:
    message = SignedBytes((VECTORS / "dkim" / name).read_bytes())
    found = signature_results(message, domain, Questions(keys))
    return [(one.result, one.algorithm, one.key_bits, one.problem) for one in found]


def test_the_mail_of_rfc_6376_signed_as_rfc_8463_shows() -> None:
    assert results("rfc6376.signed.msg", "football.example.com") == [
        ("pass", "ed25519-sha256", 256, ""),
        ("pass", "rsa-sha256", 1024, ""),
    ]


def test_the_same_mail_signed_by_rsa_alone() -> None:
    assert results("rfc6376.signed.rsa.msg", "football.example.com") == [("pass", "rsa-sha256", 1024, "")]


def test_a_tag_added_to_a_signature_breaks_it() -> None:
    """dkimpy reads this file for its t= and x= alone; its b= is the other file's, so it cannot hold."""
    ((result, _, _, problem),) = results("rfc6376.signed.no_t.msg", "football.example.com")
    assert (result, problem) == ("fail", "a signed header was changed, or the key is another")


def test_a_signature_folded_as_oddly_as_is_legal() -> None:
    assert results("test2.message", "gmail.com") == [("pass", "rsa-sha256", 2048, "")]


SEALED = (
    b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=example.com; s=test; t=12345;\r\n"
    b" b=iSKjTQ93xUC6gt4yutHrOf0F/qb4E5voEeuucd66VhM4n/7ifBMMHqYwncgz9sefduM6C\r\n"
    b" UthuUSzqE2YamkGXQgKPIG9t4ZCOrx1OXGE34WF9ZeI/E0csrN+wK7sq/RjgN3z4qxLPMsp\r\n"
    b" lW+BUUHCNuCIvxcZ55Ky6evIb/Saj2o=\r\n"
    b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    b" d=example.com; s=test; t=12345; h=message-id : date : from : to :\r\n"
    b" subject : from; bh=wE7NXSkgnx9PGiavN4OZhJztvkqPDlemV3OGuEnLwNo=;\r\n"
    b" b=a0f6qc3k9eECTSR155A0TQS+LjqPFWfI/brQBA83EUz00SNxj1wmWykvs1hhBVeM0r1kE\r\n"
    b" Qc6CKbzRYaBNSiFj4q8JBpRIujLz1qLyGmPuAI6ddu/Z/1hQxgpVcp/odmI1UMV2R+d+yQ7\r\n"
    b" tUp3EQxF/GYNt22rV4rNmDmANZVqJ90=\r\n"
    b"ARC-Authentication-Results: i=1; lists.example.org;\r\n"
    b" arc=none;\r\n"
    b" spf=pass smtp.mfrom=jqd@d1.example;\r\n"
    b" dkim=pass header.i=@d1.example;\r\n"
    b" dmarc=pass\r\n"
)


def sealed(data: bytes) -> tuple[str, str]:
    found = arc_result(SignedBytes(data), Questions(keys), ("example.com",))
    assert found is not None
    return found.result, found.problem


def test_a_seal_made_by_dkimpy() -> None:
    message = (VECTORS / "dkim" / "arc.message").read_bytes()
    assert sealed(SEALED + message) == ("pass", "")
    assert sealed(SEALED + message.replace(b"This is", b"That was"))[0] == "fail"


def test_a_seal_with_h_fails() -> None:
    """RFC 8617 §4.1.3; the vector is dkimpy's."""
    message = (VECTORS / "dkim" / "arc.message").read_bytes()
    with_h = SEALED.replace(b"t=12345;\r\n b=iSK", b"t=12345; h=from;\r\n b=iSK")
    assert sealed(with_h + message) == ("fail", "a seal with h=")
