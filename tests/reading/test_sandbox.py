"""The reading helper with real processes: what a child can reach, and what becomes of bad ones."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.mail import Mail, Unreadable
from bot.reading.client import ReadingHelper
from bot.reading.limits import Limits
from bot.reading.process import HelperFault
from tests.reading.builders import attached, mail, multipart, part

ROOT = str(Path(__file__).parents[2])
PROBES = ("-c", f"import sys; sys.path.append({ROOT!r}); from tests.reading.probes import main; main()")
SHORT = Limits(mail_seconds=1, paper_seconds=1, life_seconds=2)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 39>>stream\nBT /F 12 Tf 10 50 Td (hello paper) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
)


@pytest.fixture(scope="module")
def helper() -> Iterator[ReadingHelper]:
    """The helper as the daemon runs it."""
    running = ReadingHelper()
    running.start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def probes() -> Iterator[ReadingHelper]:
    """The helper with readers that misbehave on demand, and with little time for each."""
    running = ReadingHelper(SHORT, PROBES)
    running.start()
    yield running
    running.close()


def said(helper: ReadingHelper, data: bytes) -> Mail | Unreadable:
    with helper.read(data, null_sender=False) as conversation:
        return conversation.mail


def is_read(helper: ReadingHelper) -> bool:
    return isinstance(said(helper, mail("承認")), Mail)


def act(words: str) -> bytes:
    return b"From: a@b.example\n\n" + words.encode() + b"\n"


def with_files(*files: bytes) -> bytes:
    parts = [attached(data, f"{number}.txt", "text/plain") for number, data in enumerate(files)]
    return b"From: a@b.example\r\n" + multipart("mixed", part("x"), *parts)


def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def children(helper: ReadingHelper) -> list[int]:
    pid = helper.process_id
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pid_of(helper: ReadingHelper) -> int:
    assert helper.process_id is not None
    return helper.process_id


def test_a_mail_is_read_and_its_papers_by_the_same_child(helper: ReadingHelper) -> None:
    data = b"From: a@b.example\r\n" + multipart(
        "mixed", part("承認"), attached(PDF, "a.pdf"), attached(b"x", "b.bin")
    )
    with helper.read(data, null_sender=True) as conversation:
        assert isinstance(conversation.mail, Mail)
        assert (conversation.mail.new_text, conversation.mail.automatic) == ("承認", "null return path")
        before = children(helper)
        first, second, again = conversation.papers([1, 0, 0])
        assert children(helper) == before
    assert (first.index, first.what, first.problem) == (1, "no_text", "other is not read")
    assert (second.index, second.rung, second.text) == (0, "text", "hello paper")
    assert again == second


def test_a_mail_that_is_unreadable_says_why(helper: ReadingHelper) -> None:
    data = b"From: a@b.example\nSubject: " + b"x" * 200_000 + b"\n\n"
    assert said(helper, data) == Unreadable(reason="header block over 128 kB", from_address="a@b.example")


def test_a_mail_of_thirty_megabytes_passes(helper: ReadingHelper) -> None:
    found = said(helper, with_files(b"x" * (22 << 20)))
    assert isinstance(found, Mail)
    assert found.attachments[0].size == 22 << 20


def test_a_mail_beyond_all_limits_is_not_even_sent(helper: ReadingHelper) -> None:
    assert said(helper, bytes((64 << 20) + 1)) == Unreadable(reason="message over 64 MB")


def test_papers_that_the_mail_does_not_have_cannot_be_asked_for(helper: ReadingHelper) -> None:
    with helper.read(with_files(b"x"), null_sender=False) as conversation, pytest.raises(IndexError):
        conversation.papers([1])
    with helper.read(b"x", null_sender=False) as conversation, pytest.raises(IndexError):
        conversation.papers([0])


def test_a_child_can_reach_nothing(probes: ReadingHelper) -> None:
    """Trap: RLIMIT_NOFILE 0 holds only if the child cannot raise it again, which root could."""
    found = said(probes, act("look around"))
    assert isinstance(found, Unreadable)
    outcomes = dict(line.split(": ", 1) for line in (found.reason + " ").split("\n"))
    assert outcomes == {
        "socket": "OSError",
        "open": "OSError",
        "write": "OSError",
        "fork": "BlockingIOError",
        "duplicate": "OSError",
        "raise the limits": "ValueError",
        "raise memory": "ValueError",
        "become root": "PermissionError",
        "signal the helper": "PermissionError" if os.getuid() == 0 else "done",
        "control socket": "OSError",
        "environment": " ",
    }


def test_the_helper_gets_no_secret_of_the_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Trap: /proc/self/environ survives a fork, so it must be empty when the helper is exec'd."""
    monkeypatch.setenv("HOSHOBIN_SERVICE_KEY", "secret")
    (tmp_path / "secret").write_text("secret")
    descriptor = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    running = ReadingHelper()
    try:
        running.start()
        process = Path(f"/proc/{running.process_id}")
        assert (process / "environ").read_bytes() == b""
        assert sorted(entry.name for entry in (process / "fd").iterdir()) == ["0", "1", "2"]
        assert os.readlink(process / "fd/0").startswith("socket:")
        assert os.readlink(process / "cwd") == "/"
    finally:
        running.close()
        os.close(descriptor)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["spin", "stubborn"])
def test_a_mail_that_takes_too_long_is_given_up_and_the_next_one_is_read(
    probes: ReadingHelper, how: str
) -> None:
    """By the child's own alarm, and where it will not hear that, by the helper."""
    began = time.monotonic()
    assert said(probes, act(how)) == Unreadable(reason="reading took too long")
    assert time.monotonic() - began < 4
    assert is_read(probes)


@pytest.mark.parametrize("how", ["abort", "memory", "flood"])
def test_a_mail_that_crashes_its_child_costs_itself_only(probes: ReadingHelper, how: str) -> None:
    helper_before = probes.process_id
    assert said(probes, act(how)) == Unreadable(reason="reading crashed")
    assert is_read(probes)
    assert probes.process_id == helper_before


@pytest.mark.slow
def test_bad_files_cost_themselves_only() -> None:
    data = with_files(b"one", b"abort\n", b"two", b"spin\n", b"memory\n", b"three")
    running = ReadingHelper(Limits(paper_seconds=1), PROBES)
    with running.read(data, null_sender=False) as conversation:
        readings = conversation.papers(range(6))
    running.close()
    assert [(one.index, one.what, one.problem or one.text) for one in readings] == [
        (0, "text_only", "one"),
        (1, "damaged", "reading crashed"),
        (2, "text_only", "two"),
        (3, "damaged", "reading took too long"),
        (4, "damaged", "reading crashed"),
        (5, "text_only", "three"),
    ]


@pytest.mark.slow
def test_a_child_that_waited_too_long_for_the_word_is_replaced() -> None:
    running = ReadingHelper(Limits(wait_seconds=1))
    try:
        with running.read(with_files(b"one"), null_sender=False) as conversation:
            until(lambda: not children(running))
            assert [one.text for one in conversation.papers([0])] == ["one"]
    finally:
        running.close()


def test_a_helper_that_was_killed_is_started_again(helper: ReadingHelper) -> None:
    before = pid_of(helper)
    os.kill(before, signal.SIGKILL)
    assert is_read(helper)
    assert pid_of(helper) != before


def test_a_helper_killed_between_mail_and_papers_is_survived(helper: ReadingHelper) -> None:
    with helper.read(with_files(b"one", b"two"), null_sender=False) as conversation:
        os.kill(pid_of(helper), signal.SIGKILL)
        assert [one.text for one in conversation.papers([0, 1])] == ["one", "two"]


def test_a_helper_killed_while_it_reads_is_survived_and_its_children_end(probes: ReadingHelper) -> None:
    found: list[Mail | Unreadable] = []
    reader = threading.Thread(target=lambda: found.append(said(probes, act("slow"))))
    reader.start()
    until(lambda: bool(children(probes)))
    (child,) = children(probes)
    os.kill(pid_of(probes), signal.SIGKILL)
    reader.join()
    assert isinstance(found[0], Mail)
    until(lambda: not Path(f"/proc/{child}").exists() or _is_zombie(child))


def _is_zombie(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_children_are_reaped(helper: ReadingHelper) -> None:
    for _ in range(5):
        assert is_read(helper)
    until(lambda: not children(helper))


def test_twenty_threads_read_at_the_same_time(helper: ReadingHelper) -> None:
    def subject_of(number: int) -> str:
        with helper.read(mail("x", subject=f"mail {number}"), null_sender=False) as conversation:
            assert isinstance(conversation.mail, Mail)
            return conversation.mail.subject

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(subject_of, range(100))) == [f"mail {number}" for number in range(100)]


def test_threads_share_one_new_helper_after_a_kill(helper: ReadingHelper) -> None:
    os.kill(pid_of(helper), signal.SIGKILL)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: is_read(helper), range(16)))


def test_a_helper_that_cannot_start_says_so() -> None:
    with pytest.raises(HelperFault, match="does not start"):
        ReadingHelper(program=("-c", "raise SystemExit(3)")).start()


def test_a_closed_helper_ends_and_stays_closed() -> None:
    running = ReadingHelper()
    running.start()
    process = pid_of(running)
    running.close()
    assert not Path(f"/proc/{process}").exists()
    with pytest.raises(HelperFault):
        running.read(b"", null_sender=False)


@pytest.mark.slow
def test_the_helper_ends_when_the_daemon_does() -> None:
    """The daemon is a process of its own here, and is killed without a chance to clean up."""

    program = (
        "from bot.reading.client import ReadingHelper; import time; helper = ReadingHelper(); "
        "helper.start(); print(helper.process_id, flush=True); time.sleep(60)"
    )
    daemon = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    process = int(daemon.stdout.readline())
    daemon.kill()
    daemon.communicate()
    until(lambda: not Path(f"/proc/{process}").exists() or _is_zombie(process))
