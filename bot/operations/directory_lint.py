"""What is doubtful in the directory: read by people before it costs somebody a certificate."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.surety.domains import is_provider, refuse_domain, similar_domain
from bot.surety.orderer import Channel, Measure, Orderer
from bot.surety.papers import KIND_NAMES
from bot.surety.party import Mailbox, Party, PartyKind, Role
from bot.surety.submitting import named_submission
from storage.directory import DirectoryView

_STAFF_ROLES = (Role.EXAMINE, Role.DECIDE, Role.COLLECT, Role.MANAGE)
_WORDING = {
    "not_a_domain": "is no mail domain",
    "provider": "is a mail provider's: anybody can have a mailbox there",
    "own": "is the service's own",
    "shared": "is used by other parties too",
}


@dataclass(frozen=True)
class Doubt:
    """One thing to look at. `is_fault`: as it stands something fails or is unsafe."""

    where: str
    text: str
    is_fault: bool = True


def doubts(directory: DirectoryView, own: frozenset[str]) -> list[Doubt]:
    """Return all doubts in the order of the parties; `own` are the service's own domains."""
    parties = directory.parties()
    boxes = {party.id: directory.mailboxes(party.id) for party in parties}
    found = list(_of_staff(directory))
    for party in parties:
        where = f"{party.number} {party.name}"
        mine = boxes[party.id]
        others = {
            _domain(box.address) for other in parties if other.id != party.id for box in boxes[other.id]
        }
        found += [Doubt(where, text, fault) for text, fault in _of_party(party, mine, others, own)]
        for orderer in directory.orderers(party.id):
            found += [Doubt(f"{where} / {orderer.addressee}", text) for text in _of_profile(orderer)]
    return found


def _of_staff(directory: DirectoryView) -> Iterator[Doubt]:
    for role in _STAFF_ROLES:
        if not directory.staff(role):
            yield Doubt("保証会社", f"nobody has the role {role}: what needs it waits for ever")


def _of_party(
    party: Party, boxes: tuple[Mailbox, ...], others: set[str], own: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    if not boxes and not party.domain:
        yield "has no mailbox", party.kind != PartyKind.ORDERER
    for box in boxes:
        if not box.roles:
            yield f"{box.address} has no role", True
    if party.kind == PartyKind.CONTRACTOR:
        if boxes and not any(Role.APPLY in box.roles for box in boxes):
            yield f"no mailbox may apply ({Role.APPLY})", True
        if not party.address or not party.representative:
            yield "has no address or representative: certificates print them", True
        if not party.phone:
            yield "has no phone number: nobody can be called when letters do not arrive", False
    if party.domain:
        shared = sorted(one for one in others if one == party.domain)
        if refused := refuse_domain(party.domain, own, shared, shared_ok=party.shared_domain_ok):
            yield f"the domain {party.domain} {_WORDING[refused]}", True
    for domain in sorted({_domain(box.address) for box in boxes}):
        if like := similar_domain(domain, others):
            yield f"{domain} can be mistaken for {like}", False
        if is_provider(domain) and party.kind == PartyKind.ORDERER:
            yield f"its mailbox is at a provider ({domain}): make sure that it is the office's", False


def _of_profile(orderer: Orderer) -> Iterator[str]:
    if orderer.accepted_measure == Measure.PAPER:
        return
    if not orderer.basis:
        yield "no basis (約款・要領): nothing electronic is issued"
    if orderer.covered_from is None:
        yield "no day from which electronic certificates are accepted"
    if not orderer.kinds:
        yield "no kind of guarantee is named: nothing electronic is issued"
    for kind in sorted(orderer.kinds):
        submission = named_submission(orderer, kind)
        if submission is None or not submission.department:
            yield f"{KIND_NAMES[kind]}: nobody is named to whom the key notice goes"
        elif orderer.channel == Channel.MAIL and not submission.address:
            yield f"{KIND_NAMES[kind]}: submitted by mail, but no address is given"
        elif orderer.channel == Channel.WEB_FORM and not submission.web_form:
            yield f"{KIND_NAMES[kind]}: submitted by a web form, but none is named"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
