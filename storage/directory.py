"""The directory: parties, mailboxes and orderers, read for handlers and imported from TOML."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from bot.folding import squash
from bot.ledger import Change, Put, RemoveMailbox
from bot.surety.address import fold_address
from bot.surety.enrolment import core_name
from bot.surety.orderer import Orderer
from bot.surety.orderer_name import starts_with_office
from bot.surety.party import Mailbox, Party, PartyKind, Role
from storage.tables import MailboxRow, OrdererRow, PartyRow


class DirectoryView:
    """What the directory holds, over one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed: dict[str, Mailbox | None] = {}  # None: taken out

    def remember(self, changes: Sequence[Change]) -> None:
        """Show mailboxes from here on as one request of this mail changed them."""
        for change in changes:
            match change:
                case Put(value=Mailbox() as box):
                    self._changed[box.address] = box
                case RemoveMailbox(address=address):
                    self._changed[address] = None

    def mailbox(self, address: str) -> Mailbox | None:
        """Find a registered mailbox by its folded address."""
        if address in self._changed:
            return self._changed[address]
        row = self._session.exec(select(MailboxRow).where(MailboxRow.address == address)).first()
        return Mailbox.model_validate(row.body) if row else None

    def party(self, party_id: int) -> Party:
        """Return a party that is known to exist."""
        return Party.model_validate(self._session.get_one(PartyRow, party_id).body)

    def party_of_domain(self, domain: str) -> Party | None:
        """Find the party that a whole domain is registered for."""
        row = self._session.exec(select(PartyRow).where(PartyRow.domain == domain)).first()
        return Party.model_validate(row.body) if row else None

    def party_of_box(self, address: str) -> Party | None:
        """Find the party whose registered box this is."""
        row = self._session.exec(select(PartyRow).where(PartyRow.registered_box == address)).first()
        return Party.model_validate(row.body) if row else None

    def mailboxes(self, party_id: int) -> tuple[Mailbox, ...]:
        """List the registered mailboxes of a party, in a fixed order."""
        rows = select(MailboxRow).where(MailboxRow.party_id == party_id)
        found: dict[str, Mailbox | None] = {
            row.address: Mailbox.model_validate(row.body) for row in self._session.exec(rows)
        }
        found |= {a: b for a, b in self._changed.items() if a in found or (b and b.party_id == party_id)}
        return tuple(box for _, box in sorted(found.items()) if box is not None)

    def party_numbered(self, number: str) -> Party | None:
        """Find a party by its customer number."""
        row = self._session.exec(select(PartyRow).where(PartyRow.number == number)).first()
        return Party.model_validate(row.body) if row else None

    def parties_named(self, name: str) -> tuple[Party, ...]:
        """List the parties of one name, however its 株式会社 is written."""
        core = core_name(name)
        if not core:
            return ()
        rows = select(PartyRow).where(col(PartyRow.name_folded).contains(core, autoescape=True))
        found = [Party.model_validate(row.body) for row in self._session.exec(rows)]
        return tuple(party for party in found if core_name(party.name) == core)

    def parties_in_domain(self, domain: str) -> tuple[Party, ...]:
        """List the parties that have mailboxes in a domain."""
        boxes = select(MailboxRow.party_id).where(
            col(MailboxRow.address).endswith(f"@{domain}", autoescape=True)
        )
        rows = select(PartyRow).where(col(PartyRow.id).in_(boxes)).order_by(col(PartyRow.id))
        return tuple(Party.model_validate(row.body) for row in self._session.exec(rows))

    def mail_domains(self) -> frozenset[str]:
        """Return every domain in which a party has a mailbox, or that is registered as a whole."""
        whole = self._session.exec(select(PartyRow.domain).where(col(PartyRow.domain).is_not(None)))
        boxes = self._session.exec(select(MailboxRow.address))
        return frozenset([*filter(None, whole), *(address.rpartition("@")[2] for address in boxes)])

    def parties(self) -> tuple[Party, ...]:
        """List all parties, by their numbers."""
        rows = self._session.exec(select(PartyRow).order_by(col(PartyRow.number)))
        return tuple(Party.model_validate(row.body) for row in rows)

    def orderers(self, party_id: int) -> tuple[Orderer, ...]:
        """List the orderer profiles of a party, in a fixed order."""
        rows = select(OrdererRow).where(OrdererRow.party_id == party_id).order_by(col(OrdererRow.addressee))
        return tuple(Orderer.model_validate(row.body) for row in self._session.exec(rows))

    def staff(self, role: Role) -> tuple[Mailbox, ...]:
        """List the surety's own mailboxes with a role, in a fixed order."""
        sureties = select(PartyRow.id).where(PartyRow.kind == PartyKind.SURETY)
        found: list[Mailbox] = []
        for party_id in self._session.exec(sureties.order_by(col(PartyRow.id))):
            assert party_id is not None
            found += [box for box in self.mailboxes(party_id) if role in box.roles]
        return tuple(found)

    def orderer(self, orderer_id: int) -> Orderer:
        """Return an orderer that is known to exist."""
        return Orderer.model_validate(self._session.get_one(OrdererRow, orderer_id).body)

    def orderer_named(self, written: str) -> Orderer | None:
        """Find the one orderer whose office-holder's title starts what a contractor wrote."""
        rows = self._session.exec(select(OrdererRow).order_by(col(OrdererRow.addressee)))
        found = [row for row in rows if starts_with_office(written, row.addressee)]
        return Orderer.model_validate(found[0].body) if len(found) == 1 else None


class BadDirectory(Exception):
    """The directory file cannot be imported; the text names every fault."""


@dataclass(frozen=True)
class Imported:
    """What an import stored."""

    parties: int
    mailboxes: int
    orderers: int


def import_directory(session: Session, path: Path) -> Imported:
    """Import a TOML file. Raises BadDirectory as import_content does."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDirectory(f"{path}: {error}") from error
    return import_content(session, content, str(path))


def import_content(session: Session, content: dict[str, Any], source: str) -> Imported:
    """Import parties with their mailboxes and orderer profiles; what exists is updated, nothing removed.

    Profiles may also stand by themselves, as `orderer` entries that name their `party` by number.
    Raises BadDirectory with all faults where any entry is wrong; nothing is stored then.
    """
    faults: list[str] = []
    count = {"mailboxes": 0, "orderers": 0}
    for entry in content.pop("party", []):
        _import_party(session, entry, faults, count)
    for profile in content.pop("orderer", []):
        _import_profile(session, profile, faults, count)
    faults += [f"{name}: no such table; a directory holds [[party]]" for name in content]
    if faults:
        raise BadDirectory("\n".join([f"{source}: {len(faults)} fault(s)", *faults]))
    parties = len(session.exec(select(PartyRow.id)).all())
    return Imported(parties=parties, **count)


def _import_party(session: Session, entry: dict[str, Any], faults: list[str], count: dict[str, int]) -> None:
    name = entry.get("number", "?")
    boxes, profiles = entry.pop("mailbox", []), entry.pop("orderer", [])
    try:
        party = _put_party(session, entry)
        for box in boxes:
            _put_mailbox(session, party, box)
        for profile in profiles:
            _put_orderer(session, party, profile)
    except ValidationError as error:
        faults += [f"party {name}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return
    except ValueError as error:
        faults.append(f"party {name}: {error}")
        return
    count["mailboxes"] += len(boxes)
    count["orderers"] += len(profiles)


def _import_profile(
    session: Session, profile: dict[str, Any], faults: list[str], count: dict[str, int]
) -> None:
    number, addressee = str(profile.pop("party", "")), profile.get("addressee", "?")
    row = session.exec(select(PartyRow).where(PartyRow.number == number)).first()
    if row is None:
        faults.append(f"orderer {addressee}: there is no party {number!r}")
        return
    try:
        _put_orderer(session, Party.model_validate(row.body), profile)
    except ValidationError as error:
        faults += [f"orderer {addressee}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    except ValueError as error:
        faults.append(f"orderer {addressee}: {error}")
    else:
        count["orderers"] += 1


def _put_party(session: Session, entry: dict[str, Any]) -> Party:
    row = session.exec(select(PartyRow).where(PartyRow.number == entry.get("number", ""))).first()
    domain = str(entry["domain"]).lower() if entry.get("domain") else None
    box = fold_address(entry["registered_box"]) if entry.get("registered_box") else None
    party = Party.model_validate(
        {**entry, "id": row.id if row else 0, "domain": domain, "registered_box": box}
    )
    if party.domain and not party.registered_box:
        raise ValueError("a party with a domain needs a registered_box: answers go there")
    if row is None:
        row = PartyRow(number=party.number, kind=party.kind, name=party.name, name_folded="", body={})
    row.kind, row.name, row.name_folded = party.kind, party.name, squash(party.name)
    row.domain, row.registered_box = party.domain, party.registered_box
    session.add(row)
    session.flush()
    assert row.id is not None
    party = party.but(id=row.id)
    row.body = party.model_dump(mode="json")
    session.flush()
    return party


def _put_mailbox(session: Session, party: Party, entry: dict[str, Any]) -> None:
    address = fold_address(str(entry.get("address", "")))
    row = session.exec(select(MailboxRow).where(MailboxRow.address == address)).first()
    if row is not None and row.party_id != party.id:
        raise ValueError(f"{address} belongs to another party")
    mailbox = Mailbox.model_validate({**entry, "address": address, "party_id": party.id})
    if row is None:
        row = MailboxRow(address=address, party_id=party.id, body={})
    else:
        mailbox = mailbox.but(stopped=row.stopped)
    row.body = mailbox.model_dump(mode="json")
    session.add(row)
    session.flush()


def _put_orderer(session: Session, party: Party, entry: dict[str, Any]) -> None:
    addressee = str(entry.get("addressee", ""))
    row = session.exec(select(OrdererRow).where(OrdererRow.addressee == addressee)).first()
    if row is None:
        row = OrdererRow(addressee=addressee, addressee_folded=squash(addressee), party_id=party.id, body={})
    if row.party_id != party.id:
        raise ValueError(f"{addressee} belongs to another party")
    orderer = Orderer.model_validate({**entry, "id": row.id or 0, "party_id": party.id})
    session.add(row)
    session.flush()
    assert row.id is not None
    row.body = orderer.but(id=row.id).model_dump(mode="json")
    session.flush()
