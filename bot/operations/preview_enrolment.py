"""Samples of the letters about 利用登録, mailboxes and orderers' registration."""

from pydantic import JsonValue

from bot.operations.preview_values import CONTRACTOR, NEWS

_NEW = "keiri@iyo-kensetsu.example"
_FIRST = "soumu@iyo-kensetsu.example"
_CITY = "keiyaku@city.iyonada.lg.example"
_ROWS: list[JsonValue] = [
    {"label": "会社名(商号)", "value": CONTRACTOR},
    {"label": "住所", "value": "伊予灘市中央二丁目3番4号"},
    {"label": "代表者", "value": "代表取締役 髙橋 健一"},
    {"label": "電話", "value": "089-000-1234"},
]
_ENROLMENT: dict[str, JsonValue] = {
    "party_name": CONTRACTOR,
    "person": "総務部 高橋",
    "rows": _ROWS,
    "missing": [],
    "form": "◎会社名(商号): 株式会社いよ建設\n◎住所:",
    "days": 7,
}
_TASK: dict[str, JsonValue] = {
    "number": "E8-00456",
    "kind": "party",
    "party_name": CONTRACTOR,
    "asked_by": _FIRST,
    "mailbox": _FIRST,
    "role": "申込できる",
    "person": "総務部 高橋",
    "rows": _ROWS,
    "missing": [],
    "known": None,
    "same_names": [],
    "similar": "",
    "provider": False,
    "taken": False,
    "codes": {"登録承認": "4821", "登録謝絶": "4822"},
}
_MAILBOX: dict[str, JsonValue] = {
    "address": _NEW,
    "role": "申込できる",
    "party_name": CONTRACTOR,
    "customer_number": "C-10001",
}
_METHODS: list[JsonValue] = ["電話確認", "郵送コード", "利用申込書"]

ENROLMENT_SAMPLES: dict[str, list[dict[str, JsonValue]]] = {
    "domain_refused": [
        {"domain": "city.iyonada.lg.example", "fault": fault, "others": ["伊予灘水道企業団"]}
        for fault in ("provider", "own", "shared", "no_box", "not_a_domain")
    ],
    "enrolled": [{"customer_number": "C-00001", "party_name": CONTRACTOR}],
    "enrolment": [
        _ENROLMENT,
        {**_ENROLMENT, "party_name": "", "person": "", "rows": [], "missing": ["会社名(商号)", "住所"]},
        {**_ENROLMENT, "person": "", "rows": _ROWS[:1], "missing": ["住所", "担当者"]},
    ],
    "enrolment_declined": [{"kind": kind, "mailbox": _NEW} for kind in ("party", "mailbox")],
    "enrolment_moot": [{"number": "E8-00456", "mailbox": _NEW}],
    "enrolment_not_open": [
        {"number": "E8-00456", "state": "approved"},
        {"number": "E8-00456", "state": ""},
        {"number": "", "state": ""},
    ],
    "enrolment_unchecked": [{"methods": _METHODS}, {"methods": ["代表電話確認"]}],
    "mailbox_asked": [{"address": _NEW, "role": "閲覧のみ"}],
    "mailbox_changed": [
        {"address": _NEW, "what": "removed", "heir": _FIRST},
        {"address": _NEW, "what": "lowered", "heir": ""},
    ],
    "mailbox_how": [{"word": word} for word in ("mailbox_add", "mailbox_change", "mailbox_remove")],
    "mailbox_last": [{"address": _FIRST}],
    "mailbox_lost": [
        {"what": "removed", "by": _FIRST},
        {"what": "lowered", "by": _FIRST},
        {"what": "removed", "by": ""},
    ],
    "enrolled_already": [
        {"party": "contractor", "party_name": CONTRACTOR, "customer_number": "C-10001", "may_apply": True},
        {"party": "contractor", "party_name": CONTRACTOR, "customer_number": "C-10001", "may_apply": False},
        {"party": "orderer", "party_name": "伊予灘市", "customer_number": "O-38299", "may_apply": False},
    ],
    "mailbox_needed": [
        {"address": _NEW, "why": "domain", "role": ""},
        {"address": "shinsa@surety.example", "why": "staff", "role": "審査"},
    ],
    "mailbox_not_by_mail": [{"address": _NEW}],
    "mailbox_registered": [_MAILBOX],
    "mailbox_unchanged": [{"address": _NEW, "role": "閲覧のみ"}],
    "mailbox_unknown": [{"address": _NEW}],
    "mailbox_welcome": [_MAILBOX, {**_MAILBOX, "role": "閲覧のみ"}],
    "orderer_registered_already": [{"what": _CITY, "same": True}, {"what": _CITY, "same": False}],
    "orderer_welcome": [{"what": _CITY, "body": "伊予灘市"}],
    "register_how": [
        {"word": "register_orderer", "unknown": ""},
        {"word": "register_mailbox", "unknown": "C-99999"},
    ],
    "staff_enrolment": [
        _TASK,
        {
            **_TASK,
            "missing": ["担当者"],
            "same_names": [{"number": "C-10001", "name": CONTRACTOR}],
            "similar": "iyo-kensetsu.example",
            "provider": True,
        },
        {
            **_TASK,
            "kind": "mailbox",
            "mailbox": _NEW,
            "rows": [],
            "known": {"number": "C-10001", "phone": "089-000-1234"},
            "taken": True,
        },
        {**_TASK, "kind": "mailbox", "mailbox": _NEW, "rows": [], "person": "", "known": None},
    ],
    "staff_unlisted_orderer": [
        {**NEWS, "similar": "", "provider": False, "days": 14},
        {**NEWS, "similar": "city.iyonada.lg.example", "provider": True, "days": 14},
    ],
}
TO_STAFF = (
    "domain_refused",
    "enrolment_moot",
    "enrolment_not_open",
    "enrolment_unchecked",
    "mailbox_needed",
    "mailbox_not_by_mail",
    "orderer_registered_already",
    "register_how",
)
TO_STRANGERS = ("enrolment", "enrolment_declined")
TO_ORDERERS = ("orderer_welcome",)
