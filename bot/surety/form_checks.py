"""What must agree between the fields of one application form, whoever the orderer is."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from bot.surety.fields import BY_ID
from bot.surety.form_values import AdvanceRequest, FormFault, PerformanceRequest
from bot.surety.money import yen
from bot.surety.wareki import wareki_short

# Orderers cut amounts down to 10万円 at most; a wider gap between a rate and the amount beside it is a slip.
_LARGEST_ROUNDING_YEN = 100_000


def disagreements(found: Mapping[str, object]) -> Iterator[FormFault]:
    """Yield every contradiction among the values understood so far; values not yet known are passed over."""
    yield from _period(found)
    yield from _tax(found)
    yield from _shares(found)


def _period(found: Mapping[str, object]) -> Iterator[FormFault]:
    first, last = found.get("work_from"), found.get("work_to")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        problem = f"「{wareki_short(last)}」ですが、着工日({wareki_short(first)})より前です。"
        yield FormFault(field="period", label="工期の終わり", problem_ja=problem)


def _tax(found: Mapping[str, object]) -> Iterator[FormFault]:
    """The tax is 10/110 (8/108 where 8% is written) of the price, give or take the fraction of a yen."""
    price, tax, percent = (found.get(name) for name in ("contract_price_yen", "tax_yen", "tax_percent"))
    if not (isinstance(price, int) and isinstance(tax, int) and isinstance(percent, int)):
        return
    if abs(tax * (100 + percent) - price * percent) >= 100 + percent:
        right = price * percent // (100 + percent)
        problem = f"うち消費税の合計が合いません({yen(price)}のうち消費税等は{yen(right)}のはずです)。"
        yield FormFault(field="contract_price", label=BY_ID["contract_price"].label, problem_ja=problem)


def _shares(found: Mapping[str, object]) -> Iterator[FormFault]:
    price, covered, received = (
        found.get(name) for name in ("contract_price_yen", "covered_price_yen", "received_advance_yen")
    )
    if not isinstance(price, int):
        return
    base = covered if isinstance(covered, int) else price
    multi_year = bool(found.get("multi_year"))
    for name, request in (("advance", found.get("advance")), ("performance", found.get("performance"))):
        if isinstance(request, AdvanceRequest | PerformanceRequest):
            rated = None if multi_year else request.percent
            yield from _share(name, request.amount_yen, rated, base if name == "advance" else price, price)
    for name, part in (("covered_price", covered), ("received_advance", received)):
        if isinstance(part, int) and part > price:
            yield _fault(name, f"請負代金額({yen(price)})を超えています。")


def _share(
    name: str, amount_yen: int | None, percent: Decimal | None, base_yen: int, price_yen: int
) -> Iterator[FormFault]:
    if amount_yen is None:
        return
    if amount_yen > price_yen:
        yield _fault(name, f"{yen(amount_yen)}は、請負代金額({yen(price_yen)})を超えています。")
    elif percent is not None and abs(amount_yen - base_yen * percent / 100) >= _LARGEST_ROUNDING_YEN:
        worked_out = int(base_yen * percent / 100)
        rate = f"{percent.normalize():f}%は{yen(worked_out)}"
        problem = f"割合と金額が合いません({rate}、お書きの金額は{yen(amount_yen)})。"
        yield _fault(name, problem)


def _fault(field: str, problem: str) -> FormFault:
    return FormFault(field=field, label=BY_ID[field].label, problem_ja=problem)
