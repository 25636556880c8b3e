"""One page that lists all previewed letters by who gets them, and shows the one that is chosen."""

from html import escape

_READERS = ("contractor", "orderer", "staff", "stranger")
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;font:15px/1.5 sans-serif;display:grid;height:100vh;"
    "grid-template-columns:minmax(20rem,2fr) 3fr}nav{overflow:auto;padding:16px 20px}"
    "main{display:flex;flex-direction:column;border-left:1px solid #8a94a0}"
    "iframe{flex:1;border:0;background:Canvas}"
    "h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:24px 0 4px}"
    "ul{list-style:none;margin:0;padding:0}li{padding:8px 0;border-top:1px solid #8a94a055}"
    "small{display:block;overflow-wrap:anywhere}p{margin:0}"
    "@media (max-width:800px){body{display:block;height:auto}main{display:none}}"
)


def index_page(letters: list[tuple[str, str, str]]) -> str:
    """Return the page for (name, reader, subject) of each letter; its links open beside the list."""
    groups = "".join(
        _group(reader, rows) for reader in _READERS if (rows := [one for one in letters if one[1] == reader])
    )
    first = escape(letters[0][0]) if letters else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Hoshobin: letters</title><style>{_STYLE}</style></head><body>"
        f"<nav><h1>Letters</h1><p>{len(letters)} letters with sample values, in the office of the trial. "
        "Nothing here was sent.</p>"
        f'{groups}</nav><main><iframe name="letter" title="the chosen letter" src="{first}.html"></iframe>'
        "</main></body></html>\n"
    )


def _group(reader: str, letters: list[tuple[str, str, str]]) -> str:
    rows = "".join(_row(name, subject) for name, _, subject in letters)
    return f"<h2>to the {reader} ({len(letters)})</h2><ul>{rows}</ul>"


def _row(name: str, subject: str) -> str:
    name = escape(name)
    return (
        f'<li><a href="{name}.html" target="letter">{name}</a> · '
        f'<a href="{name}.txt" target="letter">text</a> · <a href="{name}.eml">mail</a>'
        f"<small>{escape(subject)}</small></li>"
    )
