"""The demo: two cities and every failure that matters, played against a daemon of its own over real SMTP."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.clock import SystemClock, tokyo_date
from bot.operations.demo_failures import play_failures
from bot.operations.demo_house import House
from bot.operations.demo_iyonada import play_iyonada
from bot.operations.demo_mails import Mailer
from bot.operations.demo_matsuyama import play_matsuyama
from bot.operations.demo_play import Different, Play, Step
from bot.operations.demo_record import Record
from bot.operations.demo_sink import Sink
from bot.operations.lists import as_table

_SUBJECT_CHARACTERS = 20  # in the table; the .eml has the rest


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
                "subject": _cut(one.subject),
                "outcome": one.outcome,
                "ms": "・".join(map(str, one.milliseconds)),
            }
            for one in self.steps
        ]
        end = f"{len(self.steps)} steps in {self.seconds:.1f} s, {self.repeats} repeated Message-IDs"
        return f"{as_table(rows)}\n{self.different or 'every outcome is what it must be'}\n{end}"


def _cut(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_CHARACTERS else f"{subject[: _SUBJECT_CHARACTERS - 1]}…"


def run_demo(out: Path, say: Callable[[str], None], *, storage_url: str = "") -> Shown:
    """Play everything; leave mails and papers in `out`. Without `storage_url` the database is SQLite."""
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
            issued = play_iyonada(play, tokyo_date(now))
            play_matsuyama(play, tokyo_date(now))
            play_failures(play, issued, tokyo_date(now))
            _check(play)
        except Different as error:
            different = f"step {len(play.steps)} differs:\n{error}"
        finally:
            record.close()
            house.stop()
            sink.close()
            (out / "daemon.log").write_bytes(house.log_file.read_bytes())
    return Shown(tuple(play.steps), time.monotonic() - started, sink.repeats(), different)


def _check(play: Play) -> None:
    """Ask the command line, as an operator does, whether all is well and what is left."""
    results = play.house.command("check")
    play.check("hoshobin check", {f"{one['name']}: {one['found']}": one["ok"] for one in results})
    counted = play.house.command("status")
    left = {name: n for name, n in counted["letters"].items() if n and name != "sent"}
    left |= {name: n for name, n in counted["inbox"].items() if n and name in ("waiting", "claimed")}
    sent = counted["letters"]["sent"]
    play.check(
        "hoshobin status", {f"{sent} letters sent": sent == play.record.letters(), "none left": not left}
    )
