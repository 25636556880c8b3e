"""The part of an explanation that says what was verified of a mail's source."""

from collections.abc import Iterator

from bot.mail import ArcResult, SignatureResult, Verification


def source_lines(found: Verification) -> list[str]:
    """List signatures, SPF, DMARC, ARC and the DNS answers they rest on, a line each."""
    return [f"  {line}" for line in _lines(found)]


def _lines(found: Verification) -> Iterator[str]:
    yield from map(_signature, found.signatures)
    if found.spf is not None:
        yield _line(f"SPF {found.spf.result} of {found.spf.domain}", found.spf.problem)
    if found.dmarc is not None:
        yield f"DMARC p={found.dmarc.policy}, published by {found.dmarc.domain}"
    if found.arc is not None:
        yield _arc(found.arc)
    for answer in found.dns:
        kept = " | ".join(value if len(value) <= 60 else f"{value[:60]}..." for value in answer.values)
        yield _line(f"DNS {answer.kind} {answer.name}: {answer.outcome} {kept}".rstrip(), answer.problem)
    if found.unsettled:
        yield f"unsettled: {found.unsettled}"
    if found.problem:
        yield f"problem: {found.problem}"


def _signature(one: SignatureResult) -> str:
    by = f"DKIM {one.result} by {one.domain or '?'} (selector {one.selector or '?'}"
    by += f", {one.algorithm}, {one.key_bits} bits)" if one.key_bits else ")"
    by += f" over {' '.join(one.covered)}" if one.result == "pass" else ""
    return _line(by + (" and l=" if one.has_length else ""), one.problem)


def _arc(arc: ArcResult) -> str:
    return _line(f"ARC {arc.result} by {', '.join(arc.sealers) or '?'}", arc.problem)


def _line(text: str, problem: str) -> str:
    printable = "".join(char if char.isprintable() else "?" for char in text)
    return f"{printable} ({problem})" if problem else printable
