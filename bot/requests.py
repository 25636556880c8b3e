"""What is asked: harmless words by prefix, binding words only as one whole sentence of a closed list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.courtesies import sentences
from bot.folding import fold, squash
from bot.surety.party import PartyKind
from bot.values import Value


class Kind(StrEnum):
    """Whether a word only shows something, or changes something."""

    HARMLESS = "harmless"
    BINDING = "binding"


@dataclass(frozen=True)
class Word:
    """One word people may write. Binding words never act by prefix, in a condition, or beside a doubt.

    `forms`: for harmless words the beginnings that find them; for binding words whole sentences, in which
    <code>, <code6>, <yen>, <number> and <text> stand for typed arguments and a trailing ~ for the usual
    polite endings of a verbal noun.
    """

    name: str
    japanese: str
    kind: Kind
    forms: tuple[str, ...]
    roles: frozenset[PartyKind]
    needs_proof: bool = False
    proves: bool = False  # typing it is itself the proof
    against: tuple[str, ...] = ()  # words that contradict this one in the same mail
    patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        make = _binding_pattern if self.kind == Kind.BINDING else _prefix_pattern
        object.__setattr__(self, "patterns", tuple(make(form) for form in self.forms))


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


ENDINGS = (
    "",
    "する",
    "します",
    "いたします",
    "致します",
    "してください",
    "して下さい",
    "してほしいです",
    "希望します",
    "を希望します",
    "をします",
    "をいたします",
    "お願い",
    "おねがい",
    "お願いします",
    "おねがいします",
    "お願いいたします",
    "お願い致します",
    "願います",
    "をお願いします",
    "をおねがいします",
    "をお願いいたします",
    "をお願い致します",
    "をお願い申し上げます",
    "ください",
    "下さい",
    "です",
)
_ARGUMENTS = {
    "<code>": r"(?P<code>\d{4})",
    "<code6>": r"(?P<code6>\d{6})",
    "<yen>": r"(?P<yen>[\d,]+円?)",
    "<number>": r"(?P<number>\d{10})",
    "<text>": r"(?P<text>.+)",
}
# A sentence with one of these takes back, limits or questions what stands beside it.
_DOUBT = re.compile(
    r"ない|ません|ず、|ずに|ぬよう|まい$|無し|なし$|不可|不要|だめ|駄目|ただし|但し|しかし|ですが|けれど|けど"
    r"|まだ|待|以外|除[くいき]|場合|なら|たら|れば|もし|条件|次第|前提|限り|限って|までは|してから|後に|あとで"
    r"|保留|中止|やめ|止め|取りやめ|延期|見送|撤回|取消|取り消|間違|誤り|誤って|訂正|ではなく|でなく"
    r"|でしょうか|ますか|ですか|よいか|いいか|かな|かしら|\?$|[?？]|教えて|検討|考え中|未定|相談|確認中|確認したい"
)
_REPLY = re.compile(
    r"^\s*(?:re|fw|fwd|aw|tr|sv|antw|転送|返信|回答)\s*(?:\[\d+\]|\(\d+\)|\d)?\s*[::]\s*", re.I
)
_TAG = re.compile(r"^\s*(?:【[^】]*】|\[[^\]]*\])\s*")


def parse(subject: str, new_text: str, words: Sequence[Word]) -> tuple[Request, ...] | Unclear:
    """Find what is asked among `words` (those the sender may use). Nothing asked: an empty tuple."""
    said = sentences(new_text)
    asked = list(said.asked)
    title = command_subject(subject)
    if title and squash(title) not in {squash(one) for one in asked}:
        asked.insert(0, title)
    binding, rest = _find(asked, words, Kind.BINDING)
    harmless, rest = _find(rest, words, Kind.HARMLESS)
    doubts = _doubts(binding, rest, words, title)
    if doubts:
        return Unclear(doubts=doubts, words=tuple(dict.fromkeys(r.word for r in binding)))
    others = tuple(one for one in rest if one != title)
    if others and not (binding or harmless):
        return Unclear(doubts=others)
    return tuple(_in_order(asked, [r.but(more=others) for r in binding + harmless]))


def command_subject(subject: str) -> str:
    """Return the subject where it can be a command: a new one. That of an answer is our own wording."""
    text = fold(subject)
    while (shorter := _TAG.sub("", text)) != text:
        text = shorter
    return "" if _REPLY.match(text) else text.strip()


def _find(asked: list[str], words: Sequence[Word], kind: Kind) -> tuple[list[Request], list[str]]:
    """Return the requests of one kind, each once, and the sentences that are none of them."""
    found: list[Request] = []
    rest: list[str] = []
    for sentence in asked:
        request = next(_matches(sentence, words, kind), None)
        if request is None:
            rest.append(sentence)
        elif not any(r.word == request.word and r.arguments == request.arguments for r in found):
            found.append(request)
    return found, rest


def _matches(sentence: str, words: Sequence[Word], kind: Kind) -> Iterator[Request]:
    folded = squash(sentence).rstrip("。.!")
    for word in words:
        if word.kind != kind:
            continue
        for pattern in word.patterns:
            if match := pattern.match(folded):
                arguments = {k: _as_written(sentence, v) for k, v in match.groupdict().items() if v}
                yield Request(word=word.name, arguments=arguments, sentence=sentence)


def _as_written(sentence: str, folded: str) -> str:
    """Give back the tail of the sentence that folds to an argument, as it was written."""
    for start in range(len(sentence)):
        if squash(sentence[start:]).rstrip("。.!") == folded:
            return sentence[start:].strip().rstrip("。")
    return folded


def _doubts(binding: list[Request], rest: list[str], words: Sequence[Word], title: str) -> tuple[str, ...]:
    """Name the sentences that forbid acting: a doubt beside a binding word, or one half said."""
    if not binding:
        near = [one for one in rest if _names_binding(one, words)]
        return tuple(near)
    beside = [one for one in rest if one != title]
    doubtful = [one for one in rest if _DOUBT.search(squash(one))]
    doubtful += [one for one in beside if one not in doubtful and _names_binding(one, words)]
    names = {request.word for request in binding}
    against = {other for word in words if word.name in names for other in word.against}
    return tuple(doubtful + [r.sentence for r in binding if r.word in against])


def _names_binding(sentence: str, words: Sequence[Word]) -> bool:
    """Say whether a sentence speaks of a binding word without being one of its forms."""
    folded = squash(sentence)
    return any(squash(word.japanese) in folded for word in words if word.kind == Kind.BINDING)


def _in_order(asked: list[str], found: list[Request]) -> list[Request]:
    return sorted(found, key=lambda request: asked.index(request.sentence))


def _binding_pattern(form: str) -> re.Pattern[str]:
    polite = form.endswith("~")
    parts = re.split(r"(<\w+>)", form.removesuffix("~"))
    text = "".join(_ARGUMENTS.get(part) or re.escape(squash(part)) for part in parts)
    if polite:
        text += "(?:" + "|".join(re.escape(squash(ending)) for ending in ENDINGS) + ")"
    return re.compile(text + r"\Z")


def _prefix_pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(<\w+>)", form)
    return re.compile("".join(_ARGUMENTS.get(part) or re.escape(squash(part)) for part in parts))
