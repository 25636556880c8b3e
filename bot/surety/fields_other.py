"""Blocks 2 and 3 of the application form: あてはまるときだけ, and 一緒に送るもの."""

from bot.surety import field_parsers as read
from bot.surety import field_prints as show
from bot.surety import field_shares as shares
from bot.surety.form_field import FormField, Need

OTHER_FIELDS = (
    FormField(
        id="low_bid",
        label="低入札調査の対象",
        block=2,
        hint="はい／いいえ",
        synonyms="低入札 低入札調査 低入札価格調査 低入札価格調査の対象 低入札調査対象",
        parse=read.choice(
            "low_bid",
            (
                False,
                "いいえ|なし|無し?|対象外(?:です)?|対象(?:では|で)(?:ない|ありません)|該当(?:なし|無し|しない|しません)|非該当|-|ー",
            ),
            (True, "はい|あり|有り?|対象(?:です|である)?|該当(?:する|します|あり)?"),
            ask="「はい」か「いいえ」でお書きください。",
        ),
        show=lambda form: "はい" if form.low_bid else "いいえ",
    ),
    FormField(
        id="performance",
        label="契約保証金額",
        block=2,
        need=Need.PERFORMANCE,
        hint="契約保証のとき。例 10分の1(4,840,000円)",
        synonyms="契約保証金 契約保証額 契約保証の金額 契約保証金の額",
        parse=shares.performance_request,
        show=lambda form: show.performance(form.performance),
    ),
    FormField(
        id="multi_year",
        label="債務負担・年度割",
        block=2,
        synonyms="債務負担 債務負担行為 年度割",
        parse=read.text("multi_year", may_be_none=True),
        show=lambda form: form.multi_year or "なし",
    ),
    FormField(
        id="received_advance",
        label="すでに受けた前払金",
        block=2,
        synonyms=(
            "既に受けた前払金 既受領前払金 既受領額 受領済前払金 受領済みの前払金 受領済み前払金 既払前払金"
        ),
        parse=read.amount("received_advance_yen"),
        show=lambda form: show.yen_or_none(form.received_advance_yen),
    ),
    FormField(
        id="interim_approved_on",
        label="中間前払の認定日",
        block=2,
        need=Need.INTERIM,
        hint="中間前払のときだけ",
        synonyms="中間前払認定日 中間前払金の認定日 中間前払金認定日 認定日 認定調書の日付",
        parse=read.one_day("interim_approved_on", "past"),
        show=lambda form: show.day_or_none(form.interim_approved_on),
    ),
    FormField(
        id="jv",
        label="JV(名称・構成員・割合)",
        block=2,
        synonyms="JV JV名称 共同企業体 共同企業体名 特定JV",
        parse=read.text("jv", may_be_none=True),
        show=lambda form: form.jv or "なし",
    ),
    FormField(
        id="notice_on",
        label="入札公告日",
        block=2,
        synonyms="公告日 入札公告 入札公告(指名通知)日 指名通知日",
        parse=read.one_day("notice_on", "past"),
        show=lambda form: show.day_or_none(form.notice_on),
    ),
    FormField(
        id="previous_numbers",
        label="変更前の保証契約番号",
        block=2,
        need=Need.AMENDMENT,
        hint="変更のときだけ",
        synonyms="変更前保証契約番号 保証契約番号 現在の保証契約番号 元の保証契約番号",
        parse=read.guarantee_numbers,
        show=lambda form: "、".join(form.previous_numbers) or "なし",
    ),
    *(
        FormField(
            id=name,
            label=label,
            block=3,
            hint="添付／後日",
            synonyms=synonyms,
            parse=read.document(label),
            show=show.document(label),
        )
        for name, label, synonyms in (
            ("award_notice", "落札決定通知書", "落札通知書 落札決定通知 落札決定通知書の写し"),
            ("contract_copy", "請負契約書の写し", "請負契約書 請負契約書写し 契約書 契約書の写し 契約書写し"),
            ("spending_plan", "使途内訳明細書", "前払金使途内訳明細書 使途内訳 使途明細書"),
            ("payee_papers", "支払先の確認書類", "支払先確認書類"),
            ("accounts", "直近の決算書", "直近決算書 決算書 財務諸表"),
        )
    ),
    FormField(
        id="remarks",
        label="連絡事項",
        block=3,
        synonyms="ご連絡事項 備考 通信欄 特記事項 その他",
        parse=read.remarks,
        show=lambda form: form.remarks,
    ),
)
