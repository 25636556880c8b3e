"""不在通知: what an absence notice says, until when, and whether somebody has moved for good."""

import re
from datetime import date, datetime, timedelta

from bot.clock import tokyo_date
from bot.courtesies import sentences
from bot.folding import fold
from bot.reading.wording import any_of

_READ = 3_000  # characters of the new words that are looked at
_MOST_SENTENCES = 12
_LONGEST_ABSENCE = timedelta(days=400)

_SUBJECT = any_of(
    r"不在|お?休暇|休業|お?休み|出張",
    r"out of (?:the )?office|vacation|holiday|on leave|absen[ct]e?|abwesen|fuori sede|afwezig",
)
# Parts of sentences: what a person's mail that asks for something would not consist of.
_AWAY = any_of(
    r"(?:不在|休暇|休業|休み|出張|外出|産休|育休|休職|研修|閉庁|閉店)[^、。]{0,12}?"
    r"(?:です|でございます|ており(?:ます)?|(?:いた)?します|中|(?:の)?(?:ため|為))",
    r"(?:不在|休暇|休業|休み|出張|外出|産休|育休|休職|研修|閉庁|閉店)[^、。]{0,12}?"
    r"(?:(?:と|に)(?:なり|なって|いたし|させて|しており|して)|を?(?:いただ|頂|取得|とら|取ら|もら))",
    r"席を外して|(?:社内におり?|出社しており?|勤務しており?)ません|メールを(?:確認|拝見)でき(?:ません|ない)",
    r"\b(?:i am|i'm|i will be|i'll be|we are|we will be|currently) .{0,40}"
    r"(?:out of (?:the )?office|away|on (?:\w+ ){0,3}(?:leave|vacation|holiday|trip)|travell?ing)",
    r"\b(?:i am|i'm|currently) unavailable\b",
    r"\bout of (?:the )?office\b|\blimited (?:access|availability)|\b(?:we are|office is) closed\b",
    r"\bich bin .{0,60}(?:abwesend|nicht im)|\bje (?:suis|serai) .{0,40}absent",
)
_MOVED = any_of(
    r"(?:異動|転勤|退職|転出|転任|離任)(?:し|いたし|致し|と|に(?:なり|伴|より|つき)|の(?:ため|為))",
    r"後任(?:は|の|者)|担当(?:者)?が?(?:変更|交代|交替)(?:と|に)なり",
    r"アドレスは.{0,20}(?:廃止|変更|使用(?:して(?:おり?ません|いません)|でき)|使われ|変わり)",
    r"no longer (?:work|with|employed|at|in use|monitored|valid|active)|has left (?:the )?(?:company|firm)",
    r"e-?mail address (?:has changed|is now|is no longer)|(?:address|mailbox) (?:has changed|is no longer)",
)
_BESIDE = any_of(
    r"急ぎ|緊急|至急|御?ご?用件|代表|後任|内線|電話|携帯|連絡(?:を|は|先|くだ|下|いただ|願|お願)",
    r"代わり|代理|転送|対応|まで、?お|出社|復帰|戻り|帰社|出勤|再開|明け|以降|改めて|折り返|後日|順次",
    r"遅(?:れ|く)|返信|返答|確認(?:後|次第|でき|いた|させ)|不便|迷惑|了承|申し訳|恐れ入|すみません",
    r"ありがとう|有難う|御礼|お礼|拝受|受信|期間|[0-9]{1,2}[月/][0-9]{1,2}|担当|着任|今後",
    r"新(?:しい)?(?:アドレス|所属|部署)",
    r"\b(?:urgent|contact|return|respond|reply|back|assist|call|phone|thank|regards|sorry|until)\b",
    r"\b(?:inconvenience|access|immediate|emergency|colleague)\b",
)
_ASKS = re.compile(
    r"添付|提出|(?:お送り|送付)(?:し|いた|致|さ)|送付の|申し?込|承認|謝絶|差戻|差し戻|入金|証書|認証キー"
    r"|変更契約|請求|見積|保証(?!便)|取下げ|解約|照会|状況|一覧|教えて|知りたい|再送|登録を"
    r"|(?:送っ|付し|行し|見せ|出し|認し|対応し|録し)て(?:ください|下さい|ほしい|欲しい)"
    r"|か[。.]?\s*$|[?？]|attach|enclos|please find",
    re.I | re.M,
)
_YEAR = r"(?:(?:令和|R)(?P<{0}e>\d{{1,2}}|元)[年./]|(?P<{0}y>20\d\d)[年/.\-])?"
_DAY = _YEAR + r"\s?(?P<{0}m>\d{{1,2}})[月/.]\s?(?P<{0}d>\d{{1,2}})日?"
_BESIDE_DAY = r"\s?(?:\([^()]{1,6}\))?\s?"
_PERIOD = re.compile(
    _DAY.format("a") + _BESIDE_DAY + r"(?:から|より|~|〜|～|-|–|—|―|→|to|through)\s?"
    r"(?:" + _DAY.format("b") + r"|(?P<c>\d{1,2})日)",
    re.I,
)
_UNTIL = re.compile(_DAY.format("b") + _BESIDE_DAY + r"(?:まで|迄)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"({'|'.join(_MONTHS)})[a-z]{{0,7}}\.?"
_UNTIL_ENGLISH = re.compile(
    r"(?:until|till?|through|thru|to|-|–)\s(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?(?:the )?"
    rf"(?:{_MONTH_NAME}\s(\d{{1,2}})|(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of )?{_MONTH_NAME})"
    r"(?:(?:st|nd|rd|th)?,?\s(20\d\d))?",
    re.I,
)


def is_absence(subject: str, text: str) -> bool:
    """Say whether a mail that is known to be automatic tells of an absence."""
    return bool(_SUBJECT.search(subject[:300]) or _AWAY.search(fold(text[:_READ])))


def tells_of_a_move(subject: str, text: str) -> bool:
    """Say whether a mail that is known to be automatic tells that its writer moved, left or was replaced."""
    return bool(_MOVED.search(subject[:300]) or _MOVED.search(fold(text[:_READ])))


def says_only_that(subject: str, text: str) -> bool:
    """Say whether every sentence is one of an absence notice, so that nobody asks for anything.

    A mail without a machine's header is taken for automatic by this alone; whoever asks for something
    beside it is not.
    """
    shown = fold(text[:_READ])
    if len(text) > _READ or not (_AWAY.search(shown) or _MOVED.search(shown)) or _ASKS.search(shown):
        return False
    said = sentences(text[:_READ]).asked
    if not 0 < len(said) <= _MOST_SENTENCES:
        return False
    folded = [fold(one) for one in said]
    core = [one for one in folded if _AWAY.search(one) or _MOVED.search(one)]
    rest = [one for one in folded if one not in core]
    return bool(core) and all(_BESIDE.search(one) for one in rest)


def until(subject: str, text: str, at: datetime | None) -> date | None:
    """Return the last day of the absence; None where none is named, or where it cannot be one.

    A day without a year is the one that is nearest after the mail's own date, `at`.
    """
    if at is None:
        return None
    sent_on = tokyo_date(at)
    for words in (text[:_READ], subject[:300]):
        folded = fold(words)
        found = _japanese(folded, sent_on) or _english(folded, sent_on)
        if found is not None and sent_on - timedelta(days=31) <= found <= sent_on + _LONGEST_ABSENCE:
            return found
    return None


def _japanese(text: str, sent_on: date) -> date | None:
    found = _PERIOD.search(text) or _UNTIL.search(text)
    if found is None:
        return None
    given = found.groupdict()
    if given.get("c"):
        return _day(given["ay"], given["ae"], given["am"], given["c"], sent_on)
    year, era = given["by"] or given.get("ay"), given["be"] or given.get("ae")
    return _day(year, era, given["bm"], given["bd"], sent_on)


def _english(text: str, sent_on: date) -> date | None:
    found = _UNTIL_ENGLISH.search(text)
    if found is None:
        return None
    name, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return _day(found[5], None, str(_MONTHS.index(name.lower()) + 1), day, sent_on)


def _day(year: str | None, era: str | None, month: str, day: str, sent_on: date) -> date | None:
    if era:
        year = str(2018 + (1 if era == "元" else int(era)))
    try:
        if year:
            return date(int(year), int(month), int(day))
        this = date(sent_on.year, int(month), int(day))
        return this if this >= sent_on - timedelta(days=180) else this.replace(year=this.year + 1)
    except ValueError:
        return None
