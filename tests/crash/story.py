"""A story told to the real service: its mails, its deaths, its end, and whether the end is the right one."""

import re
import shutil
import smtplib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.operations.trial import trial_config, trial_mail
from storage import journal
from storage.database import make_engine
from storage.journal import JournalRow
from storage.states import InboxState, LetterState
from storage.tables import InboxRow, LetterRow, MailboxRow
from tests.crash.fork_server import ForkServer, Job, Life
from tests.crash.points import Kill
from tests.crash.sink import Kept, Sink

_BUSY_INBOX = (InboxState.WAITING, InboxState.CLAIMED)
_OVER = (LetterState.SENT, LetterState.FAILED, LetterState.WITHDRAWN, LetterState.PARKED)
_INBOX_ID = re.compile(r"^inbox:(\d+)")


@dataclass(frozen=True)
class Mail:
    """What somebody of the trial's directory writes, proven by the border."""

    sender: str
    text: str


STOP = (Mail("soumu@iyo-kensetsu.example", "停止"),)


@dataclass(frozen=True)
class End:
    """All that a story leaves behind, free of moments and of numbers that a rollback may skip."""

    mails: tuple[tuple[Any, ...], ...]
    letters: tuple[tuple[Any, ...], ...]
    stopped: tuple[str, ...]
    journal: tuple[tuple[Any, ...], ...]
    faults: tuple[str, ...]
    arrived: tuple[tuple[Any, ...], ...]


@dataclass
class Told:
    """How a story went."""

    end: End
    repeats: int  # letters that reached the relay once more
    in_flight: int  # letters that were being sent at a death
    trails: list[list[str]] = field(default_factory=list)  # of each life
    deaths: int = 0


class Story:
    """One telling: a database, a relay, and mails that are sent until each has its 250."""

    def __init__(self, server: ForkServer, url: str, directory: Path, mails: Sequence[Mail]) -> None:
        self._server = server
        self._url = url
        self._directory = directory
        self._sink = Sink()
        self._engine: Engine = make_engine(url, read_only=True)
        self._environment = {
            "HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0",
            "HOSHOBIN__RELAY__URL": f"smtp://127.0.0.1:{self._sink.port}",
            "HOSHOBIN__STORAGE__URL": url,
            "HOSHOBIN__STORAGE__KEY_FILE": str(directory / "service.key"),
            "HOSHOBIN__WORK__SWEEP_SECONDS": "0.2",
            "HOSHOBIN__WORK__RETRY_SECONDS": "0.05",
        }
        self._config = trial_config(self._environment)
        self._to_send = {mail: self._bytes(mail) for mail in mails}
        self._in_flight: Counter[str] = Counter()
        self._trails: list[list[str]] = []

    def _bytes(self, mail: Mail) -> bytes:
        return trial_mail(self._config, sender=mail.sender, subject=mail.text, body=mail.text, proof=True)
