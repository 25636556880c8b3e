"""One or more samples of the values of every template; a template without any fails its tests."""

from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from bot.app import office_of
from bot.operations.trial import trial_config
from bot.outcome import KeyRef, Letter, Section
from bot.writing.jobs import JobAttachment, LetterJob
from bot.writing.letters import make_templates

AT = "2026-11-10T01:58:00+00:00"
KEY = "K7M4P-3XHW3"
CASE = "R8-01234-7KQ4"
WORK = "市道中央線舗装補修工事"
LONG_WORK = "令和八年度公共下水道中央幹線管渠布設替工事及び市道中央線舗装補修工事(その2)第3工区"
CONTRACTOR = "株式会社いよ建設"
LETTER_TEMPLATES = sorted(
    name.removesuffix(".txt")
    for name in make_templates().list_templates(["txt"])
    if not name.startswith("_") and name != "paper_key_notice.txt"
)
KEYED = ("key_notice", "submission")

_GUARANTEE: dict[str, JsonValue] = {
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
_ADVANCE: dict[str, JsonValue] = {
    **_GUARANTEE,
    "kind": "前払金保証",
    "number": "2080001235",
    "work_number": "",
    "covered_price_yen": 40_000_000,
    "period_from": None,
    "bank": "伊予信用金庫　本店営業部",
    "amended": True,
}
_BY_MAIL: dict[str, JsonValue] = {
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
_BY_FORM: dict[str, JsonValue] = {
    **_BY_MAIL,
    "channel": "web_form",
    "web_form": "えひめ電子申請システム",
    "address": "",
    "phone": "",
    "when": "",
    "surety_may_send": False,
    "measure": "dsure",
}
_ON_PAPER: dict[str, JsonValue] = {**_BY_FORM, "channel": "paper", "web_form": "", "measure": "both"}
_FORM = "保証の種類: 前払金保証・契約保証\n工事名: 市道中央線舗装補修工事\n工期:"
_ROWS: list[JsonValue] = [
    {"label": "工事名", "text": WORK, "interpreted": False},
    {"label": "工期", "text": "令和8年11月17日〜令和9年3月25日", "interpreted": True},
]
_AMOUNTS: list[JsonValue] = [
    {"kind": "契約保証", "amount_yen": 4_840_000},
    {"kind": "前払金保証", "amount_yen": 19_300_000},
]
_TERMS: list[JsonValue] = [{"name": "前払金保証約款", "version": "第1版", "dated_on": "2026-04-01"}]
_PAGE: dict[str, JsonValue] = {
    "work_name": WORK,
    "contractor": CONTRACTOR,
    "needed_on": "2026-11-13",
    "applied_at": AT,
    "rows": _ROWS,
    "amounts": _AMOUNTS,
    "remarks": ["急いでいます"],
    "premium_yen": 61_200,
    "examined_by": "shinsa@surety.example",
    "both": True,
    "contract_planned": True,
    "others": [{"code": "R8-01188-3FWR", "work_name": "港線側溝改修", "state": "issued"}],
}
_BARE_PAGE: dict[str, JsonValue] = {
    **_PAGE,
    "remarks": [],
    "others": [],
    "both": False,
    "amounts": _AMOUNTS[:1],
}
_EXAMINE: dict[str, JsonValue] = {"審査済": "4821", "差戻し": "4822", "謝絶": "4823"}
_DECIDE: dict[str, JsonValue] = {"承認": "7310", "契約のみ承認": "7311", "差戻し": "7312", "謝絶": "7313"}
_NEWS: dict[str, JsonValue] = {
    "enquiry": "K8-00001",
    "asked_by": "keiyaku@city.iyonada.lg.example",
    "party": "伊予灘市",
    "guarantee": _GUARANTEE,
    "work_name": WORK,
    "at": AT,
}
_DIFFERENCES: list[JsonValue] = [{"item": "保証金額", "on_paper": "4,840,001円", "on_record": "4,840,000円"}]
_VERDICT: dict[str, JsonValue] = {
    **_NEWS,
    "differences": _DIFFERENCES,
    "only_reference": False,
    "attached": True,
    "seen_before": [{"at": AT, "mailbox": "kensetsu@city.iyonada.lg.example"}],
}
_SUBMITTED: dict[str, JsonValue] = {
    "guarantee": _GUARANTEE,
    "work_name": WORK,
    "body": "伊予灘市",
    "submission": _BY_MAIL,
    "sent_before": False,
    "again": False,
    "how": "told",
}
_NOTICE: dict[str, JsonValue] = {
    **_SUBMITTED,
    "with_invoice": "前払金の請求書は、受注者から建設課へお出しください。",
    "contact": "総務 髙橋　089-000-1234",
    "certificate_too": False,
}
_WORK: dict[str, JsonValue] = {"work_name": WORK}
_REASONS: list[dict[str, JsonValue]] = [
    {"reason": "reservation"},
    {"reason": "measure", "orderer": "伊予灘市長"},
    {"reason": "kinds", "orderer": "伊予灘市長", "kinds": ["中間前払金保証"]},
    {"reason": "date", "orderer": "松山市長", "basis": "contract", "from_on": "2024-04-01"},
    {"reason": "date", "orderer": "松山市長", "basis": "notice", "from_on": "2024-04-01"},
    {"reason": "paper_wanted", "orderer": "松山市長"},
    {"reason": "unknown", "orderer": "どこか市長"},
]
_STATES = ("waiting", "claimed", "held", "done", "refused", "ignored", "expired", "parked")
_LIST: dict[str, JsonValue] = {
    "rows": [_GUARANTEE, _ADVANCE],
    "total": 22,
    "first": 1,
    "page": 1,
    "pages": 2,
    "words": "中央線",
}

SAMPLES: dict[str, list[dict[str, JsonValue]]] = {
    "answer_received": [_WORK],
    "applied": [{**_WORK, "at": AT}],
    "awaiting_contract": [{**_WORK, "orderer": "伊予灘市長"}],
    "bad_premium": [{"written": "61,2OO円"}],
    "blank_form": [{"form": _FORM}],
    "certificate": [{**_WORK, "guarantee": _GUARANTEE}, {**_WORK, "guarantee": _ADVANCE}],
    "certificate_instead": [{}],
    "certificate_submitted": [{**_WORK, "number": "2080001234", "department": "契約課"}],
    "confirmation": [
        {
            "writer": "soumu@iyo-kensetsu.example",
            "asked": ["停止"],
            "code": "481592",
            "until": AT,
            "text": "停止",
        }
    ],
    "contract_received": [{**_WORK, "files": ["契約書.pdf"]}, {**_WORK, "files": []}],
    "declined": [_WORK],
    "differences": [_VERDICT, {**_VERDICT, "only_reference": True}],
    "encrypted_paper": [{}],
    "enquiry_received": [{}],
    "faults": [
        {**_WORK, "faults": [{"label": "工期", "problem": "終わりの日をお書きください"}], "form": _FORM},
        {"work_name": "", "faults": [{"label": "工期", "problem": "お書きください"}] * 3, "form": _FORM},
    ],
    "help": [{"party": party} for party in ("contractor", "orderer", "surety")],
    "key_notice": [
        _NOTICE,
        {**_NOTICE, "submission": _BY_FORM, "with_invoice": "", "certificate_too": True},
        {**_NOTICE, "submission": _ON_PAPER, "guarantee": _ADVANCE},
    ],
    "list": [
        _LIST,
        {**_LIST, "page": 2, "first": 21, "words": ""},
        {**_LIST, "rows": [], "page": 9, "first": 161},
        {**_LIST, "rows": [], "total": 0, "pages": 1},
        {**_LIST, "rows": [], "total": 0, "pages": 1, "words": ""},
    ],
    "lookalike": [{}],
    "may_not": [{"role": "申込できる"}, {"role": "決裁"}],
    "no_contract_awaited": [_WORK],
    "no_key_awaited": [{"number": "2080001234"}],
    "no_performance": [_WORK],
    "no_such_guarantee": [{"number": "2080001234"}],
    "not_confirmed": [
        {"enquiry": "K8-00001", "at": AT, "number": "2080001234"},
        {"enquiry": "K8-00001", "at": AT, "number": ""},
    ],
    "not_now": [{**_WORK, "state": "applied"}],
    "not_registered_yet": [_WORK],
    "nothing_to_confirm": [{}],
    "nothing_to_verify": [{}],
    "old_read_back": [_WORK],
    "on_paper": [{**_WORK, "outside": one} for one in _REASONS] + [{"work_name": "", "outside": _REASONS[0]}],
    "premium": [
        {
            **_PAGE,
            "kinds": ["前払金保証", "契約保証"],
            "bank_account": "伊予信用金庫 本店営業部",
            "customer_number": "C-10001",
        }
    ],
    "question": [{**_WORK, "question": "工期の終わりは3月25日でよろしいですか"}],
    "read_back": [
        {**_PAGE, "advance_waits": True, "terms": _TERMS},
        {**_PAGE, "advance_waits": False, "terms": _TERMS, "remarks": []},
    ],
    "registered": [
        {
            **_WORK,
            "guarantees": [_GUARANTEE, _ADVANCE],
            "orderer": "伊予灘市長",
            "submission": [_BY_MAIL, {**_BY_MAIL, "kind": "前払金保証"}],
            "with_invoice": "前払金の請求書は、受注者から建設課へお出しください。",
        },
        {
            **_WORK,
            "guarantees": [_GUARANTEE],
            "orderer": "松山市長",
            "submission": [_BY_FORM],
            "with_invoice": "",
        },
    ],
    "registering": [_WORK],
    "repeated": [{"state": state} for state in _STATES],
    "resumed": [{"unchanged": False}, {"unchanged": True}],
    "returned": [{**_WORK, "reason": "工期をご確認ください", "form": _FORM}],
    "same_person": [_WORK],
    "sent_to_orderer": [_SUBMITTED, {**_SUBMITTED, "sent_before": True, "submission": _BY_FORM}],
    "staff_answer": [
        {
            **_WORK,
            "contractor": CONTRACTOR,
            "question": "工期は",
            "lines": ["3月25日"],
            "files": ["工程表.pdf"],
        }
    ],
    "staff_contract": [
        {**_WORK, "contractor": CONTRACTOR, "code": "5501", "files": ["契約書.pdf"]},
        {**_WORK, "contractor": CONTRACTOR, "code": "5501", "files": []},
    ],
    "staff_decision": [{**_PAGE, "codes": _DECIDE}, {**_BARE_PAGE, "codes": _DECIDE}],
    "staff_differences": [_VERDICT],
    "staff_done": [{**_WORK, "action": "審査済"}],
    "staff_guesses": [{"party": "伊予灘市", "asked_by": "keiyaku@city.iyonada.lg.example", "count": 5}],
    "staff_letter_failed": [
        {
            "letter_id": 12,
            "recipient": "soumu@iyo-kensetsu.example",
            "title": f"【保証便】保証料のご案内:{WORK} [{CASE}]",
            "reason": "550 5.1.1 no such user",
        }
    ],
    "staff_on_paper": [
        {**_WORK, "contractor": CONTRACTOR, "form": _FORM, "outside": {"orderer": "", **one}}
        for one in _REASONS
    ],
    "staff_orderer_box": [_SUBMITTED],
    "staff_payment": [{**_PAGE, "code": "9902"}],
    "staff_registering": [{**_WORK, "count": 2}],
    "staff_review": [{**_PAGE, "codes": _EXAMINE}, {**_BARE_PAGE, "codes": _EXAMINE}],
    "staff_remark": [
        {"party": CONTRACTOR, "writer": "genba@iyo-kensetsu.example", "words": ["証書"], "lines": ["例の件"]}
    ],
    "staff_unclear": [{"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "doubts": ["例の件"]}],
    "staff_unlisted_orderer": [_NEWS],
    "staff_unreadable": [
        {"reason": "no header at all", "writer": "soumu@iyo-kensetsu.example"},
        {"reason": "no header at all", "writer": ""},
    ],
    "staff_withdrawn": [{**_WORK, "contractor": CONTRACTOR}],
    "status": [
        {
            "mails": [{"received_at": AT, "subject": "一覧", "state": one} for one in _STATES],
            "cases": [{"code": CASE, "work_name": WORK, "state": "applied"}],
        },
        {
            "mails": [{"received_at": AT, "subject": "", "state": "done"}],
            "cases": [{"code": CASE, "work_name": "", "state": "incomplete"}],
        },
        {"mails": [], "cases": []},
    ],
    "stop_not_for_domain": [{}],
    "stopped": [{"unchanged": False}, {"unchanged": True}],
    "submission": [
        {**_NOTICE, "only_reference": False},
        {
            **_NOTICE,
            "department": "契約課",
            "only_reference": True,
            "with_invoice": "",
            "guarantee": _ADVANCE,
        },
    ],
    "submit_yourself": [
        _SUBMITTED,
        {**_SUBMITTED, "submission": _BY_FORM},
        {**_SUBMITTED, "submission": _ON_PAPER},
    ],
    "submitted": [
        _SUBMITTED,
        {**_SUBMITTED, "again": True},
        {**_SUBMITTED, "how": "copy", "submission": _BY_FORM},
    ],
    "unclear": [
        {"doubts": ["例の件お願いします"], "party": one} for one in ("contractor", "orderer", "surety")
    ],
    "unclear_again": [{}],
    "unreadable": [{}],
    "unreadable_paper": [{}],
    "verified": [
        _VERDICT,
        {**_VERDICT, "only_reference": True, "attached": False, "seen_before": [], "guarantee": _ADVANCE},
    ],
    "verified_news": [{**_NEWS, "orderer": "伊予灘市長"}],
    "which_case": [{}],
    "which_guarantee": [{}],
    "withdrawn": [{**_WORK, "contractor": CONTRACTOR}],
    "wrong_code": [{}],
    "wrong_decision_code": [{"action": "承認"}],
}
CASES = [(name, number) for name, found in SAMPLES.items() for number in range(len(found))]
OFFICE = office_of(trial_config({}))


def letter_job(template: str, number: int = 0, **changes: Any) -> LetterJob:
    """Make the job of one sample; a section that carries the key notice names its key."""
    key = KeyRef(guarantee_number="2080001234", version=1) if template in KEYED else None
    section = Section(template=template, values=SAMPLES[template][number], key=key)
    letter = Letter(recipient="soumu@iyo-kensetsu.example", sections=(section,), case_code=CASE, answers=True)
    job = LetterJob(
        letter=letter,
        office=OFFICE,
        salutation=("株式会社いよ建設　高橋様",),
        message_id="7.0123456789abcdef0123@hoshobin.example",
        written_at=datetime(2026, 11, 10, 1, 58, tzinfo=UTC),
        in_reply_to="first-1@iyo-kensetsu.example",
        references=(f"{CASE}@hoshobin.example", "first-1@iyo-kensetsu.example"),
        keys={"2080001234/1": KEY} if key else {},
    )
    return job.but(**changes)


def with_papers(job: LetterJob) -> LetterJob:
    """Attach two papers."""
    names = ("key-notice_2080001234.pdf", "certificate-contractor-copy_2080001234.pdf")
    papers = tuple(
        JobAttachment(file_name=name, media_type="application/pdf", data=bytes(range(256)) * 9)
        for name in names
    )
    return job.but(attachments=papers)
