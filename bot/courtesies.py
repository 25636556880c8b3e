"""Cut the new words of a mail into sentences, without greeting, name, politeness and signature."""

import re
from dataclasses import dataclass

from bot.folding import fold, squash

_RULE = re.compile(r"^\s*([-=_*―─━＝—－~〜]{4,}|--)\s*$")
_SENT_FROM = re.compile(
    r"^(iphone|ipad|android|スマートフォン|galaxy|my|outlook|yahoo).{0,20}から送信|^sent from"
)
_ENDS = re.compile(r"(?<=[。！？!?])")
_BULLET = re.compile(r"^\s*(?:[・●○◎■□◆*※>＞]|[-－―]\s|\(?\d{1,2}[.)）、]\s?)\s*")

# Whole sentences (squashed, without their last mark) that ask for nothing.
_COURTESIES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(いつも|平素(より|から|は)?|毎度|大変)*お?世話に?(なって|なり|様).*$",
        r"^(いつも|平素(より|から|は)?|毎度)*(格別の)?.{0,14}(ありがとう|有難う|有り難う)(ござい).{0,6}$",
        r"^(早速の|迅速な|ご?丁寧な)?(ご?(対応|返信|連絡|回答|送付|手配|確認|案内)).{0,6}"
        r"(ありがとう|有難う|有り難う|感謝|恐れ入り|恐縮|痛み入り).{0,8}$",
        r"^(どうも|誠に|大変)?(ありがとう|有難う|有り難う|感謝).{0,8}$",
        r"^(以上)?(、|,)?(なにとぞ|何卒|どうぞ|どうか|引き?続き)?(、|,)?(よろしく|宜しく)"
        r"(ご?(対応|査収|確認|手配|検討))?(の(ほど|程))?(、|,)?(お願い|おねがい|御願い|願い|頼み|たのみ)?"
        r"(いたします|致します|申し上げます|申しあげます|します|します)?$",
        r"^以上(です|となります|でございます)?$",
        r"^(お手数(ですが|をお?かけ).{0,20}|恐れ入りますが|すみませんが|恐縮ですが)$",
        r"^お手数(を|お)?お?(かけ|掛け)(して|いた|致).{0,12}$",
        r"^(ご?確認|ご?査収|ご?対応|ご?検討)?(の(ほど|程))(、)?(よろしく|宜しく)?お願い(いた|致|申し上げ)?し?ます$",
        r"^(取り急ぎ|取急ぎ|とり急ぎ).{0,16}(まで|ます|報告|連絡)$",
        r"^(失礼(いたし|致し|し)ます|失礼いたしました|草々|敬具|拝啓|前略|早々)$",
        r"^(お疲れ様|お疲れさま|おつかれさま|ご苦労様|こんにちは|おはようございます|初めまして|はじめまして).{0,10}$",
        r"^.{1,40}(様|御中|各位|殿|さま|さん|担当者|ご担当)$",
        r"^(保証便|ご担当者?|担当者?)(様|御中|殿|さま)?(へ)?$",
        r"^.{1,40}の[^の、]{1,12}(です|と申します|でございます)$",
        r"^[^、]{1,16}(と申します)$",
        r"^(了解|承知)(しました|いたしました|致しました|です)?$",
        r"^(標記|表記|首題|件名)(の件|について|に関して)?$",
        r"^(本文|内容)?(を)?(確認|拝見|拝受|受領|受信)(し|いたし|致し)ました$",
        r"^内容(を)?(確認|拝見)(し|いたし|致し)ました$",
    )
)
# A line that looks like a name, a phone number or an address at the very end of a mail.
_SIGNATURE_LINE = re.compile(
    r"(tel|fax|mobile|携帯|電話|〒|e-?mail|mail|url|https?://|@)|^\(?0\d{1,4}[-(]?\d{1,4}[-)]?\d{3,4}"
)


@dataclass(frozen=True)
class Sentences:
    """What the writer says: sentences that may ask for something, and whether only courtesies stood there."""

    asked: tuple[str, ...]  # as written, without their last 。
    only_courtesies: bool


def sentences(new_text: str) -> Sentences:
    """Take courtesies and signature away and cut the rest at line ends and 。！？ marks."""
    body = _without_signature(new_text.splitlines())
    found = [part for line in body for part in _cut(line)]
    asked = tuple(part for part in found if not _is_courtesy(part))
    return Sentences(asked, only_courtesies=not asked and bool(found))


def _without_signature(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if _RULE.match(line) and _only_signature(lines[index + 1 :]):
            lines = lines[:index]
            break
        if _SENT_FROM.match(squash(line)):
            lines = lines[:index]
            break
    while lines and (not lines[-1].strip() or _SIGNATURE_LINE.search(fold(lines[-1]))):
        lines = lines[:-1]
    return lines


def _only_signature(rest: list[str]) -> bool:
    """Below a ruled line stands a signature, unless it is long or cut by sentences."""
    words = [line for line in rest if line.strip() and not _RULE.match(line)]
    return len(words) <= 12 and not any("。" in line for line in words)


def _cut(line: str) -> list[str]:
    line = _BULLET.sub("", line).strip()
    parts = [part.strip().rstrip("。．!！") for part in _ENDS.split(line)]
    return [part for part in parts if squash(part)]


def _is_courtesy(sentence: str) -> bool:
    folded = squash(sentence).rstrip("。.!?、,")
    return not folded or any(pattern.match(folded) for pattern in _COURTESIES)
