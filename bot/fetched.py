"""Make the mailbox door; what it fetched goes into the inbox, mail and note in one transaction."""

import hashlib
import random
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future

from sqlmodel import Session

from bot import maillog
from bot.bells import Bell
from bot.clock import Clock
from bot.config import Config, ImapPart
from bot.intake.imap import ImapDoor, MailboxSettings
from bot.intake.imap_pass import NewMail
from bot.mail import MailFolder
from storage import fetched, inbox
from storage.database import Database
from storage.opening import Opened
from storage.sealed import Sealer

_TLS_PORT, _PORT = 993, 143


class FetchedBook:
    """The durable record that `bot.intake.imap` is handed (its Book). For any number of threads."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, bell: Bell) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._bell = bell

    def known(self, folder: MailFolder, uids: Sequence[int]) -> Mapping[int, bool]:
        """Return which of these ascending UIDs are in the inbox, and of each whether it is filed."""
        with self._database.reading() as session:
            return fetched.known(session, folder, uids)

    def accept(self, folder: MailFolder, mails: Sequence[NewMail], *, filed: bool) -> None:
        """Store mails that share one commit. The same bytes, fetched before or elsewhere, are one row."""
        stored = [(mail, self._store(folder, mail, filed=filed)) for mail in mails]
        for mail, future in stored:
            maillog.fetched(future.result(), folder.account, mail.uid, len(mail.data))
        if stored:
            self._bell.ring()

    def _store(self, folder: MailFolder, mail: NewMail, *, filed: bool) -> Future[int]:
        envelope = mail.envelope
        new = inbox.arrival(
            self._sealer,
            envelope.source,
            envelope.model_dump(mode="json"),
            mail.data,
            "",
            envelope.received_at,
        )
        digest, now = hashlib.sha256(mail.data).hexdigest(), self._clock.now()

        def job(session: Session) -> int:
            inbox_id = inbox.accept(session, new)
            fetched.record(session, folder, mail.uid, digest, inbox_id, now, filed=filed)
            return inbox_id

        return self._database.submit(job, urgent=True)

    def filed(self, folder: MailFolder, uids: Sequence[int]) -> None:
        """Note that these are flagged or moved."""
        self._database.write(lambda session: fetched.filed(session, folder, uids))

    def leave(self, folder: MailFolder, uid: int) -> bool:
        """Note that one is too big for us and stays; say whether that is news."""
        now = self._clock.now()
        return self._database.write(lambda session: fetched.leave(session, folder, uid, now))

    def passed(self, folder: MailFolder, present: Collection[int], *, whole: bool) -> None:
        """Note a look at everything; one that had to put mails off does not count for health."""
        now = self._clock.now()

        def job(session: Session) -> None:
            fetched.forget_gone(session, folder, present)
            if whole:
                fetched.passed(session, folder, now)

        self._database.write(job)


def mailbox_door(config: Config, opened: Opened, clock: Clock, bell: Bell) -> ImapDoor:
    """Make the door of all mailboxes that are configured; `bell` is rung when mails were accepted."""
    book = FetchedBook(opened.database, opened.sealer, clock, bell)
    return ImapDoor(
        [mailbox_settings(one, config) for one in config.imap], book, clock, random.SystemRandom()
    )


def mailbox_settings(part: ImapPart, config: Config) -> MailboxSettings:
    """Make what one mailbox is told from the configuration."""
    values = part.model_dump(exclude={"authserv_id", "port"})
    port = part.port or (_TLS_PORT if part.tls == "implicit" else _PORT)
    return MailboxSettings(**values, port=port, desk=config.service.desk, max_bytes=config.smtp.max_bytes)
