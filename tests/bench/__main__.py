"""`python -m tests.bench`: measure, print progress, write reports/bench.md and .json."""

import argparse
import tempfile
import time
from pathlib import Path

from bot.clock import TOKYO, SystemClock
from tests.bench import acceptance, report, verification
from tests.bench.machine import rounds_until

ACCEPTANCE_SECONDS, ALL_SECONDS = 120, 230  # no round begins that would not end by then


def main() -> None:
    """Run the whole bench, bounded in time."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round with few mails (half a minute)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--dir", type=Path, help="measure on the disk of this directory; by default of /tmp")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="hoshobin-bench-", dir=options.dir) as name:
        directory = Path(name)
        loads = acceptance.loads(400, 200) if options.quick else acceptance.loads(1000, 500)
        first = rounds_until(began + ACCEPTANCE_SECONDS, rounds, say)
        accepted = acceptance.measure(directory, first, loads, say)
        mails = 40 if options.quick else 120
        second = rounds_until(began + ALL_SECONDS, rounds, say)
        verified = verification.measure(directory, second, mails, say)
    when = SystemClock().now().astimezone(TOKYO)
    path = report.write(options.reports, when, mails, accepted, verified)
    say(f"{path} is written")
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
