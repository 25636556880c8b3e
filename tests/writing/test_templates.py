"""The wording: every template renders with its samples, says everything by itself, and hides no value."""

import re
from functools import cache

import jinja2
import pytest
from jinja2 import meta

from bot.operations.preview_jobs import reader_of
from bot.outcome import Section
from bot.writing.letters import make_templates, write
from mail_templates import __file__ as _package
from tests.writing.samples import (
    CASE,
    KEY,
    KEYED,
    LETTER_TEMPLATES,
    LONG_WORK,
    SAMPLES,
    WORK,
    letter_job,
)

TEMPLATES = make_templates()
every_template = pytest.mark.parametrize("template", LETTER_TEMPLATES)
_ALWAYS = {"office", "key", "case_code"}
_WITH_FALLBACK = {"submission": {"work_name"}}  # without it, that of the guarantee
_BARE = re.compile(r"(?m)^　[^:：　]{1,20}[:：]\s*$")


@cache
def asked_for(template: str) -> frozenset[str]:
    """Return the values that a template and its parts name."""
    assert TEMPLATES.loader is not None
    source, _, _ = TEMPLATES.loader.get_source(TEMPLATES, f"{template}.txt")
    tree = TEMPLATES.parse(source)
    own = meta.find_undeclared_variables(tree)
    parts = [part.removesuffix(".txt") for part in meta.find_referenced_templates(tree) if part]
    inner = {name for part in parts for name in asked_for(part)}
    here = ("set {} ", "for {} in")
    return frozenset(own | {name for name in inner if not any(one.format(name) in source for one in here)})


@cache
def rendered(template: str) -> list[tuple[str, str]]:
    """Return subject and text of every sample."""
    written = [write(letter_job(template, number), TEMPLATES) for number in range(len(SAMPLES[template]))]
    return [(done.subject, done.text) for done in written]


def test_every_template_has_a_sample_and_every_sample_a_template() -> None:
    assert sorted(SAMPLES) == LETTER_TEMPLATES
    assert _package.endswith("__init__.py")


@every_template
def test_a_template_renders_to_a_subject_and_a_text(template: str) -> None:
    for subject, text in rendered(template):
        assert subject.startswith("【試行】【")
        assert "\n" not in subject
        assert len(text.splitlines()) >= 5
        for shown in (subject, text):
            assert "{{" not in shown
            assert "{%" not in shown
            assert "None" not in shown
            assert "True" not in shown
            assert "---" not in re.sub("----- ここ(から|まで) -----", "", shown)
        assert "\n\n\n\n" not in text
        assert not text.startswith("\n")
        assert text.endswith("\n")


@every_template
def test_no_row_runs_into_the_next_and_none_is_empty(template: str) -> None:
    """A part that is included ends its last row: otherwise two rows would stand on one line."""
    for _, text in rendered(template):
        before_form = text.split("----- ここから -----")[0]
        assert _BARE.search(before_form) is None
        for line in before_form.splitlines():
            assert len(re.findall("　[一-龠ぁ-んァ-ヶ・]{2,12}: ", line)) <= 1, line


@every_template
def test_a_subject_fits_a_line_even_where_the_name_of_the_work_is_long(template: str) -> None:
    for number in range(len(SAMPLES[template])):
        assert len(LONG_WORK) > 40
        values = {
            name: LONG_WORK if name == "work_name" else one for name, one in SAMPLES[template][number].items()
        }
        job = letter_job(template, number)
        section = job.letter.sections[0].but(values=values)
        done = write(job.but(letter=job.letter.but(sections=(section,))), TEMPLATES)
        assert len(done.subject) <= 78
        if WORK in rendered(template)[number][0]:
            assert f"{LONG_WORK[:19]}…" in done.subject


@every_template
def test_a_subject_names_its_case(template: str) -> None:
    for subject, _ in rendered(template):
        assert subject.endswith(f" [{CASE}]")


@every_template
def test_a_letter_says_who_writes_and_where_to_ask(template: str) -> None:
    for _, text in rendered(template):
        assert text.startswith("株式会社いよ建設　高橋様\n")
        if template.startswith("staff_"):
            assert "〇〇建設業保証株式会社　hosho@hoshobin.example" in text
            assert "です。\n" not in text.splitlines()[1]
        else:
            assert text.splitlines()[1] == "〇〇建設業保証株式会社です。"
            assert "電話 089-000-0000(平日9:00〜17:00)" in text
            assert "このメールには、そのままご返信いただけます。" in text


@every_template
def test_a_letter_speaks_of_no_verdict_that_is_not_ours(template: str) -> None:
    for subject, text in rendered(template):
        for word in ("有効", "偽造", "無効", "失効"):
            assert word not in subject + text


@every_template
def test_a_sample_lacks_nothing_its_template_asks_for(template: str) -> None:
    needed = asked_for(template) - _ALWAYS - _WITH_FALLBACK.get(template, set())
    for values in SAMPLES[template]:
        assert needed <= set(values)


@every_template
def test_a_value_that_is_missing_stops_the_letter(template: str) -> None:
    """Nothing is ever printed as an empty place."""
    for name in asked_for(template) - _ALWAYS - _WITH_FALLBACK.get(template, set()):
        said = [undefined_without(template, number, name) for number in range(len(SAMPLES[template]))]
        assert any(f"'{name}' is undefined" in one for one in said), name


def undefined_without(template: str, number: int, name: str) -> str:
    """Return what is said when a letter lacks one value; '' where it is written all the same."""
    job = letter_job(template, number)
    values = {key: one for key, one in SAMPLES[template][number].items() if key != name}
    section = job.letter.sections[0].but(values=values)
    try:
        write(job.but(letter=job.letter.but(sections=(section,))), TEMPLATES)
    except jinja2.UndefinedError as error:
        return str(error)
    return ""


def test_only_the_letters_that_carry_the_key_notice_ask_for_a_key() -> None:
    """A key stands in no letter but those that carry the key notice."""
    assert {name for name in LETTER_TEMPLATES if "key" in asked_for(name)} == set(KEYED)


@every_template
def test_the_key_is_shown_only_by_the_letters_that_carry_the_key_notice(template: str) -> None:
    for number in range(len(SAMPLES[template])):
        job = letter_job(template, number).but(keys={"2080001234/1": KEY})
        done = write(job, TEMPLATES)
        assert (KEY in done.text) == (template in KEYED)
        assert KEY not in done.subject


def test_what_only_staff_understand_is_written_to_staff_alone() -> None:
    sources = {name: TEMPLATES.loader.get_source(TEMPLATES, f"{name}.txt")[0] for name in LETTER_TEMPLATES}  # type: ignore[union-attr]
    spoken = {name for name, source in sources.items() if "番号はこの案件" in source or "hoshobin " in source}
    assert {reader_of(Section(template=name)) for name in spoken} == {"staff"}


@pytest.mark.parametrize("channel", ["mail", "web_form", "paper"])
@pytest.mark.parametrize("measure", ["mail", "dsure", "both"])
def test_the_two_messages_on_a_key_notice_are_whole_sentences(channel: str, measure: str) -> None:
    how = {
        "channel": channel,
        "measure": measure,
        "department": "契約課",
        "address": "keiyaku@city.iyonada.lg.example",
        "web_form": "えひめ電子申請システム",
        "when": "契約の前",
    }
    surety = letter_job("applied").office.imprint
    text = TEMPLATES.get_template("paper_key_notice.txt").render(how=how, surety=surety)
    first, _, second = text.partition("\n---\n")
    for line in [*first.splitlines(), *second.splitlines()]:
        assert line.endswith(("。", ")")), line
    assert ("D-Sure" in second) == (measure in ("dsure", "both"))
