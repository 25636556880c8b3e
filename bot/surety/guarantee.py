"""保証: one guarantee with its number, key and submission; and the papers that show it."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, SecretStr

from bot.surety.office import Office
from bot.surety.papers import CertificatePaper, GuaranteeKind, KeyNoticePaper, Rendition
from bot.values import Value


class GuaranteeState(StrEnum):
    """Where a guarantee stands. No clock ever ends one: its period follows the 工期 (standard terms)."""

    AWAITING_CONTRACT = "awaiting_contract"  # 前払金保証 waits for the copy of the contract
    REGISTERING = "registering"  # an outside registry has not handed its key over yet
    REGISTERED = "registered"  # 保証中
    CANCELLED = "cancelled"  # 解約
    COMPLETED = "completed"  # 完了: by staff, with a reason


class SubmissionRecord(Value):
    """提出: how the key notice reached the orderer, as far as we know."""

    how: str  # told (提出済), copy (our desk was in CC), surety (sent by us)
    at: AwareDatetime
    by: str  # the mailbox that told us, or asked us to send it
    to: str = ""  # the department


class Guarantee(Value):
    """One guarantee of one case."""

    id: int
    case_id: int
    case_code: str
    application_id: int
    contractor_id: int
    orderer_id: int
    kind: GuaranteeKind
    state: GuaranteeState
    number: str | None = None  # 保証契約番号
    version: int = 1  # of the certificate; a (変更) certificate is the next one
    revision: int = 0
    amended: bool = False
    issued_on: date | None = None
    amount_yen: int
    contract_price_yen: int
    covered_price_yen: int | None = None
    work_from: date
    work_to: date  # as printed on the certificate
    known_work_to: date  # 届出のある現在の工期の末日
    work_name: str
    work_number: str
    contractor_name: str
    contractor_address: str
    orderer: str  # addressee
    bank: str = ""
    contact: str = ""  # the contractor's 担当者・電話
    issuer: str = "own"
    key_version: int = 0  # 0: no key yet
    fetched_at: AwareDatetime | None = None  # key notice fetched by a proven request
    submission: SubmissionRecord | None = None
    verified_at: AwareDatetime | None = None

    @property
    def of(self) -> str:
        """The name under which its papers are stored."""
        return f"guarantee:{self.number}"


def certificate_paper(guarantee: Guarantee, office: Office, rendition: Rendition) -> CertificatePaper:
    """Make what is printed on the certificate. 契約保証 covers a span and names no bank."""
    assert guarantee.number is not None
    assert guarantee.issued_on is not None
    performance = guarantee.kind == GuaranteeKind.PERFORMANCE
    return CertificatePaper(
        kind=guarantee.kind,
        rendition=rendition,
        number=guarantee.number,
        amended=guarantee.amended,
        issued_on=guarantee.issued_on,
        contractor_address=guarantee.contractor_address,
        contractor_name=guarantee.contractor_name,
        orderer=guarantee.orderer,
        guaranteed_amount_yen=guarantee.amount_yen,
        period_from=guarantee.work_from if performance else None,
        period_to=guarantee.work_to,
        work_period_to=guarantee.work_to,
        work_name=guarantee.work_name,
        contract_price_yen=guarantee.contract_price_yen,
        covered_price_yen=guarantee.covered_price_yen,
        bank="" if performance else guarantee.bank,
        surety=office.imprint,
    )


def key_notice_paper(guarantee: Guarantee, office: Office) -> KeyNoticePaper:
    """Make what is printed on the key notice, but for the key itself and the two messages."""
    assert guarantee.number is not None
    return KeyNoticePaper(
        kind=guarantee.kind,
        number=guarantee.number,
        key=SecretStr(""),
        work_name=guarantee.work_name,
        orderer=guarantee.orderer,
        contractor_name=guarantee.contractor_name,
        to_contractor=(),
        to_orderer=(),
        surety=office.imprint,
    )
