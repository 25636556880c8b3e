"""Make the HTML part from the plain text, so that the two can never say different things."""

import re
from collections.abc import Iterator

from bot.writing import html_look as look
from bot.writing.mailto import reply_mail

_ROW = re.compile(r"^　([^:：　]{1,20})[:：] ?(.*)$")
_ITEM = re.compile(r"^[・\-] ?(.+)$")
_NUMBERED = re.compile(r"^(\(\d{1,2}\) .+)$")
_HEADING = re.compile(r"^【([^】]+)】$")
_SECTION = re.compile(r"^■ ?(.+)$")
_ANSWER = re.compile(r"^▶ (.+?) … (本文に「(.+)」と書いて返信)$")
_CODE = ("----- ここから -----", "----- ここまで -----")
_NEXT = "【次にしていただくこと】"


def to_html(text: str, title: str, desk: str, case_code: str | None = None) -> str:
    """Turn the plain text of a letter into one HTML page with inline styles and nothing remote.

    The first paragraph is the head, and what follows a line of ― the footer. In between, `　label: value`
    lines become a table, ・ and (1) lines lists, 【…】 lines headings, ■ lines headings of sections; the
    paragraph below 【次にしていただくこと】 stands in a box. `▶ … 本文に「…」と書いて返信` lines become
    buttons that begin a mail to `desk`, with the case code in its subject. What stands between the two
    cutting lines is kept as it is, for copying.
    """
    lines = text.splitlines()
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    end = next((index for index in range(first, len(lines)) if not lines[index].strip()), len(lines))
    salutation = lines[first:end]
    if not salutation or any(_is_special(line) for line in salutation):
        salutation, end = [], 0
    parts = [look.head(salutation)] if salutation else []
    parts += _Letter(lines[end:], desk, case_code).blocks()
    to_a_customer = bool(salutation) and salutation[-1].endswith("です。")
    return look.page(title, "\n".join(parts), dense=not to_a_customer)


class _Letter:
    """The lines of one letter, and whom its buttons write to."""

    def __init__(self, lines: list[str], desk: str, case_code: str | None) -> None:
        self._lines = lines
        self._desk = desk
        self._case_code = case_code

    def blocks(self) -> Iterator[str]:
        """Make the blocks of the letter, one after the other."""
        at, in_footer = 0, False
        while at < len(self._lines):
            line = self._lines[at]
            if not line.strip():
                at += 1
            elif _is_rule(line):
                in_footer = True
                yield look.rule()
                at += 1
            else:
                at, block = self._block(at, quiet=in_footer)
                yield block

    def _block(self, at: int, *, quiet: bool) -> tuple[int, str]:
        """Make one block of the lines from `at`; return where the next one begins."""
        line = self._lines[at]
        if line.strip() == _CODE[0]:
            return self._kept(at)
        if line == _NEXT:
            return self._box(at)
        if found := _HEADING.match(line):
            return at + 1, look.heading(found[1])
        if found := _SECTION.match(line):
            return at + 1, look.section_heading(found[1])
        if found := _ANSWER.match(line):
            link = reply_mail(self._desk, self._case_code, found[3]).link
            return at + 1, look.button(found[1], link, found[2])
        if _ROW.match(line):
            rows, end = self._while(at, _ROW)
            return end, look.table([(row[1], row[2]) for row in rows])
        for pattern in (_ITEM, _NUMBERED):
            if pattern.match(line):
                items, end = self._while(at, pattern)
                return end, look.listing([item[1] for item in items], numbered=pattern is _NUMBERED)
        end = at + 1
        while end < len(self._lines) and self._lines[end].strip() and not _is_special(self._lines[end]):
            end += 1
        return end, look.paragraph(self._lines[at:end], quiet=quiet)

    def _kept(self, at: int) -> tuple[int, str]:
        ends = (i for i in range(at, len(self._lines)) if self._lines[i].strip() == _CODE[1])
        end = next(ends, len(self._lines))
        return end + 1, look.kept("\n".join(self._lines[at + 1 : end]))

    def _box(self, at: int) -> tuple[int, str]:
        """Put the paragraph below into a box; what is to be copied never stands in one."""
        end = at + 1
        while end < len(self._lines) and self._lines[end].strip() and not _ends_a_box(self._lines[end]):
            end += 1
        inside = _Letter(self._lines[at + 1 : end], self._desk, self._case_code)
        return end, look.box(_NEXT.strip("【】"), "".join(inside.blocks()))

    def _while(self, at: int, pattern: re.Pattern[str]) -> tuple[list[re.Match[str]], int]:
        found = []
        while at < len(self._lines) and (one := pattern.match(self._lines[at])):
            found.append(one)
            at += 1
        return found, at


def _is_rule(line: str) -> bool:
    return set(line.strip()) == {"―"}


def _ends_a_box(line: str) -> bool:
    return line.strip() == _CODE[0] or _is_rule(line) or bool(_SECTION.match(line) or _HEADING.match(line))


def _is_special(line: str) -> bool:
    return _ends_a_box(line) or any(one.match(line) for one in (_ROW, _ITEM, _NUMBERED, _ANSWER))
