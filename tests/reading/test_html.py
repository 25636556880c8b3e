"""HTML as people's programs make it, to the words that its reader sees."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.html import text_of_html

# name: (HTML, text)
CASES: dict[str, tuple[str, str]] = {
    "Outlook's paragraphs stand line by line": (
        "<style>p.MsoNormal {margin:0}</style><p class=MsoNormal>お世話になります。<o:p></o:p></p>"
        "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>提出<o:p></o:p></p>",
        "お世話になります。\n\n提出",
    ),
    "other paragraphs stand apart": ("<p>一</p><p>二</p>", "一\n\n二"),
    "breaks inside a division": ("<div>一<br>二<br><br>三</div><div>四</div>", "一\n二\n\n三\n四"),
    "cells of a row stand on one line": (
        "<table><tr><th>保証契約番号</th><td> 2080001234 </td></tr>"
        "<tr><td>認証キー</td><td>K</td></tr></table>",
        "保証契約番号  2080001234\n認証キー  K",
    ),
    "a table for layout": ("<table><tr><td><table><tr><td>提出</td></tr></table></td></tr></table>", "提出"),
    "quotations in quotations": (
        "新<blockquote>旧<blockquote>もっと旧</blockquote>旧二</blockquote>新二",
        "新\n> \n> 旧\n> > \n> > もっと旧\n> \n> 旧二\n\n新二",
    ),
    "a quotation that is never closed": ("新<blockquote>旧<div>旧二", "新\n> \n> 旧\n> 旧二"),
    "an end without a beginning": ("一</blockquote></div></span>二", "一二"),
    "what a style hides": (
        '<div style="display:none">承認</div><span style="font-size:0px">提出</span>'
        '<p style="mso-hide:all">取下げ</p><div hidden>解約</div>確認',
        "確認",
    ),
    "a small font is shown": ('<span style="font-size:0.9em">確認</span>', "確認"),
    "what is hidden ends where it ends": ('<div style="display:none">x<br>y<img></div>確認', "確認"),
    "scripts, styles and comments": (
        "<head><title>題</title></head><script>x()</script><!-- 承認 -->"
        "<!--[if mso]><p>提出</p><![endif]-->確認",
        "確認",
    ),
    "the ideographic space stays": ("提出　おねがい", "提出　おねがい"),
    "other blanks are one": ("提出 \n\t お願い", "提出 お願い"),
    "preformatted lines": ("<pre>一\n  二\n\n三</pre>", "一\n二\n\n三"),
    "lines that a style keeps": (
        '<div style="white-space: pre-wrap">一\n二</div><div>三\n四</div>',
        "一\n二\n三 四",
    ),
    "lists": ("<ul><li>証書</li><li>認証キー</li></ul>", "・証書\n・認証キー"),
    "the rule above an old message": ("提出<hr>差出人: a", "提出\n--------------------\n差出人: a"),
    "entities": ("&lt;a@b.example&gt;&#12354;&amp;", "<a@b.example>あ&"),
    "a table inside a paragraph and other odd nesting": ("<p><b>一<p>二</b><table>三", "一\n\n二\n\n三"),
    "no tags at all": ("確認", "確認"),
    "nothing": ("", ""),
    "a declared charset is not believed again": ('<meta charset="euc-jp">確認', "確認"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_becomes_its_words(name: str) -> None:
    html, text = CASES[name]
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "html",
    [
        '<p style="margin-top:999999em;padding-left:99999em">x</p>' * 3000,
        "<blockquote>" * 20_000 + "x",
        "<table><tr><td>" * 20_000,
        "<table>" + "<tr><td>x<td>" + "y" * 9000 + "<tr><td>z" * 20_000,
        "<b>x</b>" * 30_000,
        "<div>" * 20_000 + "</span>" * 20_000,
        '<div style="display:none">' * 10_000 + "</p>" * 20_000,
        "<pre>" + "a\n" * 50_000,
        "<br>" * 50_000,
        "<" * 200_000,
        "<p " + 'a="' * 60_000,
        "&#" * 100_000,
    ],
    ids=lambda html: html[:20],
)
def test_no_page_is_a_bomb(html: str) -> None:
    """Margins, paddings and columns written out took a renderer five minutes and a gigabyte."""
    began = time.process_time()
    text = text_of_html(html)
    assert time.process_time() - began < 2
    assert len(text) < 45 * len(html)


TAGS = [
    "<div>",
    "</div>",
    "<blockquote>",
    "</blockquote>",
    "<td>",
    "<pre>",
    "</p>",
    "あ",
    "&",
    "<",
    "\0",
    " ",
]


@given(st.lists(st.sampled_from([*TAGS, '<p style="display:none">'])).map("".join))
def test_any_tags_in_any_order_are_read(html: str) -> None:
    assert "\n\n\n\n" not in text_of_html(html)
