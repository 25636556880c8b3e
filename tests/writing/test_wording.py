"""Rules of wording, over every letter: what to do next, words that really work, nothing that is not so."""

import re

import pytest

from bot.operations.preview import RenderedLetter
from bot.requests import Kind, Unclear, parse
from tests.writing.previewed import ALL, BY_NAME
from tests.writing.samples import WORK
from tests.writing.test_mailto import TYPED, words_of

LETTERS = ALL
every_letter = pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.name)
NEXT = "【次にしていただくこと】"
_FORM = re.compile(r"----- ここから -----.*?(?:----- ここまで -----|\Z)", re.S)
_FOOTER = re.compile(r"(?m)^―+$.*\Z", re.S)
# 「words」 that a letter tells its reader to write.
_TOLD = re.compile(
    r"「([^「」]+)」(?:または「([^「」]+)」)?(?:とだけ)?(?:と(?:1行)?書いて|とだけ?(?:書いて)?ご?返信)"
)
_GAPS = {"(保証契約番号)": "2080001234", "(番号)": "4821", **TYPED}


def said(letter: RenderedLetter) -> str:
    """Return the letter's own sentences: without the footer and what is only to be copied."""
    return _FOOTER.sub("", _FORM.sub("", letter.text))


@every_letter
def test_whoever_is_asked_to_do_something_sees_it_under_one_heading(letter: RenderedLetter) -> None:
    asks = "ください" in said(letter) or "▶" in letter.text
    assert not asks or NEXT in letter.text or letter.name.startswith("help")


@every_letter
def test_what_to_do_next_stands_on_top(letter: RenderedLetter) -> None:
    """Below the news itself, and above every table of details."""
    if NEXT in letter.text:
        before = letter.text.partition(NEXT)[0]
        assert len(before.splitlines()) <= 13
        assert re.search(r"(?m)^【", before) is None


@every_letter
def test_what_to_do_next_says_something_on_its_own_lines(letter: RenderedLetter) -> None:
    for part in letter.text.split(NEXT)[1:]:
        assert part.startswith("\n")
        assert part.splitlines()[1].strip()


@every_letter
def test_every_word_that_a_letter_tells_its_reader_to_write_is_understood(letter: RenderedLetter) -> None:
    for match in _TOLD.finditer(said(letter)):
        for words in filter(None, match.groups()):
            written = words
            for gap, typed in _GAPS.items():
                written = written.replace(gap, typed)
            found = parse("", written, words_of(letter))
            assert isinstance(found, tuple), f"{words}: {found}"
            assert len(found) == 1, words


def test_the_rule_above_sees_the_words() -> None:
    seen = {
        one for letter in LETTERS for match in _TOLD.finditer(said(letter)) for one in match.groups() if one
    }
    assert {"この内容で申し込みます", "認証キー", "確認", "取下げ", "停止", "証書 (保証契約番号)"} <= seen


@every_letter
def test_a_letter_quoted_without_any_mark_binds_nobody(letter: RenderedLetter) -> None:
    """Some programs put the old letter below the answer as it is: its offers are no answers."""
    found = parse("", f"ありがとうございました。\n\n{letter.text}", words_of(letter))
    kinds = {word.name: word.kind for word in words_of(letter)}
    assert isinstance(found, Unclear) or not any(kinds[one.word] == Kind.BINDING for one in found)


@every_letter
def test_an_answer_above_a_letter_quoted_without_any_mark_is_that_answer_alone(
    letter: RenderedLetter,
) -> None:
    found = parse("", f"状況\n\n{letter.text}", words_of(letter))
    beside = found.beside if isinstance(found, Unclear) else found
    assert {one.word for one in beside} <= {"status"}


@every_letter
def test_no_sentence_is_longer_than_a_breath(letter: RenderedLetter) -> None:
    for line in said(letter).splitlines():
        for sentence in re.split(r"(?<=。)", line):
            assert len(sentence) <= 110, sentence


@every_letter
def test_no_letter_says_that_a_day_ends_a_guarantee(letter: RenderedLetter) -> None:
    for word in ("終了しま", "満了", "期限切れ", "失効", "有効", "偽造", "無効"):
        assert word not in letter.subject + letter.text


@every_letter
def test_no_letter_has_a_link_to_follow(letter: RenderedLetter) -> None:
    """Links die behind gateways, and people are told never to follow one in a mail of ours."""
    assert "http" not in letter.text + letter.html


@every_letter
def test_a_subject_says_the_step_first_and_cuts_the_name_of_the_work(letter: RenderedLetter) -> None:
    title = letter.subject.removeprefix("【試行】")
    assert re.match(r"【[^】]{1,6}】", title)
    assert len(title) <= 78
    if WORK in title:
        assert title.index("】") < title.index(WORK)


def test_the_premium_notice_guards_against_a_false_account() -> None:
    [letter] = BY_NAME["premium"]
    box = letter.text.partition(NEXT)[2].partition("\n\n")[0]
    assert "当社がメールで振込先の変更をお願いすることはありません。" in box.splitlines()


@pytest.mark.parametrize(
    ("name", "consequence"),
    [
        ("read_back", "ご返信をいただくまで、審査は始まりません"),
        ("faults", "まだお申込みは成立していません"),
        ("returned", "お申込みは成立していません"),
        ("premium", "入金を確認できるまで、証書は発行されません"),
        ("awaiting_contract", "写しが届くまで、前払金保証の証書は発行されません"),
        ("registered", "提出がお済みになるまでが手続きです"),
        ("key_notice", "当社から自動で発注者へ送ることはありません"),
        ("confirmation", "期限を過ぎると取り消します"),
        ("submission", "ご返信がなくても、保証の内容は変わりません"),
    ],
)
def test_a_letter_says_what_happens_if_nothing_is_done(name: str, consequence: str) -> None:
    for letter in BY_NAME[name]:
        assert consequence in letter.text


@pytest.mark.parametrize("name", [name for name in BY_NAME if name.startswith("together")])
def test_the_matters_of_one_letter_are_counted_and_headed(name: str) -> None:
    [letter] = BY_NAME[name]
    headings = re.findall(r"(?m)^■ (\d)\. (.+)$", letter.text)
    assert [number for number, _ in headings] == ["1", "2"]
    assert not any(title.startswith("【保証") for _, title in headings)
    assert "2件まとめてお知らせします。" in letter.text


@every_letter
def test_a_letter_of_one_matter_has_no_such_heading(letter: RenderedLetter) -> None:
    assert ("■" in letter.text) == letter.name.startswith("together")
