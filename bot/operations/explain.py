"""Show what a mail would cause, from envelope to rendered replies. Writes nothing."""

import hashlib
import random
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func
from sqlmodel import Session, select

from bot.deciding import Decision, Item, decide, who
from bot.deciding.who import dns_is_silent
from bot.desk import World
from bot.mail import Attachment, Envelope, Mail, PaperReading, Unreadable
from bot.operations.explain_source import source_lines
from bot.outcome import Letter, TryLater
from bot.reading.client import Conversation, ReadingHelper
from bot.surety.party import Sender
from bot.unpacking import has_archives, unpacked, waiting_notices
from bot.verifying import is_ours_to_verify, verified
from bot.worker import Settings
from bot.writing.client import WritingHelper
from bot.writing.jobs import LetterJob
from bot.writing.writer import salutation
from storage.directory import DirectoryView
from storage.inbox import data_of
from storage.ledger import LedgerView
from storage.sealed import Sealer
from storage.tables import CounterRow, InboxRow

if TYPE_CHECKING:
    from bot.dns import Resolver


@dataclass(frozen=True)
class Explained:
    """The parts of an explanation, ready to print."""

    envelope: Envelope
    content: Mail | Unreadable
    papers: tuple[PaperReading, ...]
    decision: Decision | None  # None: the limits put it off
    later: str
    letters: tuple[tuple[Letter, str, str], ...]  # letter, subject, text


class _Numbers:
    """Gives out numbers as the ledger would, without taking them."""

    def __init__(self, session: Session, first: dict[str, int]) -> None:
        self._session = session
        self._first = first
        self._given: dict[str, int] = {}

    def __call__(self, series: str) -> int:
        if series not in self._given:
            row = self._session.get(CounterRow, series)
            self._given[series] = row.value if row is not None else self._first.get(series, 1) - 1
        self._given[series] += 1
        return self._given[series]


def explain(
    data: bytes,
    envelope: Envelope,
    session: Session,
    settings: Settings,
    sealer: Sealer,
    reading: ReadingHelper,
    writing: WritingHelper,
    now: datetime,
    resolver: "Resolver | None" = None,
) -> Explained:
    """Read and decide one mail over a read-only session. What is random is drawn from the mail itself.

    With a `resolver` the source is verified as the service would, where no border of ours speaks for it.
    """
    seed = int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
    inbox_id = (session.exec(select(func.max(InboxRow.id))).one() or 0) + 1
    world = World(
        ledger=LedgerView(session, sealer, inbox_id),
        directory=DirectoryView(session),
        office=settings.office,
        border=settings.border,
        now=now,
        numbers=_Numbers(session, settings.first_numbers),
        rng=random.Random(seed),
        code_secret=sealer.derive("codes"),
        direct=settings.direct,
    )
    with reading.read(data, null_sender=envelope.mail_from == "") as conversation:
        content = conversation.mail
        if resolver is not None and isinstance(content, Mail):
            content = _sourced(content, envelope, settings, conversation, resolver)
        item = Item(inbox_id, 0, envelope, content)
        papers: tuple[PaperReading, ...] = ()
        sender = who(item, world)
        if isinstance(content, Mail) and isinstance(sender, Sender) and has_archives(content):
            notices = waiting_notices(content, sender, world.ledger)
            read = partial(_notice, session, sealer, reading)
            item = unpacked(item, content, notices, conversation, read)
            content = item.content if isinstance(item.content, Mail) else content
        if isinstance(content, Mail) and isinstance(sender, Sender) and not content.is_machines:
            papers = conversation.papers([a.index for a in content.attachments if a.kind == "pdf"])
    item = replace(item, papers=papers)
    if isinstance(content, Mail) and (owed := dns_is_silent(item, content, world)):
        return Explained(envelope, content, papers, None, f"the DNS gives no answer for {owed}", ())
    try:
        decision = decide(item, world)
    except TryLater as later:
        return Explained(envelope, content, papers, None, str(later), ())
    letters = tuple(_rendered(one, settings, writing, session, now) for one in decision.outcome.letters)
    return Explained(envelope, content, papers, decision, "", letters)


def _notice(session: Session, sealer: Sealer, reading: ReadingHelper, inbox_id: int) -> Mail | Unreadable:
    with reading.read(data_of(session, sealer, inbox_id), null_sender=False) as conversation:
        return conversation.mail


def _sourced(
    mail: Mail, envelope: Envelope, settings: Settings, conversation: Conversation, resolver: "Resolver"
) -> Mail:
    if settings.direct is None or not is_ours_to_verify(mail, envelope, settings.border):
        return mail
    return verified(mail, envelope, settings.direct, conversation, resolver)


def _rendered(
    letter: Letter, settings: Settings, writing: WritingHelper, session: Session, now: datetime
) -> tuple[Letter, str, str]:
    keys = {f"{s.key.guarantee_number}/{s.key.version}": "(the key)" for s in letter.sections if s.key}
    job = LetterJob(
        letter=letter,
        office=settings.office,
        salutation=salutation(DirectoryView(session), letter.recipient),
        message_id=f"explained@{settings.office.domain}",
        written_at=now,
        keys=keys,
    )
    written = writing.letter(job)
    return letter, written.subject, written.text


def as_text(explained: Explained) -> str:
    """Print an explanation for people; tests/mails/*.expect hold exactly this."""
    lines = [*_envelope(explained.envelope), *_content(explained.content), *_papers(explained.papers)]
    if isinstance(explained.content, Mail) and explained.content.verification is not None:
        lines += ["", "Source", *source_lines(explained.content.verification)]
    if explained.decision is None:
        return "\n".join([*lines, "", "Later", f"  {explained.later}", ""])
    lines += _decision(explained.decision)
    for letter, subject, text in explained.letters:
        lines += ["", f"Letter to {letter.recipient}", f"  Subject: {subject}"]
        lines += [f"  attached: {one.kind} of {one.of} version {one.version}" for one in letter.documents]
        lines += [f"  | {line}".rstrip() for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def as_values(explained: Explained) -> dict[str, Any]:
    """Return the same explanation as plain values, for programs."""
    decision = explained.decision
    values: dict[str, Any] = {
        "envelope": explained.envelope.model_dump(mode="json"),
        "mail": explained.content.model_dump(mode="json"),
        "papers": [{"index": one.index, "what": one.what, "rung": one.rung} for one in explained.papers],
        "later": explained.later,
    }
    if decision is not None:
        asked = decision.requests
        values |= {
            "sender": decision.sender.model_dump(mode="json") if decision.sender else None,
            "requests": [r.word for r in asked] if isinstance(asked, tuple) else [],
            "state": decision.state,
            "note": decision.outcome.note,
        }
    values["letters"] = [
        {"to": letter.recipient, "subject": subject, "text": text}
        for letter, subject, text in explained.letters
    ]
    return values


def _envelope(envelope: Envelope) -> list[str]:
    recipients = ", ".join(envelope.recipients)
    return [
        "Envelope",
        f"  from <{envelope.mail_from}> to {recipients} by {envelope.source} from {envelope.peer or '-'}",
    ]


def _content(content: Mail | Unreadable) -> list[str]:
    if isinstance(content, Unreadable):
        return ["", "Unreadable", f"  {content.reason}"]
    lines = ["", "Mail", f"  Message-ID: {content.message_id or '-'}"]
    lines += [f"  From: {content.from_name} <{content.from_address or '?'}>", f"  Subject: {content.subject}"]
    soft = " (by its words alone)" if content.automatic_soft else ""
    lines += [f"  automatic: {content.automatic}{soft}"] if content.automatic else []
    lines += ["  New words:"] + [f"  | {line}".rstrip() for line in content.new_text.strip().splitlines()]
    quoted = len(content.quoted_text.strip().splitlines())
    lines += [f"  Quoted words: {quoted} line(s)"] if quoted else []
    lines += [f"  Attachment {_attachment(a)}" for a in content.attachments]
    return lines + [f"  remark: {remark}" for remark in content.remarks]


def _attachment(one: Attachment) -> str:
    kind = f"{one.kind} ({'encrypted, ' if one.encrypted else ''}{one.archive})" if one.archive else one.kind
    within = f", in {one.within}" if one.within is not None else ""
    return f"{one.index}: {kind}, {one.size} bytes, {one.name}{within}"


def _papers(papers: tuple[PaperReading, ...]) -> list[str]:
    lines = ["", "Papers"] if papers else []
    for paper in papers:
        shown = {k: "(hidden)" if k == "auth_key" else v for k, v in sorted(paper.fields.items())}
        lines.append(f"  {paper.index}: {paper.what} by {paper.rung} {shown} {paper.problem}".rstrip())
    return lines


def _decision(decision: Decision) -> list[str]:
    sender = decision.sender
    lines = ["", "Sender"]
    if isinstance(sender, Sender):
        lines.append(f"  {sender.party.kind}: {sender.party.name} <{sender.address}>")
        lines.append(f"  answers go to {sender.answer_to}")
    elif sender is not None:
        lines.append(f"  stranger <{sender.address or '?'}>")
    if sender is not None:
        lines.append(f"  proof: {sender.proof} ({sender.how})")
    lines += ["", "Requests"]
    if isinstance(decision.requests, tuple):
        lines += [f"  {r.word} {dict(r.arguments) or ''}".rstrip() for r in decision.requests] or ["  none"]
    else:
        lines += [f"  unclear: {doubt}" for doubt in decision.requests.doubts]
    lines += ["", "Outcome", f"  {decision.state}: {decision.outcome.note}"]
    lines += [f"  change: {_change(change)}" for change in decision.outcome.changes]
    hold = decision.outcome.hold
    return lines + ([f"  held for {hold.kind} until {hold.until.isoformat()}"] if hold else [])


def _change(change: object) -> str:
    value = getattr(change, "value", None)
    return f"{type(change).__name__} {type(value).__name__ if value is not None else ''}".rstrip()
