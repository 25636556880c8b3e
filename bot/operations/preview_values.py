"""Invented people, works and guarantees, of which the samples of the letters are made."""

from pydantic import JsonValue

AT = "2026-11-10T01:58:00+00:00"
KEY = "K7M4P-3XHW3"
CASE = "R8-01234-7KQ4"
WORK = "市道中央線舗装補修工事"
LONG_WORK = "令和八年度公共下水道中央幹線管渠布設替工事及び市道中央線舗装補修工事(その2)第3工区"
CONTRACTOR = "株式会社いよ建設"
GUARANTEE: dict[str, JsonValue] = {
    "kind": "契約保証",
    "number": "2080001234",
    "contractor": "株式会社いよ建設　代表取締役　髙橋　健一",
    "orderer": "伊予灘市長",
    "work_number": "第123号",
    "work_name": WORK,
    "amount_yen": 4_840_000,
    "contract_price_yen": 48_400_000,
    "covered_price_yen": None,
    "period_from": "2026-11-17",
    "period_to": "2027-03-25",
    "known_work_to": "2027-03-25",
    "bank": "",
    "issued_on": "2026-11-13",
    "version": 1,
    "amended": False,
    "state": "registered",
}
ADVANCE: dict[str, JsonValue] = {
    **GUARANTEE,
    "kind": "前払金保証",
    "number": "2080001235",
    "work_number": "",
    "covered_price_yen": 40_000_000,
    "period_from": None,
    "bank": "伊予信用金庫　本店営業部",
    "amended": True,
}
BY_MAIL: dict[str, JsonValue] = {
    "kind": "契約保証",
    "number": "2080001234",
    "channel": "mail",
    "department": "契約課",
    "address": "keiyaku@city.iyonada.lg.example",
    "subject": f"【電子保証】第123号 {WORK}",
    "web_form": "",
    "phone": "089-000-2000",
    "when": "契約書を持参する前に",
    "surety_may_send": True,
    "measure": "mail",
}
BY_FORM: dict[str, JsonValue] = {
    **BY_MAIL,
    "channel": "web_form",
    "web_form": "えひめ電子申請システム",
    "address": "",
    "phone": "",
    "when": "",
    "surety_may_send": False,
    "measure": "dsure",
}
ON_PAPER: dict[str, JsonValue] = {**BY_FORM, "channel": "paper", "web_form": "", "measure": "both"}
FORM_TEXT = "保証の種類: 前払金保証・契約保証\n工事名: 市道中央線舗装補修工事\n工期:"
ROWS: list[JsonValue] = [
    {"label": "工事名", "text": WORK, "interpreted": False},
    {"label": "工期", "text": "令和8年11月17日〜令和9年3月25日", "interpreted": True},
]
AMOUNTS: list[JsonValue] = [
    {"kind": "契約保証", "amount_yen": 4_840_000},
    {"kind": "前払金保証", "amount_yen": 19_300_000},
]
TERMS: list[JsonValue] = [{"name": "前払金保証約款", "version": "第1版", "dated_on": "2026-04-01"}]
PAGE: dict[str, JsonValue] = {
    "work_name": WORK,
    "contractor": CONTRACTOR,
    "needed_on": "2026-11-13",
    "applied_at": AT,
    "rows": ROWS,
    "amounts": AMOUNTS,
    "remarks": ["急いでいます"],
    "premium_yen": 61_200,
    "examined_by": "shinsa@surety.example",
    "both": True,
    "contract_planned": True,
    "others": [{"code": "R8-01188-3FWR", "work_name": "港線側溝改修", "state": "issued"}],
}
BARE_PAGE: dict[str, JsonValue] = {
    **PAGE,
    "remarks": [],
    "others": [],
    "both": False,
    "amounts": AMOUNTS[:1],
}
EXAMINE: dict[str, JsonValue] = {"審査済": "4821", "差戻し": "4822", "謝絶": "4823"}
DECIDE: dict[str, JsonValue] = {"承認": "7310", "契約のみ承認": "7311", "差戻し": "7312", "謝絶": "7313"}
NEWS: dict[str, JsonValue] = {
    "enquiry": "K8-00001",
    "asked_by": "keiyaku@city.iyonada.lg.example",
    "party": "伊予灘市",
    "guarantee": GUARANTEE,
    "work_name": WORK,
    "at": AT,
}
DIFFERENCES: list[JsonValue] = [{"item": "保証金額", "on_paper": "4,840,001円", "on_record": "4,840,000円"}]
VERDICT: dict[str, JsonValue] = {
    **NEWS,
    "differences": DIFFERENCES,
    "only_reference": False,
    "attached": True,
    "seen_before": [{"at": AT, "mailbox": "kensetsu@city.iyonada.lg.example"}],
}
SUBMITTED: dict[str, JsonValue] = {
    "guarantee": GUARANTEE,
    "work_name": WORK,
    "body": "伊予灘市",
    "submission": BY_MAIL,
    "sent_before": False,
    "again": False,
    "how": "told",
}
KEY_NOTICE: dict[str, JsonValue] = {
    **SUBMITTED,
    "with_invoice": "前払金の請求書は、受注者から建設課へお出しください。",
    "contact": "総務 髙橋　089-000-1234",
    "certificate_too": False,
}
NAMED: dict[str, JsonValue] = {"work_name": WORK}
REASONS: list[dict[str, JsonValue]] = [
    {"reason": "reservation"},
    {"reason": "measure", "orderer": "伊予灘市長"},
    {"reason": "kinds", "orderer": "伊予灘市長", "kinds": ["中間前払金保証"]},
    {"reason": "date", "orderer": "松山市長", "basis": "contract", "from_on": "2024-04-01"},
    {"reason": "date", "orderer": "松山市長", "basis": "notice", "from_on": "2024-04-01"},
    {"reason": "paper_wanted", "orderer": "松山市長"},
    {"reason": "unknown", "orderer": "どこか市長"},
]
INBOX_STATES = ("waiting", "claimed", "held", "done", "refused", "ignored", "expired", "parked")
LIST_PAGE: dict[str, JsonValue] = {
    "rows": [GUARANTEE, ADVANCE],
    "total": 22,
    "first": 1,
    "page": 1,
    "pages": 2,
    "words": "中央線",
}
