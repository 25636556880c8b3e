"""HTML to the plain text its reader sees, with quotations behind '> '; linear in the length of the HTML."""

import re

from lxml import etree


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _names(
    "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul"
)
_APART = _names("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul")  # a blank line around them
_UNSEEN = _names("head script style template title noframes object iframe svg math select")
_EMPTY = _names("area base br col hr img input link meta wbr")  # elements without content
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.1-9])"
)
_KEEPS_LINES = re.compile(r"white-space\s*:\s*pre")
_NO_MARGIN = re.compile(r"margin(?:-top)?\s*:\s*0")
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_CELL = "\t"  # a cell begins: no other tab is left in a line by then
_CELLS = re.compile(r" ?\t[ \t]*")
_SPACES = re.compile(r" {2,}")
_RULE = "-" * 20
_MISNESTED = 20  # elements that may have been left open inside one that ends
_DEEPEST = 20  # quotation marks on one line


def text_of_html(html: str) -> str:
    """Return the words of a document as lines; never raises for odd HTML.

    What a style hides is left out. Every line inside a blockquote begins with '> ', once for each level. The
    ideographic space stays, since people indent and stretch words with it.
    """
    page = _Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(html.encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        page.close()  # an empty document is no error of ours: what was seen until here counts
    return "\n".join(page.lines).strip("\n")


class _Page:
    """The target of the parser: takes elements and words in their order and makes lines of them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []  # of the line that is being made
        self._depth = 0  # blockquotes around
        self._unseen: list[str] = []  # open elements from the one that is not shown
        self._keeping: list[str] = []  # open elements from the one that keeps its line ends
        self._gap = False  # a blank line is due before the next words

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        style = attributes.get("style", "")[:2000].lower()
        if self._unseen or tag in _UNSEEN or "hidden" in attributes or _HIDDEN.search(style):
            self._unseen += [] if tag in _EMPTY else [tag]
            return
        if self._keeping or tag in ("pre", "textarea") or _KEEPS_LINES.search(style):
            self._keeping.append(tag)
        if tag == "br":
            self._end_line(even_blank=True)
        elif tag in ("td", "th"):
            self._line.append(_CELL)
        elif tag in _BLOCKS:
            self._end_line()
            self._gap = self._gap or (tag in _APART and not _is_close(attributes, style))
            self._line += ["・"] if tag == "li" else [_RULE] if tag == "hr" else []
        if tag == "blockquote":
            self._depth += 1

    def end(self, tag: str) -> None:
        """Close an element."""
        if self._unseen:
            _close(self._unseen, tag)
            return
        if self._keeping:
            _close(self._keeping, tag)
        if tag in _BLOCKS:
            self._end_line()
            self._gap = self._gap or tag in ("blockquote", "table", "ul", "ol", "pre")
        if tag == "blockquote":
            self._depth = max(0, self._depth - 1)

    def data(self, words: str) -> None:
        """Take words."""
        if self._unseen:
            return
        if not self._keeping:
            self._line.append(_BLANKS.sub(" ", words))
            return
        first, *others = words.replace("\xa0", " ").split("\n")
        self._line.append(first)
        for line in others:
            self._end_line(even_blank=True)
            self._line.append(line)

    def comment(self, _words: str) -> None:
        """Pass a comment over."""

    def close(self) -> None:
        """End the document."""
        self._end_line()

    def _end_line(self, *, even_blank: bool = False) -> None:
        text = "".join(self._line)
        self._line = []
        even_blank = even_blank or "\xa0" in text
        text = text.replace("\xa0", " ")
        if not self._keeping:
            text = _CELLS.sub("  ", _SPACES.sub(" ", text))
        text = text.strip(" \t\r")
        if text and self._gap and self.lines:
            self._put("")
        if text or even_blank:
            self._put(text)
            self._gap = False

    def _put(self, text: str) -> None:
        self.lines.append("> " * min(self._depth, _DEEPEST) + text)


def _is_close(attributes: dict[str, str], style: str) -> bool:
    """Whether an element says that it stands close to its neighbours, as every paragraph of Outlook does."""
    return attributes.get("class", "").startswith("Mso") or bool(_NO_MARGIN.search(style))


def _close(opened: list[str], tag: str) -> None:
    """Take an element off with what was left open inside; an end without its beginning closes nothing."""
    for back in range(1, min(len(opened), _MISNESTED) + 1):
        if opened[-back] == tag:
            del opened[-back:]
            return
