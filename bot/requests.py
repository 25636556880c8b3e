"""What is asked: harmless words by prefix, binding words only as one whole sentence of a closed list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.courtesies import Sentences, sentences
from bot.doubts import is_doubt, is_otherwise
from bot.folding import fold, squash
from bot.politeness import LONGEST_SENTENCE, as_written, is_courtesy
from bot.values import Value
from bot.words import ENDINGS, Kind, Word

__all__ = ["Kind", "Request", "Unclear", "Word", "command_subject", "parse"]


class Request(Value):
    """One thing that is asked."""

    word: str
    arguments: dict[str, str] = {}
    sentence: str = ""
    more: tuple[str, ...] = ()  # the writer's other sentences, shown to staff where they matter


class Unclear(Value):
    """Something was asked that cannot be acted on; `doubts` are the sentences to ask back about."""

    doubts: tuple[str, ...]
    words: tuple[str, ...] = ()  # binding words that were near, to say how to write them
    beside: tuple[Request, ...] = ()  # harmless requests of the same mail, which may be answered all the same


# Politeness behind a binding sentence: 「この内容で申し込みますので、よろしくお願いします」.
_POLITE_TAIL = re.compile(
    r"(?:ので|、|,)*(?:どうぞ|何卒|なにとぞ)?(?:よろしく|宜しく)"
    r"(?:(?:お願い|おねがい|御願い)(?:いたします|致します|申し上げます|します)?)?\Z"
)
# Brackets in which our letters print what to answer, copied along.
_BRACKETS = re.compile(r"[「『“\"'【(（](.{1,100})[」』”\"'】)）]")
# What may qualify a harmless word, and how two of them are joined.
_QUALIFIER = re.compile(
    r"(?:(?:発注者(?:へ|へ?の|に))?(?:提出|送付)(?:用の|する)|(?:契約|前払金?|中間前払金?)保証の|保証の|最新の|現在の"
    r"|再度、?|もう一度、?|至急、?|添付の|先日の|その|この|あの|下記の|上記の|本件の)*"
)
_JOINT = re.compile(
    r"(?:の?通知|等|など)?(?:を?と|と、|、|,|・|及び|および|並びに|ならびに|それと|それから|/|&|\+)+"
)
# A harmless word is not asked for by who has it, does not want it, or is only speaking of it.
_NOT_ASKED = re.compile(
    r"(?:要り|いり)ません|要らない|いらない|不要|必要(?:は|が)?(?:ない|無い|ありません|ございません)|結構です"
    r"|まだ(?:いい|よい|良い|結構)|(?:しな|送らな|出さな)いで|待ち|再発行|失効|無効|漏えい|漏洩|漏れ|流出|盗"
    r"|(?:でき|出来)(?:ない|ません|ておりません|ていません)|かねます|(?:中|後|次第|のうえ)(?:です|に|で|、|$)"
    r"|(?:確認|検討|準備|手配|作成)(?:中|後|次第)|(?:て|で)から|(?:受け取り|受取り|受領|確認)済"
    r"|(?:受け取り|受取り|届き|いただき|頂き|もらい|送り|お送りし|(?:受領|拝受|拝見|確認)(?:し|いたし))ました(?!が)"
)
# A typed text stands apart from its word: 「質問 工期は」 asks it, 「質問があります」 does not.
_APART = re.compile(r"[\s:：、,「『(（。0-9０-９]\Z")
_PARTICLE = re.compile(r"(?:は|を|も|が|に|の|で|と|って)")
_ANSWERS = "re|r|fwd?|aw|wg|tr|sv|vs|rv|antw|ynt|rif|odp|転送|返信|回答|転|返|回复|答复|回覆|转发|轉寄"
_REPLY = re.compile(
    rf"^\s*(?:(?:{_ANSWERS})\s*(?:\[\d+\]|\(\d+\)|[\^*]?\d{{1,2}})?\s*[:;>]"
    rf"|[【\[(<《{{](?:{_ANSWERS})[】\])>》}}])\s*",
    re.I,
)
_TAG = re.compile(  # what gateways put in front
    r"^\s*(?:【[^】]*】|\[[^\]]*\]|《[^》]*》|<[^>]*>|\{[^}]*\}|\*{1,6}[^*]{1,30}\*{1,6}"
    r"|(?:spam|external|ext|社外|庁外|外部|迷惑|無害化)(?:メール|済み?|注意)?\??\s*:)\s*",
    re.I,
)
_GATEWAY_TAG = re.compile(r"^\s*【[^】]*】\s*")
_LONGEST_SUBJECT = 300
_MOST_DOUBTS = 10
_LONGEST_DOUBT = 200


@dataclass(frozen=True)
class _Found:
    """The requests that one sentence makes."""

    sentence: str
    folded: str
    kind: Kind | None
    requests: tuple[Request, ...]
    is_title: bool = False


def parse(subject: str, new_text: str, words: Sequence[Word]) -> tuple[Request, ...] | Unclear:
    """Find what is asked among `words` (those the sender may use). Nothing asked: an empty tuple."""
    said = sentences(new_text, lambda line: _read(line, words).kind is not None)
    title = command_subject(subject)
    if said.too_many:
        return _unclear(said.asked)
    found = [_read(one, words) for one in said.asked]
    if title and squash(title) not in {one.folded for one in found}:
        found.insert(0, _read(title, words, is_title=True))
    binding = [one for one in found if one.kind == Kind.BINDING]
    harmless = [one for one in found if one.kind == Kind.HARMLESS]
    others = [one for one in found if not one.kind and not one.is_title]
    doubts = _doubts(found, binding, words) if binding else _half_said(others, words) if harmless else ()
    more = tuple(one.sentence for one in others)
    if doubts:
        return _unclear(doubts, binding, _requests(harmless, more))
    if binding or harmless:
        return _requests([one for one in found if one.kind], more)
    return _unclear(more) if more else _unread(said, title, new_text)


def _unread(said: Sentences, title: str, new_text: str) -> tuple[Request, ...] | Unclear:
    """Nothing was asked; but a new subject, or words that quote our letter unmarked, are not thrown away."""
    if said.thanked or (not said.quotes_us and (not title or is_courtesy(title))):
        return ()
    first_line = next((line.strip() for line in new_text.splitlines() if line.strip()), "")
    return _unclear((title or first_line,))


def command_subject(subject: str) -> str:
    """Return the subject where it can be a command: a new one. That of an answer is our own wording."""
    text = fold(subject[:_LONGEST_SUBJECT])
    while not (answers := _REPLY.match(text)) and (shorter := _TAG.sub("", text)) != text:
        text = shorter
    return "" if answers else text.strip()


def thread_title(subject: str) -> str:
    """Return what a thread's mails have in common: the subject without gateways' tags and any Re:."""
    text = fold(subject[:_LONGEST_SUBJECT])
    while (shorter := _GATEWAY_TAG.sub("", _REPLY.sub("", text))) != text:
        text = shorter
    return text.strip()


def _unclear(
    doubts: Sequence[str], binding: Sequence[_Found] = (), beside: tuple[Request, ...] = ()
) -> Unclear:
    shown = tuple(one[:_LONGEST_DOUBT] for one in dict.fromkeys(doubts))[:_MOST_DOUBTS]
    near = tuple(dict.fromkeys(request.word for one in binding for request in one.requests))
    return Unclear(doubts=shown, words=near, beside=beside)


def _requests(found: Sequence[_Found], more: tuple[str, ...]) -> tuple[Request, ...]:
    """Return each request once, in the order of the mail."""
    once: dict[tuple[str, tuple[tuple[str, str], ...]], Request] = {}
    for request in (request for one in found for request in one.requests):
        once.setdefault((request.word, tuple(sorted(request.arguments.items()))), request.but(more=more))
    return tuple(once.values())


def _read(sentence: str, words: Sequence[Word], *, is_title: bool = False) -> _Found:
    folded = squash(sentence).rstrip("。.!")
    if len(sentence) > LONGEST_SENTENCE:
        return _Found(sentence, folded, None, (), is_title)
    request = _binding(sentence, folded, words)
    if request is not None:
        return _Found(sentence, folded, Kind.BINDING, (request,), is_title)
    harmless = tuple(_harmless(sentence, folded, words))
    return _Found(sentence, folded, Kind.HARMLESS if harmless else None, harmless, is_title)


def _binding(sentence: str, folded: str, words: Sequence[Word]) -> Request | None:
    """Match one whole sentence against the closed lists: as it stands, then without politeness behind it."""
    inside = _BRACKETS.fullmatch(folded)
    plain = inside[1] if inside else folded
    for text in dict.fromkeys((folded, plain, _POLITE_TAIL.sub("", plain))):
        for word in words:
            for pattern in word.patterns if word.kind == Kind.BINDING else ():
                match = pattern.match(text)
                if match and (arguments := _arguments(sentence, match)) is not None:
                    return Request(word=word.name, arguments=arguments, sentence=sentence)
    return None


def _arguments(sentence: str, match: re.Match[str]) -> dict[str, str] | None:
    """Return the typed arguments as written; None where a text only goes on with the sentence."""
    arguments = {name: value for name, value in match.groupdict().items() if value}
    if text := arguments.get("text"):
        written = as_written(sentence, text)
        before = sentence[: len(sentence) - len(written)] if sentence.endswith(written) else ""
        goes_on = bool(_PARTICLE.match(text)) and is_doubt(text)
        if text in ENDINGS or goes_on or not _APART.search(before):
            return None
        arguments["text"] = written.strip("「」『』 　").rstrip("。")
    return arguments


def _harmless(sentence: str, folded: str, words: Sequence[Word]) -> Iterator[Request]:
    """Find the harmless words that begin a sentence, joined ones too; the longest form wins."""
    start = _after_qualifiers(folded, 0)
    named = any(word.kind == Kind.BINDING and word.is_named_in(folded[start:]) for word in words)
    if named or _NOT_ASKED.search(folded):
        return
    parts: list[tuple[Word, re.Match[str]]] = []
    while part := _longest(folded, start, words):
        parts.append(part)
        joint = _JOINT.match(folded, part[1].end())
        if not joint:
            break
        start = _after_qualifiers(folded, joint.end())
    for number, (word, match) in enumerate(parts, start=1):
        written = folded[match.start() : match.end()]
        if len(parts) == 1:
            written = sentence
        elif number == len(parts):
            written = as_written(sentence, folded[match.start() :])
        arguments = {name: value for name, value in match.groupdict().items() if value}
        yield Request(word=word.name, arguments=arguments, sentence=written)


def _after_qualifiers(folded: str, start: int) -> int:
    found = _QUALIFIER.match(folded, start)
    return found.end() if found else start


def _longest(folded: str, start: int, words: Sequence[Word]) -> tuple[Word, re.Match[str]] | None:
    found = [
        (word, match)
        for word in words
        if word.kind == Kind.HARMLESS
        for pattern in word.patterns
        if (match := pattern.match(folded, start))
    ]
    return max(found, key=lambda one: one[1].end(), default=None)


def _doubts(found: Sequence[_Found], binding: Sequence[_Found], words: Sequence[Word]) -> tuple[str, ...]:
    """Name the sentences that forbid acting: a doubt beside a binding word, a contrary one, one half said."""
    names = {request.word for one in binding for request in one.requests}
    mine = [word for word in words if word.name in names]
    against = {other for word in mine for other in word.against}
    contrary = [word for word in words if word.name in against - names]
    doubtful = [one.sentence for one in found if one.kind != Kind.BINDING and _forbids(one, mine, contrary)]
    return tuple(doubtful + [one.sentence for one in binding if one.requests[0].word in against])


def _half_said(others: Sequence[_Found], words: Sequence[Word]) -> tuple[str, ...]:
    """Name the sentences that speak of a binding word without being one of its forms."""
    binding = [word for word in words if word.kind == Kind.BINDING]
    return tuple(one.sentence for one in others if any(word.is_named_in(one.folded) for word in binding))


def _forbids(one: _Found, mine: Sequence[Word], contrary: Sequence[Word]) -> bool:
    """Say whether a sentence beside a binding one doubts it, puts it off, or speaks of its contrary."""
    if is_doubt(one.folded):
        return True
    if one.is_title:
        return False
    later = is_otherwise(one.folded) and any(word.is_named_in(one.folded) for word in mine)
    return later or any(word.is_named_in(one.folded) for word in contrary)
