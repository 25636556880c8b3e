"""One print for each sort of form field: as the read-back shows it, and so that it can be read again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from bot.surety import money
from bot.surety.form_values import AdvanceRequest, ApplicationForm, Bank, PerformanceRequest
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.surety.wareki import wareki

NOTHING = "なし"
_ORDER = (GuaranteeKind.PERFORMANCE, GuaranteeKind.ADVANCE, GuaranteeKind.INTERIM)


def kinds(form: ApplicationForm) -> str:
    """Return 契約保証・前払金保証(同時)."""
    names = "・".join(KIND_NAMES[kind] for kind in _ORDER if kind in form.kinds)
    return names + ("(同時)" if len(form.kinds) > 1 else "") + ("の変更" if form.amendment else "")


def day(on: date) -> str:
    """Return 令和8年11月17日."""
    return wareki(on)


def day_or_none(on: date | None) -> str:
    """Return the day, or なし."""
    return wareki(on) if on else NOTHING


def period(first: date, last: date) -> str:
    """Return 令和8年11月17日〜令和9年3月25日."""
    return f"{wareki(first)}〜{wareki(last)}"


def yen(amount_yen: int) -> str:
    """Return 48,400,000円."""
    return money.yen(amount_yen)


def yen_or_none(amount_yen: int | None) -> str:
    """Return the amount, or なし for nothing and for zero."""
    return money.yen(amount_yen) if amount_yen else NOTHING


def tax(form: ApplicationForm) -> str:
    """Return the tax, with its rate where it is not the usual one."""
    if form.tax_percent == 0:
        return "免税"
    return money.yen(form.tax_yen) + (f"({form.tax_percent}%)" if form.tax_percent != 10 else "")


def advance(request: AdvanceRequest | None) -> str:
    """Return 40%(10万円未満切捨て), 19,300,000円, or both."""
    if request is None:
        return NOTHING
    rounding = f"({_round(request.rounding_yen)}未満切捨て)" if request.rounding_yen else ""
    return _share(request.amount_yen, request.percent) + rounding


def performance(request: PerformanceRequest | None) -> str:
    """Return 10%(4,840,000円)."""
    return _share(request.amount_yen, request.percent) if request else NOTHING


def bank(bank: Bank | None) -> str:
    """Return 伊予信用金庫　本店営業部　普通."""
    return f"{bank.name}　{bank.branch}　{bank.account_type}" if bank else NOTHING


def document(label: str) -> Callable[[ApplicationForm], str]:
    """Return a print of what the contractor said of one paper to be sent along."""
    return lambda form: form.documents.get(label, "")


def _round(amount_yen: int) -> str:
    return f"{amount_yen // 10_000:,}万円" if amount_yen % 10_000 == 0 else money.yen(amount_yen)


def _share(amount_yen: int | None, percent: Decimal | None) -> str:
    rate = f"{percent.normalize():f}%" if percent is not None else ""
    if amount_yen is None:
        return rate
    return f"{rate}({money.yen(amount_yen)})" if rate else money.yen(amount_yen)
