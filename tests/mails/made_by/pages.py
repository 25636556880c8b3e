"""The HTML forms of answers, in the way each mail program quotes."""

from typing import Any

_SENDER = "保証便 &lt;hosho@hoshobin.example&gt;"
_OFFICE = "urn:schemas-microsoft-com:office:office"


def page_of(style: str, letter: dict[str, Any], original: dict[str, Any]) -> str:
    """Return the HTML of an answer to the original by word, owa, works or gmail."""
    new = "<br>\n".join(letter["text"].splitlines())
    old = "<br>\n".join(original["text"].splitlines())
    make = {"word": _word, "owa": _owa, "works": _works, "gmail": _gmail}[style]
    return make(new, old, letter, original)


def _word(new: str, old: str, letter: dict[str, Any], original: dict[str, Any]) -> str:
    lines = (line.removesuffix("<br>") or "&nbsp;" for line in new.split("\n"))
    paragraphs = "".join(f"<p class=MsoNormal>{line}<o:p></o:p></p>\n" for line in lines)
    return (
        f'<html xmlns:o="{_OFFICE}"><head><style>p.MsoNormal{{margin:0mm;}}</style></head>'
        f"<body lang=JA><div class=WordSection1>{paragraphs}"
        "<div style='border:none;border-top:solid #B5C4DF 1.0pt'><p class=MsoNormal>"
        f"<b>From:</b> {_SENDER} <br><b>Sent:</b> Tuesday, November 10, 2026 10:58 AM<br>"
        f"<b>To:</b> {letter['from']}<br><b>Subject:</b> {original['subject']}<o:p></o:p></p></div>"
        f"<p class=MsoNormal>{old}</p></div></body></html>"
    )


def _owa(new: str, old: str, letter: dict[str, Any], original: dict[str, Any]) -> str:
    return (
        '<html><head><style type="text/css">P {margin-top:0;}</style></head>'
        f'<body dir="ltr"><div>{new}</div><div id="appendonsend"></div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>差出人:</b> {_SENDER}<br>'
        f"<b>送信日時:</b> 2026年11月10日 10:58<br><b>宛先:</b> {letter['from']}<br>"
        f"<b>件名:</b> {original['subject']}</font></div><div>{old}</div></body></html>"
    )


def _works(new: str, old: str, _letter: dict[str, Any], original: dict[str, Any]) -> str:
    return (
        f"<div>{new}</div><p>-----Original Message-----<br><b>From:</b> {_SENDER}<br>"
        f"<b>Sent:</b> 2026-11-10 10:58<br><b>Subject:</b> {original['subject']}</p><div>{old}</div>"
    )


def _gmail(new: str, old: str, _letter: dict[str, Any], _original: dict[str, Any]) -> str:
    return (
        f'<div dir="ltr">{new}</div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">2026年11月10日(火) 10:58 {_SENDER}:<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">{old}</blockquote></div>'
    )
