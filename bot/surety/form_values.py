"""申込書: what an application form says, once understood, and what is wrong with it."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from bot.surety.papers import GuaranteeKind
from bot.values import Value


class AdvanceRequest(Value):
    """前払金の請求額: an amount, a rate of the price, or both. The orderer's rules turn a rate into yen."""

    amount_yen: int | None = None
    percent: Decimal | None = None
    rounding_yen: int | None = None  # 10万円未満切捨て, where the contractor wrote it


class PerformanceRequest(Value):
    """契約保証金額: an amount, a rate of the price, or both."""

    amount_yen: int | None = None
    percent: Decimal | None = None


class Bank(Value):
    """預託金融機関: no more than the certificate prints; an account number is never taken by mail."""

    name: str
    branch: str
    account_type: str  # 普通, 決済用, 別口普通


class ApplicationForm(Value):
    """申込書: a whole form without faults. Text is kept as it was written."""

    kinds: frozenset[GuaranteeKind] = Field(min_length=1)
    amendment: bool = False  # 変更: previous_numbers names what is amended
    delivery: Literal["electronic", "paper"]
    consent: Literal[True]
    needed_on: date
    orderer: str
    orderer_department: str
    work_number: str  # '' where the work has none
    work_name: str
    work_place: str
    contract_on: date
    contract_planned: bool
    work_from: date
    work_to: date
    contract_price_yen: int
    tax_yen: int
    tax_percent: int = 10  # 8 or 0 (免税) only where it was written
    covered_price_yen: int | None = None
    advance: AdvanceRequest | None = None  # for 前払金保証 and 中間前払金保証
    performance: PerformanceRequest | None = None
    bank: Bank | None = None
    payment: Literal["each", "monthly"]  # 都度払い, 一括納付
    contact_name: str
    contact_phone: str
    low_bid: bool = False
    multi_year: str = ""
    received_advance_yen: int = 0
    interim_approved_on: date | None = None
    jv: str = ""
    notice_on: date | None = None
    previous_numbers: tuple[str, ...] = ()
    documents: dict[str, str] = Field(default_factory=dict)  # printed label -> what the contractor says of it
    remarks: str = ""


class FormFault(Value):
    """One thing to put right: the field's identifier, and label and problem as the contractor reads them."""

    field: str
    label: str
    problem_ja: str


class FormReading(Value):
    """Everything that was read from a form: raw and understood, right and wrong, all at once."""

    given: dict[str, str]  # field identifier -> as written; re-read whole when an answer changes a part
    form: ApplicationForm | None  # None while a fault remains
    faults: tuple[FormFault, ...] = ()
    interpreted: frozenset[str] = frozenset()  # identifiers of fields to be marked ※ in the read-back
    unknown: tuple[str, ...] = ()  # lines that are no field: 連絡事項 for staff
    notes: tuple[str, ...] = ()  # ※ remarks beside values, and what was left out
    reservation: bool = False  # 契約保証予約: outside electronic delivery (leaflet, 「対象の保証証書」)

    @property
    def faulty(self) -> frozenset[str]:
        """Return the identifiers of the fields that hold a fault."""
        return frozenset(fault.field for fault in self.faults)
