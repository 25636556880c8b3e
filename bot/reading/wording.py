"""By their words alone: automatic replies, challenges, newsletters, and the password notices of gateways."""

import re

from bot.courtesies import sentences

READ = 6_000  # characters of the new words that are looked at: machines come to the point
# Tags that gateways put in front, such as 【無害化済】; never Re:, since a person may answer an auto-reply.
TAGS = r"\s*(?:【[^】]{0,30}】|\[[^\]]{0,30}\]|［[^］]{0,30}］)*\s*"


def any_of(*patterns: str) -> re.Pattern[str]:
    """Join patterns to one that finds any of them, in capitals or not."""
    return re.compile("|".join(patterns), re.I)


_JA_AUTO = r"(?:不在(?:通知|連絡|案内|のお?知らせ|メッセージ)|自動(?:応答|返信|回答)|受信確認)"
_NOT_A_REPLY = r"(?!\s*(?:re|fw|fwd)\s*[:：])"
# How programs title their replies, before a colon or the end.
_TITLES = (
    rf"{_JA_AUTO}(?:メール|通知|メッセージ)?(?:です)?",
    r"Auto(?:mati[cs]\w*)?[- ]?(?:reply|response|responder|answer)|Auto(?:Response?)?",
    r"Automatische (?:Antwort|Beantwortung)|Abwesenheits?(?:notiz|meldung|assistent)|Automatisch antwoord",
    r"R[ée]ponse automatique|Absence du bureau|Respuesta autom[áa]tica|Resposta autom[áa]tica",
    r"Risposta automatica|Fuori sede|Auto(?:matisk)?[ -]?svar|Automaattinen vastaus|Fr[åa]nvaromeddelande",
    r"Odpowied[źz] automatyczna|Automatick[áa] odpov[ěe][ďd]|Автоматический ответ|Автоответ",
    r"自动回复|自動回覆|自动答复|자동 ?(?:회신|응답)",
)
_AUTOMATIC_SUBJECT = any_of(
    rf"{TAGS}(?:{'|'.join(_TITLES)})\s*(?:[:：|｜]|\Z)",
    rf"{TAGS}(?:(?:I am |I'm )?Out of (?:the )?Office\b|Auto-?Reply\b)",
    rf"{TAGS}(?:開封(?:済み|確認|通知)|未開封|配信不能|配信済み)\s*[:：]",
    rf"{TAGS}(?:Read|Not read|Delivered|Gelesen|Lu)\s*:\s",
    rf"{TAGS}\s*[【\[［(（「]\s*(?:{_JA_AUTO}(?:メール|通知)?|Auto[- ]?Reply)\s*[】\]］)）」]",
    rf"{_NOT_A_REPLY}.{{0,200}}[(（【\[］]\s*自動(?:応答|返信)(?:メール)?\s*[)）】\]］]\s*\Z",
    rf"{_NOT_A_REPLY}.{{0,60}}\b(?:is )?out of (?:the )?office\b.{{0,60}}\Z",
)
_RECEIPT = re.compile(rf"{TAGS}(?:受信確認|開封|配信済み|(?:Read|Delivered)\s*:\s)", re.I)

_PASSWORD_SUBJECT = any_of(
    r"パスワ[ーｰ]ド.{0,8}(?:通知|送付|連絡|お?知らせ|案内)",
    r"(?:通知|送付|連絡|お?知らせ).{0,6}パスワ[ーｰ]ド",
    r"\bpassword (?:notification|notice|information)\b",
)
_PASSWORD_TEXT = any_of(
    r"添付ファイル.{0,20}パスワ[ーｰ]ド.{0,20}(?:お知らせ|通知|ご?連絡|次の|以下|下記)",
    r"パスワ[ーｰ]ド.{0,12}(?:次|以下|下記)の(?:とおり|通り)",
    r"attachment.{0,40}password",
)
_PASSWORD_LINE = re.compile(
    r"(?m)^[ 　\t・■●◆*]{0,8}(?:[^\n:：]{0,20})(?:パスワ[ーｰ]ド|password)[^\n:：]{0,12}[:：]\s*\S", re.I
)
_BY_A_GATEWAY = any_of(
    r"送信専用|自動(?:的に|で|送信|配信|通知)|から送信された添付|システム(?:から|より)|do not reply"
)
_OF_A_PASSWORD = any_of(
    r"パスワ[ーｰ]ド|password|添付|ファイル|件名|暗号|解凍|展開|復号|zip", r"\A[!-~]{4,64}\Z"
)

_CHALLENGE = re.compile(
    "|".join(
        (
            r"(?:click|visit|follow|reply|respond|answer).{0,200}"
            r"(?:approved|allowed?|safe|white|accepted|trusted) ?-?(?:senders?|recipients?|list)",
            r"(?:confirm|verify|prove).{0,60}"
            r"you are (?:a )?(?:human|real|person|not a (?:robot|spammer|machine)|legitimate)",
            r"(?:confirm|verify).{0,60}(?:your|the) (?:e-?mail )?(?:message|address|identity|delivery)"
            r".{0,80}(?:deliver|released|inbox|accepted|sender)",
            r"(?:protected|guarded) by.{0,60}(?:spam ?arrest|bluebottle|boxbe|choicemail|mailblocks|tmda"
            r"|boxtrapper|anti-?spam|challenge)|this (?:account|mailbox|address) is protected by",
            r"(?:message|e-?mail).{0,60}(?:held|quarantined|on hold).{0,120}(?:confirm|verif|click|reply)",
            r"送信者(?:の)?(?:認証|確認).{0,60}(?:返信|クリック|アクセス)",
            r"(?:このメールに返信(?!(?:いた|致)?し(?:ます|ました|た))|下記(?:の)?URL).{0,60}(?:認証|承認).{0,60}(?:配信|届|配送)",
            r"(?:人間|ロボットでは|機械では)(?:である|ない|あり).{0,20}(?:確認|証明)",
        )
    ),
    re.I | re.S,
)
_NEWSLETTER = any_of(
    r"(?:click|visit|go to|please|to) .{0,60}\bunsubscribe\b",
    r"\bunsubscribe\b.{0,80}(?:click|https?:|www\.|reply|here|from this)",
    r"(?:配信|購読|メルマガ|メールマガジン)(?:の)?(?:停止|解除|登録|変更).{0,40}(?:https?:|こちら|クリック)",
    r"\byou (?:are|have been) receiv(?:ing|ed) this (?:e-?mail|message|newsletter) because\b",
)
_CALLS_ITSELF = any_of(
    r"(?:この|当|本|こちらの)(?:e-?mail|eメール|メール|メッセージ)は.{0,20}自動(?:で|的に)?(?:返信|応答|回答)",
    r"自動(?:返信|応答|回答)(?:メール|メッセージ|機能|システム)?(?:です|となって|により(?:お送り|送信|配信))",
    r"自動(?:返信|応答|回答)(?:メール|メッセージ|機能|システム)?(?:にて|で)(?:お送り|返信|送信)",
    r"[※*(（【\[]\s*自動(?:返信|応答|回答)(?:メール)?\s*[)）】\]]",
    r"this (?:is|was) an? (?:auto(?:mated|matic|-?generated)|computer[- ]generated) (?:e-?mail |mail )?"
    r"(?:reply|response|acknowledge?ment|answer|notice)",
    r"this (?:e-?mail|message|reply|response) (?:is|was|has been) (?:an )?"
    r"auto(?:matically|mated|matic)?[- ]?(?:generated|reply|response|sent)",
    r"(?:auto-?responder|auto-?reply|autoresponse) (?:message|mail|system|has)",
    r"you have received this automatic",
)
_SENT_BY_MACHINE = any_of(
    r"(?:この|当|本)(?:メール|メッセージ)は.{0,20}自動(?:で|的に)?(?:配信|送信|発信|生成)",
    # A gateway that looked a person's mail through says so below it; and a person may ask what it was.
    r"(?:この|当|本)(?:メール|メッセージ)は.{0,20}システム(?:から|より|が)"
    r"(?!.{0,12}(?:検査|スキャン|チェック|無害化|確認済)|[^。\n]{0,20}(?:でしょうか|ですか|ますか))",
    r"this is an auto(?:mated|matic(?:ally)?|-?generated).{0,20}(?:message|e-?mail|mail|notification)",
    r"(?:do not|don't) (?:reply|respond) to this (?:e-?mail|message|mail|automat)(?!\w* if\b)",
    r"this mailbox is not monitored",
)
_OF_AN_ATTACHMENT = any_of(r"添付|ダウンロ[ーｰ]ド|パスワ[ーｰ]ド|暗号|attachment|download|password")


def is_automatic_subject(subject: str) -> bool:
    """Say whether a subject is one that programs give their replies; that of an answer never is."""
    return bool(_AUTOMATIC_SUBJECT.match(subject[:500]))


def is_receipt(subject: str) -> bool:
    """Say whether a subject tells that a mail arrived or was opened."""
    return bool(_RECEIPT.match(subject[:500]))


def names_a_password(subject: str) -> bool:
    """Say whether a subject announces the password of something."""
    return bool(_PASSWORD_SUBJECT.search(subject[:500]))


def is_password_notice(subject: str, text: str) -> bool:
    """Say whether the mail tells the password of an archive that was sent before (PPAP), and nothing else.

    What a person asks for beside the password is a request like any other.
    """
    shown = text[:READ]
    named = names_a_password(subject) or bool(_PASSWORD_TEXT.search(shown))
    if not named or not _PASSWORD_LINE.search(shown):
        return False
    said_beside = [one for one in sentences(shown).asked if not _OF_A_PASSWORD.search(one)]
    return bool(_BY_A_GATEWAY.search(shown)) or not said_beside


def is_newsletter(text: str) -> bool:
    """Say whether the mail tells how to get no more of its kind, with a link: what goes to many."""
    return bool(_NEWSLETTER.search(text[:60_000]))


def is_challenge(text: str) -> bool:
    """Say whether a program asks the sender to prove that a person wrote."""
    return bool(_CHALLENGE.search(text[:READ]))


def calls_itself_automatic(text: str) -> bool:
    """Say whether the words call themselves an automatic reply.

    What gateways write around a person's attachment (archive, download link) is "sent automatically" too.
    """
    shown = text[:READ]
    if _CALLS_ITSELF.search(shown):
        return True
    return bool(_SENT_BY_MACHINE.search(shown)) and not _OF_AN_ATTACHMENT.search(shown)
