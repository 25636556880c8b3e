"""Make the HTML part from the plain text, so that the two can never say different things."""

import html
import re

_ROW = re.compile(r"^　([^:：　]{1,20})[:：] ?(.*)$")
_ITEM = re.compile(r"^[・\-] ?(.+)$")
_HEADING = re.compile(r"^【([^】]+)】$|^■ ?(.+)$")
_CODE = ("----- ここから -----", "----- ここまで -----")

_BODY = (
    "margin:0;padding:16px;font-family:sans-serif;font-size:16px;line-height:1.7;"
    "color:#1a1a1a;background:#ffffff;"
)
_PRE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;font-family:sans-serif;font-size:15px;line-height:1.6;"
    "border:1px solid #999999;padding:12px;margin:12px 0;"
)
_LABEL = "text-align:left;font-weight:normal;color:#555555;padding:4px 12px 4px 0;vertical-align:top;"
_CELL = "padding:4px 0;overflow-wrap:anywhere;"


def to_html(text: str, title: str) -> str:
    """Turn the plain text of a letter into one HTML page with inline styles and nothing remote.

    `　label: value` lines become a table, ・ lines a list, 【…】 lines headings, and what stands between
    the two cutting lines is kept as it is, for copying.
    """
    parts = "\n".join(_blocks(text.splitlines()))
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{html.escape(title)}</title></head><body style="{_BODY}">'
        f'<div style="max-width:680px;">{parts}</div></body></html>'
    )


def _blocks(lines: list[str]) -> list[str]:
    blocks: list[str] = []
    index = 0
    while index < len(lines):
        index, block = _block(lines, index)
        if block:
            blocks.append(block)
    return blocks


def _block(lines: list[str], start: int) -> tuple[int, str]:
    """Make one block from the lines at `start`; return where the next one begins."""
    line = lines[start]
    if not line.strip():
        return start + 1, ""
    if line.strip() == _CODE[0]:
        end = next((i for i in range(start, len(lines)) if lines[i].strip() == _CODE[1]), len(lines))
        kept = html.escape("\n".join(lines[start + 1 : end]))
        return end + 1, f'<pre style="{_PRE}">{kept}</pre>'
    if set(line.strip()) == {"―"}:
        return start + 1, '<hr style="border:0;border-top:1px solid #999999;margin:20px 0;">'
    if heading := _HEADING.match(line):
        shown = html.escape(heading.group(1) or heading.group(2))
        return start + 1, f'<p style="margin:20px 0 4px;font-weight:bold;">{shown}</p>'
    for pattern, make in ((_ROW, _table), (_ITEM, _list)):
        if pattern.match(line):
            end = _while(lines, start, pattern)
            return end, make([m for one in lines[start:end] if (m := pattern.match(one))])
    end = start
    while end < len(lines) and _is_plain(lines[end]):
        end += 1
    body = "<br>".join(html.escape(one) for one in lines[start:end])
    return end, f'<p style="margin:12px 0;">{body}</p>'


def _is_plain(line: str) -> bool:
    special = line.strip() == _CODE[0] or set(line.strip()) == {"―"}
    return bool(line.strip()) and not special and not any(p.match(line) for p in (_ROW, _ITEM, _HEADING))


def _while(lines: list[str], start: int, pattern: re.Pattern[str]) -> int:
    end = start
    while end < len(lines) and pattern.match(lines[end]):
        end += 1
    return end


def _table(rows: list[re.Match[str]]) -> str:
    cells = "".join(
        f'<tr><th style="{_LABEL}">{html.escape(row.group(1))}</th>'
        f'<td style="{_CELL}">{html.escape(row.group(2))}</td></tr>'
        for row in rows
    )
    return f'<table role="presentation" style="border-collapse:collapse;margin:8px 0;">{cells}</table>'


def _list(items: list[re.Match[str]]) -> str:
    shown = "".join(f"<li>{html.escape(item.group(1))}</li>" for item in items)
    return f'<ul style="margin:8px 0;padding-left:1.4em;">{shown}</ul>'
