"""What stands on the papers: the values from which certificate and key notice are drawn."""

from datetime import date
from enum import StrEnum

from pydantic import SecretStr

from bot.values import Value


class GuaranteeKind(StrEnum):
    """保証の種類: advance payment, interim payment, performance (leaflet, 「対象の保証証書」)."""

    ADVANCE = "advance"
    INTERIM = "interim"
    PERFORMANCE = "performance"


KIND_NAMES = {
    GuaranteeKind.ADVANCE: "前払金保証",
    GuaranteeKind.INTERIM: "中間前払金保証",
    GuaranteeKind.PERFORMANCE: "契約保証",
}


class Rendition(StrEnum):
    """受注者控え / 発注者確認用: the two faces of one certificate version (two faces of one record)."""

    CONTRACTOR = "contractor"
    ORDERER = "orderer"


class SuretyImprint(Value):
    """保証会社 as it stands on a paper: all of it configuration."""

    name: str  # 〇〇建設業保証株式会社
    address: str
    signatory: str  # title and name, e.g. 取締役社長 保証 太郎
    branch: str  # 取扱部店
    branch_address: str
    phone: str
    fax: str
    hours: str  # 平日9:00〜17:00
    desk: str  # the one mail address
    terms_name: str  # 前払金保証約款
    terms_url: str


class CertificatePaper(Value):
    """保証証書: one version of one certificate, in one rendition (fields: leaflet STEP 3)."""

    kind: GuaranteeKind
    rendition: Rendition
    number: str  # 保証契約番号, 10 digits
    amended: bool  # prints (変更)
    issued_on: date
    contractor_address: str
    contractor_name: str  # 商号, may hold a branch and its head
    orderer: str  # the office-holder, e.g. 松山市長
    guaranteed_amount_yen: int
    period_from: date | None  # 契約保証 has a span; the others end on a day only
    period_to: date
    work_period_to: date  # 工期末日
    work_name: str
    contract_price_yen: int
    covered_price_yen: int | None = None  # 請負金額(対象額), only where it differs from the total
    bank: str = ""  # 預託金融機関, with branch; not for 契約保証
    surety: SuretyImprint


class KeyNoticePaper(Value):
    """認証キー等のお知らせ: what the contractor submits (fields: leaflet STEP 4)."""

    kind: GuaranteeKind
    number: str
    key: SecretStr  # ten characters for keys of our own; an outside registry's may differ
    work_name: str
    orderer: str
    contractor_name: str
    to_contractor: tuple[str, ...]  # how this orderer wants it submitted, one sentence a line
    to_orderer: tuple[str, ...]  # how the orderer looks at the certificate, one sentence a line
    surety: SuretyImprint
