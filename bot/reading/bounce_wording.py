"""A bounce by its words alone, for programs that know no RFC 3464: several signs at once, never one."""

import re

from bot.reading.wording import READ, TAGS, any_of

_SUBJECT = (
    r"undeliver|non-?deliver|unable to deliver|cannot (?:send|deliver)|could not (?:send|deliver)",
    r"delivery (?:status notification \(?(?:failure|delay)|has failed|fail|error|problem|notification)",
    r"delivery (?:unsuccessful|warning|incomplete|report)|failed (?:mail )?delivery|failure notice",
    r"returned (?:e-?)?mail|(?:could|can|was|has) ?not (?:be |been )?(?:delivered|sent)",
    r"mail (?:delivery (?:failed|failure|system|error|warning|report|problem)|system error|error|failure)",
    r"mail (?:not delivered|returned|status report|failed)|error (?:sending your|mail report)",
    r"message (?:undeliverable|delayed|status|not delivered|you sent blocked|from your e-?mail server)",
    r"warning: (?:message|could not send)|bounce|\bndn\b|\bndr\b",
    r"unzustellbar|nicht zugestellt|nicht zustellbar|non remis|non distribu|onbestelbaar",
    r"impossibile recapitare|mancato recapito|no se (?:puede|pudo) entregar|não (?:entregue|foi entregue)",
    r"配信(?:不能|できません|失敗|エラー|に失敗|遅延)|配送(?:失敗|不能|エラー|できません)|お届けできません",
    r"送信(?:エラー|失敗|できません)|不達|エラーメール|メールエラー",
    r"退信|未送达|无法投递|投递失败|недоставлен|не доставлено",
)
_FAILED_SUBJECT = any_of(*_SUBJECT)
_FAILED_START = re.compile(rf"{TAGS}(?:{'|'.join(_SUBJECT)})", re.I)
# Some programs answer under our own subject, and put their news behind it.
_FAILED_END = re.compile(rf"[:：(（-]\s*(?:{'|'.join(_SUBJECT)})[^:：]{{0,30}}\Z", re.I)
_SHORT = 600  # characters: such a program has little to say
_ABOUT = re.compile(r"について|に関して|の件|お願い|ご?相談|ご?報告|ご?連絡|でしょうか|ですか|ますか")
_REPLY_OR_FORWARD = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|sv|転送|返信)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]", re.I)
_WHOM = r"(?:user|recipient|mailbox|address|account|host|domain|name)(?: name)?(?: is| was)?"
_PHRASES = any_of(
    r"did ?n[o']t reach the following|unable to (?:deliver|send|relay)|could ?n[o']t deliver",
    r"(?:could|can|was|were|has|have) ?n[o']t (?:be |been )?(?:delivered|sent|forwarded)",
    r"(?:delivery|sending).{0,40}(?:failed|postponed|delayed)|message not delivered|delivery error",
    r"permanent (?:fatal )?errors?|fatal errors?|undeliver(?:able|ed)|returned to sender|failed recipients?",
    r"(?:message|mail).{0,30}(?:returned|bounced|rejected|blocked|been postponed|waiting to be delivered)",
    rf"{_WHOM} ?(?:unknown|disabled|unavailable|full|over quota|inactive|suspended)",
    rf"{_WHOM} ?not (?:found|known|recognized|listed|exist)",
    r"(?:no such|unknown|invalid) (?:user|recipient|mailbox|address|local|account|domain)",
    r"mailbox.{0,30}(?:full|exceeded)|quota exceeded|exceed\w* (?:the )?(?:storage|quota|mailbox)",
    r"does ?n[o']t (?:exist|have a yahoo|like recipient)",
    r"配信(?:でき(?:ません|なかった)|に失敗|不能)|配送でき|お届けでき|届けることができ|送信できませんでした",
    r"宛先(?:不明|が見つかりません)|(?:受信者|宛先|アドレス).{0,20}(?:見つかりません|存在しません|不明)",
    r"戻されました|返送(?:され|いた)",
    r"nicht (?:zugestellt|zustell)|n'a pas (?:pu|été).{0,20}(?:délivr|delivr|distribu|remis)",
    r"non è stato possibile|no (?:se )?(?:pudo|puede|ha podido) (?:entregar|ser entregado)",
    r"退回|无法(?:送达|投递)|не (?:может быть|был\w*) доставлен",
)
# What only mail programs say, however the mail is titled.
_CERTAIN = any_of(
    r"this is the (?:qmail-send program|mail system at|postfix program)|reporting-mta:",
    r"i'm afraid i wasn't able to deliver|the following addresses had .{0,30}errors",
    r"this message was created automatically by (?:the )?mail (?:delivery|system)",
    r"delivery to the following recipients? (?:failed|has been delayed)",
    r"did not reach the following recipient",
    r"このメ(?:ール|ッセージ)は、?メ(?:ール|ッセージ)(?:配送|配信)?"
    r"(?:システム|プログラム|サーバー?)(?:より|から|が|による)",
)
_CERTAIN_WITHIN = 1_500  # characters
_STATUS_CODE = re.compile(
    r"(?<![\d.])[45]\.\d\.\d{1,3}(?![\d.])"
    r"|(?:^|[\s:(\"'#>])(?:4[25][0-9]|55[0-9]|50[0-9]|571)[ -]\D|SMTP error|error code",
    re.I | re.M,
)
_RETURNED = re.compile(
    r"^.{0,20}(?:original message|copy of (?:the|your) (?:original )?message|returned (?:mail|message)"
    r"|transcript of session|(?:header|lines|text) (?:and .{0,20})?of (?:the|your) (?:original )?message"
    r"|message (?:contents?|header)|below this line|summary of the undelivered"
    r"|元のメ(?:ッセージ|ール)|送信された(?:メール|メッセージ)).{0,60}$"
    r"|^[ \t>]{0,4}(?:Received: (?:from|by)|Message-ID: <|Return-Path: <|X-Mailer: )",
    re.I | re.M,
)
_RECIPIENT_LINE = re.compile(
    r"^[ \t]{0,8}(?:to:? |recipient:? |rcpt to:? ?|address:? )?"
    r"[\"'<]{0,2}[\w.+=-]{1,64}@[\w.-]{1,200}[\"'>]{0,2}\s{0,3}(?::.{0,200})?$",
    re.I | re.M,
)
_POSTAL = re.compile(
    r"(?:post-?master|.{0,20}(?:daemon|mail.?(?:system|admin|delivery|service)|smtp|anti-?virus|gateway"
    r"|no-?reply|bounce|ndr|imss)).{0,40}@",
    re.I,
)


def failed_subject(subject: str) -> bool:
    """Say whether a subject speaks of a mail that was not delivered."""
    return bool(_FAILED_SUBJECT.search(subject[:500]))


def is_bounce(subject: str, text: str, from_address: str, *, returns: bool) -> bool:
    """Say whether the words are those of a mail program that could not deliver, by several signs at once.

    `returns`: the mail brings another one along. A person who tells of a failed mail shows few of the signs.
    """
    shown = text[:READ]
    is_passed_on = bool(_REPLY_OR_FORWARD.match(subject))
    if not is_passed_on and _CERTAIN.search(shown[:_CERTAIN_WITHIN]):
        return True
    signs = bool(_PHRASES.search(shown)) + bool(_STATUS_CODE.search(shown))
    signs += (returns or bool(_RETURNED.search(shown))) + bool(_RECIPIENT_LINE.search(shown))
    signs += not from_address or bool(_POSTAL.match(from_address))
    if is_passed_on and _FAILED_END.search(subject[:500]) and len(text) <= _SHORT:
        return signs >= 2 and bool(_PHRASES.search(shown))
    if is_passed_on or not failed_subject(subject):
        return signs >= 4 and bool(_PHRASES.search(shown))
    return signs >= 2 or (signs == 1 and _starts_with_failure(subject))


def _starts_with_failure(subject: str) -> bool:
    """Say whether the subject is a failure's own, not one about it (配信不能について)."""
    return bool(_FAILED_START.match(subject[:500])) and not _ABOUT.search(subject[:500])
