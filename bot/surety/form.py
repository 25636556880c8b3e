"""申込書: read an application form whole, with every fault at once, and merge the answers to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from bot.folding import squash
from bot.surety.field_bank import without_account_number
from bot.surety.field_parsers import UNDERSTANDABLE, is_reservation, says_none
from bot.surety.fields import BY_ID, FIELDS
from bot.surety.form_checks import disagreements
from bot.surety.form_field import FormField, Need, is_needed
from bot.surety.form_lines import LONGEST_VALUE, TWICE, read_lines
from bot.surety.form_values import (
    AdvanceRequest,
    ApplicationForm,
    Bank,
    FormFault,
    FormReading,
    PerformanceRequest,
)
from bot.surety.papers import GuaranteeKind

__all__ = [
    "AdvanceRequest",
    "ApplicationForm",
    "Bank",
    "FormFault",
    "FormReading",
    "PerformanceRequest",
    "merge",
    "read_form",
    "read_given",
]

_OPENING_BRACKETS = " 　〈<《(（＜"
_PARTS_OF_PERIOD = {"work_from", "work_to"}


def read_form(text: str, today: date) -> FormReading:
    """Read the new words of a mail as an application form."""
    lines = read_lines(text)
    return read_given(lines.given, today, lines.unknown)


def read_given(given: Mapping[str, str], today: date, unknown: tuple[str, ...] = ()) -> FormReading:
    """Read raw values by field identifier: those of one mail, or those that `merge` brought together."""
    trimmed = {each.id: _trim(each, given.get(each.id, "")) for each in FIELDS}
    state = _State(_asked(trimmed["kinds"].value, today))
    for each in FIELDS:
        _read_field(each, trimmed, today, state)
    state.faults.extend(disagreements(state.found))
    order = list(BY_ID)
    faults = tuple(sorted(state.faults, key=lambda fault: order.index(fault.field)))
    return FormReading(
        given={name: raw.kept for name, raw in trimmed.items() if raw.value},
        form=None if faults else ApplicationForm.model_validate(state.found),
        faults=faults,
        interpreted=frozenset(state.interpreted),
        unknown=unknown,
        notes=(*(note for raw in trimmed.values() for note in raw.notes), *state.notes),
        reservation=is_reservation(trimmed["kinds"].value),
    )


def merge(earlier_given: Mapping[str, str], later_given: Mapping[str, str]) -> dict[str, str]:
    """Lay the changed labels of an answer over what was given before. A new 工期 replaces its parts too."""
    kept = dict(earlier_given)
    if "period" in later_given:
        kept = {name: value for name, value in kept.items() if name not in _PARTS_OF_PERIOD}
    return {**kept, **later_given}


class _Raw(NamedTuple):
    """One raw value: what is kept of it, what of that is to be understood, and what is said beside it."""

    kept: str
    value: str
    notes: tuple[str, ...]


class _Asked(NamedTuple):
    kinds: frozenset[GuaranteeKind]
    amendment: bool


@dataclass
class _State:
    """What has been read so far."""

    asked: _Asked | None  # None where even that is not understood
    found: dict[str, object] = field(default_factory=dict)
    faults: list[FormFault] = field(default_factory=list)
    interpreted: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def fault(self, of: FormField, problem: str) -> None:
        """Note down a fault of one field."""
        self.faults.append(FormFault(field=of.id, label=of.label, problem_ja=problem))


def _trim(of: FormField, raw: str) -> _Raw:
    """Take account numbers out of what is kept; cut ※ remarks and our own hint from what is understood."""
    notes = []
    if len(raw) > LONGEST_VALUE:
        raw = raw[:LONGEST_VALUE]
        notes.append(f"{of.label}: 長いため、はじめの{LONGEST_VALUE:,}字だけを読みました")
    kept = without_account_number(raw) if of.id == "bank" or "口座" in squash(raw) else raw
    if kept != raw:
        notes.append(f"{of.label}: 口座番号は消しました(メールではお預かりしません)")
    values: list[str] = []
    for piece in kept.split(TWICE):
        written, mark, remark = piece.partition("※")
        value = _without_hint(written.strip().rstrip(_OPENING_BRACKETS) if mark else written, of.hint)
        if mark:
            notes.append(f"{of.label}: ※{remark.strip()}")
        if value and squash(value) not in map(squash, values):
            values.append(value)
    return _Raw(kept, TWICE.join(values), tuple(notes))


def _without_hint(value: str, hint: str) -> str:
    """Take away the bracketed hint of the blank form, before or behind what was written."""
    value = value.strip()
    wanted = squash(f"({hint})")
    longest = 2 * len(hint) + 2
    for length in range(min(len(value), longest), 0, -1):
        if hint and squash(value[:length]) == wanted:
            return value[length:].strip()
        if hint and squash(value[-length:]) == wanted:
            return value[:-length].strip()
    return value


def _asked(value: str, today: date) -> _Asked | None:
    try:
        values = BY_ID["kinds"].parse(value, today).values
    except UNDERSTANDABLE:
        return None
    kinds = values["kinds"]
    return _Asked(kinds, values["amendment"] is True) if isinstance(kinds, frozenset) else None


def _read_field(of: FormField, trimmed: Mapping[str, _Raw], today: date, state: _State) -> None:
    """Read one field into the state: a value, a fault, a note, or nothing."""
    value = trimmed[of.id].value
    needed = _needed(of, trimmed, state.asked)
    if state.asked and not needed and of.need not in (Need.ALWAYS, Need.NEVER):
        if value and not says_none(value):
            state.notes.append(f"{of.label}: {value}(今回のお申込みには使いません)")
    elif TWICE in value:
        both = "と".join(f"「{one}」" for one in value.split(TWICE))
        state.fault(of, f"{both}が書かれています。どちらか一方をお書きください。")
    elif value:
        _understand(of, value, needed, today, state)
    elif needed:
        state.fault(of, "ご記入がありません。")


def _needed(of: FormField, trimmed: Mapping[str, _Raw], asked: _Asked | None) -> bool:
    if of.id == "period" and all(trimmed[part].value for part in _PARTS_OF_PERIOD):
        return False
    return is_needed(of, asked.kinds, asked.amendment) if asked else of.need is Need.ALWAYS


def _understand(of: FormField, value: str, needed: bool, today: date, state: _State) -> None:
    try:
        parsed = of.parse(value, today)
    except UNDERSTANDABLE as problem:
        state.fault(of, str(problem))
        return
    if needed and not parsed.values:
        state.fault(of, "ご記入がありません。")
    part = of.id in _PARTS_OF_PERIOD
    if parsed.interpreted or (part and parsed.values.keys() & state.found.keys()):
        state.interpreted.add("period" if part else of.id)
    state.found.update(_joined_documents(state.found, parsed.values))


def _joined_documents(found: Mapping[str, object], values: Mapping[str, object]) -> Mapping[str, object]:
    before, more = found.get("documents"), values.get("documents")
    if isinstance(before, dict) and isinstance(more, dict):
        return {**values, "documents": {**before, **more}}
    return values
