"""What the declaration of one form field consists of, and when the field must be filled in."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from bot.surety.field_parsers import Parser
from bot.surety.form_values import ApplicationForm
from bot.surety.papers import GuaranteeKind


class Need(Enum):
    """When a field must be filled in."""

    ALWAYS = auto()
    ADVANCE = auto()  # 前払金保証 or 中間前払金保証 is asked for
    INTERIM = auto()
    PERFORMANCE = auto()
    AMENDMENT = auto()
    NEVER = auto()


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One line of the form. `block` 0 is read but not printed on the blank form."""

    id: str
    label: str
    block: Literal[0, 1, 2, 3]
    parse: Parser
    show: Callable[[ApplicationForm], str]
    need: Need = Need.NEVER
    hint: str = ""
    synonyms: str = ""  # separated by blanks


def is_needed(field: FormField, kinds: frozenset[GuaranteeKind], amendment: bool) -> bool:
    """Tell whether the field must be filled in for what is applied for."""
    return {
        Need.ALWAYS: True,
        Need.ADVANCE: bool(kinds & {GuaranteeKind.ADVANCE, GuaranteeKind.INTERIM}),
        Need.INTERIM: GuaranteeKind.INTERIM in kinds,
        Need.PERFORMANCE: GuaranteeKind.PERFORMANCE in kinds,
        Need.AMENDMENT: amendment,
        Need.NEVER: False,
    }[field.need]
