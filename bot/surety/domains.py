"""Mail domains: which may be bound to a party as a whole, and which only look like a registered one."""

from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Literal

from bot.folding import fold

Fault = Literal["not_a_domain", "provider", "own", "shared"]

# Second levels under jp that are registries' own (JPRS): nobody's domain.
_REGISTRIES = frozenset(
    f"{name}.jp" for name in ("ac", "ad", "co", "ed", "geo", "go", "gr", "lg", "ne", "or", "tokyo", "osaka")
)
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
# What passes for another letter at a glance: digits, Cyrillic and Greek twins, pairs that run together.
_TWINS = str.maketrans("01|35аеорсухіѕԁɡıονα", "oll" + "es" + "aeopcyxisdgiova")
_RUN_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("-", ""), ("i", "l"))
_SHORTEST = 6  # of shorter names one letter more or less says nothing


def _kept(text: str) -> frozenset[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


PROVIDERS = _kept(resources.files("bot.surety").joinpath("provider_domains.txt").read_text(encoding="utf-8"))


def refuse_domain(
    domain: str, own: Iterable[str], others: Sequence[str] = (), *, shared_ok: bool = False
) -> Fault | None:
    """Say why mail from a whole domain must not be taken for one party's; None where it may.

    `domain` is folded, in ASCII; `own` are the service's own domains; `others` are other parties that have
    mailboxes there: a 一部事務組合 often uses its city's. `shared_ok` says that staff have looked at that.
    """
    labels = domain.split(".")
    if len(labels) < 2 or domain in _REGISTRIES or not all(one and set(one) <= _LABEL for one in labels):
        return "not_a_domain"
    if _is_within(domain, PROVIDERS):
        return "provider"
    if _is_within(domain, frozenset(own)):
        return "own"
    return "shared" if others and not shared_ok else None


def is_provider(domain: str) -> bool:
    """Say whether anybody can get a mailbox under this domain."""
    return _is_within(domain, PROVIDERS)


def _is_within(domain: str, parents: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[place:]) in parents for place in range(len(labels)))


def similar_domain(domain: str, known: Iterable[str]) -> str | None:
    """Return the known domain that this one can be mistaken for; None where it is known, or like none."""
    listed = sorted(set(known))
    if domain in listed or is_provider(domain):
        return None
    mine = _skeleton(domain)
    for one in listed:
        theirs = _skeleton(one)
        if mine == theirs or (min(len(mine), len(theirs)) >= _SHORTEST and _one_apart(mine, theirs)):
            return one
    return None


def _skeleton(domain: str) -> str:
    """Return what is left of a domain at a glance; punycode is shown as the letters it stands for."""
    text = fold(".".join(map(_shown, domain.split(".")))).translate(_TWINS)
    for pair, looks_like in _RUN_TOGETHER:
        text = text.replace(pair, looks_like)
    return text


def _shown(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _one_apart(first: str, second: str) -> bool:
    """Say whether one letter put in, left out, changed, or changed places makes one of the other."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if start is None:
        return True
    a, b = first[start:], second[start:]
    swapped = len(a) > 1 and a[:2] == b[:2][::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped
