"""Passwords of archives as people and gateways write them: to open with, and to cover up."""

import re
import unicodedata
from collections.abc import Iterator

from bot.mail import Mail

MOST = 5  # candidates of one text
READ = 20_000  # characters; a notice is short

_LABEL = re.compile(
    r"パスワ[ーｰ―－-]?ド|パスコ[ーｰ]ド|ﾊﾟｽﾜ[ｰ-]?ﾄﾞ|(?<![A-Za-z])(?:pass(?:word|wd|code|phrase)?|pw)(?![A-Za-z])",
    re.I,
)
# What stands between label and value: a little more of the label, then a colon, a bracket or は.
_BESIDE = re.compile(
    r"[^\n:：=＝]{0,16}[:：=＝][ 　\t]*(?P<far>\S.*)?|[ 　\t」』】\])）]*は?[ 　\t]*(?P<near>\S.*)?"
)
# How a line ends whose value stands below it.
_GOES_ON = re.compile(
    r"(?:\A|[:：=＝]|(?:以下|下記|次)の?(?:とおり|通り).*|[」』】\])）]|です。?|は)[ 　\t■●◆*|｜=-]*\Z"
)
_VALUE = re.compile(r"[!-~]{4,64}")
_WIDE_VALUE = re.compile(r"[!-~！-～]{4,64}")
_ALONE = re.compile(r"[ 　\t>・■●◆*|｜「『【\[(（]*(?P<value>[!-~！-～]{4,64})[ 　\t」』】\])）|｜]*\Z")
_AROUND = "\"'`<>()[]{}「」『』【】（）．"
_LINES_BELOW = 4
_OUR_KEY = re.compile(r"認証キ[ーｰ―－-]|ﾆﾝｼｮｳｷ|保証契約番号")  # some call that a password, too
COVER = "(パスワード)"


def passwords_in(text: str) -> tuple[str, ...]:
    """Return what stands in the place of a password, best first, at most MOST; none is checked."""
    found: dict[str, None] = {}
    for value in _values(unicodedata.normalize("NFC", text[:READ])):
        for one in _readings(value):
            found.setdefault(one)
    return tuple(found)[:MOST]


def passwords_of(mail: Mail) -> tuple[str, ...]:
    """Return what a mail tells as passwords: in its new words, or else in what it forwards."""
    return passwords_in(mail.new_text) or passwords_in(mail.quoted_text)


def without_its_passwords(mail: Mail) -> Mail:
    """Return the mail as its requests are looked for in it: with every password in its words covered up."""
    covered = {
        name: without_passwords(getattr(mail, name)) for name in ("subject", "new_text", "quoted_text")
    }
    return mail if all(covered[name] == getattr(mail, name) for name in covered) else mail.but(**covered)


def names_a_password(text: str) -> bool:
    """Say whether the text speaks of one."""
    return bool(_LABEL.search(text))


def without_passwords(text: str) -> str:
    """Return the text with every password in it covered up: for what is shown to others, or kept."""
    for one in sorted(set(_values(text[:READ])), key=len, reverse=True):
        text = text.replace(one, COVER)
    return text


def _values(text: str) -> Iterator[str]:
    lines = text.splitlines()
    for number, line in enumerate(lines):
        for label in _LABEL.finditer(line):
            if _OUR_KEY.search(line):
                continue
            rest = line[label.end() :]
            if value := _beside(rest):
                yield value
            elif _GOES_ON.search(rest):
                yield from _below(lines[number + 1 :])


def _beside(rest: str) -> str:
    found = _BESIDE.match(rest)
    if not found:
        return ""
    value = _WIDE_VALUE.match((found["far"] or found["near"] or "").lstrip("「『【“”‘’（ 　"))
    return value[0] if value and _may_be_one(value[0]) else ""


def _below(lines: list[str]) -> Iterator[str]:
    """Return the first line below that is nothing but a value."""
    written = [line for line in lines if line.strip()][:_LINES_BELOW]
    for line in written:
        found = _ALONE.match(line)
        if found and _may_be_one(found["value"]):
            yield found["value"]
            return


def _may_be_one(value: str) -> bool:
    """Say whether it is more than a rule of dashes or a link."""
    folded = unicodedata.normalize("NFKC", value)
    return any(char.isalnum() for char in folded) and "://" not in folded


def _readings(value: str) -> Iterator[str]:
    """Return how a value may be meant: as it stands, then without quotes, brackets or a stop around it."""
    folded = unicodedata.normalize("NFKC", value)
    for one in (folded, folded.strip(_AROUND), folded.rstrip(".,;")):
        if _VALUE.fullmatch(one):
            yield one
