"""Chromium, headless, as a mail program's window: lays letters out at a width and measures what it made."""

import json
import subprocess
from html import unescape
from pathlib import Path
from typing import TypedDict

from tests.daemons import PATIENCE
from tests.postfix import program

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dump-dom",
]
_DARK = "--blink-settings=preferredColorScheme=0"
_MARKS = ('<pre id="found">', "</pre>")
# Runs in a page of ours: writes each letter into a frame of the width, and collects the faults it can see.
_MEASURE = r"""
const rgb = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n };
const part = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
const ground = (element, view) => {
  for (; element; element = element.parentElement) {
    const colour = rgb(view.getComputedStyle(element).backgroundColor);
    if (colour[3] > 0) return colour;
  }
  return [255, 255, 255, 1];
};
const named = element => element.tagName.toLowerCase() + ' "' + element.textContent.trim().slice(0, 30) + '"';
const found = {};
for (const [name, page] of Object.entries(letters)) {
  const frame = document.createElement('iframe');
  frame.width = width;
  frame.height = 900;
  frame.style.border = '0';
  document.body.append(frame);
  const view = frame.contentWindow, inside = frame.contentDocument;
  inside.open(); inside.write(page); inside.close();
  const faults = [], root = inside.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`page is ${root.scrollWidth} wide`);
  for (const element of inside.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect(), style = view.getComputedStyle(element);
    if (box.right > root.clientWidth + 0.5 || box.left < 0) faults.push(`outside: ${named(element)}`);
    if (element.clientWidth && element.scrollWidth > element.clientWidth + 1)
      faults.push(`overflows: ${named(element)}`);
    const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (speaks) {
      const [a, b] = [light(rgb(style.color)), light(ground(element, view))].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${named(element)}`);
      if (parseFloat(style.fontSize) < 15) faults.push(`${style.fontSize}: ${named(element)}`);
    }
    if (element.tagName === 'A' && (box.height < 44 || box.width < 44))
      faults.push(`${Math.round(box.width)}x${Math.round(box.height)} to tap: ${named(element)}`);
    if (style.whiteSpace === 'nowrap' && element.getClientRects().length > 1)
      faults.push(`broken: ${named(element)}`);
  }
  found[name] = {faults, ground: view.getComputedStyle(inside.body).backgroundColor};
  frame.remove();
}
const pre = document.createElement('pre');
pre.id = 'found';
pre.textContent = JSON.stringify(found);
document.body.append(pre);
"""


class Look(TypedDict):
    """What one page looked like."""

    faults: list[str]
    ground: str  # the colour behind everything


def look_at(letters: dict[str, str], width: int, folder: Path, *, dark: bool) -> dict[str, Look]:
    """Lay pages out in frames of a width; return what each looked like.

    Faults are what stands or reaches outside, text below a contrast of 4.5 (WCAG 2.2 §1.4.3) or smaller than
    15 px, links smaller than 44 px, and numbers broken in two.
    """
    data = json.dumps(letters).replace("<", "\\u003c")
    page = folder / f"look-{width}-{dark}.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8"><style>:root{color-scheme:light dark}</style><body><script>'
        f"const letters = {data}, width = {width};{_MEASURE}</script>",
        encoding="utf-8",
    )
    command = [
        program("chromium"),
        *_FLAGS,
        f"--user-data-dir={folder / page.stem}",
        "--window-size=1200,1000",
    ]
    done = subprocess.run(
        [*command, *([_DARK] if dark else []), page.as_uri()],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=4 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert _MARKS[0] in done.stdout, done.stderr
    shown = done.stdout.rpartition(_MARKS[0])[2].partition(_MARKS[1])[0]
    return dict(json.loads(unescape(shown)))
