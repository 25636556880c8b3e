"""Why a mail is taken for automatic, and which of our letters a report speaks of (RFC 3834, 3464, 8098)."""

import re
from collections.abc import Iterator
from typing import Literal

from bot.reading.charset import decode_unlabelled
from bot.reading.headers import identifiers
from bot.reading.mime import Headers, Part, TooMuch, split_head

BouncedKind = Literal["", "failed", "delayed", "delivered", "displayed"]

_SEVERITY: tuple[BouncedKind, ...] = ("failed", "delayed", "displayed", "delivered")
_ACTIONS: dict[str, BouncedKind] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_PRECEDENCE = ("bulk", "list", "junk", "auto_reply")
_AUTO_REPLY_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "auto-reply",
)
_LIST_FIELDS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "list-subscribe",
    "list-owner",
    "list-archive",
)
_DAEMONS = re.compile(r"(?:mailer-?daemon|mail-?daemon|maildaemon)@", re.I)
# Tags that gateways put in front, such as 【無害化済】; never Re:, since a person may answer an auto-reply.
_TAGS = r"\s*(?:【[^】]{0,30}】|\[[^\]]{0,30}\]|［[^］]{0,30}］)*\s*"
_JA_AUTO = r"(?:不在(?:通知|連絡|案内|のお?知らせ|メッセージ)|自動(?:応答|返信|回答)|受信確認)"
_AUTOMATIC_SUBJECT = re.compile(
    rf"{_TAGS}(?:{_JA_AUTO}(?:メール|通知|メッセージ)?(?:です)?\s*(?:[:：]|\Z)"
    r"|(?:Auto(?:matic)?[- ]?(?:reply|response)|Auto)\s*[:：]|Out of (?:the )?Office\b"
    r"|(?:開封(?:済み|確認|通知)|未開封|配信不能|配信済み)\s*[:：])"
    rf"|{_TAGS}\s*[【\[［(（「]\s*{_JA_AUTO}(?:メール|通知)?\s*[】\]］)）」]"
    rf"|(?!\s*(?:re|fw|fwd)\s*[:：]).{{0,200}}[(（【\[］]\s*自動(?:応答|返信)(?:メール)?\s*[)）】\]］]\s*\Z",
    re.I,
)
_PASSWORD_NOTICE = re.compile(
    r"パスワ[ーｰ]ド.{0,8}(?:通知|送付|連絡|お?知らせ|案内)|(?:通知|送付|連絡|お?知らせ).{0,6}パスワ[ーｰ]ド"
    r"|password (?:notification|notice|information)",
    re.I,
)
_FAILED_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification \(failure\)|has failed|failure)|returned mail|failure notice"
    r"|mail delivery (?:failed|system)|配信不能|配送(?:失敗|不能|エラー)|不達",
    re.I,
)
_ID_IN_TEXT = re.compile(r"^[ \t>]{0,20}Message-ID:\s{0,5}<([^<>\s]{1,500})>", re.I | re.M)


def why_automatic(headers: Headers, subject: str, from_address: str, *, is_null_sender: bool) -> str:
    """Return in English why the mail is taken for automatic; '' where a person seems to have written it.

    The password notices of Japanese archive gateways belong to a person's mail: for them neither the softer
    headers nor the subject count. X-Auto-Response-Suppress says nothing about who wrote.
    """
    if is_null_sender:
        return "null return path"
    if headers.first("content-type").lower().strip().startswith(b"multipart/report"):
        return "multipart/report"
    if _DAEMONS.match(from_address):
        return "sent by a mail daemon"
    for name in _LIST_FIELDS:
        if headers.all(name):
            return name
    submitted = _word(headers, "auto-submitted")
    if submitted.startswith("auto-replied"):
        return "auto-submitted: auto-replied"
    if _AUTOMATIC_SUBJECT.match(subject):
        return "subject of an automatic reply"
    return "" if _PASSWORD_NOTICE.search(subject) else _softer_reason(headers, submitted)


def _softer_reason(headers: Headers, submitted: str) -> str:
    if submitted not in ("", "no"):
        return "auto-submitted"
    if _word(headers, "precedence") in _PRECEDENCE:
        return f"precedence: {_word(headers, 'precedence')}"
    return next(
        (name for name in _AUTO_REPLY_FIELDS if headers.all(name) and _word(headers, name) != "no"), ""
    )


def _word(headers: Headers, name: str) -> str:
    words = re.split(rb"[\s;(]+", headers.first(name).strip(), maxsplit=1)
    return words[0].decode("ascii", "replace").lower()


def bounced(root: Part, subject: str, text: str) -> tuple[tuple[str, ...], BouncedKind]:
    """Return the message ids a report speaks of and what it says became of them; the worst news counts.

    Programs that know no RFC 3464 are read by subject and by the returned header in their text.
    """
    ids: list[str] = []
    kinds: set[BouncedKind] = set()
    for part in _leaves_and_messages(root):
        if part.media_type in ("message/delivery-status", "message/global-delivery-status"):
            kinds |= {
                _ACTIONS[action] for action in _status_values(part.body, "action") if action in _ACTIONS
            }
        elif part.media_type in (
            "message/disposition-notification",
            "message/global-disposition-notification",
        ):
            ids += _original_ids(part.body)
            kinds |= {
                "displayed" if value.endswith("displayed") else "delivered"
                for value in _status_values(part.body, "disposition")
            }
        elif part.media_type in ("text/rfc822-headers", "message/global-headers"):
            ids += _ids_in(part.body)
        elif part.is_message:
            ids += identifiers(part.children[0].headers.first("message-id"))
    if not kinds and _FAILED_SUBJECT.search(subject):
        kinds = {"failed"}
        ids += _ID_IN_TEXT.findall(text)
    if kinds and not ids:
        ids = (
            identifiers(root.headers.first("in-reply-to"))
            or identifiers(root.headers.first("references"))[-1:]
        )
    kind: BouncedKind = next((kind for kind in _SEVERITY if kind in kinds), "")
    return (tuple(dict.fromkeys(ids))[:100], kind) if kind else ((), "")


def _leaves_and_messages(part: Part) -> Iterator[Part]:
    if part.is_message or not part.children:
        yield part
    else:
        for child in part.children:
            yield from _leaves_and_messages(child)


def _status_values(body: bytes, name: str) -> list[str]:
    """Return the values of one field in all the blocks of a status part, without comment and diagnostics."""
    found = re.findall(rb"^%s[ \t]*:[ \t]*([^\r\n]{1,200})" % name.encode(), body[:200_000], re.I | re.M)
    return [value.decode("ascii", "replace").partition("(")[0].strip().lower() for value in found]


def _original_ids(body: bytes) -> list[str]:
    found = re.findall(rb"^original-message-id[ \t]*:[ \t]*<([^<>\s]{1,500})>", body[:200_000], re.I | re.M)
    return [decode_unlabelled(one) for one in found]


def _ids_in(body: bytes) -> list[str]:
    try:
        return identifiers(split_head(body)[0].first("message-id"))
    except TooMuch:
        return []
