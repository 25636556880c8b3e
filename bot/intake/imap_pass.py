"""One mailbox's mails into the inbox: what is new there, in which order, and what becomes of it."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.clock import Clock
from bot.intake.imap_session import Fetched, ImapSession, Refused, TooLong
from bot.intake.imap_settings import MailboxSettings
from bot.mail import Envelope, MailFolder

log = logging.getLogger(__name__)

_PAGE = 200  # UIDs looked at together
_BATCH_MAILS = 50  # fetched with one command, stored with one commit
_BATCH_BYTES = 2_000_000  # and no more than this, so that memory stays flat; one mail may be bigger
_OLDEST = timedelta(days=366)
_LEAST_SHARE = 0.9  # of the size announced: some servers count line ends as they store them
_TROUBLE_SECONDS = 3600.0  # at most, until a mail that breaks the connection is tried again


class NewMail(NamedTuple):
    """One mail to be stored: nobody's envelope sender is known to a mailbox."""

    uid: int
    envelope: Envelope
    data: bytes


class Book(Protocol):
    """The durable record of what was fetched. Each call returns after its commit, and may be repeated."""

    def known(self, folder: MailFolder, uids: Sequence[int]) -> Mapping[int, bool]:
        """Return which of these ascending UIDs are in the inbox, and of each whether it is filed."""

    def accept(self, folder: MailFolder, mails: Sequence[NewMail], *, filed: bool) -> None:
        """Store mails in the inbox and note them, in one transaction each."""

    def filed(self, folder: MailFolder, uids: Sequence[int]) -> None:
        """Note that these are flagged or moved."""

    def leave(self, folder: MailFolder, uid: int) -> bool:
        """Note that one is too big for us and stays; say whether that is news."""

    def passed(self, folder: MailFolder, present: Collection[int], *, whole: bool) -> None:
        """Note a look at everything, of which these UIDs are present; `whole` where all of it was fetched."""


def moment_of(internal_date: datetime | None, now: datetime) -> datetime:
    """Return when a mail reached us: when the provider took it in, which is when it was in our hands.

    A moment that cannot be (in the future, without a zone, over a year ago as of mails copied from elsewhere)
    gives way to now.
    """
    if internal_date is None or internal_date.tzinfo is None:
        return now
    return internal_date if now - _OLDEST <= internal_date <= now else now


class Collector:
    """Brings what one folder holds into the inbox. For one thread; it outlives its connections."""

    def __init__(self, settings: MailboxSettings, book: Book, clock: Clock) -> None:
        self._settings = settings
        self._book = book
        self._clock = clock
        self._folder: MailFolder | None = None
        self._highest = 0  # UID looked at
        self._under_way: Sequence[int] = ()  # being fetched: suspects, should the connection break
        self._troubles: dict[int, tuple[int, float]] = {}  # UID -> how often it broke, not before (monotonic)
        self._longer: set[int] = set()  # UIDs of mails that are longer than the server says

    def look_at_everything(self, session: ImapSession) -> None:
        """Fetch all that is not in the inbox yet, and file what an earlier run could not."""
        folder = session.select()
        if folder != self._folder:
            if self._folder is not None:
                log.warning("imap %s: UIDVALIDITY changed; all is looked at again", folder.account)
            self._folder, self._highest, self._troubles, self._longer = folder, 0, {}, set()
        uids = session.uids()
        whole = self._take(session, folder, uids)
        self._highest = max([self._highest, *uids[-1:]])
        self._book.passed(folder, frozenset(uids), whole=whole)

    def look_for_news(self, session: ImapSession) -> bool:
        """Fetch what came after all that was seen; say whether anything did."""
        assert self._folder is not None, "everything is looked at first"
        uids = session.uids_from(self._highest + 1)
        self._take(session, self._folder, uids)
        self._highest = max([self._highest, *uids[-1:]])
        return bool(uids)

    def stumbled(self) -> None:
        """Remember which mails were under way when the connection broke: they come last, and one by one."""
        for uid in self._under_way:
            self._note_trouble(uid)
        self._under_way = ()

    def _note_trouble(self, uid: int) -> None:
        count = self._troubles.get(uid, (0, 0.0))[0] + 1
        wait = 0.0 if count == 1 else min(_TROUBLE_SECONDS, 15.0 * 4 ** (count - 1))
        self._troubles[uid] = (count, time.monotonic() + wait)
        if count == 2:
            log.error("imap %s: mail UID %d cannot be fetched", self._settings.name, uid)

    def _take(self, session: ImapSession, folder: MailFolder, uids: Sequence[int]) -> bool:
        """Take mails in, page by page; return whether none had to be put off."""
        suspects: list[int] = []
        for start in range(0, len(uids), _PAGE):
            page = uids[start : start + _PAGE]
            known = self._book.known(folder, page)
            self._file(session, folder, [uid for uid in page if known.get(uid) is False])
            new = [uid for uid in page if uid not in known]
            suspects += [uid for uid in new if uid in self._troubles]
            for batch in self._batches(session, folder, [uid for uid in new if uid not in self._troubles]):
                self._fetch(session, folder, batch)
        for uid in suspects:
            if self._troubles[uid][1] <= time.monotonic():
                for batch in self._batches(session, folder, [uid]):
                    self._fetch(session, folder, batch)
        return not any(uid in self._troubles for uid in uids)

    def _batches(
        self, session: ImapSession, folder: MailFolder, uids: Sequence[int]
    ) -> Iterator[dict[int, int]]:
        """Group mails that are there and not too big, in order, with their sizes."""
        sizes = session.sizes(uids) if uids else {}
        batch: dict[int, int] = {}
        held = 0
        for uid in uids:
            if (size := sizes.get(uid)) is None:
                self._gone(uid)
                continue
            if size > self._settings.max_bytes or uid in self._longer:
                self._leave(session, folder, uid, size)
                continue
            if batch and (len(batch) >= _BATCH_MAILS or held + size > _BATCH_BYTES):
                yield batch
                batch, held = {}, 0
            batch[uid] = size
            held += size
        if batch:
            yield batch

    def _gone(self, uid: int) -> None:
        self._troubles.pop(uid, None)
        log.info("imap %s: mail UID %d was taken away before it was fetched", self._settings.name, uid)

    def _leave(self, session: ImapSession, folder: MailFolder, uid: int, size: int) -> None:
        self._troubles.pop(uid, None)
        if self._book.leave(folder, uid):
            text = "imap %s: mail UID %d (%d bytes) is bigger than smtp.max_bytes; it stays in the folder"
            log.error(text, self._settings.name, uid, size)
            try:
                session.mark_too_big(uid)
            except Refused as refused:
                log.warning("imap %s: it cannot be marked: %s", self._settings.name, refused)

    def _fetch(self, session: ImapSession, folder: MailFolder, sizes: Mapping[int, int]) -> None:
        self._under_way = uids = list(sizes)
        try:
            mails = session.fetch(uids)
        except Refused as refused:
            self._under_way = ()
            self._refused(session, folder, sizes, refused)
            return
        except TooLong:
            if len(uids) == 1:
                self._under_way = ()
                self._longer.add(uids[0])
            raise
        self._under_way = ()
        cut = {one.uid for one in mails if self._is_cut(one, sizes)}
        self._accept(session, folder, [one for one in mails if one.uid not in cut])
        for uid in uids:
            if uid in cut:
                self._note_trouble(uid)
            else:
                self._troubles.pop(uid, None)

    def _is_cut(self, mail: Fetched, sizes: Mapping[int, int]) -> bool:
        """Say whether clearly less came than the server announced (RFC 9051 §7.5.2: RFC822.SIZE).

        Such a mail stays where it is and is fetched again, however often it takes: filed away it would be
        gone for everybody. That it is missing shows, for no pass over the folder is whole without it.
        """
        size = sizes.get(mail.uid, 0)
        if mail.data and len(mail.data) >= size * _LEAST_SHARE:
            return False
        text = "imap %s: of mail UID %d came %d bytes of %d; it is fetched again"
        log.warning(text, self._settings.name, mail.uid, len(mail.data), size)
        return True

    def _refused(
        self, session: ImapSession, folder: MailFolder, sizes: Mapping[int, int], refused: Refused
    ) -> None:
        if len(sizes) == 1:
            (uid,) = sizes
            log.warning("imap %s: mail UID %d: %s", self._settings.name, uid, refused)
            self._note_trouble(uid)
            return
        for uid, size in sizes.items():
            self._fetch(session, folder, {uid: size})

    def _accept(self, session: ImapSession, folder: MailFolder, mails: Sequence[Fetched]) -> None:
        now = self._clock.now()
        new = [NewMail(one.uid, self._envelope(one, now), one.data) for one in mails]
        self._book.accept(folder, new, filed=self._settings.after == "keep")
        self._file(session, folder, [one.uid for one in mails])

    def _envelope(self, mail: Fetched, now: datetime) -> Envelope:
        return Envelope(
            mail_from="",
            recipients=(self._settings.desk,),
            peer="",
            source="imap",
            account=self._settings.name,
            received_at=moment_of(mail.internal_date, now),
        )

    def _file(self, session: ImapSession, folder: MailFolder, uids: Sequence[int]) -> None:
        if not uids or self._settings.after == "keep":
            return
        try:
            session.file(uids)
        except Refused as refused:
            log.warning("imap %s: %d mails are not filed yet: %s", self._settings.name, len(uids), refused)
            return
        self._book.filed(folder, uids)
