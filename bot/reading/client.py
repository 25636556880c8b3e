"""The daemon's side of reading: one conversation a mail, whatever becomes of helper and child."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from bot.mail import (
    ArchiveState,
    Attachment,
    DnsAnswer,
    DnsKind,
    Mail,
    PaperReading,
    Unreadable,
    Verification,
)
from bot.reading.limits import MAX_QUESTION, VERIFYING, Limits
from bot.reading.process import CRASHED, TOO_LONG, ChildEnded, HelperFault, HelperLost, HelperProcess, Line
from bot.reading.wire import Answer, Files, Paper, Question, Unpack, Verify, Word

PROGRAM = ("-m", "bot.reading.sandbox")

_TRIES = 3  # with a new helper each; a mail that outlives them all counts as crashed
_FIRST_MAIL = b"From: a@b.example\r\n\r\n"

log = logging.getLogger(__name__)


class ReadingHelper:
    """The reading helper, started again whenever it died; many threads may read at the same time."""

    def __init__(
        self, limits: Limits | None = None, program: Sequence[str] = PROGRAM, *, verifying: bool = False
    ) -> None:
        """Make a helper that is not started yet; `program` is what Python is to run, after its -I.

        Only one that is `verifying` can find out where a mail comes from; it is larger and starts later.
        """
        self.limits = limits or Limits()
        self._program = (*program, VERIFYING) if verifying else tuple(program)
        self._lock = threading.Lock()
        self._process: HelperProcess | None = None
        self._is_closed = False

    def start(self) -> None:
        """Start the helper and have it read a first mail. Raises HelperFault where either fails.

        `read` would start it as well; but here a machine that refuses the confinement shows at once.
        """
        self._is_closed = False
        with self.read(_FIRST_MAIL, null_sender=False) as first:
            if isinstance(first.mail, Unreadable):
                raise HelperFault(f"a first mail could not be read: {first.mail.reason}")

    def close(self) -> None:
        """End the helper and all its children; it does not start again by itself."""
        with self._lock:
            self._is_closed = True
            if self._process:
                self._process.end()
            self._process = None

    @property
    def process_id(self) -> int | None:
        """The helper's process id; None while there is none."""
        process = self._process
        return process.id if process else None

    def read(self, data: bytes, null_sender: bool) -> "Conversation":
        """Read a mail in a child of its own, which then waits for `papers`; use it in a with statement.

        A mail that cannot be read gives Unreadable. Raises HelperFault where no helper can be started.
        """
        return Conversation(self, data, null_sender)

    def line(self) -> Line:
        """Return the line to a fresh child. Raises HelperLost; HelperFault where no helper can be started."""
        with self._lock:
            if self._is_closed:
                raise HelperFault("the reading helper is closed")
            if self._process and not self._process.lives():
                log.warning("reading helper %d ended; starting another", self._process.id)
                self._process.end()
                self._process = None
            if not self._process:
                self._process = HelperProcess(self._program)
            return self._process.line(self.limits)


class Conversation:
    """One mail being read: what it says, and on demand what its attachments are."""

    def __init__(self, helper: ReadingHelper, data: bytes, null_sender: bool) -> None:
        self._helper = helper
        self._limits = helper.limits
        self._question = [Question(null_sender=null_sender).model_dump_json().encode(), data]
        self._line: Line | None = None
        self._unpack: bytes | None = None  # the word by which a fresh child comes to the same files again
        self.mail: Mail | Unreadable = self._read_mail()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the child go."""
        if self._line:
            self._line.close()
        self._line = None

    def verify(self, wanted: Verify, answer: Callable[[str, DnsKind], DnsAnswer]) -> Verification:
        """Return what can be found out of the mail's source; `answer` asks the DNS.

        A child that dies over it leaves the mail unproven, with the reason. Raises ValueError where the mail
        was not read, HelperFault where no helper can be started.
        """
        if not isinstance(self.mail, Mail):
            raise ValueError("nothing was read")
        word = Word(verify=wanted).model_dump_json().encode()
        for _ in range(_TRIES):
            if self._line and not self._line.waits():
                self.close()
            if self._line is None and isinstance(again := self._read_mail(), Unreadable):
                return Verification(problem=again.reason)
            assert self._line is not None
            try:
                return self._line.verify(word, answer, self._limits.mail_seconds)
            except HelperLost:
                self.close()
            except ChildEnded as end:
                self.close()
                return Verification(problem=f"verification failed: {end}")
        return Verification(problem=CRASHED)

    def unpack(self, passwords: Sequence[str]) -> tuple[Mail, tuple[int, ...]]:
        """Have the mail's archives opened; return the mail with the files in them as further attachments.

        Beside it stand the places of the passwords that opened something. Archives on which the child dies
        stay closed: too much, where it took too long. Raises ValueError where the mail was not read,
        HelperFault where no helper can be started.
        """
        if not isinstance(self.mail, Mail):
            raise ValueError("nothing was read")
        word = Word(unpack=Unpack(passwords=tuple(passwords))).model_dump_json().encode()
        state: ArchiveState = "damaged"
        for _ in range(_TRIES):
            if self._line and not self._line.waits():
                self.close()
            if self._line is None and isinstance(self._read_mail(), Unreadable):
                break
            try:
                found = self._unpacked(word)
            except HelperLost:
                self.close()
                continue
            except ChildEnded as end:
                self.close()
                state = "too_much" if str(end) == TOO_LONG else "damaged"
                break
            self._unpack = word
            self.mail = self.mail.but(attachments=found.attachments)
            return self.mail, found.used
        self.mail = self.mail.but(attachments=tuple(_closed(one, state) for one in self.mail.attachments))
        return self.mail, ()

    def _unpacked(self, word: bytes) -> Files:
        """Return all attachments as the child has them now. Raises ChildEnded or HelperLost."""
        assert self._line is not None
        assert isinstance(self.mail, Mail)
        came = self.mail.attachments
        found = self._line.ask([word], Files, self._limits.archive_seconds)
        named = [one.but(archive="") for one in found.attachments]
        if named[: len(came)] != list(came) or [one.index for one in named] != list(range(len(named))):
            raise ChildEnded(CRASHED)
        return found

    def papers(self, indexes: Sequence[int]) -> tuple[PaperReading, ...]:
        """Return one reading for each index asked for, in that order.

        A file on which a child dies is `damaged`, and the rest are read in a fresh child; but a file that
        came after others is first tried again alone, since they may have used up its budget.
        Raises IndexError for an index that the mail does not have.
        """
        known = len(self.mail.attachments) if isinstance(self.mail, Mail) else 0
        if any(not 0 <= index < known for index in indexes):
            raise IndexError(f"the mail has {known} attachments")
        readings: list[PaperReading] = []
        give_up_at = time.monotonic() + self._limits.life_seconds
        while len(readings) < len(indexes):
            index = indexes[len(readings)]
            if time.monotonic() > give_up_at:
                readings.append(_damaged(index, TOO_LONG))
            elif reading := self._paper(index):
                readings.append(reading)
        return tuple(readings)

    def _paper(self, index: int) -> PaperReading | None:
        """Return the reading of one attachment, or None where it is to be tried again in a fresh child."""
        if self._line and not self._line.waits():
            self.close()
        if self._line is None and isinstance(again := self._read_mail(), Unreadable):
            return _damaged(index, again.reason)
        assert self._line is not None
        word = Word(read=index).model_dump_json().encode()
        try:
            paper = self._line.ask([word], Paper, self._limits.paper_seconds).paper
            if paper.index != index:
                raise ChildEnded(CRASHED)
        except HelperLost:
            self.close()
            return None
        except ChildEnded as end:
            was_first = self._line.papers == 0
            self.close()
            return _damaged(index, str(end)) if was_first else None
        self._line.papers += 1
        return paper

    def _read_mail(self) -> Mail | Unreadable:
        """Ask a fresh child; keep the line to it where it read a mail and waits."""
        if len(self._question[1]) > MAX_QUESTION:
            return Unreadable(reason="message over 64 MB")
        for _ in range(_TRIES):
            try:
                found = self._ask(self._helper.line())
                return self._with_files(found) if self._unpack and isinstance(found, Mail) else found
            except HelperLost:
                self.close()
        return Unreadable(reason=CRASHED)

    def _with_files(self, mail: Mail) -> Mail | Unreadable:
        """Have a fresh child open the archives again, as the one before it did. Raises HelperLost."""
        assert self._line is not None
        assert self._unpack is not None
        try:
            attachments = self._line.ask([self._unpack], Files, self._limits.archive_seconds).attachments
        except ChildEnded as end:
            self.close()
            return Unreadable(reason=str(end))
        return mail.but(attachments=attachments)

    def _ask(self, line: Line) -> Mail | Unreadable:
        try:
            answer = line.ask(self._question, Answer, self._limits.mail_seconds)
        except ChildEnded as end:
            line.close()
            return Unreadable(reason=str(end))
        except HelperLost:
            line.close()
            raise
        if answer.mail:
            self._line = line
            return answer.mail
        line.close()
        return answer.unreadable or Unreadable(reason=CRASHED)


def _closed(one: Attachment, state: ArchiveState) -> Attachment:
    return one.but(archive=state) if one.kind == "zip" else one


def _damaged(index: int, problem: str) -> PaperReading:
    return PaperReading(index=index, rung="none", what="damaged", problem=problem)
