"""The page: lines stay in their room, break where Japanese breaks, and the page is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writing.documents.sheet import Sheet, Style, TooMuchText, one_page, wrap
from bot.writing.documents.typeface import Typeface, as_drawn, width

STYLE = Style(Typeface.GOTHIC, 10)


@given(st.text(alphabet="工事市道、。（）ーaZ0-9,.円\u00a0 　𠮷①", max_size=80), st.floats(20, 400))
def test_no_line_is_wider_than_its_room_and_no_ink_is_lost(text: str, room: float) -> None:
    lines = wrap(text, STYLE, room)
    assert all(width(line, *STYLE) <= room + 0.001 for line in lines)
    assert "".join("".join(lines).split()) == "".join(as_drawn(text).split())


def test_a_room_too_narrow_for_one_character_still_ends() -> None:
    assert wrap("工事", STYLE, 1) == ["工", "事"]


def test_closing_marks_do_not_begin_a_line_and_opening_ones_do_not_end_it() -> None:
    assert wrap("いろはに。", STYLE, 40) == ["いろは", "に。"]
    assert wrap("いろは（に）", STYLE, 40) == ["いろは", "（に）"]


def test_numbers_and_words_stay_whole() -> None:
    assert wrap("金額123,456,789円", STYLE, 70) == ["金額", "123,456,789円"]
    assert wrap("see https://hosho.example/", STYLE, 110) == ["see", "https://hosho.example/"]


def test_a_no_break_space_keeps_the_honorific_with_the_name() -> None:
    assert wrap("いよ建設\u00a0様", STYLE, 52) == ["いよ建", "設\u00a0様"]


def test_much_text_makes_the_page_smaller_and_too_much_is_an_error() -> None:
    scales = []

    def draw(lines: int, sheet: Sheet) -> None:
        scales.append(sheet.scale)
        for _ in range(lines):
            sheet.text("工事", STYLE)

    one_page("", "", lambda sheet: draw(10, sheet))
    assert scales == [1.0]
    one_page("", "", lambda sheet: draw(60, sheet))
    assert 0.5 <= scales[-1] < 1
    with pytest.raises(TooMuchText):
        one_page("", "", lambda sheet: draw(200, sheet))
