"""The daemon's side of the reading helper: one conversation a mail, whatever happens to helper or child."""

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from bot import frames
from bot.mail import Mail, PaperReading, Unreadable
from bot.reading.limits import MAX_ANSWER, MAX_QUESTION, Limits
from bot.reading.wire import READY, Answer, Job, Paper, Question, Word

PROGRAM = ("-m", "bot.reading.sandbox")
TOO_LONG = "reading took too long"
CRASHED = "reading crashed"

_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0  # the child's own alarm comes first
_TRIES = 3  # with a new helper each; a mail that outlives them all counts as crashed

log = logging.getLogger(__name__)


class HelperFault(Exception):
    """The reading helper cannot be started: nothing can be read."""


class _Ended(Exception):
    """The line to a child ended, or carried what no child of ours says; the text is the reason in English."""


class _HelperLost(Exception):
    """The helper died under a conversation; a new one is worth a try."""


class ReadingHelper:
    """One exec'd helper with an empty environment; many threads may read at the same time."""

    def __init__(self, limits: Limits | None = None, program: Sequence[str] = PROGRAM) -> None:
        self.limits = limits or Limits()
        self._program = tuple(program)
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._closed = False

    def start(self) -> None:
        """Start the helper and wait until it is warm and a child of it has read. Raises HelperFault."""
        with self._lock:
            self._closed = False
            self._current()
        with self.read(b"From: a@b.example\r\n\r\n", null_sender=False) as trial:
            if isinstance(trial.mail, Unreadable):
                raise HelperFault(f"a first mail could not be read: {trial.mail.reason}")

    def close(self) -> None:
        """End the helper and all its children. It does not start again."""
        with self._lock:
            self._closed = True
            if self._running:
                self._running.end()
            self._running = None

    @property
    def process_id(self) -> int | None:
        """The helper's process id, None while none runs."""
        running = self._running
        return running.process.pid if running else None

    def read(self, data: bytes, null_sender: bool) -> "Conversation":
        """Read a mail in a child of its own and keep the child for `papers`; use it in a with statement.

        A mail that cannot be read gives Unreadable. Raises HelperFault where no helper can be started.
        """
        return Conversation(self, data, null_sender)

    def open_line(self) -> tuple[socket.socket, "_Running"]:
        """Return a socket to a fresh child, and the helper that forked it. For Conversation."""
        for _ in range(_TRIES):
            with self._lock:
                running = self._current()
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    running.fork(theirs, self.limits)
                except OSError:
                    ours.close()
                    running.lost = True
                    continue
            return ours, running
        raise HelperFault("the reading helper dies as soon as it is started")

    def _current(self) -> "_Running":
        """Return a helper that lives, starting one where needed. The lock is held."""
        if self._closed:
            raise HelperFault("the reading helper is closed")
        if self._running is None or not self._running.lives():
            if self._running:
                log.warning("reading helper %d ended; starting another", self._running.process.pid)
                self._running.end()
            self._running = _Running(self._program)
        return self._running


class _Running:
    """One helper process and the control socket to it."""

    def __init__(self, program: tuple[str, ...]) -> None:
        self.lost = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", *program],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                close_fds=True,
                start_new_session=True,
            )
        self._control.settimeout(_START_SECONDS)
        try:
            ready = self._control.recv(len(READY))
        except OSError as error:
            ready = str(error).encode()
        if ready != READY:
            self.end()
            raise HelperFault(f"the reading helper does not start: exit {self.process.returncode}")

    def fork(self, line: socket.socket, limits: Limits) -> None:
        """Have a child forked that listens on the other end of `line`. Raises OSError when the helper is gone."""
        socket.send_fds(self._control, [Job(limits=limits).model_dump_json().encode()], [line.fileno()])

    def lives(self) -> bool:
        """Whether the helper still runs."""
        return not self.lost and self.process.poll() is None

    def end(self) -> None:
        """Kill the helper; its children end with it."""
        self._control.close()
        self.process.kill()
        self.process.wait()


class Conversation:
    """One mail being read: what it says, and on demand what its attachments are."""

    def __init__(self, helper: ReadingHelper, data: bytes, null_sender: bool) -> None:
        self._helper = helper
        self._data = data
        self._question = Question(null_sender=null_sender).model_dump_json().encode()
        self._line: _Line | None = None
        self.mail: Mail | Unreadable = self._read_mail()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the child go."""
        if self._line:
            self._line.close()
        self._line = None

    def papers(self, indexes: Sequence[int]) -> tuple[PaperReading, ...]:
        """Return one reading for each index asked for, in that order.

        A file on which a child dies is read again first thing in a fresh child, in case the files before it
        had used up the budget; when that dies too the file is `damaged`, and the rest go on without it.
        Raises IndexError for an index the mail does not have.
        """
        known = len(self.mail.attachments) if isinstance(self.mail, Mail) else 0
        if any(not 0 <= index < known for index in indexes):
            raise IndexError(f"the mail has {known} attachments")
        readings: list[PaperReading] = []
        give_up_at = time.monotonic() + self._helper.limits.life_seconds
        while len(readings) < len(indexes):
            left = indexes[len(readings) :]
            if time.monotonic() > give_up_at:
                readings += [_unread(index, TOO_LONG) for index in left]
                break
            was_fresh = self._line is None
            before = len(readings)
            try:
                self._read_papers(left, readings)
            except _Ended as end:
                self.close()
                if was_fresh and len(readings) == before:
                    readings.append(_unread(left[0], str(end)))
        return tuple(readings)

    def _read_papers(self, indexes: Sequence[int], readings: list[PaperReading]) -> None:
        """Append the readings to the list one by one, so that those before an end are kept. Raises _Ended."""
        if self._line is None:
            answer = self._read_mail()
            if isinstance(answer, Unreadable):
                raise _Ended(answer.reason)
        assert self._line is not None
        limits = self._helper.limits
        self._line.send(Word(read=tuple(indexes)).model_dump_json().encode())
        for index in indexes:
            paper = self._line.receive(Paper, limits.paper_seconds, limits).paper
            if paper.index != index:
                raise _Ended(CRASHED)
            readings.append(paper)

    def _read_mail(self) -> Mail | Unreadable:
        """Ask a fresh child; keep the line to it where it read a mail and waits."""
        if len(self._data) > MAX_QUESTION:
            return Unreadable(reason="message over 64 MB")
        for _ in range(_TRIES):
            line = _Line(*self._helper.open_line())
            try:
                answer = self._ask(line)
            except _HelperLost:
                line.close()
                continue
            except _Ended as end:
                line.close()
                return Unreadable(reason=str(end))
            if answer.unreadable:
                line.close()
                return answer.unreadable
            assert answer.mail is not None
            self._line = line
            return answer.mail
        return Unreadable(reason=CRASHED)

    def _ask(self, line: "_Line") -> Answer:
        limits = self._helper.limits
        line.send(self._question)
        line.send(self._data)
        return line.receive(Answer, limits.mail_seconds, limits)


class _Line:
    """The socket to one child, and what its end means."""

    def __init__(self, line: socket.socket, running: _Running) -> None:
        self._socket = line
        self._running = running
        self._began = time.monotonic()

    def send(self, payload: bytes) -> None:
        """Send a frame; that nobody listens shows when the answer is waited for."""
        self._socket.settimeout(_START_SECONDS)
        try:
            frames.send(self._socket, payload)
        except frames.BrokenPipe:
            self._socket.close()

    def receive[Said: (Answer, Paper)](self, said: type[Said], seconds: int, limits: Limits) -> Said: ...

    def close(self) -> None:
        """Hang up: the child ends."""
        self._socket.close()


def _unread(index: int, problem: str) -> PaperReading:
    return PaperReading(index=index, rung="none", what="damaged", problem=problem)
