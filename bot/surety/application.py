"""申込: one application, from half-right to issued; and what the orderer's profile says of it."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from bot.surety.form_values import ApplicationForm, FormFault
from bot.surety.money import floor_to, yen
from bot.surety.office import Terms
from bot.surety.orderer import DateBasis, Measure, Orderer
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.values import Value


class ApplicationState(StrEnum):
    """Where an application stands."""

    INCOMPLETE = "incomplete"  # faults were sent back
    READ_BACK = "read_back"  # waits for 「この内容で申し込みます」
    APPLIED = "applied"  # 審査待ち
    EXAMINED = "examined"  # 決裁待ち
    APPROVED = "approved"  # 入金待ち
    ISSUED = "issued"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN_TO_CHANGE = (ApplicationState.INCOMPLETE, ApplicationState.READ_BACK)


class Agreement(Value):
    """What was agreed to, when, and in which mail: kept as one record."""

    terms: tuple[Terms, ...]
    at: AwareDatetime  # the time of application
    mailbox: str


class Application(Value):
    """One application of one case."""

    id: int
    case_id: int
    case_code: str
    contractor_id: int
    orderer_id: int | None
    applicant: str  # the mailbox that applies; premium notice and registration notice go there
    state: ApplicationState
    version: int = 1  # grows when what is decided on changes; staff codes are bound to it
    revision: int = 0
    given: dict[str, str]
    form: ApplicationForm | None = None
    remarks: tuple[str, ...] = ()  # unknown lines, ※ notes: 連絡事項 for staff
    amounts_yen: dict[GuaranteeKind, int] = {}  # 保証金額 of each kind asked for
    shown_terms: tuple[Terms, ...] = ()  # the terms that the newest read-back showed
    agreement: Agreement | None = None
    examined_by: str = ""
    premium_yen: int | None = None  # typed by staff: no tariff is invented
    decided_by: str = ""
    approved_kinds: frozenset[GuaranteeKind] = frozenset()
    paid_by: str = ""  # who booked the payment
    question: str = ""  # asked by staff, not answered yet


def guaranteed_amounts(form: ApplicationForm, orderer: Orderer) -> dict[GuaranteeKind, int]:
    """Work out 保証金額 in yen: an amount as asked for, a rate of the price cut as the orderer cuts."""
    price = form.covered_price_yen or form.contract_price_yen
    amounts: dict[GuaranteeKind, int] = {}
    for kind in form.kinds:
        request = form.performance if kind == GuaranteeKind.PERFORMANCE else form.advance
        if request is None:
            continue
        if request.amount_yen is not None:
            amounts[kind] = request.amount_yen
        elif request.percent is not None:
            amount = int(price * request.percent / 100)
            unit = 1 if kind == GuaranteeKind.PERFORMANCE else _unit(form, orderer)
            amounts[kind] = floor_to(amount, unit)
    return amounts


def _unit(form: ApplicationForm, orderer: Orderer) -> int:
    written = form.advance.rounding_yen if form.advance else None
    return max(orderer.advance_floor_yen, written or 1)


def orderer_faults(form: ApplicationForm, orderer: Orderer) -> list[FormFault]:
    """Check the application against the orderer's own rules: limits of the advance payment."""
    faults: list[FormFault] = []
    advance = guaranteed_amounts(form, orderer).get(GuaranteeKind.ADVANCE)
    price = form.covered_price_yen or form.contract_price_yen
    if advance is not None and orderer.advance_percent is not None:
        limit = floor_to(price * orderer.advance_percent // 100, orderer.advance_floor_yen)
        if advance > limit:
            problem = (
                f"{yen(advance)}ですが、{orderer.addressee}の前払金は請負代金額の"
                f"{orderer.advance_percent}%({yen(limit)})までです"
            )
            faults.append(FormFault(field="advance", label="前払金の請求額", problem_ja=problem))
    return faults


class Outside(Value):
    """Why a certificate cannot be delivered electronically: wording is the template's."""

    reason: Literal["measure", "kinds", "date", "reservation", "orderer", "paper_wanted"]
    orderer: str = ""
    kinds: tuple[str, ...] = ()
    basis: str = ""  # contract, notice
    from_on: date | None = None


def outside_electronic(form: ApplicationForm, orderer: Orderer) -> Outside | None:
    """Say why this orderer gets no electronic certificate for this work; None where it does.

    What is outside is served on paper: the limit is of electronic delivery, never of the guarantee.
    """
    name = orderer.addressee
    if form.delivery == "paper":
        return Outside(reason="paper_wanted", orderer=name)
    if orderer.accepted_measure == Measure.PAPER or not orderer.basis:
        return Outside(reason="measure", orderer=name)
    missing = tuple(KIND_NAMES[kind] for kind in sorted(form.kinds) if kind not in orderer.kinds)
    if missing:
        return Outside(reason="kinds", orderer=name, kinds=missing)
    day = form.contract_on if orderer.date_basis == DateBasis.CONTRACT else form.notice_on
    if orderer.covered_from is not None and (day is None or day < orderer.covered_from):
        basis, from_on = orderer.date_basis.value, orderer.covered_from
        return Outside(reason="date", orderer=name, basis=basis, from_on=from_on)
    return None
