"""The daemon's side of the writing helper: starts it, asks it, and starts it again when it dies."""

import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

from bot import frames
from bot.writing.jobs import Answer, Job, LetterJob, PaperJob, SigningJob, SigningKey, WrittenLetter

SECONDS = 60.0
LIMIT = 64 << 20


class WritingFault(Exception):
    """The helper could not do a job: a bug of ours, or it died."""


class WritingHelper:
    """One exec'd process with an empty environment; jobs are done one after the other.

    The DKIM keys go to it over its pipe, each time it starts: they stand in no environment and no argument.
    """

    def __init__(self, signing_keys: Sequence[SigningKey] = ()) -> None:
        self._signing = SigningJob(keys=tuple(signing_keys))
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: socket.socket | None = None

    def letter(self, job: LetterJob) -> WrittenLetter:
        """Write one letter. Raises WritingFault."""
        answer = self._ask(Job(letter=job))
        assert answer.letter is not None
        return answer.letter

    def paper(self, job: PaperJob) -> bytes:
        """Draw one paper. Raises WritingFault."""
        answer = self._ask(Job(paper=job))
        assert answer.paper is not None
        return answer.paper.data

    def close(self) -> None:
        """End the helper."""
        with self._lock:
            self._stop()

    def _ask(self, job: Job) -> Answer:
        with self._lock:
            if self._pipe is None or self._process is None or self._process.poll() is not None:
                self._start()
            answer = self._answer(job)
        if answer.fault:
            raise WritingFault(answer.fault)
        return answer

    def _answer(self, job: Job) -> Answer:
        assert self._pipe is not None
        try:
            frames.send(self._pipe, job.model_dump_json().encode())
            return Answer.model_validate_json(frames.receive(self._pipe, LIMIT))
        except frames.BrokenPipe as error:
            self._stop()
            raise WritingFault(f"the writing helper died: {error}") from error

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair()
        ours.settimeout(SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "bot.writing.helper", str(theirs.fileno())],
                env={},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._pipe = ours
        if self._signing.keys and (fault := self._answer(Job(signing=self._signing)).fault):
            self._stop()  # rather no letter than one without its signature
            raise WritingFault(f"the signing keys cannot be used: {fault}")

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
