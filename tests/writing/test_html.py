"""The HTML part: made from the plain text, so that it says the same, and nothing in it is alive."""

import email
import re
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations.preview import RenderedLetter
from bot.writing.html import to_html
from tests.writing.previewed import BY_NAME

DESK = "hosho@hoshobin.example"
CASE = "R8-01234-7KQ4"
LETTERS = BY_NAME
every_letter = pytest.mark.parametrize("name", LETTERS)
_PLAIN_TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p", "br", "hr", "pre", "ul", "li"}
_TAGS = _PLAIN_TAGS | {"table", "tr", "th", "td", "span", "h2", "h3", "a"}
_ATTRIBUTES = {"lang", "charset", "name", "content", "style", "role", "class", "scope", "href"}
_CUT = re.compile(r"ここから|ここまで")
_MARKS = re.compile(r"[\s:：・【】■▶…―\-]+")


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
        self._skipping = tag in ("title", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.words += data


def words(text: str) -> str:
    """Leave out what is a mark in the text and markup in HTML."""
    return _CUT.sub("", _MARKS.sub("", text))


def shown(text: str) -> str:
    """Make the page of a text in a case."""
    return to_html(text, "件名", DESK, CASE)


@every_letter
def test_the_html_of_every_letter_says_the_same_as_its_text(name: str) -> None:
    for letter in LETTERS[name]:
        assert words(Page(letter.html).words) == words(letter.text)


@every_letter
def test_the_html_of_every_letter_loads_nothing_and_fits_a_telephone(name: str) -> None:
    for letter in LETTERS[name]:
        page = Page(letter.html)
        assert set(page.tags) <= _TAGS
        assert {attribute for attribute, _ in page.attributes} <= _ATTRIBUTES
        assert not any("url(" in value or "http" in value for _, value in page.attributes)
        assert "url(" not in letter.html
        assert "@import" not in letter.html
        assert ("content", "width=device-width,initial-scale=1") in page.attributes
        links = [value for attribute, value in page.attributes if attribute == "href"]
        assert all(link.startswith(f"mailto:{DESK}?subject=") for link in links)


@every_letter
def test_a_page_says_that_it_has_a_light_and_a_dark_look(name: str) -> None:
    for letter in LETTERS[name]:
        metas = dict(re.findall(r'<meta name="([^"]+)" content="([^"]+)">', letter.html))
        assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
        assert "prefers-color-scheme:dark" in letter.html


@every_letter
def test_a_page_is_right_without_its_style_sheet(name: str) -> None:
    """Some programs throw a style sheet away: ink and ground, sizes and borders stand in the elements."""
    for letter in LETTERS[name]:
        bare = re.sub("<style>.*?</style>", "", letter.html)
        assert re.search(r'<body[^>]*style="[^"]*background:#ffffff;color:#1f2328', bare)
        for link in re.findall(r"<a [^>]*>", bare):
            assert "background:" in link
            assert "color:" in link
            assert "line-height:24px" in link  # with 11px above and below: 46 px to tap
        assert all(int(size) >= 15 for size in re.findall(r"font-size:(\d+)px", bare))


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
            "【次にしていただくこと】",
            "▶ 承認する … 本文に「承認 4821」と書いて返信",
            '▶ <i>" … 本文に「"><b>」と書いて返信',
            "(1) 工期 … <u>",
            "　認証キー: K7M4P-3XHW3",
            "<script>alert(1)</script>",
            "</pre></td></p><img src=x onerror=y>",
            "\"'&amp;&lt;",
            "<!-- ]]>",
        ]
    ),
)


@given(st.lists(_LINE, max_size=12).map("\n".join))
def test_whatever_a_text_says_no_tag_comes_of_it_and_no_word_is_lost(text: str) -> None:
    page = Page(to_html(text, text, DESK, CASE))
    assert set(page.tags) <= _TAGS
    assert {name for name, _ in page.attributes} <= _ATTRIBUTES
    assert words(page.words) == words(text)


_NAMES = ["<script>alert(1)</script>", "A&B", 'いよ"建設"', "いよ'建設'", "&lt;b&gt;"]
_SHAPES = ["{}", "　工事名: {}", "・{}", "【{}】", "----- ここから -----\n{}\n----- ここまで -----"]


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("shape", _SHAPES)
def test_a_name_is_shown_as_it_is_wherever_it_stands(name: str, shape: str) -> None:
    page = Page(shown(shape.format(name)))
    assert name in page.words
    assert "script" not in page.tags
    assert "b" not in page.tags


def test_a_row_becomes_a_row_of_a_table_and_an_item_one_of_a_list() -> None:
    page = shown(
        "高橋様\n\n　工事名: 橋\n　工期: 3月\n・一\n・二\n(1) 三\n【見出し】\n■ 1. 章\nふつう\nの文\n"
    )
    assert page.count("<tr>") == 2
    assert page.count("<li>") == 3
    assert page.count("<br>") == 1
    assert page.count("<h3") == 1
    assert page.count("<h2") == 1


def test_what_is_to_be_copied_keeps_its_lines() -> None:
    page = shown("----- ここから -----\n工事名: 橋\n\n　字下げ\n・点\n----- ここまで -----\nあと")
    assert "工事名: 橋\n\n　字下げ\n・点</pre>" in page


def test_a_form_without_its_last_cutting_line_is_kept_to_the_end() -> None:
    assert "工事名: 橋</pre>" in shown("----- ここから -----\n工事名: 橋")


def test_what_to_do_next_stands_in_a_box_that_ends_with_its_paragraph() -> None:
    page = shown(
        "高橋様\n\n【次にしていただくこと】\n返信\n　期限: 3月\n▶ 見る … 本文に「証書」と書いて返信\n\nあと"
    )
    box = re.search(r'<div class="x".*?</div>', page)
    assert box is not None
    assert words(Page(box[0]).words) == "次にしていただくこと返信期限3月見る本文に「証書」と書いて返信"


def test_a_form_below_what_to_do_next_stands_outside_the_box() -> None:
    page = shown(
        "高橋様\n\n【次にしていただくこと】\n記入\n----- ここから -----\n項目:\n----- ここまで -----"
    )
    assert page.index("</div>") < page.index("<pre")


def test_a_line_that_offers_an_answer_becomes_a_button_that_begins_a_mail_to_the_desk() -> None:
    page = shown("高橋様\n\n▶ 証書を見る … 本文に「証書 2080001234」と書いて返信")
    subject = "%5BR8-01234-7KQ4%5D%20%E8%A8%BC%E6%9B%B8%202080001234"
    body = "%E8%A8%BC%E6%9B%B8%202080001234"
    assert f'href="mailto:{DESK}?subject={subject}&amp;body={body}"' in page
    assert ">証書を見る</a>" in page
    assert "本文に「証書 2080001234」と書いて返信</td>" in page


def test_a_key_a_number_and_a_telephone_number_are_never_broken_in_two() -> None:
    page = shown("高橋様\n\n　認証キー: K7M4P-3XHW3\n　保証契約番号: 2080001234\n電話 089-000-0000(平日)")
    for whole in ("K7M4P-3XHW3", "2080001234", "089-000-0000"):
        assert re.search(rf'white-space:nowrap;">{whole}</span>', page), whole


def test_a_long_run_of_letters_may_be_broken() -> None:
    """A work's name of 40 capitals without a space must not push a page wider than a telephone."""
    assert "nowrap" not in without_style_sheet(shown(f"高橋様\n\n　工事名: {'A' * 40}\n{'A-' * 20}B"))


def without_style_sheet(page: str) -> str:
    return re.sub("<style>.*?</style>", "", page)


def test_the_first_paragraph_is_the_head_and_what_follows_the_rule_is_quiet() -> None:
    page = shown("株式会社いよ建設　高橋様\n〇〇建設業保証株式会社です。\n\n本文\n\n――――\n電話")
    assert page.index('class="h"') < page.index("本文")
    assert re.search(r'class="q"[^>]*>電話', page)


def test_letters_to_the_suretys_own_people_stand_closer() -> None:
    assert "font-size:15px;line-height:1.55" in shown("審査 佐々木 様\n\n本文")
    assert "font-size:16px;line-height:1.75" in shown("高橋様\n〇〇建設業保証株式会社です。\n\n本文")


def test_a_text_without_a_head_has_none() -> None:
    assert 'class="h"' not in shown("　工事名: 橋\n\n本文")


@every_letter
def test_what_a_mail_program_shows_is_what_the_preview_wrote(name: str) -> None:
    """The mail's own HTML part is the previewed one."""
    for letter in LETTERS[name]:
        assert html_part(letter) == letter.html


def html_part(letter: RenderedLetter) -> str:
    mail = email.message_from_bytes(letter.data, policy=default)
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").rstrip("\n")
