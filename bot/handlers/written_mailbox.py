"""Mailboxes as people write them in a text, and a contractor's mailbox registered."""

import re
import unicodedata
from typing import NamedTuple

from bot.directory import Directory
from bot.folding import squash
from bot.ledger import Put
from bot.outcome import Desk, Letter, Refusal, section
from bot.surety.address import fold_address
from bot.surety.party import Mailbox, Party, PartyKind, Role
from bot.words import ENDINGS

ADDRESS = r"<?(?P<address>[^\s<>「」、,@]*@[A-Za-z0-9.\-]+)>?(?:<mailto:[^>]*>)?"
ROLE = r"(?P<role>閲覧のみ|申込できる|申し込みできる|申込みできる)"
_POLITE = frozenset(squash(f"{joint}{ending}") for joint in ("", "に", "で", "として") for ending in ENDINGS)


class Written(NamedTuple):
    """A mailbox in a text, with the role it is to have and its person."""

    address: str  # folded
    role: Role
    person: str


def plain(text: str) -> str:
    """Return a text with one kind of blank and of Latin letters, Japanese as written."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_polite(rest: str) -> bool:
    """Say whether nothing but a polite ending is left of a sentence."""
    return squash(rest).rstrip("。.") in _POLITE


def role_of(written: str) -> Role:
    """Return the role that a text names."""
    return Role.VIEW if written == Role.VIEW.value else Role.APPLY


_PERSON = re.compile(r"[^\s。、,!?0-9@]{1,12}(?: [^\s。、,!?0-9@]{1,12}){0,2}")


def person_of(rest: str) -> str | None:
    """Return the person a text ends with, '' where it is only polite; None where it says something else."""
    if is_polite(rest):
        return ""
    name = rest.removesuffix("様").strip()
    return name if _PERSON.fullmatch(name) and not re.search(r"[はをがにで]|ない|ません", name) else None


def folded_or_none(address: str, own: frozenset[str]) -> str | None:
    """Fold an address that is to be registered; None where it cannot be one, or is the service's own."""
    try:
        folded = fold_address(address)
    except ValueError:
        return None
    return None if folded.rpartition("@")[2] in own else folded


def applying(directory: Directory, party_id: int) -> tuple[Mailbox, ...]:
    """List the mailboxes of a party that may apply."""
    return tuple(box for box in directory.mailboxes(party_id) if Role.APPLY in box.roles)


def registration(
    desk: Desk, party: Party, written: Written, person: str, own_letter: str = ""
) -> tuple[tuple[Put, ...], tuple[Letter, ...]]:
    """Register a mailbox of a contractor, or give it another role; all who may apply hear of it, it too.

    Raises Refusal where the mailbox is another party's. `own_letter` is a mailbox that is told otherwise.
    """
    assert party.kind == PartyKind.CONTRACTOR
    before = desk.directory.mailbox(written.address)
    if before is not None and before.party_id != party.id:
        raise Refusal("mailbox_not_by_mail", address=written.address)
    fields = {"roles": frozenset({written.role}), "person": person or (before.person if before else "")}
    box = before or Mailbox(address=written.address, party_id=party.id)
    values = {
        "address": written.address,
        "role": written.role.value,
        "party_name": party.name,
        "customer_number": party.number,
    }
    told = [one.address for one in applying(desk.directory, party.id) if one.address != written.address]
    news = section("mailbox_registered", values)
    letters = [Letter(recipient=one, sections=(news,)) for one in told if one != own_letter]
    letters.append(Letter(recipient=written.address, sections=(section("mailbox_welcome", values),)))
    return (Put(value=box.but(**fields)),), tuple(letters)
