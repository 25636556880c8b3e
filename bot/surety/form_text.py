"""The application form as text: blank, filled in again for an answer, and read back row by row."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from bot.surety.fields import FIELDS
from bot.surety.form_field import FormField
from bot.surety.form_lines import TWICE
from bot.surety.form_values import ApplicationForm, FormReading

_HEADINGS = {
    1: "【1 必ず書く】",
    2: "【2 あてはまるときだけ】",
    3: "【3 一緒に送るもの】(あとからでも可: 同じ件名で返信/FAX/郵送)",
}


class ReadBackRow(NamedTuple):
    """One row of the read-back; `interpreted` prints ※."""

    label: str
    text: str
    interpreted: bool


def blank_form() -> str:
    """Return the form to be filled in: labels, ◎ where required, hints in brackets."""
    return _form_text({each.id: f"({each.hint})" if each.hint else "" for each in FIELDS})


def filled_form(given: Mapping[str, str], faulty: Collection[str] = ()) -> str:
    """Return the form with what was given, as it was written, and nothing where there is a fault."""
    return _form_text(
        {name: value for name, value in given.items() if name not in faulty and TWICE not in value}
    )


def form_to_complete(reading: FormReading) -> str:
    """Return the form as the contractor gets it back with the list of faults."""
    return filled_form(reading.given, reading.faulty)


def given_by(form: ApplicationForm) -> dict[str, str]:
    """Return the raw values from which this form would be read again, in our own writing."""
    return {each.id: text for each in FIELDS if each.block and (text := each.show(form))} | _unprinted(form)


def read_back(
    form: ApplicationForm, interpreted: Collection[str] = (), replaced: Mapping[str, str] | None = None
) -> list[ReadBackRow]:
    """Return every item as it was understood.

    `replaced` gives, by field identifier, texts that others worked out (the registered title of the orderer,
    the yen of a rate); they count as interpreted.
    """
    replaced = replaced or {}
    rows = given_by(form)
    return [
        ReadBackRow(
            each.label, replaced.get(each.id, rows[each.id]), each.id in interpreted or each.id in replaced
        )
        for each in FIELDS
        if each.id in rows
    ]


def _unprinted(form: ApplicationForm) -> dict[str, str]:
    """Fields that the blank form does not show and that are told only where they say something."""
    if form.covered_price_yen is None:
        return {}
    return {each.id: each.show(form) for each in FIELDS if each.id == "covered_price"}


def _form_text(values: Mapping[str, str]) -> str:
    lines: list[str] = []
    block = 0
    for each in FIELDS:
        if each.block > block:
            block = each.block
            lines += ["", _HEADINGS[block]] if lines else [_HEADINGS[block]]
        if each.id == "remarks":
            lines.append("")
        if each.block or values.get(each.id):
            lines.append(_line(each, values.get(each.id, "")))
    return "\n".join(lines) + "\n"


def _line(of: FormField, value: str) -> str:
    return f"{'◎' if of.block == 1 else ''}{of.label}: {value}".rstrip()
