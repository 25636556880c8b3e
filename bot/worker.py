"""Claim one inbox item, have it read and decided, and give the claim its result."""

import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlmodel import Session

from bot import maillog
from bot.applying import apply
from bot.bells import Bell
from bot.clock import Clock
from bot.deciding import Command, Decision, Item, decide, who
from bot.deciding.who import dns_is_silent
from bot.desk import World
from bot.identity.authentication import Border
from bot.identity.direct import DirectRules
from bot.ledger import Resume
from bot.mail import Envelope, Mail, PaperReading, Unreadable
from bot.outcome import TryLater
from bot.reading.client import Conversation, ReadingHelper
from bot.surety.address import compared
from bot.surety.office import Office
from bot.surety.party import Sender
from bot.unpacking import has_archives, unpacked, waiting_notices
from bot.verifying import is_ours_to_verify, verified
from storage import changes, inbox, verification
from storage.database import Database
from storage.directory import DirectoryView
from storage.inbox import Claim
from storage.ledger import LedgerView
from storage.sealed import Sealer
from storage.steps import LostClaim

if TYPE_CHECKING:
    from bot.dns import Resolver

_LONGEST_PAUSE = timedelta(hours=1)  # between two tries of a mail that nothing waits behind
PAPERS_A_MAIL = 20
PAPERS_OF_A_STRANGER = 2


@dataclass(frozen=True)
class Settings:
    """What a worker must know of the configuration."""

    office: Office
    border: Border
    node: str
    first_numbers: dict[str, int]  # where a series of numbers starts, if not at 1
    lease: timedelta
    retry: timedelta
    direct: DirectRules | None = None  # None: only our border's word on a source counts


class _DnsSilent(TryLater):
    """The DNS did not answer what a mail's proof hangs on."""


class Worker:
    """Claims, reads, decides and applies; one instance may serve several threads."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        reading: ReadingHelper,
        clock: Clock,
        settings: Settings,
        inbox_bell: Bell,
        letter_bell: Bell,
        resolver: "Resolver | None" = None,
    ) -> None:
        """Put a worker together; without a `resolver` nothing is verified by ourselves."""
        self._resolver = resolver
        self._database = database
        self._sealer = sealer
        self._reading = reading
        self._clock = clock
        self._settings = settings
        self._inbox_bell = inbox_bell
        self._letter_bell = letter_bell
        self._rng = random.SystemRandom()
        self._code_secret = sealer.derive("codes")

    def step(self) -> bool:
        """Decide one item, if one is due; say whether there was one."""
        now = self._clock.now()
        claim = self._database.write(
            lambda session: inbox.claim(session, self._settings.node, now, self._settings.lease)
        )
        if claim is None:
            return False
        started = time.monotonic()
        item: Item | None = None
        try:
            item = self._read(claim)
            decision = self._database.write(partial(self._decide, claim=claim, item=item))
        except TryLater as later:
            maillog.delayed(claim.inbox_id, str(later))
            if isinstance(later, _DnsSilent):
                self._wait_for_dns(claim, str(later))
            else:
                self._give_back(claim, item, str(later), ours=False, gives_way=later.gives_way)
        except LostClaim as lost:
            # Another node was quicker, or two changes of ours collide each time: the third time it is parked.
            maillog.delayed(claim.inbox_id, str(lost))
            self._give_back(claim, item, str(lost), ours=True)
        except Exception as error:
            maillog.our_fault(claim.inbox_id)
            self._give_back(claim, item, f"our fault: {type(error).__name__}", ours=True)
        else:
            elapsed = (time.monotonic() - started) * 1000
            maillog.decided(claim.inbox_id, decision.state, decision.outcome.note, elapsed)
            self._wake(decision)
        return True

    def _wake(self, decision: Decision) -> None:
        if decision.outcome.letters:
            self._letter_bell.ring()
        if any(isinstance(change, Resume) for change in decision.outcome.changes):
            self._inbox_bell.ring()  # nothing else lets another mail go on; this thread looks again anyway

    def _wait_for_dns(self, claim: Claim, reason: str) -> None:
        """Put a mail back until the DNS may answer, the longer the older it is. Nothing waits behind it."""
        due_at = self._clock.now() + self._longer_pause(claim)
        with suppress(LostClaim):
            self._database.write(
                lambda session: inbox.try_later(session, claim, due_at, reason, gives_way=True)
            )

    def _longer_pause(self, claim: Claim) -> timedelta:
        waited = self._clock.now() - claim.received_at
        return max(self._settings.retry, min(waited / 4, _LONGEST_PAUSE))

    def _give_back(
        self, claim: Claim, item: Item | None, reason: str, *, ours: bool, gives_way: bool = False
    ) -> None:
        pause = self._settings.retry * 2 ** (claim.attempt - 1)
        due_at = self._clock.now() + (self._longer_pause(claim) if gives_way else pause)

        def job(session: Session) -> None:
            if ours:
                inbox.failed(session, claim, due_at, reason)
            else:
                inbox.try_later(session, claim, due_at, reason, gives_way=gives_way)
            _keep_verified(session, item, self._clock.now())

        try:
            self._database.write(job)
        except LostClaim:
            maillog.delayed(claim.inbox_id, "somebody else has it")

    def _read(self, claim: Claim) -> Item:
        with self._database.reading() as session:
            data = inbox.data_of(session, self._sealer, claim.inbox_id)
        if claim.source == "command":
            return _item(claim, _command(data))
        # A mailbox knows no envelope sender: what it fetched tells a null one by its Return-Path alone.
        null_sender = claim.source != "imap" and claim.envelope["mail_from"] == ""
        with self._reading.read(data, null_sender=null_sender) as conversation:
            content = conversation.mail
            if isinstance(content, Mail):
                content = self._verified(claim, content, conversation)
            item = _item(claim, content)
            if isinstance(content, Mail) and has_archives(content):
                item = self._unpacked(claim, item, content, conversation)
            papers: tuple[PaperReading, ...] = ()
            if isinstance(item.content, Mail) and (indexes := self._costly(claim, item.content)):
                papers = conversation.papers(indexes)
        return replace(item, papers=papers)

    def _unpacked(self, claim: Claim, item: Item, mail: Mail, conversation: Conversation) -> Item:
        """Open the archives of whom the directory knows; a stranger's stay closed."""
        with self._database.reading() as session:
            world = self._world(session, claim)
            sender = who(item, world)
            if not isinstance(sender, Sender):
                return item
            notices = waiting_notices(mail, sender, world.ledger)
        return unpacked(item, mail, notices, conversation, self._notice)

    def _notice(self, inbox_id: int) -> Mail | Unreadable:
        """Read another mail again, one that tells a password."""
        with self._database.reading() as session:
            data = inbox.data_of(session, self._sealer, inbox_id)
        with self._reading.read(data, null_sender=False) as conversation:
            return conversation.mail

    def _verified(self, claim: Claim, mail: Mail, conversation: Conversation) -> Mail:
        """Find out where a mail comes from, once: what was settled counts in every later round.

        Raises _DnsSilent while the DNS owes us an answer that matters.
        """
        rules, envelope = self._settings.direct, Envelope.model_validate(claim.envelope)
        if self._resolver is None or rules is None:
            return mail
        if not is_ours_to_verify(mail, envelope, self._settings.border):
            return mail
        with self._database.reading() as session:
            kept = verification.find(session, claim.inbox_id)
        if kept is not None:
            return mail.model_copy(update={"verification": kept})
        mail = verified(mail, envelope, rules, conversation, self._resolver)
        with self._database.reading() as session:
            world = self._world(session, claim)
            owed = dns_is_silent(_item(claim, mail), mail, world, tried=claim.tried)
        if owed:
            raise _DnsSilent(f"the DNS gives no answer for {owed}")
        return mail

    def _costly(self, claim: Claim, mail: Mail) -> list[int]:
        """The costly rungs are for whom the directory knows; strangers get few, automatic mail none."""
        pdfs = [one.index for one in mail.attachments if one.kind == "pdf"][:PAPERS_A_MAIL]
        if not pdfs or mail.is_machines:
            return []
        with self._database.reading() as session:
            sender = who(_item(claim, mail), self._world(session, claim))
        if isinstance(sender, Sender):
            return pdfs
        return [] if sender.refused_by_dmarc else pdfs[:PAPERS_OF_A_STRANGER]

    def _world(self, session: Session, claim: Claim, *, lock: bool = False) -> World:
        settings = self._settings
        return World(
            ledger=LedgerView(session, self._sealer, claim.inbox_id, lock=lock),
            directory=DirectoryView(session),
            office=settings.office,
            border=settings.border,
            now=self._clock.now(),
            numbers=lambda series: changes.next_number(
                session, series, settings.first_numbers.get(series, 1)
            ),
            rng=self._rng,
            code_secret=self._code_secret,
            direct=settings.direct,
        )

    def _decide(self, session: Session, claim: Claim, item: Item) -> Decision:
        inbox.still_mine(session, claim)
        if isinstance(item.content, Mail) and item.content.from_address is not None:
            inbox.alone_with(session, compared(item.content.from_address))
        world = self._world(session, claim, lock=True)
        _keep_verified(session, item, world.now)
        decision = decide(item, world)
        apply(session, self._sealer, claim, item, decision, world.now)
        return decision


def _item(claim: Claim, content: Mail | Unreadable | Command) -> Item:
    envelope = Envelope.model_validate(claim.envelope)
    return Item(claim.inbox_id, claim.round, envelope, content, known=claim.known)


def _keep_verified(session: Session, item: Item | None, now: datetime) -> None:
    if item is not None and isinstance(item.content, Mail) and item.content.verification is not None:
        verification.keep(session, item.inbox_id, item.content.verification, now)


def _command(data: bytes) -> Command:
    return Command(**json.loads(data))


def command_bytes(command: Command) -> bytes:
    """Write a command down for the inbox."""
    fields = {"word": command.word, "arguments": command.arguments, "person": compared(command.person)}
    return json.dumps({**fields, "case_code": command.case_code}, ensure_ascii=False).encode()
