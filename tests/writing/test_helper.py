"""The writing helper: an exec'd process with nothing of ours, started again when it dies, silent on keys."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot import frames
from bot.outcome import Section
from bot.surety.papers import KeyNoticePaper
from bot.writing import client
from bot.writing.client import WritingFault, WritingHelper
from bot.writing.jobs import Answer, Job, LetterJob, PaperJob
from bot.writing.letters import make_templates, write
from tests.writing.samples import KEY, OFFICE, letter_job

ROOT = Path(__file__).parents[2]
PLAIN_KEY = KEY.replace("-", "")
HOW = {
    "channel": "mail",
    "measure": "mail",
    "department": "契約課",
    "address": "a@b.example",
    "web_form": "",
    "when": "",
}


@pytest.fixture
def helper() -> Iterator[WritingHelper]:
    with closing(WritingHelper()) as ours:
        yield ours


def process_of(helper: WritingHelper) -> int:
    process = helper._process
    assert process is not None
    return process.pid


def key_notice_job(**changes: object) -> PaperJob:
    notice = KeyNoticePaper(
        kind="performance",
        number="2080001234",
        key="",
        work_name="市道中央線舗装補修工事",
        orderer="伊予灘市長",
        contractor_name="株式会社いよ建設",
        to_contractor=(),
        to_orderer=(),
        surety=OFFICE.imprint,
    )
    fields: dict[str, object] = {"key_notice": notice, "key": PLAIN_KEY, "how": HOW}
    return PaperJob.model_validate({**fields, **changes})


def without_a_value(job: LetterJob, name: str) -> LetterJob:
    [section] = job.letter.sections
    values = {key: value for key, value in section.values.items() if key != name}
    return job.but(letter=job.letter.but(sections=(section.but(values=values),)))


def test_the_helper_writes_what_the_same_code_writes_here(helper: WritingHelper) -> None:
    assert helper.letter(letter_job("applied")) == write(letter_job("applied"), make_templates())


def test_one_helper_does_all_jobs(helper: WritingHelper) -> None:
    helper.letter(letter_job("applied"))
    first = process_of(helper)
    assert helper.paper(key_notice_job()).startswith(b"%PDF-")
    helper.letter(letter_job("help"))
    assert process_of(helper) == first


def test_a_helper_that_was_killed_is_started_again(helper: WritingHelper) -> None:
    helper.letter(letter_job("applied"))
    first = process_of(helper)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert helper.letter(letter_job("applied")).subject
    assert process_of(helper) != first


def test_a_helper_that_dies_at_work_fails_that_job_alone(
    helper: WritingHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper.letter(letter_job("applied"))
    os.kill(process_of(helper), signal.SIGSTOP)
    assert helper._pipe is not None
    helper._pipe.settimeout(0.2)
    with pytest.raises(WritingFault, match="the writing helper died"):
        helper.letter(letter_job("applied"))
    assert helper.letter(letter_job("applied")).subject


def test_the_helper_gets_a_time_limit(helper: WritingHelper) -> None:
    helper.letter(letter_job("applied"))
    assert helper._pipe is not None
    assert helper._pipe.gettimeout() == client.SECONDS


def test_the_helper_inherits_no_environment_and_no_descriptor_but_its_pipe(
    helper: WritingHelper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSHOBIN__STORAGE__URL", "a secret")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        helper.letter(letter_job("applied"))
        proc = Path("/proc") / str(process_of(helper))
        assert (proc / "environ").read_bytes() == b""
        held = {int(one.name): os.readlink(one) for one in (proc / "fd").iterdir()}
    assert {held[0], held[1]} == {"/dev/null"}
    others = [target for number, target in held.items() if number > 2]
    assert len(others) == 1
    assert others[0].startswith("socket:")


def test_closing_ends_the_process(helper: WritingHelper) -> None:
    helper.letter(letter_job("applied"))
    process = process_of(helper)
    helper.close()
    assert not Path(f"/proc/{process}").exists()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (without_a_value(letter_job("key_notice"), "body"), "UndefinedError: 'body' is undefined"),
        (letter_job("key_notice").but(keys={}), "KeyError: '2080001234/1'"),
        (letter_job("key_notice", message_id=f"\n{KEY}"), "ValueError"),
    ],
    ids=["a missing value", "a missing key", "a value that cannot be a header"],
)
def test_a_fault_names_what_is_wrong_and_never_the_key(
    job: LetterJob, said: str, helper: WritingHelper
) -> None:
    with pytest.raises(WritingFault) as fault:
        helper.letter(job)
    assert said in str(fault.value)
    assert KEY not in str(fault.value)
    assert PLAIN_KEY not in str(fault.value)
    assert helper.letter(letter_job("applied")).subject


def test_a_template_that_does_not_exist_is_named(helper: WritingHelper) -> None:
    job = letter_job("applied")
    wrong = job.letter.but(sections=(Section(template="no_such_letter"),))
    with pytest.raises(WritingFault, match=r"TemplateNotFound: .*no_such_letter\.txt"):
        helper.letter(job.but(letter=wrong))


def test_a_paper_that_cannot_be_drawn_says_no_key(helper: WritingHelper) -> None:
    with pytest.raises(WritingFault) as fault:
        helper.paper(key_notice_job(how={}))
    assert "UndefinedError" in str(fault.value)
    assert PLAIN_KEY not in str(fault.value)


@pytest.fixture
def bare_helper() -> Iterator[socket.socket]:
    """Run the helper as it stands and talk to it frame by frame."""
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "bot.writing.helper", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            cwd=ROOT,
        )
    yield ours
    ours.close()
    assert process.wait(30) == 0


@pytest.mark.parametrize(
    "question", [b"not JSON K7M4P3XHW3", b"{}", b'{"letter": {"keys": {"a": "K7M4P3XHW3"}}}']
)
def test_a_question_that_is_none_is_answered_with_a_fault_that_does_not_repeat_it(
    question: bytes, bare_helper: socket.socket
) -> None:
    frames.send(bare_helper, question)
    answer = Answer.model_validate_json(frames.receive(bare_helper, 1 << 20))
    assert answer.fault
    assert "K7M4P" not in answer.fault
    assert answer.letter is None


def test_no_job_and_no_answer_shows_its_key_in_its_repr() -> None:
    keyed = letter_job("key_notice")
    done = write(keyed, make_templates())
    assert KEY in done.text
    paper = key_notice_job()
    shown = [
        repr(one) for one in (keyed, done, paper, Job(letter=keyed), Job(paper=paper), Answer(letter=done))
    ]
    assert not any(KEY in one or PLAIN_KEY in one for one in shown)
