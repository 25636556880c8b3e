"""The check before a letter leaves: what our writer makes passes, and every rule stops a broken letter."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.outcome import Section
from bot.writing import wellformed
from bot.writing.jobs import JobAttachment
from bot.writing.letters import make_templates, write
from bot.writing.signing import make_signers
from bot.writing.wellformed import MAX_BYTES, Malformed, check
from tests.writing.broken_letters import (
    BROKEN,
    GOOD,
    HEAD,
    HTML,
    PDF,
    PLAIN,
    SIGNED,
    body,
    instead_of,
    nested,
    page,
    part,
    with_header,
)
from tests.writing.keys import ed25519_key, rsa_key
from tests.writing.samples import LETTER_TEMPLATES, OFFICE, SAMPLES, letter_job, with_papers

TEMPLATES = make_templates()
BEHIND_SMTPUTF8 = ("7bit: holds", "file name: is")  # elsewhere an octet over 127 is stopped earlier
CASES = [(rule, data) for rule, letters in BROKEN.items() for data in letters]


def said_of(rule: str, data: bytes) -> str:
    """Return what is said of a broken letter."""
    with pytest.raises(Malformed) as stopped:
        check(data, utf8=rule.startswith(BEHIND_SMTPUTF8))
    return str(stopped.value)


def rules_in_the_code() -> list[str]:
    """Read every rule from the source; what is filled in stands as …."""
    found = []
    for file in sorted(Path(wellformed.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"must": 1, "Malformed": 0}.get(node.func.id)
                if (
                    place is not None
                    and len(node.args) > place
                    and not isinstance(node.args[place], ast.Name)
                ):
                    found.append(_text(node.args[place]))
    return found


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) for one in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def test_a_letter_that_breaks_no_rule_passes() -> None:
    check(GOOD)
    check(body(PLAIN, HTML, PDF))
    check(with_header(f"DKIM-Signature: {SIGNED}", f"DKIM-Signature: {SIGNED}"))
    check(nested(4))
    check(HEAD + PLAIN)
    check(instead_of("Subject", "=?utf-8?Q?=E4=BF=9D_a?= plain"))
    check(instead_of("To", '"a..b"@docomo.ne.jp'))
    check(instead_of("From", '"Hosho Co., Ltd." <a@b.example>'))
    check(page('<a href="mailto:a@b.example?subject=x">x</a> src=x onclick=y url(z) &lt;script&gt;'))
    check(
        page('<img src="cid:logo@hoshobin.example"><p title="a src=x">a</p><style>p { color: red }</style>')
    )
    check(body(PLAIN, part("image/png", b"a", "Content-ID: <logo@hoshobin.example>")))


def test_an_address_that_needs_smtputf8_lets_utf_8_stand_there() -> None:
    data = instead_of("To", "総務@b.example")
    check(data, utf8=True)
    with pytest.raises(Malformed, match="UTF-8: the letter is not"):
        check(GOOD.replace(b"soumu", b"\xff"), utf8=True)


@pytest.mark.parametrize(("rule", "data"), CASES, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(CASES)])
def test_a_broken_letter_is_stopped_by_its_rule(rule: str, data: bytes) -> None:
    assert said_of(rule, data).startswith(rule)


def test_every_rule_of_the_code_stops_a_letter_here() -> None:
    said = [said_of(rule, data) for rule, data in CASES] + ["UTF-8: the letter is not"]
    for rule in rules_in_the_code():
        pattern = ".*".join(re.escape(part) for part in rule.split("…"))
        assert any(re.fullmatch(pattern, one) for one in said), rule


def test_no_rule_quotes_the_letter() -> None:
    for rule, data in CASES:
        said = said_of(rule, data)
        assert not [word for word in ("evil", "soumu", "5L+d", "7KQ4", "alert") if word in said]


# --- whatever our writer makes


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_every_letter_passes_signed_and_with_papers(template: str) -> None:
    signers = make_signers([rsa_key(), ed25519_key()])
    for number in range(len(SAMPLES[template])):
        check(write(with_papers(letter_job(template, number)), TEMPLATES, signers).data)


_NASTY = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="保証＝?=_ \t\r\n[]<>\"'\\;,:@.-\u3000\u2028\x00\x1b\x85😀𠮷a", max_size=300),
    st.sampled_from(
        [
            "=?utf-8?b?5L+d?=",
            "a" * 500,
            "保" * 300,
            f"{'a' * 76} {'b' * 76}",
            "--=-b",
            "<script>alert(1)</script>",
            'x" onclick="y',
            ".\r\n.",
            "e\u0301\u200d\u202e",
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=_NASTY, remark=_NASTY, subject=st.none() | _NASTY, prefix=_NASTY, surety=_NASTY, greeting=_NASTY)
def test_a_letter_of_nasty_values_passes_or_cannot_be_asked_for(
    name: str, remark: str, subject: str | None, prefix: str, surety: str, greeting: str
) -> None:
    """The writer cleans what it is given: no value of a customer may park a letter."""
    job = letter_job("question")
    values = {**SAMPLES["question"][0], "work_name": name, "question": remark}
    section = Section(template="question", values=values)
    imprint = OFFICE.imprint.but(name=f"保{surety}")
    office = OFFICE.but(subject_prefix=f"試{prefix}", imprint=imprint)
    letter = job.letter.but(sections=(section,), subject=subject)
    done = write(job.but(letter=letter, office=office, salutation=(f"{greeting}様",)), TEMPLATES)
    assert done.data.startswith(b"From: ")


@settings(max_examples=100, deadline=None)
@given(ids=st.lists(st.text(max_size=80) | st.from_regex(r"[!-~]{1,90}", fullmatch=True), max_size=30))
def test_identifiers_of_other_peoples_programs_never_stop_an_answer(ids: list[str]) -> None:
    job = letter_job("applied", in_reply_to=ids[0] if ids else "", references=tuple(dict.fromkeys(ids))[:20])
    assert write(job, TEMPLATES).data


@pytest.mark.parametrize(
    "recipient",
    ["a..b@docomo.ne.jp", "x.@docomo.ne.jp", ".x@ezweb.ne.jp", "info@日本語.jp", "総務@日本語.jp"],
)
def test_a_letter_to_an_odd_address_passes(recipient: str) -> None:
    job = letter_job("applied")
    assert write(job.but(letter=job.letter.but(recipient=recipient)), TEMPLATES).data


@pytest.mark.parametrize("name", ["証書.pdf", "../a.pdf", "a b.pdf", "", "a" * 120 + ".pdf"])
def test_a_paper_whose_name_is_not_plain_never_leaves(name: str) -> None:
    paper = JobAttachment(file_name=name, media_type="application/pdf", data=b"%PDF-1.7")
    with pytest.raises(Malformed, match="file name: is not plain ASCII"):
        write(letter_job("certificate").but(attachments=(paper,)), TEMPLATES)


def test_a_letter_over_the_size_never_leaves() -> None:
    paper = JobAttachment(file_name="a.pdf", media_type="application/pdf", data=bytes(MAX_BYTES))
    with pytest.raises(Malformed, match="size: over"):
        write(letter_job("certificate").but(attachments=(paper,)), TEMPLATES)
