"""照会: one verification, as it was asked and answered."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.values import Value


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
