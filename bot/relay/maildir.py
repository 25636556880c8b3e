"""Letters into Maildirs on this machine: the relay of trials and tests."""

import os
import threading
import time
from pathlib import Path
from urllib.parse import quote

from bot.relay.answers import Deferred


class MaildirRelay:
    """A Maildir for each recipient below one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def transmit(self, sender: str, recipient: str, data: bytes) -> None:
        """Write one letter durably, then let it appear."""
        try:
            self._write(recipient, data)
        except OSError as error:
            raise Deferred(f"the Maildir cannot be written: {error.strerror}") from error

    def _write(self, recipient: str, data: bytes) -> None:
        box = self._root / quote(recipient.lower(), safe="@+")
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns()}.{os.getpid()}_{threading.get_native_id()}.hoshobin"
        draft = box / "tmp" / name
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(box / "new" / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        for directory in (box / "new", box, self._root):
            _sync_directory(directory)

    def close(self) -> None:
        """Nothing is kept open."""


def _sync_directory(path: Path) -> None:
    """Make a new name durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
