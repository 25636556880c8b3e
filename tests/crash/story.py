"""A story told to the real service: mails sent until each has its 250, and the deaths in between."""

import signal
import smtplib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from bot.config import load
from bot.operations.trial import trial_mail
from storage.database import BATCH, make_engine
from tests.crash.ending import End, being_sent, in_peril, is_over, read_end, sent
from tests.crash.fork_server import PATIENCE, ForkServer, Job, Life
from tests.crash.points import Kill
from tests.crash.sink import Sink
from tests.daemons import TRIAL, write_config

DIRECTORY = TRIAL.with_name("trial_directory.toml")


@dataclass(frozen=True)
class Mail:
    """What somebody of the trial's directory writes, proven by the border."""

    sender: str
    text: str


@dataclass(frozen=True)
class Strike:
    """kill -9 from outside: anywhere after so many moments, once no row is in peril."""

    moments: int

    def falls(self, passed: int, engine: Engine) -> bool:
        """Say whether the time has come."""
        return passed >= self.moments and not in_peril(engine)


@dataclass
class Lives:
    """What became of the lives so far."""

    trails: list[list[str]] = field(default_factory=list)  # what each life passed, to its end
    in_flight: Counter[str] = field(default_factory=Counter)  # Message-ID -> deaths while it was being sent


class Story:
    """One telling; a context manager."""

    def __init__(
        self,
        server: ForkServer,
        url: str,
        directory: Path,
        mails: Sequence[Mail],
        *,
        jobs_in_a_commit: int = BATCH,
    ) -> None:
        self.lives = Lives()
        self._server = server
        self._jobs_in_a_commit = jobs_in_a_commit
        self._log_file = directory / "service.log"
        self._sink = Sink()
        self._engine = make_engine(url, read_only=True)
        self._config_file = write_config(
            directory,
            f"smtp://127.0.0.1:{self._sink.port}",
            service={"directory": str(DIRECTORY)},
            storage={"url": url},
            work={"sweep_seconds": 0.2, "retry_seconds": 0.05},
        )
        config = load(self._config_file, {})
        self._desk = config.service.desk
        self._unsent = {
            mail: trial_mail(config, sender=mail.sender, subject=mail.text, body=mail.text, proof=True)
            for mail in mails
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()
        self._sink.close()

    def tell(self, kills: Iterable[Kill | Strike]) -> int:
        """Let one life after the other die, until one lives to the end; return how many died."""
        died = 0
        for kill in kills:
            if not self._live(kill):
                return died
            died += 1
        if self._live(None):
            raise ChildProcessError("a life that nobody was to end was killed")
        return died

    def _live(self, end: Kill | Strike | None) -> bool:
        """Let one process live; say whether it was killed."""
        strike = end if isinstance(end, Strike) else None
        life = self._server.start(
            Job(
                config_file=self._config_file,
                log_file=self._log_file,
                kill=end if isinstance(end, Kill) else None,
                jobs_in_a_commit=self._jobs_in_a_commit,
            )
        )
        ended = False
        try:
            for told in life.lines():
                if told["event"] == "started":
                    self._send_all(told["port"])
                if not ended and strike and strike.falls(len(life.trail), self._engine):
                    life.signal(signal.SIGKILL)
                    ended = True
                elif not ended and not self._unsent and is_over(self._engine):
                    life.signal(signal.SIGTERM)
                    ended = True
        except TimeoutError:
            raise TimeoutError(f"hangs after {self.trail}; see {self._log_file}") from None
        finally:
            self.lives.trails.append(life.trail)
        return self._ended(life)

    def _ended(self, life: Life) -> bool:
        killed = life.was_killed()
        self._sink.settle()
        if killed:
            self.lives.in_flight.update(being_sent(self._engine))
        return killed

    def _send_all(self, port: int) -> None:
        """Send what has no 250 yet, at the same time; a sender keeps what he was not thanked for."""
        with ThreadPoolExecutor(max_workers=len(self._unsent) or 1) as senders:
            taken = senders.map(lambda item: self._send(port, *item), list(self._unsent.items()))
            for mail in [mail for mail in taken if mail is not None]:
                del self._unsent[mail]

    def _send(self, port: int, mail: Mail, data: bytes) -> Mail | None:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as connection:
                connection.sendmail(mail.sender, [self._desk], data)
        except (OSError, smtplib.SMTPException):
            return None
        return mail

    @property
    def trail(self) -> str:
        """What the lives passed, for people who look for a fault."""
        return "\n".join(", ".join(one) for one in self.lives.trails)

    def end(self) -> End:
        """Return how it ended."""
        return read_end(self._engine)

    def repeats(self) -> Counter[str]:
        """Count by Message-ID how often letters arrived again.

        Raises AssertionError where a letter is missing, was never ours, arrived more often than deaths
        can excuse, or came with other bytes.
        """
        arrived = self._sink.letters
        seen = Counter((one.recipient, one.header("Message-ID").strip("<>")) for one in arrived)
        assert sorted(seen) == sent(self._engine), "what arrived is not what storage says was sent"
        repeats = Counter({message_id: count - 1 for (_, message_id), count in seen.items() if count > 1})
        assert repeats <= self.lives.in_flight, f"repeated {repeats}, in flight {self.lives.in_flight}"
        assert len({one.data for one in arrived}) == len(seen), "a repeat has other bytes"
        return repeats
