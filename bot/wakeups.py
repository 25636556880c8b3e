"""Wake-ups from other processes: a datagram beside a SQLite file, NOTIFY on PostgreSQL. Hints only."""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

log = logging.getLogger("hoshobin")

CHANNEL = "hoshobin"


def wake_file(url: str) -> Path | None:
    """Return where a SQLite database's wake-up socket is; None on PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database + ".wake")


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def wake(url: str) -> bool:
    """Tell a running daemon, if there is one, that the inbox has work; say whether there may be one.

    Never fails.
    """
    file = wake_file(url)
    if file is None:
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(_conninfo(url), autocommit=True) as connection,
        ):
            connection.execute(f"NOTIFY {CHANNEL}")
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(b"!", str(file))
        except OSError:
            return False
    return True


class Listener:
    """Calls back for each wake-up, in a thread of its own, until it is closed."""

    def __init__(self, url: str, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._url = url
        self._closing = False
        self._file = wake_file(url)
        self._socket: socket.socket | None = None
        self._connection: psycopg.Connection | None = None
        target = self._notifications if self._file is None else self._datagrams
        if self._file is None:
            self._connection = psycopg.connect(_conninfo(url), autocommit=True)
            self._connection.execute(f"LISTEN {CHANNEL}")
        else:
            self._socket = _bound(self._file)
        self._thread = threading.Thread(target=target, name="wake-ups", daemon=True)
        self._thread.start()

    def _datagrams(self) -> None:
        while self._socket is not None and not self._closing:
            self._socket.recv(16)
            self._ring()

    def _notifications(self) -> None:
        assert self._connection is not None
        with contextlib.suppress(psycopg.Error):
            for _ in self._connection.notifies():
                self._ring()
                if self._closing:
                    return

    def close(self) -> None:
        """Stop listening."""
        self._closing = True
        wake(self._url)
        self._thread.join(timeout=5)
        if self._socket is not None and self._file is not None:
            self._socket.close()
            self._file.unlink(missing_ok=True)
        if self._connection is not None:
            self._connection.close()


def _bound(file: Path) -> socket.socket | None:
    """Bind the wake-up socket; None where it cannot be, as where its path is too long for a socket."""
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    mask = os.umask(0o077)
    try:
        file.unlink(missing_ok=True)
        receiver.bind(str(file))
    except OSError as error:
        receiver.close()
        log.warning("no wake-ups by %s (%s): what the command line hands in waits for a sweep", file, error)
        return None
    finally:
        os.umask(mask)
    return receiver
