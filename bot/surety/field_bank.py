"""預託金融機関 and 担当者・電話: names taken apart, and account numbers kept out."""

import re
from datetime import date

from bot.folding import fold
from bot.surety.field_parsers import FieldFault, Parsed, refuse_unprintable, says_none
from bot.surety.form_values import Bank

_BANK_NAME = re.compile(
    "^(.*?(?:銀行|信用金庫|信金|信用組合|信組|労働金庫|労金|農業協同組合|農協|信用農業協同組合連合会|信連"
    "|漁業協同組合|漁協|商工組合中央金庫|商工中金))[\\s・、,/]*(.*)$"
)
# White space is counted, not starred: these patterns meet whatever a stranger sends, and must stay linear.
_ACCOUNT_TYPE = re.compile(
    r"[\s・、,/(（]{0,5}((?:別口)?普通|当座|決済用?普通|決済用?)(?:預金)?(?:口座)?[)）]?"
)
_LONGEST = 100  # characters of institution and branch: they stand in one row of the certificate
_LONG_NUMBER = re.compile(
    r"(?:(?:口座)?番号|[NnＮｎ][OoＯｏ][.．]?|№)?[\s:：]{0,5}\d(?:[\s\-‐‑–―−－ーｰ]?\d){5,}"
)


def without_account_number(written: str) -> str:
    """Take away every number of six or more digits: account numbers are not kept, not even as written."""
    return _LONG_NUMBER.sub("", written).strip()


def bank(written: str, today: date) -> Parsed:
    """預託金融機関: institution, branch, account type."""
    if says_none(written):
        raise FieldFault("ご記入がありません。")
    kind = _ACCOUNT_TYPE.search(written)
    rest = (
        " ".join((written[: kind.start()] + " " + written[kind.end() :]).split())
        if kind
        else " ".join(written.split())
    )
    named = _BANK_NAME.match(rest)
    name, branch = (named[1], named[2]) if named else _first_word(rest)
    missing = [
        word
        for word, found in (("金融機関名", name), ("支店名", branch), ("口座の種別(普通など)", kind))
        if not found
    ]
    if missing:
        raise FieldFault(f"{'・'.join(missing)}をお書きください(口座番号は不要です)。")
    if len(name) + len(branch) > _LONGEST:
        raise FieldFault(f"{_LONGEST}字以内でお書きください。")
    refuse_unprintable(rest)
    account_type = kind[1] if kind else ""
    return Parsed({"bank": Bank(name=name.strip(), branch=branch.strip(), account_type=account_type)})


def _first_word(rest: str) -> tuple[str, str]:
    words = re.split(r"[\s・、,/]+", rest, maxsplit=1)
    return words[0], words[1] if len(words) > 1 else ""


_DASH = r"[\-‐‑–―−－ーｰ()（）]"
_PHONE = re.compile(f"[(（]?[0０](?:{_DASH}{{0,2}}\\d){{8,10}}")
_PHONE_WORDS = re.compile(r"(?:TEL|ＴＥＬ|Tel|tel|℡|電話番号|電話|携帯電話|携帯)[\s:：.．]*$")


def contact(written: str, today: date) -> Parsed:
    """担当者・電話: who can be asked, and under which numbers."""
    phones = [
        fold(found[0]).lstrip("(").replace(")", "-").replace("(", "-") for found in _PHONE.finditer(written)
    ]
    words = [_PHONE_WORDS.sub("", part).strip(" 　、,・/／:：()（）") for part in _PHONE.split(written)]
    name = " ".join(word for word in words if word)
    if not name:
        raise FieldFault("ご担当者のお名前をお書きください。")
    if not phones:
        raise FieldFault("電話番号を市外局番からお書きください。")
    return Parsed({"contact_name": name, "contact_phone": "、".join(phones)})
