"""`serve` with nobody behind the door: mails are accepted durably and stay waiting. For the bench only."""

import asyncio
import sys
from pathlib import Path

from bot.app import Running, Service
from bot.config import load


class DoorOnly(Service):
    """The service as it is, without the threads that read, decide, write and send."""

    def _start_threads(self, *_: object) -> None:
        """Start none."""


def main() -> None:
    """Serve the configuration named after --config."""
    service = DoorOnly(load(Path(sys.argv[-1]), {}))

    def started(running: Running) -> None:
        print(f"listening on {running.smtp}", flush=True)

    asyncio.run(service.run(started))


if __name__ == "__main__":
    main()
