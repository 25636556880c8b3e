"""Headers in short encoded-words: what any text becomes is read back as it was, in lines that fit."""

from email import message_from_string
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writing.encoded_words import Folded, phrase, words
from tests.writing.samples import LONG_WORK

_TEXTS = st.text(
    alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), include_characters=" "),
    max_size=300,
).map(lambda text: " ".join(text.split()))


def header(text: str) -> str:
    return Folded("Subject", words(text)).fold(policy=SMTP)


@given(text=_TEXTS)
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    safe = text.replace("=?", "")
    read = message_from_string(header(safe), policy=default)["Subject"]
    assert str(read) == safe


@given(text=_TEXTS)
def test_every_line_and_every_word_is_short_enough(text: str) -> None:
    """RFC 2047 §2: 75 characters a word, 76 a line. The email package makes words of 77."""
    for line in header(text).split("\r\n"):
        assert len(line) <= 76
        assert all(len(word) <= 75 for word in line.split() if word.startswith("=?"))
    assert header(text).isascii()


def test_a_case_code_stays_readable_beside_japanese() -> None:
    assert header("保証 [R8-01234-7KQ4]") == "Subject: =?utf-8?b?5L+d6Ki8?= [R8-01234-7KQ4]\r\n"


def test_a_space_between_two_japanese_words_is_kept() -> None:
    assert len(words("保証 工事")) == 1
    assert words("a 保 証 b")[0] == "a"
    assert words("a 保 証 b")[-1] == "b"


def test_no_character_is_cut_in_two() -> None:
    for piece in words(LONG_WORK + "𠮷" * 40):
        one = message_from_string(f"Subject: {piece}\n", policy=default)["Subject"]
        assert "\ufffd" not in str(one)
        assert not one.defects


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("Hosho", ["Hosho"]),
        ("Hosho Co., Ltd.", ["Hosho", "=?utf-8?b?Q28uLCBMdGQu?="]),
        ('a"b', ["=?utf-8?b?YSJi?="]),
        ("(a)", ["=?utf-8?b?KGEp?="]),
        ("", []),
    ],
)
def test_a_name_that_is_no_atom_is_encoded(name: str, pieces: list[str]) -> None:
    assert phrase(name) == pieces


def test_what_looks_like_an_encoded_word_is_encoded_itself() -> None:
    assert words("=?utf-8?b?YQ==?=") == ["=?utf-8?b?PT91dGYtOD9iP1lRPT0/PQ==?="]
