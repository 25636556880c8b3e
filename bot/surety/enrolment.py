"""利用登録: one wish to be registered, from the asking mailbox to the decision with its recorded check."""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime

from bot.folding import fold, squash
from bot.surety.party import Role
from bot.values import Value


class EnrolmentKind(StrEnum):
    """What is to be registered: a company, one more mailbox of a party, an orderer's mailbox or domain."""

    PARTY = "party"
    MAILBOX = "mailbox"
    ORDERER = "orderer"


class EnrolmentState(StrEnum):
    """Asked by a mailbox, confirmed from that same mailbox, then decided by staff."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"


class Method(StrEnum):
    """本人確認方法: how staff checked outside mail who stands behind a mailbox."""

    PHONE = "電話確認"
    POST = "郵送コード"
    PAPER = "利用申込書"
    MAIN_NUMBER = "代表電話確認"


class Check(Value):
    """One check outside mail: the method, and in the words of who did it when, with whom, by which number."""

    method: Method
    text: str


class Enrolment(Value):
    """利用登録: what was asked, how far it has come, and what staff checked before they decided."""

    number: str  # E8-00456
    kind: EnrolmentKind
    state: EnrolmentState
    address: str  # folded: the mailbox that asked
    asked_at: AwareDatetime
    party_name: str = ""  # as stated; of a registered party as the directory has it
    party_id: int | None = None  # of a registered party
    stated: dict[str, str] = {}  # what a stranger says of itself, by field; proves nothing
    mailbox: str = ""  # folded: what is to be registered; '' where it is `address` itself; or @domain
    role: Role | None = None
    person: str = ""
    version: int = 1  # grows with what staff are asked to decide about
    check: Check | None = None
    decided_by: str = ""
    revision: int = 0

    @property
    def to_register(self) -> str:
        """The mailbox, or @domain, that approval registers."""
        return self.mailbox or self.address

    def is_over(self, now: AwareDatetime, days: int) -> bool:
        """Say whether nobody confirmed it in time; the sweep that writes this down may be late."""
        waited = self.state == EnrolmentState.ASKED and now > self.asked_at + timedelta(days=days)
        return waited or self.state == EnrolmentState.EXPIRED


def enrolment_number(day: date, serial: int) -> str:
    """Make the number of an enrolment: year of Reiwa and serial number."""
    return f"E{day.year - 2018}-{serial:05d}"


# --- 本人確認: without it nobody is registered

_METHODS = {
    "代表電話確認": Method.MAIN_NUMBER,
    "代表電話": Method.MAIN_NUMBER,
    "電話確認": Method.PHONE,
    "電話": Method.PHONE,
    "郵送コード": Method.POST,
    "利用申込書": Method.PAPER,
}
_CHECK = re.compile(rf"(?:^|(?<=\s))({'|'.join(_METHODS)})(?:[\s:：、,]+|$)")
_FEWEST = 6  # characters that say when, with whom, by which number
_NOT_DONE = re.compile(
    r"でき(?:ず|な|ま[すせ]ん)|出来(?:ず|な)|つながら|繋がら|不通|不在|留守|未|まだ|ませんで|していない|してない|なし$|無し$"
    r"|予定|これから|後日|明日|あとで|後で|省略|不要"
)


def check_in(written: str) -> tuple[str, Check | None]:
    """Split a text at the method of a check; return what stands before it, and the check.

    The check is None where no method is named, or where what follows tells too little to be looked up later
    (a day or a number must stand there), or tells that it was not done.
    """
    text = " ".join(written.split())
    found = _CHECK.search(text)
    if found is None:
        return text, None
    before, said = text[: found.start()].strip(), text[found.end() :].strip()
    folded = squash(said)
    enough = len(folded) >= _FEWEST and any(character.isdigit() for character in folded)
    if not enough or _NOT_DONE.search(folded):
        return before, None
    return before, Check(method=_METHODS[found[1]], text=said)


# --- What a company states of itself


class Line(NamedTuple):
    """One labelled line of the enrolment form."""

    id: str
    label: str
    needed: bool
    synonyms: tuple[str, ...]


LINES = (
    Line(
        "company", "会社名(商号)", True, ("会社名", "商号", "商号又は名称", "社名", "会社", "法人名", "名称")
    ),
    Line("address", "住所", True, ("所在地", "本店所在地", "本社所在地", "会社住所")),
    Line(
        "representative", "代表者", True, ("代表者名", "代表者氏名", "代表者役職氏名", "代表者の役職・氏名")
    ),
    Line("permit", "許可番号", False, ("建設業許可番号", "建設業の許可番号", "許可")),
    Line("phone", "電話", True, ("電話番号", "tel", "連絡先", "電話・内線")),
    Line("person", "担当者", True, ("担当者名", "担当", "ご担当者", "ご担当者名", "担当者氏名", "氏名")),
    Line("department", "部署", False, ("部署名", "所属", "所属部署", "部課名")),
)
_LABELS = {squash(label): line for line in LINES for label in (line.label, *line.synonyms)}
_MARKS = re.compile(r"^[\s◎○●〇・*＊□■◇◆※]*(?:[(（]?[0-9０-９]{1,2}[)）.．、]\s*)?")
_COLON = re.compile("[:：]")
_LONGEST = 80  # characters
# Our letter goes to an address that a forger may have written: it must carry no advertisement of his.
# No such line needs a domain or a path; 「Co.Ltd」 is a legal form and none.
_FOREIGN = re.compile(r"https?:|[@/]|\w[.。｡](?!ltd\b)[a-z]{2,}|[a-z0-9-]{3,}[.。｡]ltd\b")
_PHONE = re.compile(r"\d(?:[-()\s‐-―ー−]*\d){8}")  # nine digits or more
_MAY_HOLD_DIGITS = ("phone", "permit", "address")
_LONGEST_LABEL = 20
_NEEDED, _OPTIONAL = "◎", "　"


def read_stated(text: str) -> tuple[dict[str, str], str]:
    """Read the labelled lines of a mail; return them by field, and the text that is left."""
    stated: dict[str, str] = {}
    rest: list[str] = []
    for line in text.splitlines():
        label, colon, value = _split(line)
        field = _LABELS.get(squash(label)) if colon and len(label) <= _LONGEST_LABEL else None
        if field is None:
            rest.append(line)
        elif cleaned := _cleaned(value, field):
            stated.setdefault(field.id, cleaned)
    return stated, "\n".join(rest)


def _split(line: str) -> tuple[str, str, str]:
    parts = _COLON.split(_MARKS.sub("", line), maxsplit=1)
    return (parts[0], ":", parts[1]) if len(parts) == 2 else (line, "", "")


def _cleaned(value: str, field: Line) -> str:
    """Return a value as a letter may repeat it; '' where it is too long, or says what no such line says."""
    visible = "".join(" " if one == "\t" else one for one in value if one == "\t" or _is_visible(one))
    text = " ".join(visible.split())
    folded = fold(text).lower()
    calls = field.id not in _MAY_HOLD_DIGITS and _PHONE.search(folded)
    return "" if len(text) > _LONGEST or _FOREIGN.search(folded) or calls else text


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def rows_of(stated: dict[str, str]) -> list[dict[str, str]]:
    """Return what was stated as label and value, in the order of the form."""
    return [{"label": one.label, "value": stated[one.id]} for one in LINES if one.id in stated]


def missing_in(stated: dict[str, str]) -> list[str]:
    """Return the labels of the lines that are needed and were not filled in."""
    return [one.label for one in LINES if one.needed and one.id not in stated]


def form_text(stated: dict[str, str]) -> str:
    """Return the form with what is known filled in; ◎ marks what is needed."""
    marked = ((_NEEDED if line.needed else _OPTIONAL) + line.label for line in LINES)
    filled = zip(marked, (stated.get(line.id, "") for line in LINES), strict=True)
    return "\n".join(f"{label}: {value}".rstrip() for label, value in filled)


_LEGAL_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|\((?:株|有|同|資|名)\)|協同組合|企業組合|一般社団法人"
)


def core_name(name: str) -> str:
    """Return what of a company's name tells it from others: ㈱いよ建設 and いよ建設株式会社 are one."""
    return _LEGAL_FORMS.sub("", squash(name))
