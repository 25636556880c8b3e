"""Papers with all their values, to be changed one by one."""

from datetime import date

from pydantic import SecretStr

from bot.surety.papers import (
    CertificatePaper,
    GuaranteeKind,
    KeyNoticePaper,
    Rendition,
    SuretyImprint,
)

SURETY = SuretyImprint(
    name="瀬戸内建設業保証株式会社",
    address="愛媛県伊予灘市一番町4丁目4番2号",
    signatory="取締役社長 保証 太郎",
    branch="伊予灘支店",
    branch_address="愛媛県伊予灘市三番町6丁目6番1号 保証ビル2階",
    phone="089-000-3000",
    fax="089-000-3001",
    hours="平日9:00〜17:00",
    desk="hosho@hoshobin.example",
    terms_name="前払金保証約款",
    terms_url="https://hosho.example/yakkan/",
)

LONG_WORK_NAME = (
    "令和8年度 社会資本整備総合交付金事業 主要地方道𠮷田髙畑線 第①工区 道路改良工事(橋梁下部工・函渠工・"
    "擁壁工・法面工・排水構造物工・舗装工)に伴う仮設迂回路設置その2・その3合併工事(ゼロ債務負担行為)"
)
LONG_ADDRESS = (
    "愛媛県西予灘郡𠮷田髙畑町大字南宇和東中筋三丁目一千二百三十四番地の五十六第①"
    "松山中央インターナショナルビジネスセンタービルディング東館12階1203号室西側"
)


def certificate(**changes: object) -> CertificatePaper:
    """An advance payment certificate in the contractor's rendition, with the named fields changed."""
    return CertificatePaper(
        kind=GuaranteeKind.ADVANCE,
        rendition=Rendition.CONTRACTOR,
        number="2070004426",
        amended=False,
        issued_on=date(2022, 5, 10),
        contractor_address="愛媛県伊予灘市中央1丁目1番1号",
        contractor_name="株式会社いよ建設",
        orderer="伊予灘市長",
        guaranteed_amount_yen=40_000_000,
        period_from=None,
        period_to=date(2023, 3, 31),
        work_period_to=date(2023, 3, 31),
        work_name="市道中央線舗装補修工事",
        contract_price_yen=100_000_000,
        bank="伊予灘銀行 本町支店",
        surety=SURETY,
    ).but(**changes)


def performance_certificate(**changes: object) -> CertificatePaper:
    """A performance certificate: a span, no bank."""
    return certificate(
        kind=GuaranteeKind.PERFORMANCE,
        period_from=date(2026, 11, 16),
        period_to=date(2027, 3, 25),
        work_period_to=date(2027, 3, 25),
        guaranteed_amount_yen=4_840_000,
        bank="",
        surety=SURETY.but(terms_name="契約保証特約"),
    ).but(**changes)


def key_notice(**changes: object) -> KeyNoticePaper:
    """A key notice for the same work, with the named fields changed."""
    return KeyNoticePaper(
        kind=GuaranteeKind.ADVANCE,
        number="2070004426",
        key=SecretStr("K7M4P3XHW3"),
        work_name="市道中央線舗装補修工事",
        orderer="伊予灘市長",
        contractor_name="株式会社いよ建設",
        to_contractor=(
            "このPDFファイルを、伊予灘市 財務部契約課へ電子メールに添付してお送りください。",
            "前払金請求書と同じメールでお送りください。",
        ),
        to_orderer=(
            "上の保証契約番号と認証キーで、電子証書の内容をご確認いただけます。",
            "hosho@hoshobin.example へ「確認」とご返信ください。",
        ),
        surety=SURETY,
    ).but(**changes)
