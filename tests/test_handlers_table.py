"""The table of mail commands: complete, without collisions."""

import ast
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from bot import handlers
from bot.folding import squash
from bot.handlers import MODULES, TABLE, WORDS
from bot.requests import Kind, Unclear, Word, parse
from bot.surety.party import PartyKind
from tests.test_requests import ANSWER, spoken, understood, words_of

BOT = Path(handlers.__file__).parents[1]
TEMPLATES = {
    Path(str(one)).stem for one in resources.files("mail_templates").iterdir() if one.name.endswith(".txt")
}
# Where each of these takes the name of a template.
TAKES_TEMPLATE = {"write_to": 1, "to_staff": 2, "answer": 1, "section": 0, "Refusal": 0}


# --- The table


def test_a_word_that_is_claimed_twice_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MODULES", (*MODULES, MODULES[1]))
    with pytest.raises(RuntimeError, match="claimed twice"):
        handlers._table()


def test_every_word_has_a_handler() -> None:
    assert set(TABLE) == set(WORDS)
    assert all(callable(handle) for handle in TABLE.values())


def test_every_word_is_for_somebody() -> None:
    assert all(word.roles for word in WORDS.values())


# Matched as a whole sentence only because our own letters speak of it; it changes nothing.
ONLY_SAYS = {"enrolled_already"}


def test_every_binding_word_needs_a_proof_or_is_one() -> None:
    for word in WORDS.values():
        if word.kind == Kind.BINDING and word.name not in ONLY_SAYS:
            assert word.needs_proof or word.proves, word.name


def test_words_that_contradict_each_other_say_so_on_both_sides() -> None:
    for word in WORDS.values():
        for other in word.against:
            assert word.name in WORDS[other].against, (word.name, other)


def _literals() -> Iterator[tuple[str, str]]:
    """Yield (how it is used, text) for every string in the program that may name a template."""
    for path in BOT.rglob("*.py"):
        if path.parent.name == "reading":
            continue  # it knows no templates, and answers are those of DNS there
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                at = TAKES_TEMPLATE.get(name)
                given = node.args[at] if at is not None and len(node.args) > at else None
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield "named", given.value
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield "written", node.value


def test_every_template_that_is_named_exists_and_every_one_that_exists_is_named() -> None:
    literals = list(_literals())
    named = {text for use, text in literals if use == "named"}
    assert named - TEMPLATES == set()
    folder = resources.files("mail_templates")
    sources = "".join(one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".txt"))
    written = {text.removesuffix(".txt") for _, text in literals}
    unused = {name for name in TEMPLATES - written if f'"{name}.txt"' not in sources}
    assert unused == set()


# --- Forms do not collide: a binding sentence is one word's; of harmless beginnings the longest wins


def _binding_of(kind: PartyKind, sentence: str) -> set[str]:
    folded = squash(sentence)
    binding = [word for word in words_of(kind) if word.kind == Kind.BINDING]
    return {word.name for word in binding if any(pattern.match(folded) for pattern in word.patterns)}


@pytest.mark.parametrize("kind", list(PartyKind))
def test_every_form_of_a_binding_word_is_of_that_word_alone(kind: PartyKind) -> None:
    for word in words_of(kind):
        if word.kind == Kind.BINDING:
            for sentence, _ in spoken(word):
                assert _binding_of(kind, sentence) == {word.name}, sentence


@pytest.mark.parametrize("kind", list(PartyKind))
def test_every_form_finds_its_word_among_all_of_its_role(kind: PartyKind) -> None:
    for word in words_of(kind):
        for sentence, _ in spoken(word):
            asked = parse(ANSWER, sentence, words_of(kind))
            assert isinstance(asked, tuple), sentence
            assert [one.word for one in asked] == [word.name], sentence


EXPECTED = [
    (PartyKind.CONTRACTOR, "証書", "certificate"),
    (PartyKind.CONTRACTOR, "証書 2080001234", "certificate number=2080001234"),
    (PartyKind.CONTRACTOR, "認証キー", "key_notice"),
    (PartyKind.CONTRACTOR, "キーください", "key_notice"),
    (PartyKind.CONTRACTOR, "申込書", "form"),
    (PartyKind.CONTRACTOR, "申し込みます", "agree"),
    (PartyKind.CONTRACTOR, "申し込みたいです", "form"),
    (PartyKind.CONTRACTOR, "提出", "submit"),
    (PartyKind.CONTRACTOR, "提出済", "submitted"),
    (PartyKind.CONTRACTOR, "提出済です", "submitted"),
    (PartyKind.CONTRACTOR, "契約書です", "contract"),
    (PartyKind.CONTRACTOR, "保証一覧", "list"),
    (PartyKind.CONTRACTOR, "保証証書", "certificate"),
    (PartyKind.CONTRACTOR, "確認 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認", "verify"),
    (PartyKind.ORDERER, "確認 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認コード 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認コードが届きません", "ask back"),
    (PartyKind.ORDERER, "証書", "ask back"),
    (PartyKind.SURETY, "契約確認 4821", "contract_seen code=4821"),
    (PartyKind.SURETY, "契約書確認 4821", "contract_seen code=4821"),
    (PartyKind.SURETY, "契約のみ承認 4821", "approve_performance code=4821"),
    (PartyKind.SURETY, "承認 4821", "approve code=4821"),
    (PartyKind.SURETY, "承認 482913", "ask back"),
    (PartyKind.SURETY, "482913", "confirm code6=482913"),
    (PartyKind.SURETY, "契約書", "ask back"),
]


@pytest.mark.parametrize(("kind", "says", "expects"), EXPECTED)
def test_words_that_begin_alike_are_told_apart(kind: PartyKind, says: str, expects: str) -> None:
    assert understood(parse(ANSWER, says, words_of(kind))) == expects


@pytest.mark.parametrize("kind", list(PartyKind))
def test_nobody_can_write_a_word_of_another_role(kind: PartyKind) -> None:
    mine = {word.name for word in words_of(kind)}
    for word in WORDS.values():
        if kind not in word.roles:
            for sentence, _ in spoken(word)[:2]:
                asked = parse(ANSWER, sentence, words_of(kind))
                assert isinstance(asked, Unclear) or {one.word for one in asked} <= mine


def test_a_words_forms_are_compiled_once() -> None:
    word = Word("x", "試し", Kind.BINDING, ("試し~",), frozenset(PartyKind))
    assert len(word.patterns) == len(word.forms)
