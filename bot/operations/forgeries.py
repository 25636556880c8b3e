"""Authentication-Results as a forger may spell them, and which of them are still in a mail (RFC 8601 §5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail import AuthenticationHeader


@dataclass(frozen=True)
class Forgery:
    """One header in our border's name, and the mark by which it is known again."""

    spelling: str  # in words, for people
    header: str
    mark: str  # stands there as header.b


def forgeries(authserv_id: str, domain: str, nonce: str) -> tuple[Forgery, ...]:
    """Write the same lie in every spelling that a reader must understand, and a border must take out."""
    name = "Authentication-Results"
    made: list[Forgery] = []

    def add(spelling: str, pattern: str) -> None:
        mark = f"{nonce}{len(made)}"
        dkim = f"dkim=pass header.d={domain} header.b={mark}"
        dmarc = f"dmarc=pass header.from={domain}"
        made.append(Forgery(spelling, pattern.format(dkim=dkim, dmarc=dmarc), mark))

    add("plainly", f"{name}: {authserv_id}; {{dkim}}; {{dmarc}}")
    add("with the id in capitals", f"{name.lower()}: {authserv_id.upper()}; {{dkim}}; {{dmarc}}")
    add("with the name in capitals", f"{name.upper()}: {authserv_id} 1; {{dkim}}; {{dmarc}}")
    add("with comments", f"{name}: (a (nested) one) {authserv_id} (b); {{dkim}} (good); {{dmarc}}")
    add("folded", f"{name}:\r\n\t{authserv_id};\r\n  {{dkim}};\r\n\t{{dmarc}}")
    add("with the id in quotes", f'{name}: "{authserv_id}"; {{dkim}}; {{dmarc}}')
    add("without a space behind the colon", f"{name}:{authserv_id};{{dkim}};{{dmarc}}")
    add("with a space before the colon", f"{name} : {authserv_id}; {{dkim}}; {{dmarc}}")
    return tuple(made)


def survivors(
    forged: Sequence[Forgery], headers: Sequence[AuthenticationHeader], authserv_id: str
) -> list[str]:
    """Return the spellings that are still there; a header in our name that cannot be read counts as one."""
    said = {value for header in headers for result in header.results for value in result.properties.values()}
    left = [one.spelling for one in forged if one.mark in said]
    broken = [one for one in headers if not one.sound and one.authserv_id in ("", authserv_id.lower())]
    return left + ["in a way that broke it"] * len(broken)
