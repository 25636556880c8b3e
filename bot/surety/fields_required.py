"""Block 1 of the application form, 必ず書く, with the fields that stand in for parts of it."""

from bot.surety import field_bank as people
from bot.surety import field_parsers as read
from bot.surety import field_prints as show
from bot.surety import field_shares as shares
from bot.surety.form_field import FormField, Need

_WISH = "(?:を?希望(?:する|します|致します|いたします)?|で|です)?"

REQUIRED_FIELDS = (
    FormField(
        id="kinds",
        label="申込区分",
        block=1,
        need=Need.ALWAYS,
        hint="契約保証・前払金保証(同時)／前払金保証／契約保証／中間前払金保証",
        synonyms="申込み区分 申込種別 申込の種類 保証の種類 保証種類 保証種別 保証区分 区分 種別",
        parse=read.guarantee_kinds,
        show=show.kinds,
    ),
    FormField(
        id="delivery",
        label="保証証書の受取方法",
        block=1,
        need=Need.ALWAYS,
        hint="電子交付を希望する／書面を希望する",
        synonyms=(
            "保証証書受取方法 証書の受取方法 証書受取方法 受取方法 保証証書の交付方法 交付方法 電子交付"
        ),
        parse=read.choice(
            "delivery",
            (
                "electronic",
                "(?:電子(?:交付|証書|保証)?|メール)(?:での?交付)?" + _WISH + "|はい|希望する|希望します",
            ),
            (
                "paper",
                "(?:書面|紙|郵送|窓口|来店)(?:での?)?(?:交付|受取り?)?"
                + _WISH
                + "|(?:電子交付を?)?希望しない",
            ),
            ask="「電子交付を希望する」か「書面を希望する」でお書きください。",
        ),
        show=lambda form: {"electronic": "電子交付を希望する", "paper": "書面を希望する"}[form.delivery],
    ),
    FormField(
        id="consent",
        label="約款等への同意",
        block=1,
        need=Need.ALWAYS,
        hint="約款等をお読みのうえ「同意する」",
        synonyms="約款への同意 約款等の同意 約款同意 同意",
        parse=read.choice(
            "consent",
            (
                True,
                "(?:はい、?)?(?:約款等?(?:に|を))?(?:同意|承認|承諾)(?:する|します|しました|致します|いたします|済み?)?|はい",
            ),
            ask="「同意する」とお書きいただくまで、お申込みをお受けできません。",
        ),
        show=lambda _: "同意する",
    ),
    FormField(
        id="needed_on",
        label="証書が必要な日",
        block=1,
        need=Need.ALWAYS,
        hint="例 11月13日",
        synonyms=(
            "証書の必要な日 証書の必要日 証書必要日 必要日 証書希望日 証書発行希望日 発行希望日 希望発行日"
        ),
        parse=read.needed_day,
        show=lambda form: show.day(form.needed_on),
    ),
    FormField(
        id="orderer",
        label="発注者(宛名)",
        block=1,
        need=Need.ALWAYS,
        hint="例 伊予灘市長",
        synonyms="発注者 発注者名 発注者の宛名 宛名 発注機関 保証受取者 被保証者",
        parse=read.text("orderer"),
        show=lambda form: form.orderer,
    ),
    FormField(
        id="orderer_department",
        label="発注者の担当課",
        block=1,
        need=Need.ALWAYS,
        synonyms="発注者担当課 発注担当課 担当課 発注課 発注者の担当部署 担当部署",
        parse=read.text("orderer_department"),
        show=lambda form: form.orderer_department,
    ),
    FormField(
        id="work_number",
        label="工事番号",
        block=1,
        need=Need.ALWAYS,
        hint="ないときは「なし」",
        synonyms="契約番号 施行番号 案件番号 調達案件番号 業務番号 工事(業務)番号",
        parse=read.text("work_number", may_be_none=True),
        show=lambda form: form.work_number or "なし",
    ),
    FormField(
        id="work_name",
        label="工事名",
        block=1,
        need=Need.ALWAYS,
        hint="契約書のとおり",
        synonyms="工事名称 工事件名 業務名 業務名称 委託業務名 工事(業務)名 案件名",
        parse=read.text("work_name"),
        show=lambda form: form.work_name,
    ),
    FormField(
        id="work_place",
        label="工事場所",
        block=1,
        need=Need.ALWAYS,
        synonyms="施工場所 工事箇所 施工箇所 履行場所 業務場所",
        parse=read.text("work_place"),
        show=lambda form: form.work_place,
    ),
    FormField(
        id="contract_on",
        label="契約(予定)日",
        block=1,
        need=Need.ALWAYS,
        hint="例 令和8年11月16日(予定)",
        synonyms="契約日 契約年月日 契約締結日 契約締結(予定)日 契約締結予定日 請負契約日 契約予定年月日",
        parse=read.contract_day,
        show=lambda form: show.day(form.contract_on) + ("(予定)" if form.contract_planned else ""),
    ),
    FormField(
        id="period",
        label="工期",
        block=1,
        need=Need.ALWAYS,
        hint="例 R8.11.17〜R9.3.25",
        synonyms="契約工期 工事期間 履行期間 委託期間 業務期間 契約期間 工期(自〜至)",
        parse=read.work_period,
        show=lambda form: show.period(form.work_from, form.work_to),
    ),
    FormField(
        id="work_from",
        label="着工日",
        block=0,
        synonyms="着工 着手日 工期の始め 工期の始まり 工期(自) 工期始期",
        parse=read.one_day("work_from", "nearest"),
        show=lambda form: show.day(form.work_from),
    ),
    FormField(
        id="work_to",
        label="工期の終わり",
        block=0,
        synonyms="工期末日 工期末 完成日 完成期限 竣工日 しゅん工日 履行期限 工期(至) 工期終期",
        parse=read.one_day("work_to", "coming"),
        show=lambda form: show.day(form.work_to),
    ),
    FormField(
        id="contract_price",
        label="請負代金額(税込)",
        block=1,
        need=Need.ALWAYS,
        hint="円まで",
        synonyms=(
            "請負代金額 請負代金 請負代金の額 請負代金(税込) 請負代金額(総額) 請負額 業務委託料 "
            "委託料 委託金額 請負金額 請負金額(税込) 請負金額(総額) 契約金額 契約金額(税込) 契約額 "
            "工事請負代金額"
        ),
        parse=read.contract_price,
        show=lambda form: show.yen(form.contract_price_yen),
    ),
    FormField(
        id="tax",
        label="うち消費税等",
        block=1,
        need=Need.ALWAYS,
        hint="契約書のとおり",
        synonyms=(
            "うち消費税 内消費税 内消費税等 うち消費税額 うち消費税等の額 消費税 消費税等 消費税額 "
            "消費税等の額 うち消費税及び地方消費税 うち消費税及び地方消費税の額 "
            "消費税及び地方消費税 消費税及び地方消費税の額 うち取引に係る消費税及び地方消費税の額 "
            "取引に係る消費税及び地方消費税の額"
        ),
        parse=read.consumption_tax,
        show=show.tax,
    ),
    FormField(
        id="covered_price",
        label="請負代金額(対象額)",
        block=0,
        synonyms="請負金額(対象額) 請負金額対象額 対象額 保証対象額",
        parse=read.amount("covered_price_yen"),
        show=lambda form: show.yen_or_none(form.covered_price_yen),
    ),
    FormField(
        id="advance",
        label="前払金の請求額",
        block=1,
        need=Need.ADVANCE,
        hint="例 19,300,000円、4割(10万円未満切捨て)。契約保証だけのときは「なし」",
        synonyms=(
            "前払金請求額 前払請求額 前払金額 前払金 前払金の額 前払金請求予定額 前金払 前払の金額 "
            "中間前払金の請求額 中間前払金請求額 中間前払金額 中間前払金"
        ),
        parse=shares.advance_request,
        show=lambda form: show.advance(form.advance),
    ),
    FormField(
        id="bank",
        label="預託金融機関",
        block=1,
        need=Need.ADVANCE,
        hint="金融機関・支店・普通など。口座番号は書かないでください",
        synonyms="預託先 預託先金融機関 預託銀行 預託金融機関・支店 預託金融機関名 金融機関 金融機関名",
        parse=people.bank,
        show=lambda form: show.bank(form.bank),
    ),
    FormField(
        id="payment",
        label="保証料の支払方法",
        block=1,
        need=Need.ALWAYS,
        hint="都度払い／一括納付",
        synonyms="保証料支払方法 保証料の納付方法 保証料納付方法 保証料の支払い方法 支払方法 納付方法",
        parse=read.choice(
            "payment",
            ("each", "都度(?:払い?|納付|支払い?)?(?:で|です)?|(?:銀行)?振り?込み?"),
            ("monthly", "一括(?:納付|払い?|支払い?)?(?:で|です)?|月次(?:払い?|納付)?"),
            ask="「都度払い」か「一括納付」でお書きください。",
        ),
        show=lambda form: {"each": "都度払い", "monthly": "一括納付"}[form.payment],
    ),
    FormField(
        id="contact",
        label="担当者・電話",
        block=1,
        need=Need.ALWAYS,
        hint="現場事務所のときは携帯",
        synonyms=(
            "担当者 ご担当者 担当者名 担当者氏名 担当者・電話番号 担当者・連絡先 担当者連絡先 "
            "連絡先 担当者(電話) ご担当者・電話"
        ),
        parse=people.contact,
        show=lambda form: f"{form.contact_name}　{form.contact_phone}",
    ),
)
