"""The HTML part: made from the plain text, so that it says the same, and nothing in it is alive."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.writing.html import to_html
from bot.writing.letters import make_templates, write
from tests.writing.samples import LETTER_TEMPLATES, SAMPLES, letter_job

TEMPLATES = make_templates()
_PLAIN_TAGS = {"html", "head", "meta", "title", "body", "div", "p", "br", "hr", "pre", "ul", "li"}
_TAGS = _PLAIN_TAGS | {"table", "tr", "th", "td"}
_ATTRIBUTES = {"lang", "charset", "name", "content", "style", "role"}
_CUT = re.compile(r"ここから|ここまで")
_MARKS = re.compile(r"[\s:：・【】■―\-]+")


class Page(HTMLParser):
    """What a mail program makes of a page: its words, tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self._skipping = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._skipping = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.words += data


def words(text: str) -> str:
    """Leave out what is a mark in the text and markup in HTML."""
    return _CUT.sub("", _MARKS.sub("", text))


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_the_html_of_every_letter_says_the_same_as_its_text(template: str) -> None:
    for number in range(len(SAMPLES[template])):
        done = write(letter_job(template, number), TEMPLATES)
        assert words(Page(to_html(done.text, done.subject)).words) == words(done.text)


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_the_html_of_every_letter_loads_nothing_and_fits_a_telephone(template: str) -> None:
    for number in range(len(SAMPLES[template])):
        done = write(letter_job(template, number), TEMPLATES)
        page = Page(to_html(done.text, done.subject))
        assert set(page.tags) <= _TAGS
        assert {name for name, _ in page.attributes} <= _ATTRIBUTES
        assert not any("url(" in value or "http" in value for _, value in page.attributes)
        assert [value for name, value in page.attributes if name == "name"] == ["viewport"]
        assert ("content", "width=device-width,initial-scale=1") in page.attributes


_LINE = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20),
    st.sampled_from(
        [
            "----- ここから -----",
            "----- ここまで -----",
            "【見出し】",
            "■ 見出し",
            "・項目",
            "　工事名: <b>橋</b>",
            "――――",
            "",
            "<script>alert(1)</script>",
            "</pre></td></p><img src=x onerror=y>",
            "\"'&amp;&lt;",
            "<!-- ]]>",
        ]
    ),
)


@given(st.lists(_LINE, max_size=12).map("\n".join))
def test_whatever_a_text_says_no_tag_comes_of_it_and_no_word_is_lost(text: str) -> None:
    page = Page(to_html(text, text))
    assert set(page.tags) <= _TAGS
    assert {name for name, _ in page.attributes} <= _ATTRIBUTES
    assert words(page.words) == words(text)


_NAMES = ["<script>alert(1)</script>", "A&B", 'いよ"建設"', "いよ'建設'", "&lt;b&gt;"]
_SHAPES = ["{}", "　工事名: {}", "・{}", "【{}】", "----- ここから -----\n{}\n----- ここまで -----"]


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("shape", _SHAPES)
def test_a_name_is_shown_as_it_is_wherever_it_stands(name: str, shape: str) -> None:
    page = Page(to_html(shape.format(name), "x"))
    assert name in page.words
    assert "script" not in page.tags
    assert "b" not in page.tags


def test_a_row_becomes_a_row_of_a_table_and_an_item_one_of_a_list() -> None:
    page = to_html("　工事名: 橋\n　工期: 3月\n・一\n・二\n【見出し】\nふつう\nの文\n", "x")
    assert page.count("<tr>") == 2
    assert page.count("<li>") == 2
    assert page.count("<br>") == 1
    assert "font-weight:bold" in page


def test_what_is_to_be_copied_keeps_its_lines() -> None:
    page = to_html("----- ここから -----\n工事名: 橋\n\n　字下げ\n・点\n----- ここまで -----\nあと", "x")
    assert "工事名: 橋\n\n　字下げ\n・点</pre>" in page


def test_a_form_without_its_last_cutting_line_is_kept_to_the_end() -> None:
    assert "工事名: 橋</pre>" in to_html("----- ここから -----\n工事名: 橋", "x")
