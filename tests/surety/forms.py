"""The application form as a builder fills it in, what it means, and how a test changes one line of it."""

import re
from datetime import date
from decimal import Decimal

from bot.surety.form import (
    AdvanceRequest,
    ApplicationForm,
    Bank,
    FormReading,
    PerformanceRequest,
    read_form,
)
from bot.surety.papers import GuaranteeKind

TODAY = date(2026, 11, 10)

SAMPLE = """\
件名: 保証申込 市道中央線舗装補修工事

お世話になります。下記のとおり申し込みます。

【1 必ず書く】
◎申込区分: 契約保証・前払金保証(同時)
◎保証証書の受取方法: 電子交付を希望する
◎約款等への同意: 同意する
◎証書が必要な日: 11月13日(金)　※契約は16日の予定
◎発注者(宛名): 伊予灘市長　越智　太郎
◎発注者の担当課: 契約課(前払は建設課)
◎工事番号: 第１２３号
◎工事名: 市道中央線舗装補修工事
◎工事場所: 伊予灘市中央一丁目地内
◎契約(予定)日: 令和8年11月16日(予定)
◎工期: R8.11.17 〜 R9.3.25
◎請負代金額(税込): ４８，４００，０００円
◎うち消費税等: 4,400,000円
◎前払金の請求額: 4割で(10万円未満切捨て)
◎預託金融機関: 伊予信用金庫　本店営業部　普通
◎保証料の支払方法: 都度払い
◎担当者・電話: 総務 髙橋　089-000-1234(現場事務所のときは携帯)

【2 あてはまるときだけ】
低入札調査の対象: いいえ
契約保証金額: 10分の1(4,840,000円)
債務負担・年度割: なし
すでに受けた前払金: なし
中間前払の認定日: (中間前払のときだけ)
JV(名称・構成員・割合): なし
入札公告日: 令和8年10月20日
変更前の保証契約番号: (変更のときだけ)

【3 一緒に送るもの】(あとからでも可: 同じ件名で返信/FAX/郵送)
落札決定通知書: 添付
請負契約書の写し: 契約後に送ります
使途内訳明細書: 未定(後日)
支払先の確認書類: 後日
直近の決算書: 提出済(令和7年6月期)

連絡事項: 契約保証だけ先に欲しいです
"""


UNDERSTOOD = ApplicationForm(
    kinds=frozenset({GuaranteeKind.PERFORMANCE, GuaranteeKind.ADVANCE}),
    delivery="electronic",
    consent=True,
    needed_on=date(2026, 11, 13),
    orderer="伊予灘市長　越智　太郎",
    orderer_department="契約課(前払は建設課)",
    work_number="第１２３号",
    work_name="市道中央線舗装補修工事",
    work_place="伊予灘市中央一丁目地内",
    contract_on=date(2026, 11, 16),
    contract_planned=True,
    work_from=date(2026, 11, 17),
    work_to=date(2027, 3, 25),
    contract_price_yen=48_400_000,
    tax_yen=4_400_000,
    advance=AdvanceRequest(percent=Decimal(40), rounding_yen=100_000),
    performance=PerformanceRequest(percent=Decimal(10), amount_yen=4_840_000),
    bank=Bank(name="伊予信用金庫", branch="本店営業部", account_type="普通"),
    payment="each",
    contact_name="総務 髙橋",
    contact_phone="089-000-1234",
    notice_on=date(2026, 10, 20),
    documents={
        "落札決定通知書": "添付",
        "請負契約書の写し": "契約後に送ります",
        "使途内訳明細書": "未定(後日)",
        "支払先の確認書類": "後日",
        "直近の決算書": "提出済(令和7年6月期)",
    },
    remarks="契約保証だけ先に欲しいです",
)


def with_line(label: str, value: str, text: str = SAMPLE) -> str:
    """Return the sample with another value behind one label."""
    changed, count = re.subn(rf"(?m)^(◎?{re.escape(label)}):.*$", lambda found: f"{found[1]}: {value}", text)
    assert count == 1
    return changed


def problems(reading: FormReading) -> dict[str, str]:
    """Return the faults by the label that the contractor reads."""
    return {fault.label: fault.problem_ja for fault in reading.faults}


def understood(text: str) -> ApplicationForm:
    """Return the form of a text that must hold no fault."""
    reading = read_form(text, TODAY)
    assert reading.faults == ()
    assert reading.form is not None
    return reading.form
