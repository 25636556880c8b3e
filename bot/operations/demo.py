"""The demo: two cities and every failure that matters, played against a daemon of its own over real SMTP."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.clock import SystemClock, tokyo_date
from bot.operations.demo_house import House
from bot.operations.demo_iyonada import play_iyonada
from bot.operations.demo_mails import Mailer
from bot.operations.demo_play import Different, Play, Step
from bot.operations.demo_record import Record
from bot.operations.demo_sink import Sink
from bot.operations.lists import as_table


@dataclass(frozen=True)
class Shown:
    """What the demo showed."""

    steps: tuple[Step, ...]
    seconds: float
    repeats: int  # letters whose Message-ID had arrived before
    different: str  # what was not as it must be; '' where all was

    @property
    def ok(self) -> bool:
        """Say whether every outcome was what it must be."""
        return not self.different and self.repeats == 0

    def as_plain(self) -> dict[str, object]:
        """Return it as plain values for programs."""
        return asdict(self) | {"ok": self.ok}

    def as_text(self) -> str:
        """Return it as a table for people."""
        rows = [
            {
                "": one.number,
                "step": one.step,
                "who": one.who,
                "subject": one.subject,
                "outcome": one.outcome,
                "ms": "・".join(map(str, one.milliseconds)),
            }
            for one in self.steps
        ]
        end = f"{len(self.steps)} steps in {self.seconds:.1f} s, {self.repeats} repeated Message-IDs"
        return f"{as_table(rows)}\n{self.different or 'every outcome is what it must be'}\n{end}"


def run_demo(out: Path, say: Callable[[str], None], *, storage_url: str = "") -> Shown:
    """Play everything; leave mails and papers in `out`. An empty `storage_url` is an SQLite file of its own."""
    started = time.monotonic()
    now = SystemClock().now()
    with tempfile.TemporaryDirectory(prefix="hoshobin-demo-") as name:
        sink = Sink()
        house = House(Path(name), sink.port, storage_url)
        say("starting a daemon of its own")
        house.start()
        record = Record(house.config.storage.url)
        play = Play(house, sink, record, Mailer(house.config.service.desk, now), out, say)
        different = ""
        try:
            play_iyonada(play, tokyo_date(now))
        except Different as error:
            different = f"step {len(play.steps)} differs:\n{error}"
        finally:
            record.close()
            house.stop()
            sink.close()
            (out / "daemon.log").write_bytes(house.log_file.read_bytes())
    return Shown(tuple(play.steps), time.monotonic() - started, sink.repeats(), different)
