"""The reading helper: a process of its own, without environment or secret, that forks one child a mail.

It is exec'd by the daemon with a control socket as its standard input, loads and runs every reader once (a
child may open no file later), and then forks for each socket that arrives. It parses nothing itself.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot import frames
from bot.mail import DnsAnswer, DnsKind, Unreadable, Verification
from bot.reading import pdf, reports
from bot.reading.archives import unpack
from bot.reading.confinement import confine
from bot.reading.limits import MAX_NAME, MAX_NOTE, MAX_QUESTION, VERIFYING, Limits
from bot.reading.mail import OpenedMail, read_mail
from bot.reading.papers import PaperReader, read_paper
from bot.reading.wire import (
    READY,
    Answer,
    DnsQuestion,
    Files,
    Finding,
    Job,
    Paper,
    Question,
    Unpack,
    Verify,
    Word,
)

MailReader = Callable[[bytes, bool], OpenedMail | Unreadable]
Verifier = Callable[[bytes, Verify, Callable[[str, DnsKind], DnsAnswer]], Verification]

_LOOK_SECONDS = 0.2  # how long a child that ended may wait to be reaped
_WARMING_MAIL = b"""\
From: =?iso-2022-jp?B?GyRCSl0+WhsoQg==?= <a@b.example>
Date: Fri, 13 Nov 2026 17:40:55 +0900
Authentication-Results: b.example; dkim=pass header.d=b.example
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>=E4=BF=9D</p><blockquote>x</blockquote><table><tr><td>a</td></tr></table>
--x
Content-Type: text/plain; format=flowed

> a\x20
> b
--x
Content-Type: text/csv; name*=utf-8''%E4.csv
Content-Transfer-Encoding: base64

YQ==
--x
Content-Type: application/zip; name=x.zip
Content-Transfer-Encoding: base64

UEsDBBQAAAAIAAAAbV1DvrfoAwAAAAEAAAAGAAAAjsoudHh0SwQAUEsBAhQDFAAAAAgAAABtXUO+
t+gDAAAAAQAAAAYAAAAAAAAAAAAAAIABAAAAAI7KLnR4dFBLBQYAAAAAAQABADQAAAAnAAAAAAA=
--x--
"""


def main(mail_reader: MailReader | None = None, paper_reader: PaperReader = read_paper) -> None:
    """Serve the control socket on standard input until the daemon closes it."""
    control = socket.socket(fileno=0)
    verifier = _load_verifier() if VERIFYING in sys.argv[1:] else None
    _warm()
    control.send(READY)
    _Helper(control, _Readers(mail_reader or _read_mail, paper_reader, verifier)).serve()


def _read_mail(data: bytes, null_sender: bool) -> OpenedMail | Unreadable:
    return read_mail(data, null_sender=null_sender)


def _load_verifier() -> Verifier:
    """Load what verifies, and run it once: its libraries are as large as all that reads."""
    from bot.reading.verification import verify
    from bot.reading.verification_warming import warm

    warm()
    return verify


def _warm() -> None:
    """Run every reader once, so that whatever loads at first use has loaded."""
    opened = read_mail(_WARMING_MAIL)
    if isinstance(opened, Unreadable):
        raise RuntimeError(f"the warming mail: {opened.reason}")
    for one in opened.mail.attachments:
        Paper.model_validate_json(Paper(paper=read_paper(one, opened.files[one.index])).model_dump_json())
    unpacked = tuple(unpack(opened.mail.attachments, opened.files, ()).attachments)
    Files.model_validate_json(Files(attachments=unpacked).model_dump_json())
    Word.model_validate_json(Word(unpack=Unpack(passwords=("a",))).model_dump_json())
    Answer.model_validate_json(Answer(mail=opened.mail).model_dump_json())
    Word.model_validate_json(Word(read=0).model_dump_json())
    Question.model_validate_json(Question(null_sender=False).model_dump_json())
    pdf.warm()
    reports.warm()
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class _Readers:
    """What a child can do with a mail."""

    mail: MailReader
    paper: PaperReader
    verify: Verifier | None  # None: the bytes are let go as soon as they are read


class _Helper:
    """The loop: fork for what arrives, reap what ended, kill what is overdue."""

    def __init__(self, control: socket.socket, readers: _Readers) -> None:
        self._control = control
        self._readers = readers
        self._children: dict[int, float] = {}  # process id -> monotonic moment of its end

    def serve(self) -> None:
        while True:
            due = min([_LOOK_SECONDS, *(end - time.monotonic() for end in self._children.values())])
            timeout = max(0.0, due) if self._children else None
            if select.select([self._control], [], [], timeout)[0] and not self._take_job():
                break
            self._reap()
        for child in self._children:
            os.kill(child, signal.SIGKILL)

    def _take_job(self) -> bool:
        note, descriptors, _, _ = socket.recv_fds(self._control, MAX_NOTE, 1)
        if not note:
            return False
        with socket.socket(fileno=descriptors[0]) as line:
            limits = Job.model_validate_json(note).limits
            try:
                child = os.fork()
            except OSError:
                return True  # the closed line tells the daemon
            if child == 0:
                self._control.close()
                _run_child(line, limits, self._readers)
        self._children[child] = time.monotonic() + limits.life_seconds
        return True

    def _reap(self) -> None:
        for child, end in list(self._children.items()):
            if os.waitpid(child, os.WNOHANG)[0]:
                del self._children[child]
            elif end <= time.monotonic():
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                del self._children[child]


def _run_child(line: socket.socket, limits: Limits, readers: _Readers) -> None:
    """Be the child of one mail; never returns. However it ends, the daemon sees its line end."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(limits.mail_seconds)
        confine(limits)
        _converse(line, limits, readers)
    finally:
        os._exit(0)


def _converse(line: socket.socket, limits: Limits, readers: _Readers) -> None:
    question = Question.model_validate_json(frames.receive(line, MAX_NOTE))
    data = frames.receive(line, MAX_QUESTION)
    opened = readers.mail(data, question.null_sender)
    if isinstance(opened, Unreadable):
        frames.send(line, Answer(unreadable=opened).model_dump_json().encode())
        return
    frames.send(line, Answer(mail=opened.mail).model_dump_json().encode())
    data = data if readers.verify else b""
    attachments, files = list(opened.mail.attachments), list(opened.files)
    while True:
        signal.alarm(limits.wait_seconds)
        word = Word.model_validate_json(frames.receive(line, MAX_NOTE))
        if word.verify is not None and readers.verify is not None:
            signal.alarm(limits.mail_seconds)
            found = readers.verify(data, word.verify, _asker(line, limits))
            frames.send(line, Finding(verification=found).model_dump_json().encode())
        elif word.read is not None:
            signal.alarm(limits.paper_seconds)
            paper = readers.paper(attachments[word.read], files[word.read])
            frames.send(line, Paper(paper=paper).model_dump_json().encode())
        elif word.unpack is not None:
            signal.alarm(limits.archive_seconds)
            unpacked = unpack(opened.mail.attachments, opened.files, word.unpack.passwords)
            attachments, files = unpacked.attachments, unpacked.files
            answer = Files(attachments=tuple(attachments), used=tuple(sorted(unpacked.used)))
            frames.send(line, answer.model_dump_json().encode())
        else:
            return  # asked to verify what it never learned to


def _asker(line: socket.socket, limits: Limits) -> Callable[[str, DnsKind], DnsAnswer]:
    """Return what asks the daemon; while the DNS is waited for, the child's own time stands still."""

    def ask(name: str, kind: DnsKind) -> DnsAnswer:
        if len(name) > MAX_NAME or not name.isascii():
            return DnsAnswer(name=name[:MAX_NAME], kind=kind, outcome="no name", problem="no domain name")
        asked = Finding(question=DnsQuestion(name=name, kind=kind))
        frames.send(line, asked.model_dump_json().encode())
        left = signal.alarm(limits.wait_seconds)
        answer = DnsAnswer.model_validate_json(frames.receive(line, MAX_NOTE))
        signal.alarm(max(1, left))
        return answer

    return ask


if __name__ == "__main__":
    main()
