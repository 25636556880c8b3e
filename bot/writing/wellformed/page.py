"""The HTML part of a letter: nothing remote, nothing that runs, nothing that can be filled in."""

import re

from bot.writing.wellformed.faults import must

_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r"</?([^\s/>]+)")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style", re.S)
_LOADS = re.compile(r"url\s*\(|@import|expression\s*\(|behavior\s*:|-moz-binding")
_ELEMENTS = frozenset(
    re.findall(
        r"\S+",
        "!doctype html head meta title style body div p br hr span b strong i em u small sup sub center font"
        " table caption colgroup col thead tbody tfoot tr th td ul ol li dl dt dd pre code blockquote"
        " h1 h2 h3 h4 h5 h6 a img header footer main section article",
    )
)
_NEVER = frozenset({"srcset", "background", "poster", "data", "action", "formaction", "http-equiv", "srcdoc"})
_LINKS = ("mailto:", "https://", "http://", "tel:", "#")
_EMBEDDED = ("cid:", "data:image/png;", "data:image/gif;", "data:image/jpeg;")


def check_page(page: str) -> None:
    """Check one page by its tags: what is written between them is text. Raises Malformed."""
    small = page.lower()
    tags = "".join(_TAG.findall(small))
    names = set(_NAME.findall(tags))
    must(names <= _ELEMENTS, f"html: an element that a letter of ours has not: {_shown(names - _ELEMENTS)}")
    for name, quoted in _ATTRIBUTE.findall(tags):
        value = quoted.strip("\"' \t\r\n")
        must(not name.startswith("on") and name not in _NEVER, "html: an attribute that loads or runs")
        if name == "src":
            must(value.startswith(_EMBEDDED), "html: remote content")
        elif name == "href":
            must(value.startswith(_LINKS), "html: a link that is none")
        elif name == "style":
            must(_LOADS.search(value) is None, "html: a style that loads or runs")
    for style in _STYLE.findall(small):
        must(_LOADS.search(style) is None, "html: a style that loads or runs")


def _shown(names: set[str]) -> str:
    return ", ".join(sorted(name[:20] for name in names if name.isascii()))
