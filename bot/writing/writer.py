"""Write one waiting letter: gather what it refers to, ask the helper, store the bytes."""

import hashlib
import hmac
from datetime import timedelta

from pydantic import JsonValue
from sqlmodel import Session

from bot import maillog
from bot.bells import Bell
from bot.clock import Clock
from bot.outcome import DocumentRef, Letter
from bot.surety import authkey
from bot.surety.office import Office
from bot.surety.party import PartyKind
from bot.trouble import PARKED, tell_managers
from bot.writing.client import WritingFault, WritingHelper
from bot.writing.jobs import JobAttachment, LetterJob, PaperJob, WrittenLetter
from bot.writing.papers import file_name, paper_job
from bot.writing.threads import references
from storage import documents, letters
from storage.database import Database
from storage.directory import DirectoryView
from storage.ledger import LedgerView, auth_key
from storage.letters import LetterClaim
from storage.sealed import Sealer
from storage.steps import LostClaim
from storage.tables import InboxRow


class LetterWriter:
    """Claims waiting letters and makes them ready."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        helper: WritingHelper,
        clock: Clock,
        office: Office,
        node: str,
        lease: timedelta,
        retry: timedelta,
        ready_bell: Bell,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._helper = helper
        self._clock = clock
        self._office = office
        self._node = node
        self._lease = lease
        self._retry = retry
        self._ready_bell = ready_bell
        self._id_secret = sealer.derive("message ids")

    def step(self) -> bool:
        """Write one letter, if one waits; say whether there was one."""
        now = self._clock.now()
        claim = self._database.write(
            lambda session: letters.claim_to_write(session, self._node, now, self._lease)
        )
        if claim is None:
            return False
        try:
            job = self._job(claim)
            done = self._helper.letter(job)
            self._store(claim, job, done)
        except LostClaim:
            maillog.not_sent(claim.letter_id, "lost", "withdrawn or written by another")
        except Exception as error:
            maillog.writing_failed(claim.letter_id)
            self._give_back(claim, error)
        else:
            size = len(done.data)
            maillog.written(claim.letter_id, claim.recipient, _templates(job.letter), size)
            self._ready_bell.ring()
        return True

    def _job(self, claim: LetterClaim) -> LetterJob:
        with self._database.reading() as session:
            letter = Letter.model_validate(letters.body_of(session, self._sealer, claim.letter_id))
        attachments = tuple(self._attachment(ref) for ref in letter.documents)
        with self._database.reading() as session:
            in_reply_to, parents = _answered(session, claim) if letter.answers else ("", "")
            return LetterJob(
                letter=letter,
                office=self._office,
                salutation=salutation(DirectoryView(session), claim.recipient),
                message_id=self._message_id(claim),
                written_at=claim.created_at,
                in_reply_to=in_reply_to,
                references=references(letter.case_code, self._office.domain, parents, in_reply_to),
                keys=self._keys(session, letter),
                attachments=attachments,
            )

    def _keys(self, session: Session, letter: Letter) -> dict[str, str]:
        """Fetch the keys of the sections that carry the key notice, as they are shown."""
        refs = [one.key for one in letter.sections if one.key is not None]
        return {
            f"{ref.guarantee_number}/{ref.version}": authkey.display(
                auth_key(session, self._sealer, ref.guarantee_number, ref.version)
            )
            for ref in refs
        }

    def _attachment(self, ref: DocumentRef) -> JobAttachment:
        """Return a paper as it is stored; where it was never made, draw and store it first."""
        with self._database.reading() as session:
            stored = documents.find(session, self._sealer, ref.of, ref.version, ref.kind)
            job = None if stored else self._paper_job(session, ref)
        if stored is None:
            assert job is not None
            self._store_paper(ref, self._helper.paper(job))
            with self._database.reading() as session:
                stored = documents.find(session, self._sealer, ref.of, ref.version, ref.kind)
            assert stored is not None
        return JobAttachment(file_name=stored.file_name, media_type=stored.media_type, data=stored.data)

    def _paper_job(self, session: Session, ref: DocumentRef) -> PaperJob:
        guarantee = LedgerView(session, self._sealer).guarantee(ref.of.partition(":")[2])
        if guarantee is None or guarantee.number is None:
            raise LookupError(f"there is no {ref.of}")
        key = ""
        if ref.kind == "key_notice":
            key = auth_key(session, self._sealer, guarantee.number, ref.version).get_secret_value()
        orderer = DirectoryView(session).orderer(guarantee.orderer_id)
        return paper_job(ref, guarantee, orderer, self._office, key)

    def _store_paper(self, ref: DocumentRef, data: bytes) -> None:
        sealed = documents.seal_document(self._sealer, ref.of, ref.version, ref.kind, data)
        now = self._clock.now()
        self._database.write(
            lambda session: documents.store(
                session,
                of=ref.of,
                version=ref.version,
                kind=ref.kind,
                file_name=file_name(ref),
                media_type="application/pdf",
                size=len(data),
                sealed=sealed,
                now=now,
            )
        )

    def _message_id(self, claim: LetterClaim) -> str:
        """Make the Message-ID from the letter's cause: writing it again gives the same."""
        digest = hmac.new(self._id_secret, claim.cause_key.encode(), hashlib.sha256).hexdigest()
        return f"{claim.letter_id}.{digest[:20]}@{self._office.domain}"

    def _store(self, claim: LetterClaim, job: LetterJob, done: WrittenLetter) -> None:
        sealed = letters.seal_letter(self._sealer, claim.cause_key, done.data)
        now = self._clock.now()
        self._database.write(
            lambda session: letters.written(
                session,
                claim,
                message_id=job.message_id,
                subject=done.subject,
                size=len(done.data),
                sealed=sealed,
                now=now,
            )
        )

    def _give_back(self, claim: LetterClaim, error: Exception) -> None:
        due_at = self._clock.now() + self._retry * 2 ** (claim.attempt - 1)
        reason = str(error) if isinstance(error, WritingFault) else type(error).__name__

        def give_back(session: Session) -> None:
            letters.writing_failed(session, claim, due_at, reason)
            if claim.attempt >= letters.ATTEMPTS:
                letter = Letter.model_validate(letters.body_of(session, self._sealer, claim.letter_id))
                told: dict[str, JsonValue] = {"templates": _templates(letter), "reason": reason}
                cause = f"parked:{claim.letter_id}:{claim.fence}"
                tell_managers(session, self._sealer, claim, cause, PARKED, told, self._clock.now())

        try:
            self._database.write(give_back)
        except LostClaim:
            maillog.not_sent(claim.letter_id, "lost", "somebody else has it")


def salutation(directory: DirectoryView, recipient: str) -> tuple[str, ...]:
    """Make the lines that greet a recipient: party and person as the directory has them."""
    mailbox = directory.mailbox(recipient)
    party = directory.party(mailbox.party_id) if mailbox else directory.party_of_box(recipient)
    if party is None:
        return ()
    person = mailbox.person if mailbox is not None else ""
    if party.kind == PartyKind.SURETY:
        return (f"{person or party.name} 様",)
    if person:
        return (f"{party.name}　{person}様",)
    return (f"{party.name}　ご担当者様",)


def _answered(session: Session, claim: LetterClaim) -> tuple[str, str]:
    """Return the identifier of the mail that is answered, and those that it hangs on itself."""
    if claim.inbox_id is None:
        return "", ""
    row = session.get_one(InboxRow, claim.inbox_id)
    return row.message_id or "", row.parents or ""


def _templates(letter: Letter) -> str:
    return ",".join(one.template for one in letter.sections)
