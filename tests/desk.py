"""A desk to write to: mails decided one by one against a real database, without sockets and reading."""

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session, col, select

from bot.app import settings_of
from bot.applying import apply
from bot.clock import FixedClock
from bot.deciding import Command, Decision, Item, decide, who
from bot.desk import World
from bot.ledger import Change, Put
from bot.mail import Attachment, AuthenticationHeader, Envelope, Mail, MethodResult, PaperReading, Unreadable
from bot.operations.trial import HERE, trial_config
from bot.outcome import Letter, TryLater
from bot.requests import Unclear
from bot.surety import authkey
from bot.surety.address import compared
from bot.surety.application import Application
from bot.surety.guarantee import Guarantee
from bot.surety.orderer import Orderer
from bot.surety.party import Role, Sender
from bot.unpacking import has_archives, unpacked, waiting_notices
from bot.worker import Settings
from storage import changes, inbox, letters
from storage.database import Database
from storage.directory import DirectoryView, import_directory
from storage.ledger import LedgerView, auth_key
from storage.opening import Opened
from storage.sealed import load_key_file
from storage.tables import ApplicationRow, InboxRow, LetterRow, OrdererRow

START = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
BORDER = "border.hoshobin.example"
IYO = "soumu@iyo-kensetsu.example"  # 申込できる
IYO_SITE = "genba@iyo-kensetsu.example"  # 閲覧のみ
TOKUYAMA = "saeki@tokuyama-sekkei.example"  # another contractor, billed monthly
CITY = "keiyaku@city.iyonada.lg.example"
CITY_CLERK = "yamada-ichiro@city.iyonada.lg.example"  # only the domain is registered
OTHER_CITY = "keiyaku@city.matsuyama.lg.example"
EXAMINER = "shinsa@surety.example"
DECIDER = "kessai@surety.example"
COLLECTOR = "shuno@surety.example"
MANAGER = "kanri@surety.example"
STRANGER = "somebody@elsewhere.example"


@dataclass(frozen=True)
class Answered:
    """What one mail came to."""

    inbox_id: int
    decision: Decision

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The letters that it caused."""
        return self.decision.outcome.letters

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changed."""
        return self.decision.outcome.changes

    @property
    def words(self) -> list[str]:
        """The words that were understood; empty where none was, or where it was asked back."""
        asked = self.decision.requests
        return [] if isinstance(asked, Unclear) else [one.word for one in asked]

    @property
    def templates(self) -> list[str]:
        """The matters of all letters, in order."""
        return [section.template for letter in self.letters for section in letter.sections]

    def letter_to(self, address: str) -> Letter:
        """Return the one letter to an address."""
        (found,) = [letter for letter in self.letters if letter.recipient == address]
        return found


def authenticated(address: str, proof: str) -> tuple[AuthenticationHeader, ...]:
    """Return what our border writes for `proof`: dkim, spf, dmarc-fail or nothing."""
    domain = address.rpartition("@")[2]
    results = {
        "dkim": [MethodResult(method="dkim", result="pass", properties={"header.d": domain})],
        "spf": [MethodResult(method="spf", result="pass", properties={"smtp.mailfrom": domain})],
        "dmarc-fail": [MethodResult(method="dmarc", result="fail", properties={"header.from": domain})],
    }.get(proof)
    header = AuthenticationHeader(authserv_id=BORDER, above_received=True, results=tuple(results or ()))
    return (header,) if results else ()


@dataclass(frozen=True)
class _Child:
    """The reading child's part in opening an archive: one file comes out of each, with the right password."""

    mail: Mail
    password: str  # '' for an encryption that nobody here knows

    def unpack(self, passwords: Sequence[str]) -> tuple[Mail, tuple[int, ...]]:
        found = [self._tried(one, passwords) for one in self.mail.attachments]
        for one in [one for one in found if one.archive == "opened"]:
            name = f"contract-{one.index}.pdf"
            inner = {"index": len(found), "name": name, "kind": "pdf", "encrypted": False, "archive": ""}
            found.append(one.but(within=one.index, **inner))
        used = tuple(at for at, one in enumerate(passwords) if one == self.password)
        return self.mail.but(attachments=tuple(found)), used

    def _tried(self, one: Attachment, passwords: Sequence[str]) -> Attachment:
        if one.kind != "zip":
            return one
        if not one.encrypted or self.password in passwords:
            return one.but(archive="opened")
        if not self.password:
            return one.but(archive="unknown_encryption")
        return one.but(archive="wrong_password" if passwords else "locked")


class Desk:
    """窓口 over one database, with a clock that only moves when it is told to."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.clock = FixedClock(START)
        self.settings: Settings = settings_of(trial_config({}))
        self._contents: dict[int, tuple[Mail | Unreadable | Command, tuple[PaperReading, ...]]] = {}
        self._decided: dict[int, Answered] = {}
        self._locks: dict[int, str] = {}  # by inbox id: what opens the archives of a mail
        self._rng = random.Random(1)
        self.while_reading: Callable[[], object] | None = None  # done once, between reading and deciding
        path = Path(str(HERE / "trial_directory.toml"))
        opened.database.write(lambda session: import_directory(session, path))

    @property
    def address(self) -> str:
        """The one address that everything is sent to."""
        return self.settings.office.desk

    def set_office(self, **fields: object) -> None:
        """Change what the desk says of itself, e.g. one of its limits."""
        self.settings = replace(self.settings, office=self.settings.office.but(**fields))

    def give_roles(self, address: str, *roles: Role) -> None:
        """Register other roles for a mailbox that is registered."""

        def job(session: Session) -> None:
            box = DirectoryView(session).mailbox(address)
            assert box is not None
            change = Put(value=box.but(roles=frozenset(roles)))
            changes.apply(session, self.opened.sealer, (change,), self.clock.now())

        self.opened.database.write(job)

    def set_orderer(self, addressee: str, **fields: object) -> None:
        """Change an orderer's profile."""

        def job(session: Session) -> None:
            row = session.exec(select(OrdererRow).where(OrdererRow.addressee == addressee)).one()
            row.body = Orderer.model_validate({**row.body, **fields}).model_dump(mode="json")

        self.opened.database.write(job)

    def key_of(self, number: str) -> str:
        """Open the newest auth key of a guarantee, as its key notice prints it."""
        with self.opened.database.reading() as session:
            return authkey.display(auth_key(session, self.opened.sealer, number, 1))

    def mail(
        self, sender: str, says: str, *, subject: str = "", proof: str = "dkim", **fields: object
    ) -> Mail:
        """Make a mail to the desk, as reading would hand it over; `fields` are those of Mail."""
        number = len(self._contents) + 1
        values: dict[str, object] = {
            "message_id": f"mail-{number}@{sender.rpartition('@')[2]}",
            "from_address": sender,
            "to": (self.address,),
            "subject": subject,
            "new_text": says,
            "authentication": authenticated(sender, proof),
            "content_digest": hashlib.sha256(f"{subject}\0{says}".encode()).hexdigest(),
        }
        return Mail.model_validate({**values, **fields})

    def write(
        self,
        sender: str,
        says: str,
        *,
        subject: str = "",
        proof: str = "dkim",
        papers: tuple[PaperReading, ...] = (),
        opens_with: str = "",
        **fields: object,
    ) -> Answered:
        """Send a mail and have it decided. Raises TryLater where a limit delays it.

        The archives of its `attachments` that are encrypted want the password `opens_with`.
        """
        mail = self.mail(sender, says, subject=subject, proof=proof, **fields)
        return self.receive(mail, papers, opens_with=opens_with)

    def confirmed(self, sender: str, says: str, *, subject: str = "", proof: str = "dkim") -> Answered:
        """Send a mail, type the code where one is asked for, and return what the mail itself came to."""
        answered = self.write(sender, says, subject=subject, proof=proof)
        if answered.templates == ["confirmation"]:
            self.write(sender, str(answered.letter_to(sender).sections[0].values["code"]))
        return self._decided[answered.inbox_id]

    def receive(
        self,
        mail: Mail | Unreadable,
        papers: tuple[PaperReading, ...] = (),
        *,
        mail_from: str | None = None,
        recipient: str = "",
        opens_with: str = "",
    ) -> Answered:
        """Accept a mail and have it decided. Raises TryLater where a limit delays it.

        The envelope is from the visible From and to the desk, unless it is given.
        """
        sender = (mail.from_address or "") if mail_from is None else mail_from
        return self._accept(mail, papers, "smtp", sender, recipient, opens_with)

    def command(self, person: str, word: str, case_code: str | None = None, **arguments: str) -> Answered:
        """Give a command on the command line, as a named member of the staff."""
        command = Command(word=word, arguments=arguments, person=compared(person), case_code=case_code)
        return self._accept(command, (), "command", person)

    def _accept(
        self,
        content: Mail | Unreadable | Command,
        papers: tuple[PaperReading, ...],
        source: str,
        sender: str,
        recipient: str = "",
        opens_with: str = "",
    ) -> Answered:
        envelope = Envelope(
            mail_from=sender,
            recipients=(recipient or self.address,),
            peer="127.0.0.1",
            source="smtp" if source == "smtp" else "file",
            received_at=self.clock.now(),
        )
        data = f"mail {len(self._contents) + 1}".encode()
        body = envelope.model_dump(mode="json")
        new = inbox.arrival(self.opened.sealer, source, body, data, compared(sender), self.clock.now())
        inbox_id = self.opened.database.write(lambda session: inbox.accept(session, new))
        self._contents[inbox_id] = (content, papers)
        self._locks[inbox_id] = opens_with
        decided = self.resume()
        return next(one for one in decided if one.inbox_id == inbox_id)

    def resume(self) -> list[Answered]:
        """Decide whatever is due; return it in order."""
        decided = []
        while (one := self._step()) is not None:
            decided.append(one)
            self._decided[one.inbox_id] = one
        return decided

    def _step(self) -> Answered | None:
        now, settings = self.clock.now(), self.settings
        claim = self.opened.database.write(
            lambda session: inbox.claim(session, settings.node, now, settings.lease)
        )
        if claim is None:
            return None
        content, papers = self._contents[claim.inbox_id]
        envelope = Envelope.model_validate(claim.envelope)
        item = self._unpacked(Item(claim.inbox_id, claim.round, envelope, content, papers, claim.known))
        if (meanwhile := self.while_reading) is not None:
            self.while_reading = None
            meanwhile()

        def job(session: Session) -> Decision:
            decision = decide(item, self._world(session, claim.inbox_id))
            apply(session, self.opened.sealer, claim, item, decision, now)
            return decision

        try:
            return Answered(claim.inbox_id, self.opened.database.write(job))
        except TryLater as later:
            due_at, reason = now + settings.retry, str(later)
            gives_way = later.gives_way
            self.opened.database.write(
                lambda session: inbox.try_later(session, claim, due_at, reason, gives_way=gives_way)
            )
            raise

    def last(self, inbox_id: int) -> Answered:
        """Return what a mail came to when it was decided last."""
        return self._decided[inbox_id]

    def _unpacked(self, item: Item) -> Item:
        """Open archives as a worker does, but for the reading child."""
        mail = item.content
        if not isinstance(mail, Mail) or not has_archives(mail):
            return item
        with self.opened.database.reading() as session:
            world = self._world(session, item.inbox_id)
            sender = who(item, world)
            if not isinstance(sender, Sender):
                return item
            notices = waiting_notices(mail, sender, world.ledger)
        child = _Child(mail, self._locks[item.inbox_id])
        return unpacked(item, mail, notices, child, self._notice)

    def _notice(self, inbox_id: int) -> Mail | Unreadable:
        content = self._contents[inbox_id][0]
        assert not isinstance(content, Command)
        return content

    def _world(self, session: Session, inbox_id: int) -> World:
        first = self.settings.first_numbers
        return World(
            ledger=LedgerView(session, self.opened.sealer, inbox_id, lock=True),
            directory=DirectoryView(session),
            office=self.settings.office,
            border=self.settings.border,
            now=self.clock.now(),
            numbers=lambda series: changes.next_number(session, series, first.get(series, 1)),
            rng=self._rng,
            code_secret=self.opened.sealer.derive("codes"),
        )

    def deliver(self) -> None:
        """Give every queued letter the Message-ID by which it can be answered."""
        now = self.clock.now()

        def job(session: Session) -> bool:
            claim = letters.claim_to_write(session, "test", now, timedelta(minutes=1))
            if claim is None:
                return False
            sealed = letters.seal_letter(self.opened.sealer, claim.cause_key, b"letter")
            name = f"letter-{claim.letter_id}@hoshobin.example"
            letters.written(session, claim, message_id=name, subject="", size=6, sealed=sealed, now=now)
            return True

        while self.opened.database.write(job):
            pass

    def newest_letter(self, address: str, template: str) -> tuple[str, Letter]:
        """Return Message-ID and content of the newest letter to an address that carries a matter."""
        self.deliver()
        with self.opened.database.reading() as session:
            rows = select(LetterRow).where(LetterRow.recipient == address).order_by(col(LetterRow.id).desc())
            row = next(one for one in session.exec(rows) if template in one.templates.split(","))
            assert row.id is not None
            body = letters.body_of(session, self.opened.sealer, row.id)
            return row.message_id or "", Letter.model_validate(body)

    def value(self, address: str, template: str, name: str) -> object:
        """Return a value of the newest letter of a kind to an address, e.g. the code in it."""
        _, letter = self.newest_letter(address, template)
        section = next(one for one in letter.sections if one.template == template)
        return section.values[name]

    def state(self, inbox_id: int) -> str:
        """Return the state of one inbox row."""
        with self.opened.database.reading() as session:
            return session.get_one(InboxRow, inbox_id).state

    def letters_to(self, address: str) -> int:
        """Count the letters that were queued to an address."""
        with self.opened.database.reading() as session:
            return len(session.exec(select(LetterRow.id).where(LetterRow.recipient == address)).all())

    def application(self) -> Application:
        """Return the newest application of all."""
        with self.opened.database.reading() as session:
            rows = select(ApplicationRow).order_by(col(ApplicationRow.id).desc())
            row = session.exec(rows).first()
            assert row is not None
            return Application.model_validate(row.body)

    def guarantees(self) -> tuple[Guarantee, ...]:
        """Return the guarantees of the newest application's case."""
        case_id = self.application().case_id
        with self.opened.database.reading() as session:
            return LedgerView(session, self.opened.sealer).guarantees(case_id)


def _without_disk_waits(connection: sqlite3.Connection, _record: object) -> None:
    """These tests stop nothing halfway: what they write need not outlive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def open_desk(url: str, key_file: Path) -> Iterator[Desk]:
    """Open a desk over a fresh database that already has the newest schema."""
    opened = Opened(Database(url), load_key_file(key_file))
    event.listen(opened.database.engine, "connect", _without_disk_waits)
    try:
        yield Desk(opened)
    finally:
        opened.database.close()
