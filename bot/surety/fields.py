"""The application form, declared once: the table of all fields in order of print, and the look-up."""

import re

from bot.folding import squash
from bot.surety.fields_other import OTHER_FIELDS
from bot.surety.fields_required import REQUIRED_FIELDS
from bot.surety.form_field import FormField

FIELDS: tuple[FormField, ...] = (*REQUIRED_FIELDS, *OTHER_FIELDS)


def label_key(label: str) -> str:
    """Return a label as it is looked up: folded, without white space, marks and brackets."""
    return re.sub(r"[\W_]", "", squash(label))


BY_ID = {field.id: field for field in FIELDS}
_BY_LABEL = {label_key(name): field for field in FIELDS for name in (field.label, *field.synonyms.split())}


def field_labelled(label: str) -> FormField | None:
    """Return the field that goes by this label or one of its synonyms, however it is spelt."""
    return _BY_LABEL.get(label_key(label))
