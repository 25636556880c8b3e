"""SPF of the peer and the envelope sender (RFC 7208), with pyspf's DNS turned to the daemon."""

from typing import Any

import spf

from bot.mail import DnsAnswer, SpfResult
from bot.reading.questions import Questions

_RESULTS = ("pass", "fail", "softfail", "neutral", "none", "permerror", "temperror")


def spf_result(peer: str, mail_from: str, helo: str, questions: Questions) -> SpfResult:
    """Evaluate the record of MAIL FROM's domain, or of HELO's where the sender is null."""
    domain = (mail_from.rpartition("@")[2] or helo).lower().rstrip(".")

    def look_up(name: str, kind: str, *_: object) -> list[tuple[tuple[str, str], Any]]:
        if kind not in ("A", "AAAA", "MX", "PTR", "TXT"):
            return []
        answer = questions.answer(name, kind)  # type: ignore[arg-type]
        if answer.outcome == "failed":
            raise spf.TempError(f"no answer for {kind} of {name}")
        return [((name, kind), _value(answer, one)) for one in answer.values]

    spf.DNSLookup = look_up
    try:
        result, _, text = spf.query(i=peer, s=mail_from, h=helo, querytime=0).check()
    except Exception as error:  # pyspf raises what it likes on odd records, addresses and names
        return SpfResult(result="permerror", domain=domain, problem=f"{type(error).__name__}")
    problem = "" if result == "pass" else str(text)[:200]
    known = result if result in _RESULTS else "permerror"
    return SpfResult(result=known, domain=domain, problem=problem)


def _value(answer: DnsAnswer, value: str) -> Any:
    """Return one value as pyspf wants it from its own lookup."""
    if answer.kind == "TXT":
        return (value.encode("latin-1"),)
    if answer.kind == "MX":
        preference, _, exchange = value.partition(" ")
        return int(preference), exchange
    return value
