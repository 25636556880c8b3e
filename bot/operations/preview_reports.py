"""Samples of what staff are told of letters that came back and of notices that programs sent."""

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
    "staff_password_notice": [{"party": CONTRACTOR, "writer": "soumu@iyo-kensetsu.example"}],
}
