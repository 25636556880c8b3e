"""Typefaces: what can be printed, what is drawn, and the text map."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writing.documents.typeface import (
    Typeface,
    Unprintable,
    as_drawn,
    runs,
    to_unicode_map,
    unprintable,
    width,
)

NAMES = "𠮷田髙橋﨑山①㈱〜ー－―⼯⻑鄧㐂葛飾"


def test_names_of_people_and_firms_can_be_printed() -> None:
    assert unprintable(NAMES) == ""


def test_all_of_cp932_can_be_printed() -> None:
    pairs = [bytes([lead, trail]) for lead in range(0x81, 0xFD) for trail in range(0x40, 0xFD)]
    decoded = (pair.decode("cp932", "ignore") for pair in pairs)
    text = "".join(c for c in decoded if len(c) == 1 and c > "\xa0" and not "\ue000" <= c <= "\uf8ff")
    assert len(text) > 7000
    assert unprintable(text) == ""


def test_characters_without_a_face_are_named_once_and_in_order() -> None:
    assert unprintable("工事😀名\ue000その😀2\x07") == "😀\ue000\x07"


def test_a_text_with_an_unprintable_character_is_refused_not_drawn_as_a_box() -> None:
    """A missing glyph is drawn as a box without any error and copies out as NUL."""
    with pytest.raises(Unprintable, match=r"U\+1F600") as refusal:
        runs("工事😀", Typeface.MINCHO)
    assert refusal.value.characters == "😀"


@pytest.mark.parametrize("typeface", list(Typeface))
def test_each_character_is_drawn_by_the_first_face_that_has_it(typeface: Typeface) -> None:
    primary, stand_in, _ = typeface.value
    assert runs("𠮷田髙橋", typeface) == [(stand_in, "𠮷"), (primary, "田髙橋")]


@given(st.text(max_size=30))
def test_what_is_printable_in_one_typeface_is_printable_in_all(text: str) -> None:
    for typeface in Typeface:
        if unprintable(text):
            with pytest.raises(Unprintable):
                runs(text, typeface)
        else:
            assert "".join(run for _, run in runs(text, typeface)) == as_drawn(text)
            assert width(text, typeface, 10) >= 0


def test_loose_voicing_marks_are_joined_and_nothing_else_is_normalised() -> None:
    assert as_drawn("ハ\u3099ス停 㐂髙﨑①㈱ｶﾞ") == "バス停 㐂髙﨑①㈱ｶﾞ"


def test_selectors_have_no_ink_and_line_breaks_become_blanks() -> None:
    assert as_drawn("葛\U000e0100城市\n第2工区") == "葛城市 第2工区"


def test_the_text_map_is_right_beyond_the_bmp_and_in_its_block_sizes() -> None:
    """reportlab's own map writes <20BB7> for 𠮷, puts all entries in one block and cuts the code space."""
    subset = [0, *range(0x4E00, 0x4E00 + 249), ord("𠮷")]
    lines = to_unicode_map("AAAAAA+Face", subset).splitlines()
    blocks = [int(found[1]) for line in lines if (found := re.match(r"(\d+) beginbfchar", line))]
    assert blocks == [100, 100, 50]
    assert lines[lines.index("1 begincodespacerange") + 1] == "<00> <FF>"
    assert "<FA> <D842DFB7>" in lines
    assert not any(line.startswith("<00> <0") for line in lines[10:])
