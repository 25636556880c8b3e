"""The daemon's handles on one helper process and on the line to one of its children."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Self, TypeVar

from pydantic import ValidationError

from bot import frames
from bot.mail import DnsAnswer, DnsKind, Verification
from bot.reading.limits import MAX_ANSWER, MAX_DNS_QUESTIONS, Limits
from bot.reading.wire import READY, Finding, Job
from bot.values import Value

TOO_LONG = "reading took too long"
CRASHED = "reading crashed"

_START_SECONDS = 60.0
_GRACE_SECONDS = 5.0  # the child's own alarm comes first
_NEWS_SECONDS = 0.1  # until the death of a helper shows, when its children end with it

Said = TypeVar("Said", bound=Value)


class HelperFault(Exception):
    """The reading helper cannot be started: nothing can be read."""


class HelperLost(Exception):
    """The helper is gone, and its children with it: the mail is not to blame."""


class ChildEnded(Exception):
    """The child is gone, too slow, or says what no child of ours says; the text is the reason in English."""


class HelperProcess:
    """One exec'd helper: no environment, no descriptor but its control socket and /dev/null."""

    def __init__(self, program: tuple[str, ...]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", *program],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        self.id = self._process.pid
        self._is_given_up = False
        self._control.settimeout(_START_SECONDS)
        try:
            ready = self._control.recv(len(READY))
        except OSError:
            ready = b""
        if ready != READY:
            self.end()
            raise HelperFault(f"the reading helper does not start (exit {self._process.returncode})")

    def line(self, limits: Limits) -> "Line":
        """Have a child forked and return the line to it. Raises HelperLost."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(
                    self._control, [Job(limits=limits).model_dump_json().encode()], [theirs.fileno()]
                )
            except OSError as error:
                ours.close()
                self.give_up()
                raise HelperLost from error
        return Line(ours, self, limits)

    def lives(self, wait_seconds: float = 0.0) -> bool:
        """Whether the helper runs and answers; its end may take the given time to show."""
        if self._is_given_up:
            return False
        try:
            self._process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def give_up(self) -> None:
        """Count the helper as dead from now on: it does not answer."""
        self._is_given_up = True

    def end(self) -> None:
        """Kill the helper; its children end with it."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class Line:
    """The socket to one child. It is the child's only tie to the world: closing it ends the child."""

    def __init__(self, line: socket.socket, helper: HelperProcess, limits: Limits) -> None:
        self._socket = line
        self._helper = helper
        self._limits = limits
        self.papers = 0  # attachments this child has read

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def waits(self) -> bool:
        """Whether the child still waits for a word; it does not wait for ever."""
        try:
            self._socket.settimeout(0)
            return bool(self._socket.recv(1, socket.MSG_PEEK))  # unasked-for words: the answer will not fit
        except BlockingIOError:
            return True
        except OSError:
            return False

    def ask(self, payloads: list[bytes], said: type[Said], seconds: int) -> Said:
        """Send the frames and return the one that answers. Raises ChildEnded or HelperLost."""
        began = time.monotonic()
        self._socket.settimeout(seconds + _GRACE_SECONDS)
        try:
            for payload in payloads:
                frames.send(self._socket, payload)
            answer = frames.receive(self._socket, MAX_ANSWER)
        except frames.BrokenPipe as error:
            self._explain(time.monotonic() - began, seconds)
            raise ChildEnded(CRASHED) from error
        try:
            return said.model_validate_json(answer)
        except ValidationError as error:
            raise ChildEnded(CRASHED) from error

    def verify(self, word: bytes, answer: Callable[[str, DnsKind], DnsAnswer], seconds: int) -> Verification:
        """Send the word, answer what the child asks the DNS, and return what it found.

        `seconds` are for the child alone, between two answers. Raises ChildEnded or HelperLost.
        """
        finding = self.ask([word], Finding, seconds)
        for _ in range(MAX_DNS_QUESTIONS):
            if finding.question is None:
                break
            found = answer(finding.question.name, finding.question.kind)
            finding = self.ask([found.model_dump_json().encode()], Finding, seconds)
        if finding.verification is None:
            raise ChildEnded(CRASHED)
        return finding.verification

    def _explain(self, elapsed: float, seconds: int) -> None:
        """Raise what the end of the line means, where it is no plain crash."""
        if not self._helper.lives(_NEWS_SECONDS):
            raise HelperLost
        if elapsed >= seconds + _GRACE_SECONDS:
            self._helper.give_up()  # neither its child's alarm nor the helper itself did anything
        if elapsed >= 0.9 * min(seconds, self._limits.cpu_seconds):
            raise ChildEnded(TOO_LONG)
