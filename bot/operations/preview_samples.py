"""One or more samples of the values of every template, to preview and to test it with."""

from pydantic import JsonValue

from bot.operations.preview_enrolment import ENROLMENT_SAMPLES, TO_ORDERERS, TO_STAFF, TO_STRANGERS
from bot.operations.preview_reports import REPORT_SAMPLES
from bot.operations.preview_values import (
    ADVANCE,
    AT,
    BARE_PAGE,
    BY_FORM,
    BY_MAIL,
    CASE,
    CONTRACTOR,
    DECIDE,
    EXAMINE,
    FORM_TEXT,
    GUARANTEE,
    INBOX_STATES,
    KEY_NOTICE,
    LIST_PAGE,
    NAMED,
    NEWS,
    ON_PAPER,
    PAGE,
    REASONS,
    SUBMITTED,
    TERMS,
    VERDICT,
    WORK,
)

SAMPLES: dict[str, list[dict[str, JsonValue]]] = {
    **ENROLMENT_SAMPLES,
    **REPORT_SAMPLES,
    "answer_received": [NAMED],
    "applied": [{**NAMED, "at": AT}],
    "awaiting_contract": [{**NAMED, "orderer": "伊予灘市長"}],
    "bad_premium": [{"written": "61,2OO円"}],
    "blank_form": [{"form": FORM_TEXT}],
    "certificate": [{**NAMED, "guarantee": GUARANTEE}, {**NAMED, "guarantee": ADVANCE}],
    "certificate_instead": [{}],
    "certificate_submitted": [{**NAMED, "number": "2080001234", "department": "契約課"}],
    "confirmation": [
        {
            "writer": "soumu@iyo-kensetsu.example",
            "asked": ["停止"],
            "code": "481592",
            "until": AT,
            "text": "停止",
            "proven": False,
        },
        {
            "writer": "kanri@surety.example",
            "asked": ["発注者登録"],
            "code": "481592",
            "until": AT,
            "text": "発注者登録 keiyaku@city.iyonada.lg.example 伊予灘市 代表電話確認 11/10 契約課 山田様",
            "proven": True,
        },
    ],
    "contract_received": [{**NAMED, "files": ["契約書.pdf"]}, {**NAMED, "files": []}],
    "declined": [NAMED],
    "differences": [VERDICT, {**VERDICT, "only_reference": True}],
    "encrypted_paper": [{}],
    "enquiry_received": [{}],
    "faults": [
        {**NAMED, "faults": [{"label": "工期", "problem": "終わりの日をお書きください"}], "form": FORM_TEXT},
        {"work_name": "", "faults": [{"label": "工期", "problem": "お書きください"}] * 3, "form": FORM_TEXT},
    ],
    "help": [{"party": party} for party in ("contractor", "orderer", "surety")],
    "key_notice": [
        KEY_NOTICE,
        {**KEY_NOTICE, "submission": BY_FORM, "with_invoice": "", "certificate_too": True},
        {**KEY_NOTICE, "submission": ON_PAPER, "guarantee": ADVANCE},
    ],
    "list": [
        LIST_PAGE,
        {**LIST_PAGE, "page": 2, "first": 21, "words": ""},
        {**LIST_PAGE, "rows": [], "page": 9, "first": 161},
        {**LIST_PAGE, "rows": [], "total": 0, "pages": 1},
        {**LIST_PAGE, "rows": [], "total": 0, "pages": 1, "words": ""},
    ],
    "lookalike": [{}],
    "may_not": [{"role": "申込できる"}, {"role": "決裁"}],
    "no_contract_awaited": [NAMED],
    "no_key_awaited": [{"number": "2080001234"}],
    "no_performance": [NAMED],
    "no_such_guarantee": [{"number": "2080001234"}],
    "not_confirmed": [
        {"enquiry": "K8-00001", "at": AT, "number": "2080001234"},
        {"enquiry": "K8-00001", "at": AT, "number": ""},
    ],
    "not_now": [{**NAMED, "state": "applied"}],
    "not_registered_yet": [NAMED],
    "nothing_to_confirm": [{}],
    "nothing_to_verify": [{}],
    "old_read_back": [NAMED],
    "on_paper": [{**NAMED, "outside": one} for one in REASONS] + [{"work_name": "", "outside": REASONS[0]}],
    "premium": [
        {
            **PAGE,
            "kinds": ["前払金保証", "契約保証"],
            "bank_account": "伊予信用金庫 本店営業部",
            "customer_number": "C-10001",
        }
    ],
    "question": [{**NAMED, "question": "工期の終わりは3月25日でよろしいですか"}],
    "read_back": [
        {**PAGE, "advance_waits": True, "terms": TERMS},
        {**PAGE, "advance_waits": False, "terms": TERMS, "remarks": []},
    ],
    "registered": [
        {
            **NAMED,
            "guarantees": [GUARANTEE, ADVANCE],
            "orderer": "伊予灘市長",
            "submission": [BY_MAIL, {**BY_MAIL, "kind": "前払金保証"}],
            "with_invoice": "前払金の請求書は、受注者から建設課へお出しください。",
        },
        {
            **NAMED,
            "guarantees": [GUARANTEE],
            "orderer": "松山市長",
            "submission": [BY_FORM],
            "with_invoice": "",
        },
    ],
    "registering": [NAMED],
    "repeated": [{"state": state} for state in INBOX_STATES],
    "resumed": [{"unchanged": False}, {"unchanged": True}],
    "returned": [{**NAMED, "reason": "工期をご確認ください", "form": FORM_TEXT}],
    "same_person": [NAMED],
    "sent_to_orderer": [SUBMITTED, {**SUBMITTED, "sent_before": True, "submission": BY_FORM}],
    "staff_answer": [
        {
            **NAMED,
            "contractor": CONTRACTOR,
            "question": "工期は",
            "lines": ["3月25日"],
            "files": ["工程表.pdf"],
        }
    ],
    "staff_contract": [
        {**NAMED, "contractor": CONTRACTOR, "code": "5501", "files": ["契約書.pdf"]},
        {**NAMED, "contractor": CONTRACTOR, "code": "5501", "files": []},
    ],
    "staff_decision": [{**PAGE, "codes": DECIDE}, {**BARE_PAGE, "codes": DECIDE}],
    "staff_differences": [VERDICT],
    "staff_done": [{**NAMED, "action": "審査済"}],
    "staff_guesses": [{"party": "伊予灘市", "asked_by": "keiyaku@city.iyonada.lg.example", "count": 5}],
    "staff_letter_failed": [
        {
            "letter_id": 12,
            "recipient": "soumu@iyo-kensetsu.example",
            "title": f"【保証便】保証料のご案内:{WORK} [{CASE}]",
            "reason": "550 5.1.1 no such user",
        }
    ],
    "staff_letter_parked": [
        {
            "letter_id": 12,
            "recipient": "soumu@iyo-kensetsu.example",
            "templates": "applied",
            "reason": "Malformed: subject: is blank (must:17)",
        }
    ],
    "staff_on_paper": [
        {**NAMED, "contractor": CONTRACTOR, "form": FORM_TEXT, "outside": {"orderer": "", **one}}
        for one in REASONS
    ],
    "staff_orderer_box": [SUBMITTED],
    "staff_payment": [{**PAGE, "code": "9902"}],
    "staff_registering": [{**NAMED, "count": 2}],
    "staff_review": [{**PAGE, "codes": EXAMINE}, {**BARE_PAGE, "codes": EXAMINE}],
    "staff_remark": [
        {"party": CONTRACTOR, "writer": "genba@iyo-kensetsu.example", "words": ["証書"], "lines": ["例の件"]}
    ],
    "staff_loop": [
        {"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "phone": "089-000-1234"},
        {"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "phone": ""},
    ],
    "staff_unclear": [{"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "doubts": ["例の件"]}],
    "staff_unreadable": [
        {"reason": "no header at all", "writer": "soumu@iyo-kensetsu.example", "more": False},
        {"reason": "no header at all", "writer": "", "more": False},
        {"reason": "no header at all", "writer": "soumu@iyo-kensetsu.example", "more": True},
    ],
    "staff_withdrawn": [{**NAMED, "contractor": CONTRACTOR}],
    "status": [
        {
            "mails": [{"received_at": AT, "subject": "一覧", "state": one} for one in INBOX_STATES],
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
        {**KEY_NOTICE, "only_reference": False},
        {
            **KEY_NOTICE,
            "department": "契約課",
            "only_reference": True,
            "with_invoice": "",
            "guarantee": ADVANCE,
        },
    ],
    "submit_yourself": [
        SUBMITTED,
        {**SUBMITTED, "submission": BY_FORM},
        {**SUBMITTED, "submission": ON_PAPER},
    ],
    "submitted": [
        SUBMITTED,
        {**SUBMITTED, "again": True},
        {**SUBMITTED, "how": "copy", "submission": BY_FORM},
    ],
    "unclear": [
        {"doubts": ["例の件お願いします"], "party": one} for one in ("contractor", "orderer", "surety")
    ],
    "unclear_again": [{}],
    "unreadable": [{}],
    "unreadable_paper": [{}],
    "verified": [
        VERDICT,
        {**VERDICT, "only_reference": True, "attached": False, "seen_before": [], "guarantee": ADVANCE},
    ],
    "verified_news": [{**NEWS, "orderer": "伊予灘市長"}],
    "which_case": [{}],
    "which_guarantee": [{}],
    "withdrawn": [{**NAMED, "contractor": CONTRACTOR}],
    "wrong_code": [{}],
    "codes_spent": [{}],
    "needs_proven_mail": [{"asked": ["発注者登録"]}],
    "staff_wrong_codes": [
        {"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "phone": "089-000-1234"},
        {"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "phone": ""},
    ],
    "wrong_decision_code": [{"action": "承認"}],
}

# Answers to one mail that asked for several things: the samples of the sections of one letter.
JOINED: dict[str, tuple[tuple[str, int], ...]] = {
    "together-certificate-key_notice": (("certificate", 0), ("key_notice", 0)),
    "together-verified-not_confirmed": (("verified", 0), ("not_confirmed", 0)),
    "together-registered-awaiting_contract": (("registered", 1), ("awaiting_contract", 0)),
    "together-staff_done-staff_review": (("staff_done", 0), ("staff_review", 1)),
}
# Who gets a letter, where it is not the contractor. staff_* templates go to the surety's own people.
ORDERERS = (
    "certificate_instead",
    "differences",
    "encrypted_paper",
    "lookalike",
    "not_confirmed",
    "nothing_to_verify",
    "submission",
    "unreadable_paper",
    "verified",
    *TO_ORDERERS,
)
STAFF = ("bad_premium", "no_key_awaited", "no_performance", "same_person", "wrong_decision_code", *TO_STAFF)
STRANGERS = ("enquiry_received", *TO_STRANGERS)
