"""A worker over a real database, a real reading helper that verifies, and a real DNS server on loopback."""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from sqlmodel import Session, select

from bot.app import settings_of
from bot.bells import Bell
from bot.clock import FixedClock
from bot.dns import Resolver
from bot.identity.direct import DirectRules
from bot.mail import Envelope, Verification
from bot.operations.trial import HERE, trial_config
from bot.reading.client import ReadingHelper
from bot.surety.address import compared
from bot.worker import Settings, Worker
from storage import inbox, verification
from storage.directory import import_directory
from storage.opening import Opened
from storage.tables import InboxRow, LetterRow
from tests.verification.cases import IYO, IYO_SIGNS, PEER, head
from tests.verification.dns_server import DnsServer, txt
from tests.verification.signing import Head, Signer, signed

START = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
RELAY = "198.51.100.7"  # a peer whose Authentication-Results count


def zone(*signers: Signer, **texts: str) -> dict[tuple[str, str], list[str]]:
    """Write the keys of signers down for a DNS server; other records by name, `_` for a dot."""
    known = dict(one.published() for one in (signers or (IYO_SIGNS,)))
    known |= {name.replace("__", "-").replace("_", "."): text for name, text in texts.items()}
    return {(name, "TXT"): [txt(value)] for name, value in known.items()}


class House:
    """One node without its door: mails are put into its inbox and decided when the test says so."""

    def __init__(self, opened: Opened, reading: ReadingHelper, dns: DnsServer, rules: DirectRules) -> None:
        self.opened = opened
        self.clock = FixedClock(START)
        made = settings_of(trial_config({}))
        border = made.border.model_copy(update={"trusted_peers": (RELAY,)})
        self._reading = reading
        self._dns = dns
        self.use(replace(made, direct=rules, border=border))
        path = Path(str(HERE / "trial_directory.toml"))
        opened.database.write(lambda session: import_directory(session, path))

    def use(self, settings: Settings) -> None:
        """Go on under other settings, with a resolver that knows nothing yet."""
        self.settings = settings
        self.resolver = Resolver([self._dns.address], 0.2)
        opened, bells = self.opened, (Bell(), Bell())
        self.worker = Worker(
            opened.database, opened.sealer, self._reading, self.clock, settings, *bells, self.resolver
        )

    def resume(self, inbox_id: int, **known: str) -> None:
        """Let a held mail go on, with more known, and decide it."""
        now = self.clock.now()
        self.opened.database.write(lambda session: inbox.resume(session, inbox_id, known, now))
        self.run()

    def accept(self, data: bytes, *, mail_from: str = IYO, peer: str = PEER) -> int:
        """Put a mail into the inbox; return its id."""
        now = self.clock.now()
        envelope = Envelope(
            mail_from=mail_from, recipients=(self.settings.office.desk,), peer=peer, received_at=now
        )
        body = envelope.model_dump(mode="json")
        new = inbox.arrival(self.opened.sealer, "smtp", body, data, compared(mail_from), now)
        return self.opened.database.write(lambda session: inbox.accept(session, new))

    def run(self) -> None:
        """Decide all that is due."""
        while self.worker.step():
            pass

    def receive(self, data: bytes, *, mail_from: str = IYO, peer: str = PEER) -> int:
        """Accept a mail and decide all that is due; return its id."""
        inbox_id = self.accept(data, mail_from=mail_from, peer=peer)
        self.run()
        return inbox_id

    def row(self, inbox_id: int) -> InboxRow:
        """Return one row of the inbox."""
        with self.opened.database.reading() as session:
            row = session.get_one(InboxRow, inbox_id)
            session.expunge(row)
            return row

    def kept(self, inbox_id: int) -> Verification | None:
        """Return what is kept of a mail's source."""
        with self.opened.database.reading() as session:
            return verification.find(session, inbox_id)

    def templates(self) -> list[str]:
        """Return the matters of all letters, in order."""

        def job(session: Session) -> list[str]:
            return list(session.exec(select(LetterRow.templates).order_by(LetterRow.id)))  # type: ignore[arg-type]

        with self.opened.database.reading() as session:
            return job(session)

    def mail(self, body: str, *signers: Signer, **changed: str) -> bytes:
        """Write a mail of now, signed by the contractor's own server unless others are named."""
        fields = {"date": format_datetime(self.clock.now()), **changed}
        lines: Head = head(**fields)
        return signed(lines, body.replace("\n", "\r\n"), *(signers or (IYO_SIGNS,)))
