"""Samples of what is said of letters that came back, of archives, and of notices that programs sent."""

from pydantic import JsonValue

from bot.operations.preview_values import CASE, CONTRACTOR, WORK

_ADDRESSEE: dict[str, JsonValue] = {
    "recipient": "soumu@iyo-kensetsu.example",
    "party": CONTRACTOR,
    "person": "高橋",
    "phone": "089-000-1234",
}
_UNKNOWN: dict[str, JsonValue] = {**_ADDRESSEE, "party": "", "person": "", "phone": ""}
_LETTER: dict[str, JsonValue] = {"letter_id": 12, "title": f"【保証便】保証料のご案内:{WORK} [{CASE}]"}

REPORT_SAMPLES: dict[str, list[dict[str, JsonValue]]] = {
    "staff_bounced": [
        {**_ADDRESSEE, **_LETTER, "reason": "5.1.1 smtp; 550 5.1.1 no such user"},
        {**_UNKNOWN, **_LETTER, "reason": ""},
    ],
    "staff_mailbox_unreachable": [{**_ADDRESSEE, "letters": 3}, {**_UNKNOWN, "letters": 3}],
    "staff_moved": [
        {**_ADDRESSEE, "writer": "yamada-ichiro@city.iyonada.lg.example"},
        {**_UNKNOWN, "writer": "soumu@iyo-kensetsu.example"},
    ],
    "staff_stranger_letters": [{"proven": False, "most": 50}, {"proven": True, "most": 300}],
    "staff_taken_for_automatic": [
        {
            "party": CONTRACTOR,
            "writer": "soumu@iyo-kensetsu.example",
            "subject": "証書の再送",
            "sign": "calls itself automatic",
        },
        {"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example", "subject": "", "sign": "other"},
    ],
    "password_awaited": [{"files": ["請負契約書（写）.zip"], "until": "2026-11-12T01:57:00Z"}],
    "password_wrong": [{"files": ["請負契約書（写）.zip"], "until": "2026-11-12T01:57:00Z"}],
    "archive_unopened": [
        {"files": ["請負契約書（写）.zip"], "why": "unknown_encryption"},
        {"files": ["請負契約書（写）.zip"], "why": "too_much"},
        {"files": ["請負契約書（写）.zip"], "why": "damaged"},
    ],
    "staff_password_notice": [{"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example"}],
}
