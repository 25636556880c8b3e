"""The relay: where letters leave, by SMTP or into a Maildir. It says what it knows, no more."""

import os
import re
import smtplib
import threading
import time
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit


class Deferred(Exception):
    """The relay did not take the letter now; nothing of it has left."""


class Refused(Exception):
    """The relay refused the letter for good."""


class Unknown(Exception):
    """The bytes left, and no answer came: nobody can know."""


class Relay(Protocol):
    """Takes one letter to one recipient."""

    def transmit(self, sender: str, recipient: str, data: bytes) -> None:
        """Return where the relay said 250. Raises Deferred, Refused or Unknown."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class SmtpRelay:
    """A connection to one SMTP relay, kept between letters. Used by one thread."""

    def __init__(self, host: str, port: int, name: str, timeout: float) -> None:
        self._host, self._port, self._name, self._timeout = host, port, name, timeout
        self._kept: smtplib.SMTP | None = None

    def transmit(self, sender: str, recipient: str, data: bytes) -> None:
        """Hand one letter over."""
        connection = self._connected()
        try:
            self._envelope(connection, sender, recipient)
            connection.send(_dot_stuffed(data))  # where it raises, the last dot has not left
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Deferred(f"the relay went away: {type(error).__name__}") from error
        try:
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unknown(f"no answer after the last dot: {type(error).__name__}") from error
        _judge(code, text)

    def _connected(self) -> smtplib.SMTP:
        if self._kept is not None:
            try:
                if self._kept.rset()[0] == 250:
                    return self._kept
            except (OSError, smtplib.SMTPException):
                pass
            self.close()
        try:
            self._kept = smtplib.SMTP(self._host, self._port, self._name, self._timeout)
            self._kept.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Deferred(f"the relay cannot be reached: {type(error).__name__}") from error
        return self._kept

    def _envelope(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        options: list[str] = []
        if not (sender + recipient).isascii():
            if not connection.has_extn("smtputf8"):
                raise Refused("the relay does not know SMTPUTF8, which this address needs")
            options = ["SMTPUTF8"]
        for code, text in (connection.mail(sender, options), connection.rcpt(recipient)):
            _judge(code, text)
        code, text = connection.docmd("DATA")
        if code != 354:
            _judge(code, text)
            raise Deferred(f"the relay answered {code} to DATA")

    def close(self) -> None:
        """Close the connection; the relay hears QUIT where it still listens."""
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                kept.quit()
            except (OSError, smtplib.SMTPException):
                kept.close()


def _judge(code: int, text: bytes) -> None:
    shown = f"{code} {text.decode('ascii', 'replace')}"[:300]
    if 500 <= code < 600:
        raise Refused(shown)
    if not 200 <= code < 300:
        raise Deferred(shown)


def _dot_stuffed(data: bytes) -> bytes:
    body = re.sub(rb"(?m)^\.", b"..", data)
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


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


def make_relay(url: str, name: str, timeout: float) -> Relay:
    """Make the relay that a URL names: smtp://host:port or maildir:DIRECTORY."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return MaildirRelay(Path(url.removeprefix("maildir:")))
    return SmtpRelay(parts.hostname or "", parts.port or 25, name, timeout)
