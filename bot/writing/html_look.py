"""How the pieces of a letter look in HTML: inline styles that need no style sheet, and one for who reads it.

A page is right without its style sheet, which only adds what inline styles cannot say: dark screens and
telephones. Ink and ground are always given together, so that a mail program that inverts one inverts both.
"""

import re
from html import escape

INK, QUIET, ACCENT = "#1f2328", "#4d5560", "#12508f"
PAPER, BOX, FORM = "#ffffff", "#eef4fb", "#f6f7f9"
LINE, EDGE = "#d5dae0", "#8a94a0"
_FONT = "font-family:'Hiragino Sans','Yu Gothic UI','Meiryo','Noto Sans CJK JP',sans-serif;"
_MONO = "font-family:Consolas,Menlo,'Noto Sans Mono CJK JP','BIZ UDGothic',monospace;"
_WRAP = "overflow-wrap:anywhere;word-break:break-word;"
# Numbers, keys and codes are compared letter by letter: evenly spaced, and never broken in two.
_COMPARED = re.compile(r"[0-9A-Z]+(?:-[0-9A-Z]+)*")
_LONGEST_COMPARED = 16
_HYPHENATED = re.compile(r"(?<![0-9A-Za-z.@-])[0-9A-Z]+(?:-[0-9A-Z]+)+(?![0-9A-Za-z.@-])")

_ON_A_TELEPHONE = (
    ".t,.t tbody,.t tr,.t th,.t td,.k,.k tbody,.k tr,.k td"
    "{display:block!important;width:auto!important;max-width:none!important}"
    ".t th{padding:4px 0 0!important;border-bottom:0!important}.t td{padding:0 0 4px!important}"
    ".k .n{padding:4px 0 0!important}.p{padding:14px!important}"
)
_ON_A_DARK_SCREEN = (
    ".p,.k .b,.k .b a{background:#16191d!important}.p,.t td,h2,h3{color:#e8eaed!important}"
    ".t th,.t td,h2,hr{border-color:#4a525b!important}.q,.t th,.n{color:#b9c0c9!important}"
    ".h,.k .b,.x{border-color:#8fbcf0!important}.k .b a,.s{color:#9cc4f5!important}"
    ".x{background:#1f2a38!important;color:#e8eaed!important}.x .n,.x .t th{color:#c3cad3!important}"
    ".f{background:#1f2429!important;color:#e8eaed!important;border-color:#6b7480!important}"
)
STYLE_SHEET = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}.p{text-wrap:pretty}"
    f"@media (max-width:480px){{{_ON_A_TELEPHONE}}}"
    f"@media (prefers-color-scheme:dark){{{_ON_A_DARK_SCREEN}}}"
)


def page(title: str, body: str, *, dense: bool) -> str:
    """Return the whole page; letters to the surety's own people stand closer."""
    size = "15px;line-height:1.55" if dense else "16px;line-height:1.75"
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title)}</title><style>{STYLE_SHEET}</style></head>"
        f'<body class="p" style="margin:0;padding:20px;background:{PAPER};color:{INK};{_FONT}'
        f'font-size:{size};"><div style="max-width:680px;{_WRAP}">{body}</div></body></html>'
    )


def head(lines: list[str]) -> str:
    """Who is written to, and under it, quietly, who writes."""
    *to, last = map(escape, lines)
    shown = "<br>".join([*to, f'<span class="s" style="color:{ACCENT};font-weight:bold;">{last}</span>'])
    rule = f"border-bottom:2px solid {ACCENT};"
    return f'<p class="h" style="margin:0 0 18px;padding:0 0 10px;{rule}">{shown}</p>'


def paragraph(lines: list[str], *, quiet: bool = False) -> str:
    """Lines of plain text."""
    shown = "<br>".join(map(_words, lines))
    if quiet:
        return f'<p class="q" style="margin:8px 0;font-size:15px;color:{QUIET};">{shown}</p>'
    return f'<p style="margin:10px 0;">{shown}</p>'


def rule() -> str:
    """The line above the footer."""
    return f'<hr style="border:0;border-top:1px solid {EDGE};margin:28px 0 12px;">'


def heading(words: str) -> str:
    """What the lines below are about."""
    return f'<h3 style="margin:22px 0 6px;font-size:16px;color:{INK};">{escape(words)}</h3>'


def section_heading(words: str) -> str:
    """Where one matter of several begins."""
    look = "margin:34px 0 12px;padding:10px 0 0;font-size:18px;line-height:1.5;"
    return f'<h2 style="{look}border-top:2px solid {EDGE};color:{INK};">{escape(words)}</h2>'


def box(title: str, inside: str) -> str:
    """What the reader is to do next: the one thing that stands out, in black and white too."""
    look = f"margin:18px 0;padding:12px 16px;background:{BOX};color:{INK};"
    border = f"border:1px solid {ACCENT};border-left:6px solid {ACCENT};"
    head_look = f"margin:0 0 4px;font-weight:bold;font-size:17px;color:{ACCENT};"
    return (
        f'<div class="x" style="{look}{border}">'
        f'<p class="s" style="{head_look}">{escape(title)}</p>{inside}</div>'
    )


def table(rows: list[tuple[str, str]]) -> str:
    """Labels and values; on a telephone each label stands above its value."""
    line = f"border-bottom:1px solid {LINE};vertical-align:top;text-align:left;"
    label = f"{line}width:32%;padding:4px 14px 4px 0;font-weight:normal;font-size:15px;color:{QUIET};"
    cells = "".join(
        f'<tr><th scope="row" style="{label}">{escape(name)}</th>'
        f'<td style="{line}padding:4px 0;color:{INK};">{_value(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table class="t" style="border-collapse:collapse;width:100%;margin:6px 0;">{cells}</table>'


def _value(value: str) -> str:
    if len(value) > _LONGEST_COMPARED or not _COMPARED.fullmatch(value):
        return _words(value)
    look = f"{_MONO}font-weight:bold;letter-spacing:1px;white-space:nowrap;"
    return f'<span style="{look}">{escape(value)}</span>'


def _words(text: str) -> str:
    """Escape a text; a number with hyphens in it stays on one line."""

    def whole(found: re.Match[str]) -> str:
        fits = len(found[0]) <= _LONGEST_COMPARED
        return f'<span style="white-space:nowrap;">{found[0]}</span>' if fits else found[0]

    return _HYPHENATED.sub(whole, escape(text))


def listing(items: list[str], *, numbered: bool = False) -> str:
    """Items, with the marks that the text has where it numbers them itself."""
    look = "margin:8px 0;padding-left:0;list-style:none;" if numbered else "margin:8px 0;padding-left:1.4em;"
    return f'<ul style="{look}">' + "".join(f"<li>{_words(item)}</li>" for item in items) + "</ul>"


def kept(text: str) -> str:
    """What is to be copied, with its lines as they are."""
    look = f"white-space:pre-wrap;{_WRAP}{_FONT}font-size:15px;line-height:1.6;margin:10px 0;padding:12px;"
    ground = f"border:1px solid {EDGE};background:{FORM};color:{INK};"
    return f'<pre class="f" style="{look}{ground}">{escape(text)}</pre>'


def button(caption: str, link: str, beside: str) -> str:
    """A button that begins a mail, and beside it what to write without it; outlined, for print."""
    ground = f"background:{PAPER};"
    cell = f"border:2px solid {ACCENT};border-radius:6px;{ground}text-align:center;mso-padding-alt:11px 18px;"
    shape = "display:block;padding:11px 18px;border-radius:4px;line-height:24px;font-weight:bold;"
    note = f"padding:0 0 0 14px;font-size:15px;color:{QUIET};"
    table = "border-collapse:separate;border-spacing:0;margin:10px 0;"
    ink = f"{ground}color:{ACCENT};text-decoration:none;"
    anchor = f'<a href="{escape(link)}" style="{shape}{ink}">{escape(caption)}</a>'
    return (
        f'<table class="k" role="presentation" style="{table}"><tr><td class="b" style="{cell}">{anchor}</td>'
        f'<td class="n" style="{note}">{_words(beside)}</td></tr></table>'
    )
