"""Render every letter with sample values into files to look at: mail, HTML, text, and one page of all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2

from bot.operations.preview_index import index_page
from bot.operations.preview_jobs import reader_of, sample_job, sample_section, trial_office
from bot.operations.preview_samples import JOINED, SAMPLES
from bot.outcome import Section
from bot.values import Value
from bot.writing.html import to_html
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates, write


class Previewed(Value):
    """One letter that was rendered; its files are `<name>.eml`, `.html` and `.txt`."""

    name: str
    reader: str
    subject: str


class RenderedLetter(Value):
    """One letter with sample values, as its reader gets it."""

    name: str
    reader: str
    subject: str
    text: str
    html: str
    data: bytes


def letter_names() -> tuple[str, ...]:
    """Return what can be previewed: the templates, and letters of several sections."""
    return (*sorted(SAMPLES), *sorted(JOINED))


def render_letters(only: str = "") -> Iterator[RenderedLetter]:
    """Render the samples of every letter, or of one. Raises KeyError where there is none of that name."""
    if only and only not in letter_names():
        raise KeyError(f"no letter is called {only!r}; there are: {', '.join(letter_names())}")
    templates, office = make_templates(), trial_office()
    for name in [only] if only else letter_names():
        for number, sections in enumerate(_samples(name), start=1):
            reader = reader_of(sections[0])
            job = sample_job(office, sections, reader)
            yield _rendered(name if number == 1 else f"{name}-{number}", reader, job, templates)


def _samples(name: str) -> list[tuple[Section, ...]]:
    if name in JOINED:
        return [tuple(sample_section(template, number) for template, number in JOINED[name])]
    return [(sample_section(name, number),) for number in range(len(SAMPLES[name]))]


def _rendered(name: str, reader: str, job: LetterJob, templates: jinja2.Environment) -> RenderedLetter:
    done = write(job, templates)
    return RenderedLetter(
        name=name,
        reader=reader,
        subject=done.subject,
        text=done.text,
        html=to_html(done.text, done.subject, job.office.desk, job.letter.case_code),
        data=done.data,
    )


def write_previews(folder: Path, only: str, tell: Callable[[str], None]) -> list[Previewed]:
    """Write the files of every letter, or of one, and index.html; say what is written while it is.

    Raises KeyError where no letter has that name.
    """
    done: list[Previewed] = []
    for letter in render_letters(only):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{letter.name}.eml").write_bytes(letter.data)
        (folder / f"{letter.name}.html").write_text(letter.html, encoding="utf-8")
        (folder / f"{letter.name}.txt").write_text(letter.text, encoding="utf-8")
        done.append(Previewed(name=letter.name, reader=letter.reader, subject=letter.subject))
        tell(f"{letter.name:<40} {letter.subject}")
    rows = [(one.name, one.reader, one.subject) for one in done]
    (folder / "index.html").write_text(index_page(rows), encoding="utf-8")
    return done
