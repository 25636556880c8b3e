"""照会: one verification, as it was asked and answered."""

import re
from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.folding import squash
from bot.surety.guarantee import Guarantee
from bot.surety.money import yen
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.values import Value

_ENOUGH = 4  # characters that a cut name must still have
_ANOTHER_WORK = re.compile(r"\(|第|その|[0-9]")


class Verdict(StrEnum):
    """What an orderer is told. Never 有効 or 偽造: only how it compares with our record."""

    MATCH = "match"  # 一致しました
    DIFFERENCES = "differences"  # 一致しない項目があります
    NOT_CONFIRMED = (
        "not_confirmed"  # 確認できませんでした: the same for unknown number, wrong key, wrong party
    )


class Difference(Value):
    """One item of the paper that does not agree with the record."""

    item: str
    on_paper: str
    on_record: str


class Enquiry(Value):
    """One verification. Kept for the orderer's own audit."""

    number: str  # K8-07788
    mailbox: str  # who asked, the visible From
    party_id: int
    at: AwareDatetime
    guarantee_id: int | None
    guarantee_number: str  # as asked, folded
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    guess: bool = False  # a well-formed wrong key was typed
    proven: bool = False  # only then it counts as seen
    how: str  # typed, pdf, reply


class Asked(Value):
    """What is asked about: number and key as they were found, and what else the paper says."""

    number: str
    key: str = Field(default="", repr=False)
    how: str  # typed, pdf, reply
    fields: dict[str, str] = Field(default_factory=dict, repr=False)  # of the paper
    again: dict[str, tuple[str, ...]] = Field(default_factory=dict, repr=False)  # what it says of them again


def differences(asked: Asked, guarantee: Guarantee) -> tuple[Difference, ...]:
    """Compare what a paper says with the record, item by item, folded; items the paper lacks are left out."""
    record = {
        "kind": ("区分", KIND_NAMES[guarantee.kind]),
        "work_name": ("工事名", guarantee.work_name),
        "orderer": ("発注者", guarantee.orderer),
        "contractor": ("保証契約者", guarantee.contractor_name),
        "amount": ("保証金額", yen(guarantee.amount_yen)),
    }
    found = []
    for name, (item, on_record) in record.items():
        said = (asked.fields.get(name, ""), *asked.again.get(name, ()))
        for on_paper in (_shown(name, one) for one in said if one):
            if not _same(name, on_paper, on_record):
                found.append(Difference(item=item, on_paper=on_paper, on_record=on_record))
    return tuple(dict.fromkeys(found))


def _shown(name: str, read: str) -> str:
    """Return what was read as papers print it."""
    if name == "kind":
        return KIND_NAMES[GuaranteeKind(read)]
    return yen(int(read)) if name == "amount" else read


def _same(name: str, on_paper: str, on_record: str) -> bool:
    """Papers cut and wrap long names and add 様: either may begin the other.

    But an amount is the same or it is not, and 「工事(その2)」 is another work than 「工事」.
    """
    paper, record = squash(on_paper).removesuffix("様"), squash(on_record)
    shorter, longer = sorted((paper, record), key=len)
    if paper == record or name == "amount":
        return paper == record
    if name == "work_name" and _ANOTHER_WORK.match(longer.removeprefix(shorter)):
        return False
    return len(shorter) >= _ENOUGH and longer.startswith(shorter)
