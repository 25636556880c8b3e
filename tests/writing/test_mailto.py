"""A button begins a mail that asks exactly what the sentence beside it says, once, about its own case."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.deciding.enrolling import CONFIRM, ENROL
from bot.handlers import WORDS
from bot.operations.preview import RenderedLetter
from bot.requests import Request, Word, parse
from bot.surety.party import PartyKind
from bot.surety.work import case_codes
from bot.writing.mailto import reply_mail
from tests.writing.previewed import ALL
from tests.writing.samples import CASE, KEY

DESK = "hosho@hoshobin.example"
LETTERS = ALL
KINDS = {
    "contractor": PartyKind.CONTRACTOR,
    "orderer": PartyKind.ORDERER,
    "staff": PartyKind.SURETY,
}
TYPED = {
    "(金額)": "61,200円",
    "(理由)": "工期をご確認ください",
    "(内容)": "工期の終わりはいつですか",
}


def words_of(letter: RenderedLetter) -> list[Word]:
    """Return the words that the reader of a letter may use."""
    if letter.reader == "stranger":
        return [ENROL, CONFIRM]
    return [word for word in WORDS.values() if KINDS[letter.reader] in word.roles]


def buttons(letter: RenderedLetter) -> list[tuple[str, str, str]]:
    """Return address, subject and body of the mail of each button, as a mail program takes them."""
    found = []
    for link in re.findall(r'href="([^"]+)"', letter.html):
        url = urlsplit(unescape(link))
        fields = parse_qs(url.query, keep_blank_values=True, strict_parsing=True)
        assert set(fields) == {"subject", "body"}
        found.append((url.path, fields["subject"][0], fields["body"][0]))
    return found


OFFERED = [
    pytest.param(letter, subject, body, id=f"{letter.name}: {body}")
    for letter in LETTERS
    for _, subject, body in buttons(letter)
]
every_button = pytest.mark.parametrize(("letter", "subject", "body"), OFFERED)


@every_button
def test_subject_and_body_together_are_exactly_one_request(
    letter: RenderedLetter, subject: str, body: str
) -> None:
    typed = body + typed_behind(letter, body)
    found = parse(subject, typed, words_of(letter))
    assert isinstance(found, tuple)
    assert len(found) == 1
    assert found == parse("", typed, words_of(letter))


@every_button
def test_a_button_with_a_gap_left_open_asks_for_nothing(
    letter: RenderedLetter, subject: str, body: str
) -> None:
    """Whoever sends the mail without typing 金額 or 理由 is asked again; nothing is decided."""
    if typed_behind(letter, body):
        assert not acts(parse(subject, body, words_of(letter)))


@every_button
def test_a_signature_and_a_greeting_around_it_change_nothing(
    letter: RenderedLetter, subject: str, body: str
) -> None:
    asked = body + typed_behind(letter, body)
    text = f"お世話になっております。\n{asked}\n\n-- \n株式会社いよ建設 高橋\nTEL 089-000-1234"
    found = parse(subject, text, words_of(letter))
    assert isinstance(found, tuple)
    assert len(found) == 1


@every_button
def test_a_button_is_about_its_own_case_and_tells_no_code_in_its_subject(
    letter: RenderedLetter, subject: str, body: str
) -> None:
    assert subject.startswith(f"[{CASE}] ")
    assert list(case_codes(subject)) == [CASE]
    assert re.search(r"(?<!\d)(?:\d{4}|\d{6})(?!\d)", subject.removeprefix(f"[{CASE}]")) is None
    assert KEY not in subject + body
    assert body.count("\n") <= 1


@every_button
def test_the_text_says_the_same_words_without_the_button(
    letter: RenderedLetter, subject: str, body: str
) -> None:
    assert f"本文に「{body}" in letter.text


def typed_behind(letter: RenderedLetter, body: str) -> str:
    """Return what the reader types behind a body, where the letter leaves a gap."""
    gap = re.search(rf"本文に「{re.escape(body)}(\([^()]+\))?」と書いて返信", letter.text)
    assert gap is not None
    return TYPED[gap[1]] if gap[1] else ""


def acts(found: object) -> bool:
    return isinstance(found, tuple) and any(isinstance(one, Request) for one in found)


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.name)
def test_every_button_writes_to_the_desk(letter: RenderedLetter) -> None:
    assert {address for address, _, _ in buttons(letter)} <= {DESK}
    assert len(buttons(letter)) == letter.text.count("▶")


def test_most_letters_that_ask_for_a_word_have_a_button() -> None:
    assert len(OFFERED) > 30


def test_without_a_case_the_subject_is_the_words_alone() -> None:
    assert reply_mail(DESK, None, "一覧").subject == "一覧"


def test_a_subject_never_says_a_code_or_half_of_what_is_asked() -> None:
    assert reply_mail(DESK, CASE, "契約のみ承認 7311").subject == f"[{CASE}] ご返信"
    assert reply_mail(DESK, CASE, "481592").subject == f"[{CASE}] ご返信"
    assert reply_mail(DESK, CASE, "481592").body == "481592"


def test_a_guarantee_number_is_no_code_and_stays() -> None:
    assert reply_mail(DESK, CASE, "提出 2080001234").subject == f"[{CASE}] 提出 2080001234"


def test_what_the_reader_types_is_left_out() -> None:
    made = reply_mail(DESK, CASE, "審査済 4821 保証料 (金額)")
    assert made.body == "審査済 4821 保証料 "
    assert made.subject == f"[{CASE}] ご返信"


def test_an_address_and_words_of_any_kind_stay_inside_their_fields() -> None:
    link = reply_mail("保証+a&b?c@hoshobin.example", CASE, "x&cc=thief@evil.example#?%0d").link
    url = urlsplit(link)
    assert url.fragment == ""
    assert set(parse_qs(url.query)) == {"subject", "body"}
    assert "&cc=" not in link
    assert link.isascii()
