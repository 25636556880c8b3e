"""The mailbox door: a thread for each mailbox at a provider, and one that watches over them."""

import logging
import random
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from imapclient.exceptions import IMAPClientError

from bot.clock import Clock
from bot.intake.imap_connection import LONGEST_PAUSE, LoginRefused, Pulse, connect
from bot.intake.imap_pass import Book, Collector
from bot.intake.imap_session import ImapSession, Refused, TooLong
from bot.intake.imap_settings import MailboxSettings, NoSecret, read_secret

__all__ = ["Book", "ImapDoor", "MailboxSettings"]

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0  # seconds after the first failure; doubles
LOGIN_PAUSE = 60.0  # seconds after a first refused login: providers lock who tries too often
LONGEST_LOGIN_PAUSE = 900.0
_SETTLED_SECONDS = 60.0  # a connection that held so long was a good one
_REFUSED_IDLES = 3  # in a row, until IDLE is not asked for any more
_FALSE_ALARMS = 3  # in a row, until a server that always tells of new mails is not believed at once


class Mailbox:
    """One mailbox: connects, looks at everything, waits for news, and begins anew at the connection's end."""

    def __init__(self, settings: MailboxSettings, book: Book, clock: Clock, rng: random.Random) -> None:
        self.settings = settings
        self.pulse = Pulse()
        self._collector = Collector(settings, book, clock)
        self._rng = rng
        self._stopping = threading.Event()
        self._woken, self._waker = socket.socketpair()
        self._failures = 0
        self._refused_logins = 0
        self._refused_idles = 0
        self.thread = threading.Thread(target=self._run, name=f"imap-{settings.name}", daemon=True)

    def stop(self) -> None:
        """Let the thread end at its next step; who waits for news is woken."""
        self._stopping.set()
        with suppress(OSError):  # the thread has ended, and nobody listens
            self._waker.send(b"!")

    def _run(self) -> None:
        with self._waker, self._woken:
            while not self._stopping.is_set():
                pause = self._one_connection(began=time.monotonic())
                self.pulse.expect(pause + LONGEST_PAUSE)
                self._stopping.wait(pause)

    def _one_connection(self, began: float) -> float:
        """Live through one connection; return how many seconds to wait before the next."""
        name = self.settings.name
        try:
            self._live()
            return 0.0
        except (NoSecret, LoginRefused) as refused:
            log.error("imap %s: %s", name, refused)
            self._refused_logins += 1
            return pause_after(self._refused_logins, LOGIN_PAUSE, LONGEST_LOGIN_PAUSE, self._rng)
        except (OSError, IMAPClientError, Refused, TooLong) as error:
            if not self._stopping.is_set():
                log.warning("imap %s: the connection ended: %s", name, _why(error))
        except Exception:
            log.exception("imap %s stumbled; it begins anew", name)
        self._collector.stumbled()
        settled = time.monotonic() - began > _SETTLED_SECONDS
        self._failures = 1 if settled else self._failures + 1
        return pause_after(self._failures, FIRST_PAUSE, LONGEST_PAUSE, self._rng)

    def _live(self) -> None:
        self.pulse.expect(LONGEST_PAUSE)
        secret = read_secret(self.settings)
        session = ImapSession(self.settings, connect(self.settings, secret, self.pulse), self.pulse)
        self._refused_logins = 0
        try:
            session.idles = session.idles and self._refused_idles < _REFUSED_IDLES
            self._serve(session)
        finally:
            session.close()

    def _serve(self, session: ImapSession) -> None:
        settings = self.settings
        longest = settings.idle_seconds if session.idles else settings.poll_seconds
        everything_at = time.monotonic()
        false_alarms = 0
        while not self._stopping.is_set():
            if time.monotonic() >= everything_at:
                self._collector.look_at_everything(session)
                everything_at = time.monotonic() + settings.full_pass_seconds
            elif self._wait(session, min(longest, max(0.0, everything_at - time.monotonic()))):
                false_alarms = 0 if self._collector.look_for_news(session) else false_alarms + 1
                if session.idles and false_alarms > _FALSE_ALARMS:
                    self._stopping.wait(1.0)

    def _wait(self, session: ImapSession, seconds: float) -> bool:
        try:
            news = session.wait(seconds, self._woken)
        except Refused:
            self._refused_idles += 1
            raise
        self._refused_idles = 0
        return news and not self._stopping.is_set()


class ImapDoor:
    """All mailboxes of this node. Two nodes may read one mailbox: each mail is taken in once all the same."""

    def __init__(
        self, mailboxes: Sequence[MailboxSettings], book: Book, clock: Clock, rng: random.Random
    ) -> None:
        self._mailboxes = [Mailbox(one, book, clock, rng) for one in mailboxes]
        self._stopping = threading.Event()
        self._watch_seconds = 1.0
        self._watcher = threading.Thread(target=self._watch, name="imap-watch", daemon=True)

    def start(self) -> None:
        """Start a thread for each mailbox; with none there is nothing to watch."""
        for mailbox in self._mailboxes:
            mailbox.thread.start()
        if self._mailboxes:
            self._watcher.start()

    def stop(self, polite_seconds: float = 1.0, last_seconds: float = 1.0) -> None:
        """End all threads: at their next step, then by cutting their connections.

        One that nobody greets yet is left behind; it stores nothing any more.
        """
        if self._stopping.is_set():
            return
        self._stopping.set()
        for mailbox in self._mailboxes:
            mailbox.stop()
        self._join(polite_seconds)
        for mailbox in self._mailboxes:
            mailbox.pulse.cut()
        self._join(last_seconds)
        if self._mailboxes:
            self._watcher.join(last_seconds)

    def _join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for mailbox in self._mailboxes:
            mailbox.thread.join(max(0.0, until - time.monotonic()))

    def _watch(self) -> None:
        """Cut what has been quiet for longer than it had said; its thread then begins anew."""
        while not self._stopping.wait(self._watch_seconds):
            for mailbox in self._mailboxes:
                if time.monotonic() > mailbox.pulse.due_at:
                    log.error("imap %s: no progress; its connection is cut", mailbox.settings.name)
                    mailbox.pulse.expect(LONGEST_PAUSE)
                    mailbox.pulse.cut()


def pause_after(failures: int, first: float, longest: float, rng: random.Random) -> float:
    """Return how many seconds to wait after so many failures in a row: doubling, bounded, and drawn."""
    return min(longest, first * 2.0 ** min(failures - 1, 30)) * rng.uniform(0.5, 1.0)


def _why(error: Exception) -> str:
    text = "".join(c if c.isprintable() else "?" for c in str(error)[:200])
    return f"{type(error).__name__}: {text}"
