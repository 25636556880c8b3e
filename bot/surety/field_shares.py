"""前払金の請求額 and 契約保証金額: an amount of yen, a rate of the price, or one with the other beside it."""

import re
from datetime import date
from decimal import Decimal

from bot.folding import squash
from bot.surety.field_parsers import FieldFault, Parsed, says_none
from bot.surety.form_values import AdvanceRequest, PerformanceRequest
from bot.surety.money import parse_yen

_ROUNDING = re.compile(
    r"[(、,]?(?:([0-9,]+[万千]?円|[十百千]?万円|[十百千]円)未満(?:の?端数)?は?|端数は?)切り?捨て?\)?"
)
_ENDING = re.compile("(?:で(?:お願いします|す)?|です|を(?:請求|希望)(?:する|します)?|を?お願いします)$")
_OF_PRICE = re.compile(r"^(?:請負代?金額?|契約金額?|請負金額)(?:\(税込み?\))?の")
_RATE = re.compile(
    "(?P<wari>[0-9]+)割(?:(?P<bu>[0-9])分)?|(?P<percent>[0-9]+(?:\\.[0-9]+)?)(?:%|パーセント)"
    "|(?P<below>[0-9]+)分の(?P<above>[0-9]+)|(?P<over>[0-9]+)/(?P<under>[0-9]+)"
)
_KANJI_FIGURES = str.maketrans(
    {
        "一": "1",
        "二": "2",
        "三": "3",
        "四": "4",
        "五": "5",
        "六": "6",
        "七": "7",
        "八": "8",
        "九": "9",
        "十": "10",
    }
)


def advance_request(written: str, today: date) -> Parsed:
    """前払金の請求額: 4割で, 40%, 4割(10万円未満切捨て), 19,300,000円. A rate alone gets ※."""
    if says_none(written):
        return Parsed({})
    folded, rounding_yen = squash(written), None
    if rounding := _ROUNDING.search(folded):
        rounding_yen = parse_yen(rounding[1]).yen if rounding[1] else None
        folded = folded.replace(rounding[0], "")
    amount_yen, percent, interpreted = _share(folded, written)
    request = AdvanceRequest(amount_yen=amount_yen, percent=percent, rounding_yen=rounding_yen)
    return Parsed({"advance": request}, interpreted)


def performance_request(written: str, today: date) -> Parsed:
    """契約保証金額: 10分の1(4,840,000円), 10%, 4,840,000円."""
    if says_none(written):
        return Parsed({})
    amount_yen, percent, interpreted = _share(squash(written), written)
    return Parsed({"performance": PerformanceRequest(amount_yen=amount_yen, percent=percent)}, interpreted)


def _share(folded: str, written: str) -> tuple[int | None, Decimal | None, bool]:
    """Read an amount, a rate, or one with the other beside it."""
    bare = _OF_PRICE.sub("", _ENDING.sub("", folded))
    rate = _RATE.match(bare.translate(_KANJI_FIGURES))
    if rate:
        bare = bare.translate(_KANJI_FIGURES)
    else:
        rate = re.search(f"(?:{_RATE.pattern})\\)?$", bare)
    rest = (bare[: rate.start()] + bare[rate.end() :]).strip("()=、・:") if rate else bare
    percent = _percent(rate, written) if rate else None
    if rate and not rest:
        return None, percent, True
    read = parse_yen(_OF_PRICE.sub("", rest))
    if read.yen == 0:
        raise FieldFault("金額か割合をお書きください。")
    return read.yen, percent, read.interpreted


def _percent(rate: re.Match[str], written: str) -> Decimal:
    if rate["wari"]:
        percent = Decimal(10 * int(rate["wari"]) + int(rate["bu"] or 0))
    elif rate["percent"]:
        percent = Decimal(rate["percent"])
    else:
        above, below = int(rate["above"] or rate["over"]), int(rate["below"] or rate["under"])
        if below == 0 or 10_000 * above % below:
            raise FieldFault(f"「{written}」の割合を読み取れません(例 10分の1、40%)。")
        percent = Decimal(10_000 * above // below) / 100
    if not 0 < percent <= 100:
        raise FieldFault(f"「{written}」の割合をご確認ください。")
    return percent
