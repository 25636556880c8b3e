"""Every letter as a real browser lays it out: on a telephone and a desk, light and dark, plain and long."""

import re
from functools import cache
from pathlib import Path

import pytest

from bot.operations.preview import letter_names, render_letters
from bot.writing.html import to_html
from bot.writing.letters import make_templates, write
from tests.interop.chromium import look_at
from tests.writing.samples import LONG_WORK, SAMPLES, letter_job

pytestmark = pytest.mark.interop

TELEPHONE, DESK = 360, 1024
LIGHT_GROUND, DARK_GROUND = "rgb(255, 255, 255)", "rgb(22, 25, 29)"
UNBROKEN = "ABCDEFGHIJ" * 8  # a name without a space, wider than a telephone


@cache
def letters() -> dict[str, str]:
    """Return the page of every letter with sample values."""
    return {one.name: one.html for name in letter_names() for one in render_letters(name)}


def stretched(value: object, name: str) -> object:
    """Return a value with another name of the work wherever one stands."""
    if isinstance(value, dict):
        return {key: name if key == "work_name" else stretched(one, name) for key, one in value.items()}
    if isinstance(value, list):
        return [stretched(one, name) for one in value]
    return value


def with_work_named(name: str) -> dict[str, str]:
    """Return the page of the first sample of every template, for a work of another name."""
    templates, pages = make_templates(), {}
    for template in SAMPLES:
        job = letter_job(template)
        section = job.letter.sections[0].but(values=stretched(SAMPLES[template][0], name))
        done = write(job.but(letter=job.letter.but(sections=(section,))), templates)
        pages[template] = to_html(done.text, done.subject, job.office.desk, job.letter.case_code)
    return pages


def without_style_sheet(pages: dict[str, str]) -> dict[str, str]:
    """Return pages as a mail program shows them that throws style sheets away."""
    return {name: re.sub("<style>.*?</style>", "", page) for name, page in pages.items()}


def every_look(width: int, *, dark: bool) -> dict[str, str]:
    """Return what is looked at in one run: every letter, and on a light telephone the hard cases too."""
    pages = dict(letters())
    if width == TELEPHONE and not dark:
        hard = {
            "bare": without_style_sheet(letters()),
            "long": with_work_named(LONG_WORK),
            "unbroken": with_work_named(UNBROKEN),
        }
        pages |= {f"{how} {name}": page for how, group in hard.items() for name, page in group.items()}
    return pages


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [TELEPHONE, DESK])
def test_every_letter_fits_and_can_be_read_and_tapped(width: int, dark: bool, tmp_path: Path) -> None:
    pages = every_look(width, dark=dark)
    seen = look_at(pages, width, tmp_path, dark=dark)
    assert seen.keys() == pages.keys()
    assert {one["ground"] for one in seen.values()} == {DARK_GROUND if dark else LIGHT_GROUND}
    assert [f"{name}: {fault}" for name, one in seen.items() for fault in one["faults"]] == []


def test_a_page_that_is_too_wide_pale_or_small_is_seen(tmp_path: Path) -> None:
    """The measuring itself: each kind of fault, once."""
    body = '<body style="margin:0;background:#fff">{}</body>'
    pages = {
        "wide": body.format('<div style="width:500px">x</div>'),
        "pale": body.format('<p style="color:#aaa">x</p>'),
        "small": body.format('<p style="font-size:11px">x</p>'),
        "tap": body.format('<a href="mailto:x">x</a>'),
    }
    found = look_at(pages, TELEPHONE, tmp_path, dark=False)
    assert {name: bool(one["faults"]) for name, one in found.items()} == dict.fromkeys(pages, True)
