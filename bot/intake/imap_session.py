"""What the mailbox door asks of an IMAP server: the few commands it needs, each bounded in time.

imapclient leaves two holes that are closed here. An EXISTS told with another command's answer, or in one
packet with the `+` of IDLE, is never told again: it is looked for before waiting. `idle_check` returns [] for
a dead peer at once and for ever: instead the socket is polled, and whatever wakes us, DONE must be answered.
"""

import logging
import select
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

from bot.intake.imap_connection import Connection, Pulse
from bot.intake.imap_settings import MailboxSettings
from bot.mail import MailFolder

log = logging.getLogger(__name__)

TAKEN = b"$HoshobinTaken"  # keywords, where the server keeps such (RFC 9051 §2.3.2)
TOO_BIG = b"$HoshobinTooBig"
_SEEN, _FLAGGED, _DELETED = rb"\Seen", rb"\Flagged", rb"\Deleted"
_SEARCHED = 2_000  # mails in one SEARCH: its answer is one line, and imaplib reads no line over 1 MB


class Refused(Exception):
    """The server said NO or BAD, or answered what nobody understands; the connection goes on."""


class TooLong(Exception):
    """A mail turned out to be longer than the server had said, and than we take; the connection is over."""


class Fetched(NamedTuple):
    """One mail as it came: its moment is the provider's word (INTERNALDATE), None where it gave none."""

    uid: int
    data: bytes
    internal_date: datetime | None


class ImapSession:
    """A connection that is logged in, for one thread.

    Raises Refused as above; OSError and IMAPClientAbortError where the connection is lost.
    """

    def __init__(self, settings: MailboxSettings, connection: Connection, pulse: Pulse) -> None:
        self._settings = settings
        self._client = connection.client
        self._literals = connection.literals
        self._pulse = pulse
        self._expect = pulse.expect
        self._exists = 0
        self._keywords: frozenset[bytes] = frozenset()
        self._read_only = False
        self._warned = False
        self.idles = connection.idles

    def close(self) -> None:
        """Log out, if the peer still listens."""
        self._expect(self._settings.read_seconds)
        try:
            self._client.logout()
        except Exception:
            with suppress(Exception):
                self._client.shutdown()
        finally:
            self._pulse.hold(None)

    def select(self) -> MailFolder:
        """Open the folder anew. Raises Refused where it is not there, or where its UIDs mean nothing."""
        self._expect(self._settings.work_seconds)
        keep = self._settings.after == "keep"
        self._read_only = keep
        try:
            answer = self._client.select_folder(self._settings.folder, readonly=keep)
        except IMAPClientReadOnlyError:
            log.warning("imap %s: the folder is read-only; nothing is filed there", self._settings.name)
            self._read_only = True
            answer = self._asked(self._client.select_folder, self._settings.folder, readonly=True)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise Refused(f"SELECT: {_short(error)}") from None
        self._exists = int(answer.get(b"EXISTS", 0))
        self._keywords = frozenset(answer.get(b"PERMANENTFLAGS", ()))
        self._told()
        uidvalidity = int(answer.get(b"UIDVALIDITY", 0))
        if not uidvalidity:
            raise Refused("SELECT: the server gives no UIDVALIDITY, so no mail can be told from another")
        name, folder = self._settings.name, self._settings.folder
        return MailFolder(account=name, folder=folder, uidvalidity=uidvalidity)

    def uids(self) -> list[int]:
        """Return the UIDs of all mails, ascending.

        From the newest down: a mail that somebody takes away meanwhile moves others down, never past us.
        """
        found: set[int] = set()
        for last in range(self._exists, 0, -_SEARCHED):
            found.update(self._search(f"{max(1, last - _SEARCHED + 1)}:{last}"))
        return sorted(found)

    def uids_from(self, uid: int) -> list[int]:
        """Return the UIDs from this one on, ascending. `n:*` names the last mail even where it is below n."""
        return sorted(one for one in self._search(f"UID {uid}:*") if one >= uid)

    def _search(self, criteria: str) -> list[int]:
        self._expect(self._settings.work_seconds)
        return list(self._asked(self._client.search, criteria))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return how many bytes each mail has; one that is gone has none."""
        self._expect(self._settings.work_seconds)
        answer = self._asked(self._client.fetch, uids, ["RFC822.SIZE"])
        return {uid: int(one[b"RFC822.SIZE"]) for uid, one in answer.items() if b"RFC822.SIZE" in one}

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """Return the bytes of these mails; those that are gone are left out. Raises TooLong."""
        self._expect(self._settings.work_seconds)
        try:
            answer = self._asked(self._client.fetch, uids, ["INTERNALDATE", "BODY.PEEK[]"])
        except IMAPClientAbortError as error:
            raise TooLong(_short(error)) if self._literals.refused else error from None
        return [
            Fetched(uid, one[b"BODY[]"], one.get(b"INTERNALDATE"))
            for uid, one in answer.items()
            if isinstance(one.get(b"BODY[]"), bytes)
        ]

    def file(self, uids: Sequence[int]) -> None:
        """Flag or move mails that are safely ours, as the settings say. Raises Refused."""
        if self._read_only or not uids:
            return
        if self._settings.after == "move" and self._can_move():
            self._move(uids)
        else:
            self._flag(uids, [_SEEN], TAKEN)

    def mark_too_big(self, uid: int) -> None:
        """Mark a mail that we leave where it is, so that people find it. Raises Refused."""
        if not self._read_only:
            self._flag([uid], [_FLAGGED], TOO_BIG)

    def _flag(self, uids: Sequence[int], flags: list[bytes], keyword: bytes) -> None:
        if rb"\*" in self._keywords or keyword in self._keywords:
            with suppress(Refused):  # some promise keywords and have room for no more
                return self._store(uids, [*flags, keyword])
        return self._store(uids, flags)

    def _store(self, uids: Sequence[int], flags: list[bytes]) -> None:
        self._expect(self._settings.work_seconds)
        self._asked(self._client.add_flags, uids, flags, silent=True)

    def _can_move(self) -> bool:
        """Without MOVE and UIDPLUS a mail leaves only by an EXPUNGE that takes other people's mails too."""
        can = bool(self._client.has_capability("MOVE") or self._client.has_capability("UIDPLUS"))
        if not can and not self._warned:
            log.warning("imap %s: the server cannot move mails; they are flagged", self._settings.name)
            self._warned = True
        return can

    def _move(self, uids: Sequence[int]) -> None:
        target = self._settings.processed_folder
        take = self._client.move if self._client.has_capability("MOVE") else self._client.copy
        self._expect(self._settings.work_seconds)
        try:
            self._asked(take, uids, target)
        except Refused:
            # It is there already, or this is why: a second refusal is the one that counts.
            with suppress(Refused):
                self._asked(self._client.create_folder, target)
            self._asked(take, uids, target)
        if not self._client.has_capability("MOVE"):
            self._store(uids, [_DELETED])
            self._asked(self._client.uid_expunge, uids)

    def wait(self, seconds: float, wake: socket.socket) -> bool:
        """Wait until the folder may hold something new, `wake` becomes readable, or the time is over.

        Returns True where it is worth looking. However it ends, the peer has answered once more.
        """
        if self._told():
            return True
        self._expect(seconds + 2 * self._settings.read_seconds)
        if not self.idles:
            if not _readable([wake], seconds):
                self._client.noop()
            return True
        try:
            self._client.idle()
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise Refused(f"IDLE: {_short(error)}") from None
        if not self._has_buffered():
            _readable([self._client.socket(), wake], seconds)
        self._client.idle_done()
        return self._told()

    def _told(self) -> bool:
        """Say whether the server told of new mails with any answer since we asked last."""
        _, told = self._client._imap.response("EXISTS")
        return bool(told != [None])

    def _has_buffered(self) -> bool:
        """Say whether the peer's next words came with its last ones: then no poll finds them."""
        imap, sock = self._client._imap, self._client.socket()
        if hasattr(imap, "_readbuf"):  # Python 3.14 keeps them itself
            return any(imap._readbuf)
        sock.setblocking(False)
        try:
            return bool(imap.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(self._settings.read_seconds)

    def _asked(self, command: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a command; what the server refused, or answered past understanding, is Refused."""
        try:
            return command(*arguments, **options)
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, ValueError, TypeError, AssertionError, IndexError) as error:
            raise Refused(f"{command.__name__}: {_short(error)}") from None


def _readable(sources: Sequence[socket.socket], seconds: float) -> bool:
    poller = select.poll()
    for one in sources:
        poller.register(one, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _short(error: Exception) -> str:
    """Return what the server said, printable and cut short."""
    text = str(error) or type(error).__name__
    return "".join(c if c.isprintable() else "?" for c in text[:200])
