"""Decide one inbox item, and apply the decision in one transaction."""

import json
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot import maillog
from bot.bells import Bell
from bot.clock import Clock
from bot.deciding import Command, Decision, Item, decide, who
from bot.deciding.guard import words_digest
from bot.desk import World
from bot.identity.authentication import Border
from bot.ledger import Resume
from bot.mail import Envelope, Mail, PaperReading, Unreadable
from bot.outcome import TryLater
from bot.reading.client import ReadingHelper
from bot.reading.keys_in_text import without_keys
from bot.surety.address import compared
from bot.surety.office import Office
from bot.surety.party import Sender
from storage import changes, inbox, journal, letters
from storage.database import Database
from storage.directory import DirectoryView
from storage.inbox import Claim
from storage.ledger import LedgerView
from storage.sealed import Sealer
from storage.states import InboxState
from storage.steps import LostClaim

PAPERS_A_MAIL = 20
PAPERS_OF_A_STRANGER = 2
_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True)
class Settings:
    """What a worker must know of the configuration."""

    office: Office
    border: Border
    node: str
    first_numbers: dict[str, int]  # where a series of numbers starts, if not at 1
    lease: timedelta
    retry: timedelta


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
    ) -> None:
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
        try:
            item = self._read(claim)
            decision = self._database.write(lambda session: self._decide(session, claim, item))
        except TryLater as later:
            maillog.delayed(claim.inbox_id, str(later))
            self._give_back(claim, str(later), ours=False)
        except LostClaim as lost:
            # Another node was quicker, or two changes of ours collide each time: the third time it is parked.
            maillog.delayed(claim.inbox_id, str(lost))
            self._give_back(claim, str(lost), ours=True)
        except Exception as error:
            maillog.our_fault(claim.inbox_id)
            self._give_back(claim, f"our fault: {type(error).__name__}", ours=True)
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

    def _give_back(self, claim: Claim, reason: str, *, ours: bool) -> None:
        due_at = self._clock.now() + self._settings.retry * 2 ** (claim.attempt - 1)
        back = inbox.failed if ours else inbox.try_later
        try:
            self._database.write(lambda session: back(session, claim, due_at, reason))
        except LostClaim:
            maillog.delayed(claim.inbox_id, "somebody else has it")

    def _read(self, claim: Claim) -> Item:
        with self._database.reading() as session:
            data = inbox.data_of(session, self._sealer, claim.inbox_id)
        if claim.source == "command":
            return _item(claim, _command(data))
        null_sender = claim.envelope["mail_from"] == ""
        with self._reading.read(data, null_sender=null_sender) as conversation:
            content = conversation.mail
            papers: tuple[PaperReading, ...] = ()
            if isinstance(content, Mail) and (indexes := self._costly(claim, content)):
                papers = conversation.papers(indexes)
        return _item(claim, content, papers)

    def _costly(self, claim: Claim, mail: Mail) -> list[int]:
        """The costly rungs are for whom the directory knows; strangers get few, automatic mail none."""
        pdfs = [one.index for one in mail.attachments if one.kind == "pdf"][:PAPERS_A_MAIL]
        if not pdfs or mail.automatic:
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
        )

    def _decide(self, session: Session, claim: Claim, item: Item) -> Decision:
        inbox.still_mine(session, claim)
        if isinstance(item.content, Mail) and item.content.from_address is not None:
            inbox.alone_with(session, compared(item.content.from_address))
        world = self._world(session, claim, lock=True)
        decision = decide(item, world)
        apply(session, self._sealer, claim, item, decision, world.now)
        return decision


def _next_number(session: Session, first: dict[str, int], series: str) -> int:
    return changes.next_number(session, series, first.get(series, 1))


def _item(claim: Claim, content: Mail | Unreadable | Command, papers: tuple[PaperReading, ...] = ()) -> Item:
    envelope = Envelope.model_validate(claim.envelope)
    return Item(claim.inbox_id, claim.round, envelope, content, papers, claim.known)


def _command(data: bytes) -> Command:
    return Command(**json.loads(data))


def apply(
    session: Session, sealer: Sealer, claim: Claim, item: Item, decision: Decision, now: datetime
) -> None:
    """Apply a decision inside the writer's transaction: changes, letters, journal, and the inbox row."""
    changes.apply(session, sealer, decision.outcome.changes, now)
    _queue_letters(session, sealer, claim, decision, now)
    _journal(session, claim, decision, now)
    _result(session, sealer, claim, item, decision, now)


def _queue_letters(session: Session, sealer: Sealer, claim: Claim, decision: Decision, now: datetime) -> None:
    for number, letter in enumerate(decision.outcome.letters):
        case = LedgerView(session, sealer).case(letter.case_code) if letter.case_code else None
        letters.queue(
            session,
            sealer,
            cause_key=letter.once or f"inbox:{claim.inbox_id}:{claim.round}:{number}",
            recipient=letter.recipient,
            body=letter.model_dump(mode="json"),
            templates=",".join(one.template for one in letter.sections),
            now=now,
            case_id=case.id if case is not None else None,
            inbox_id=claim.inbox_id,
        )


def _journal(session: Session, claim: Claim, decision: Decision, now: datetime) -> None:
    detail: dict[str, Any] = {"note": decision.outcome.note}
    actor = "unknown"
    if decision.sender is not None:
        actor = decision.sender.address or "unknown"
        detail |= {"proof": decision.sender.proof.value, "how": decision.sender.how}
    journal.append(
        session,
        decision.case.code if decision.case is not None else journal.SERVICE,
        f"mail {decision.state}",
        at=now,
        actor=actor,
        cause=f"inbox:{claim.inbox_id}:{claim.round}",
        detail=detail,
    )


def _result(
    session: Session, sealer: Sealer, claim: Claim, item: Item, decision: Decision, now: datetime
) -> None:
    columns: dict[str, Any] = {"reason": decision.reason}
    if decision.sender is not None:
        columns["writer_address"] = decision.sender.address
        columns["proof"] = decision.sender.proof.value
    if isinstance(decision.sender, Sender):
        columns["party_id"] = decision.sender.party.id
    if isinstance(item.content, Mail):
        mail = item.content
        columns |= {
            "subject": without_keys(mail.subject)[:_SUBJECT_CHARACTERS],
            "message_id": mail.message_id,
        }
        columns["logical_digest"] = sealer.fingerprint(mail.content_digest)
        columns["words_digest"] = sealer.fingerprint(words_digest(mail))
    if decision.case is not None:
        columns["case_id"] = decision.case.id
    hold = decision.outcome.hold
    if decision.state == "held" and hold is not None:
        inbox.hold(session, claim, hold.kind, hold.until, hold.model_dump(mode="json"), **columns)
    else:
        inbox.finish(session, claim, InboxState(decision.state), now, **columns)


def command_bytes(command: Command) -> bytes:
    """Write a command down for the inbox."""
    fields = {"word": command.word, "arguments": command.arguments, "person": compared(command.person)}
    return json.dumps({**fields, "case_code": command.case_code}, ensure_ascii=False).encode()
