"""Words people may write to the desk, and the closed lists of forms that are compared with a sentence."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from bot.folding import squash
from bot.surety.party import PartyKind


class Kind(StrEnum):
    """Whether a word only shows something, or changes something."""

    HARMLESS = "harmless"
    BINDING = "binding"


@dataclass(frozen=True)
class Word:
    """One word people may write. Binding words never act by prefix, in a condition, or beside a doubt.

    `forms`: for harmless words the beginnings that find them; for binding words whole sentences, in which
    <code>, <code6>, <yen>, <number> and <text> stand for typed arguments, a trailing ~ for the usual polite
    endings of a verbal noun, and a trailing ^ for those of them that ask somebody else to do it.
    """

    name: str
    japanese: str
    kind: Kind
    forms: tuple[str, ...]
    roles: frozenset[PartyKind]
    needs_proof: bool = False
    confirmed_always: bool = False  # even a proven mail is asked for the code: it begins without one of ours
    proves: bool = False  # typing it is itself the proof
    noted: bool = False  # only noted down, never answered: there is nothing to confirm
    keeps_remarks: bool = False  # its handler keeps the writer's other sentences itself
    against: tuple[str, ...] = ()  # words that contradict this one in the same mail
    stems: tuple[str, ...] = ()  # what a sentence says that speaks of it, beside `japanese`
    patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)
    folded_stems: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        make = _binding_pattern if self.kind == Kind.BINDING else _prefix_pattern
        object.__setattr__(self, "patterns", tuple(make(form) for form in self.forms))
        object.__setattr__(self, "folded_stems", tuple(map(squash, (self.japanese, *self.stems))))

    @property
    def goes_unproven(self) -> bool:
        """Whether no proof of source is ever asked for it."""
        return self.proves or self.noted

    def is_named_in(self, folded: str) -> bool:
        """Say whether a squashed sentence speaks of this word. One that nobody can write is never named."""
        return bool(self.forms) and any(stem in folded for stem in self.folded_stems)


ASKING = (
    "してください",
    "して下さい",
    "してほしいです",
    "希望します",
    "を希望します",
    "お願い",
    "おねがい",
    "お願いします",
    "おねがいします",
    "お願いいたします",
    "お願い致します",
    "願います",
    "をお願いします",
    "をおねがいします",
    "をお願いいたします",
    "をお願い致します",
    "をお願い申し上げます",
    "ください",
    "下さい",
)
ENDINGS = ("", "する", "します", "いたします", "致します", "をします", "をいたします", "です", *ASKING)
_ENDINGS_OF = {"~": ENDINGS, "^": ASKING}
_ARGUMENTS = {
    "<code>": r"(?P<code>\d{4})",
    "<code6>": r"(?P<code6>\d{6})",
    "<yen>": r"(?P<yen>[\d,]+円?)",
    "<number>": r"(?P<number>\d{10})",
    "<text>": r"(?P<text>.+)",
}


def _binding_pattern(form: str) -> re.Pattern[str]:
    polite = _ENDINGS_OF.get(form[-1:], ())
    text = _pattern(form[:-1] if polite else form)
    if polite:
        text += "(?:" + "|".join(re.escape(squash(ending)) for ending in polite) + ")"
    return re.compile(text + r"\Z")


def _prefix_pattern(form: str) -> re.Pattern[str]:
    return re.compile(_pattern(form))


def _pattern(form: str) -> str:
    parts = re.split(r"(<\w+>)", form)
    return "".join(_ARGUMENTS.get(part) or re.escape(squash(part)) for part in parts)
