"""The directory as rows of cells: made for an export, and read back into what an import takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.operations.directory_columns import (
    NUMBER,
    PROFILE_COLUMNS,
    PROFILES,
    ROLL,
    ROLL_COLUMNS,
    BadCell,
    Column,
)
from bot.surety.orderer import Orderer
from bot.surety.papers import GuaranteeKind
from bot.surety.party import Mailbox, Party
from storage.directory import BadDirectory, DirectoryView

Rows = list[list[str]]  # the first one holds the labels
COLUMNS: dict[str, tuple[Column, ...]] = {ROLL: ROLL_COLUMNS, PROFILES: PROFILE_COLUMNS}


def tables(directory: DirectoryView) -> dict[str, Rows]:
    """Return both tables of the whole directory, in a fixed order."""
    roll: Rows = [[column.label for column in ROLL_COLUMNS]]
    profiles: Rows = [[column.label for column in PROFILE_COLUMNS]]
    for party in directory.parties():
        boxes: Sequence[Mailbox | None] = directory.mailboxes(party.id) or (None,)
        roll += [_roll_row(party, box) for box in boxes]
        profiles += [_profile_row(party, one) for one in directory.orderers(party.id)]
    return {ROLL: roll, PROFILES: profiles}


def _roll_row(party: Party, box: Mailbox | None) -> list[str]:
    owners = {"party": party, "mailbox": box}
    return [_shown(column, owners[column.owner], column.field) for column in ROLL_COLUMNS]


def _profile_row(party: Party, orderer: Orderer) -> list[str]:
    cells = []
    for column in PROFILE_COLUMNS:
        if column.field == "party":
            cells.append(party.number)
        elif column.owner == "orderer":
            cells.append(_shown(column, orderer, column.field))
        else:
            cells.append(_shown(column, orderer.submissions.get(GuaranteeKind(column.owner)), column.field))
    return cells


def _shown(column: Column, owner: object, field: str) -> str:
    value = None if owner is None else getattr(owner, field)
    return "" if value in (None, "") else column.show(value)


def content(given: Mapping[str, Rows], source: str) -> dict[str, Any]:
    """Turn tables into what storage.directory.import_content takes. Raises BadDirectory with every fault."""
    faults: list[str] = []
    parties: dict[str, dict[str, Any]] = {}
    orderers: list[dict[str, Any]] = []
    for name, rows in given.items():
        for where, cells in _cells(name, rows, faults):
            if name == ROLL:
                _add_to_roll(parties, _read(ROLL_COLUMNS, cells, where, faults), where, faults)
            else:
                orderers.append(_profile(_read(PROFILE_COLUMNS, cells, where, faults)))
    if faults:
        raise BadDirectory("\n".join([f"{source}: {len(faults)} fault(s)", *faults]))
    return {"party": list(parties.values()), "orderer": orderers}


def _cells(name: str, rows: Rows, faults: list[str]) -> Iterable[tuple[str, dict[str, str]]]:
    """Give each row that is not empty with its place, as label → cell."""
    labels = [label.strip() for label in rows[0]] if rows else []
    known = [column.label for column in COLUMNS[name]]
    unknown = [label for label in labels if label and label not in known]
    twice = {label for label in labels if label and labels.count(label) > 1}
    faults += [f"{name}: no such column {label!r}; it accepts {'、'.join(known)}" for label in unknown]
    faults += [f"{name}: the column {label!r} is there twice" for label in sorted(twice)]
    if NUMBER not in labels:
        faults.append(f"{name}: the column {NUMBER!r} is missing")
    if faults:
        return
    for number, row in enumerate(rows[1:], start=2):
        cells = {label: cell.strip() for label, cell in zip(labels, row, strict=False) if label}
        if any(cells.values()):
            yield f"{name} row {number}", cells


def _read(
    columns: Sequence[Column], cells: Mapping[str, str], where: str, faults: list[str]
) -> dict[str, dict[str, Any]]:
    """Read the cells of one row: owner → field → value. An empty cell is the field's default."""
    found: dict[str, dict[str, Any]] = {}
    for column in columns:
        if not (cell := cells.get(column.label, "")):
            continue
        try:
            found.setdefault(column.owner, {})[column.field] = column.read(cell)
        except BadCell as error:
            faults.append(f"{where}: {column.label} = {cell!r}: {error}")
    return found


def _add_to_roll(
    parties: dict[str, dict[str, Any]], read: dict[str, dict[str, Any]], where: str, faults: list[str]
) -> None:
    party, box = read.get("party", {}), read.get("mailbox", {})
    number = party.get("number", "")
    if not number:
        faults.append(f"{where}: {NUMBER} is empty")
        return
    entry = parties.setdefault(number, {**party, "mailbox": []})
    differing = [name for name, value in party.items() if entry.get(name) != value]
    differing += [name for name in entry if name != "mailbox" and name not in party]
    if differing:
        faults.append(f"{where}: {number} differs from its first row in {', '.join(sorted(differing))}")
    if box:
        entry["mailbox"].append(box)


def _profile(read: dict[str, dict[str, Any]]) -> dict[str, Any]:
    submissions = {kind.value: read[kind.value] for kind in GuaranteeKind if kind.value in read}
    return {**read.get("orderer", {}), "submissions": submissions}
