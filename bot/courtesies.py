"""Cut the new words of a mail into sentences, without greeting, name, politeness and signature."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.folding import fold, squash
from bot.politeness import LONGEST_SENTENCE, is_idle, is_name, is_thanks, may_sign, without_leads

MOST_SENTENCES = 300  # a mail that says more than this asks for nothing that a machine should do

_RULE = re.compile(r"\s*(?:[-=_*―─━＝—－~〜]{4,}|--)\s*")
_SENT_FROM = re.compile(
    r"(?:(?:iphone|ipad|android|スマートフォン|スマホ|携帯|galaxy|xperia|pixel|my|outlook|gmail|yahoo).{0,20}から送信"
    r"|sentfrom).{0,40}"
)
_BANNER = re.compile(
    r"[*＊]{2,}.{0,80}(?:無害化|外部|ウイルス|スキャン|セキュリティ|external).{0,80}[*＊]{2,}", re.I
)
_QUOTED = re.compile(r"\s*[>＞≫]")
_LOST_LETTER = re.compile(r"(?:^|(?<=\s)|(?<=[一-鿿ァ-ヶ]の))[?？〓](?=[一-鿿々ぁ-んァ-ヶ])")
_ENDS = re.compile(r"(?<=[。｡！？!?])")
_BULLET = re.compile(
    r"\s*(?:[・●○◎■□◆◇★☆*※→⇒]+|[-－―]\s|\(\d{1,2}\)|（\d{1,2}）|[①-⑳]|\d{1,2}[.)）．]\s?)\s*"
)
# Fixed wording of our own letters: from such a line on, a mail quotes us without any quotation mark.
_OUR_LETTER = re.compile(
    r"から、次のご依頼をお受けしました|^【?次にしていただくこと[:：】]|このメールには、そのままご返信いただけます"
    r"|^-+ここから-+$|回答は、次のいずれか1行で返信してください|お受けしたメールの本文は次のとおり"
    r"|^下記のとおり読み取りました。よろしければ本文に|^お申込みを下記のとおり読み取りました"
    r"|^▶|本文に「.{1,80}」と書いて返信$"
)

_CONTACT = re.compile(
    r"(?:tel|fax|mobile|phone|電話(?:番号)?|ファクス|ファックス|携帯|直通|内線|代表)"
    r"\W{0,4}\(?\d[\d()\- ]{1,18}[^、。]{0,30}"
    r"|[tfm][.:]\s?0[\d()\- ]{8,}|(?:e-?mail|mail|メール)?\W{0,3}<?[\w.+-]{1,64}@[\w.-]{3,100}>?"
    r"|(?:url|hp)?\W{0,3}https?://\S+|〒\s?\d{3}-?\d{0,4}.{0,60}|\(?0\d{1,4}[-(]?\d{1,4}[-)]?\d{3,4}[^、。]{0,30}"
    r"|.{2,5}[県都府].{1,8}[市郡区].{2,40}\d.{0,20}|[^ ]{1,12}[市町村区].{1,20}\d.{0,20}(?:番|号|-).{0,20}"
)
_SIGNATURE_LINES = 12


@dataclass(frozen=True)
class Sentences:
    """What the writer says: sentences that may ask for something, and what else was there."""

    asked: tuple[str, ...]  # as written, without greeting clause and last 。
    thanked: bool = False  # thanks, or "I have seen it": such a mail need not be answered
    quotes_us: bool = False  # words of a letter of ours stood among the new words, and were left out
    too_many: bool = False  # there was more than anybody asks a machine in a mail


def sentences(new_text: str, is_request: Callable[[str], bool] = lambda _: False) -> Sentences:
    """Take courtesies and signature away and cut the rest at line ends and 。！？ marks.

    What `is_request` knows is never taken for a name or a line of a signature.
    """
    lines, quotes_us = _own_lines(new_text.splitlines())
    asked: list[str] = []
    courtesies: list[str] = []
    for part in _parts(_without_signature(lines, is_request)):
        rest = without_leads(part)
        if rest and not is_idle(rest, opening=not asked):
            asked.append(rest)
        else:
            courtesies.append(squash(part))
        if len(asked) > MOST_SENTENCES:
            break
    asked = _without_names(asked, is_request, fewest=0 if courtesies else 1)
    return Sentences(
        asked=tuple(asked),
        thanked=any(map(is_thanks, courtesies)),
        quotes_us=quotes_us,
        too_many=len(asked) > MOST_SENTENCES,
    )


def _own_lines(lines: list[str]) -> tuple[list[str], bool]:
    """Leave out lines with a quotation mark, gateways' banners, and our letter quoted without marks."""
    own: list[str] = []
    for line in lines:
        short = squash(line) if len(line) <= LONGEST_SENTENCE else ""
        if short and _OUR_LETTER.search(short):
            return own, True
        if not (_QUOTED.match(line) or _SENT_FROM.fullmatch(short) or _BANNER.fullmatch(short)):
            own.append(_with_lost_letters(line))
    return own, False


def _with_lost_letters(line: str) -> str:
    """Put a kanji where a program lost ㈱ or 髙 from somebody's name, lest the ? be read as a question."""
    if len(line) > LONGEST_SENTENCE or not _LOST_LETTER.search(line):
        return line
    whole = _LOST_LETTER.sub("某", line)
    return whole if any(is_idle(f"{whole}{end}", opening=True) for end in ("", "です")) else line


def _without_signature(lines: list[str], is_request: Callable[[str], bool]) -> list[str]:
    """Cut at the first ruled line below which only a signature stands; then a signature without a rule."""
    below_is_signature, words = [True] * (len(lines) + 1), 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        words += bool(line.strip()) and not _RULE.fullmatch(line)
        below_is_signature[index] = (
            below_is_signature[index + 1] and words <= _SIGNATURE_LINES and _may_sign(line, is_request)
        )
    anything_above = False
    for index, line in enumerate(lines):
        if anything_above and _RULE.fullmatch(line) and below_is_signature[index + 1]:
            return lines[:index]
        anything_above = anything_above or bool(line.strip() and not _RULE.fullmatch(line))
    return lines[: _end_of_words(lines, is_request)]


def _may_sign(line: str, is_request: Callable[[str], bool]) -> bool:
    if not line.strip() or _RULE.fullmatch(line):
        return True
    return len(line) <= LONGEST_SENTENCE and may_sign(squash(line)) and not is_request(line)


def _end_of_words(lines: list[str], is_request: Callable[[str], bool]) -> int:
    """Return where the last paragraph begins, if it holds a telephone number or address and no sentence."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    begin, contact = end, False
    while begin and lines[begin - 1].strip() and end - begin < _SIGNATURE_LINES:
        begin -= 1
        line = lines[begin]
        if not _may_sign(line, is_request):
            return begin + 1 if contact else end
        if _CONTACT.fullmatch(fold(line)):
            contact = True
        elif not is_name(squash(line)):
            return begin + 1 if contact else end
    return begin if contact else end


def _without_names(asked: list[str], is_request: Callable[[str], bool], *, fewest: int) -> list[str]:
    """Take away the name of a firm or person at the very end."""
    end = len(asked)
    while end > fewest and len(asked) - end < 3 and is_name(squash(asked[end - 1])):
        if is_request(asked[end - 1]):
            break
        end -= 1
    return asked[:end]


def _parts(lines: list[str]) -> Iterator[str]:
    for line in lines:
        bullet = _BULLET.match(line)
        for part in _ENDS.split(line[bullet.end() :] if bullet else line):
            cut = part.strip().rstrip("。．｡!！").strip()
            if squash(cut):
                yield cut
