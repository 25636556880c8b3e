"""Bytes to a Mail, or Unreadable: total, bounded, believing nothing."""

import hashlib
import re
from dataclasses import dataclass, field

from bot.mail import Attachment, Mail, Unreadable
from bot.reading import attachments, automatic, reports, signatures, uuencode
from bot.reading.banners import without_banners
from bot.reading.body import is_text, text_of
from bot.reading.headers import decode_header, identifiers, moment
from bot.reading.mailboxes import Mailbox, mailboxes
from bot.reading.mime import MAX_HEAD, Headers, Part, TooMuch, parse, split_head
from bot.reading.quoting import split

MAX_WORDS = 200_000  # characters of new, and of quoted text
MAX_ADDRESSES = 500
MAX_REFERENCES = 100
_MAX_LINE = 1000  # characters of a subject or a name
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A mail and the decoded bytes of its attachments, by their index; the bytes never leave the child."""

    mail: Mail
    files: tuple[bytes, ...]


@dataclass(slots=True)
class _Found:
    """What one walk over the parts collects."""

    own: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_mail(data: bytes, *, null_sender: bool = False) -> OpenedMail | Unreadable:
    """Return what the bytes say; never raises. `null_sender`: the envelope's return path was <>."""
    try:
        return _read(data, null_sender)
    except TooMuch as limit:
        return Unreadable(reason=str(limit), from_address=_address_of(data))
    except Exception as error:  # the last resort: one odd mail must never stop the queue
        return Unreadable(reason=f"reading failed: {type(error).__name__}", from_address=_address_of(data))


def _address_of(data: bytes) -> str | None:
    try:
        return _sender(split_head(data[:MAX_HEAD])[0]).address or None
    except Exception:  # the same last resort, for the least that staff want to know
        return None


def _read(data: bytes, null_sender: bool) -> OpenedMail | Unreadable:
    root = parse(data)
    headers = root.headers
    if not headers.fields:
        return Unreadable(reason="no header block")
    found = _Found()
    _collect(root, found, is_alone=True)
    written, quoted = split("\n".join(found.own))
    new_text, banners = without_banners(written)
    sender = _sender(headers)
    subject = decode_header(headers.first("subject"))[:_MAX_LINE]
    everything = "\n".join([*found.own, *found.quoted])
    report = reports.read_report(root, subject, everything[:MAX_WORDS])
    words = automatic.Words(subject, new_text[:MAX_WORDS], *automatic.sender_names(headers))
    machine = automatic.judge(root, words, report, is_null_sender=null_sender)
    report = report if machine.reason else reports.Report()  # a person may pass a report on
    sent_at = moment(headers.first("date"))
    mail = Mail(
        message_id=_message_id(headers),
        from_address=sender.address or None,
        from_name=sender.name[:_MAX_LINE],
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        subject=subject,
        date=sent_at,
        references=_references(headers),
        new_text=new_text[:MAX_WORDS],
        quoted_text="\n".join([quoted, *found.quoted]).strip("\n")[:MAX_WORDS],
        attachments=tuple(found.attachments),
        automatic=machine.reason,
        automatic_kind=machine.kind,
        automatic_soft=machine.is_soft,
        automatic_until=automatic.away_until(machine, words, sent_at),
        password_notice=machine.is_password_notice,
        bounced_message_ids=report.message_ids,
        bounced_kind=report.kind,
        failed_recipients=report.recipients,
        report_status=report.status,
        report_text=report.text,
        authentication=signatures.authentication_headers(headers),
        content_digest=_digest(subject, everything, found.attachments),
        remarks=_remarks(headers, found, banners, cut=max(map(len, (new_text, everything))) > MAX_WORDS),
    )
    return OpenedMail(mail, tuple(found.files))


def _sender(headers: Headers) -> Mailbox:
    """Return the one mailbox of the one From header; no identity where either is not alone."""
    lines = headers.all("from")
    entries = mailboxes(lines[0]) if len(lines) == 1 else []
    return entries[0] if len(entries) == 1 else Mailbox("", "")


def _addresses(headers: Headers, name: str) -> tuple[str, ...]:
    found = (entry.address for line in headers.all(name) for entry in mailboxes(line))
    return tuple(dict.fromkeys(address for address in found if address))[:MAX_ADDRESSES]


def _message_id(headers: Headers) -> str:
    raw = headers.first("message-id")
    found = identifiers(raw)
    return found[0] if found else _BLANK.sub("", decode_header(raw))[:500]


def _references(headers: Headers) -> tuple[str, ...]:
    found = [
        one
        for name in ("in-reply-to", "references")
        for line in headers.all(name)
        for one in identifiers(line)
    ]
    unique = list(dict.fromkeys(found))
    return tuple(unique if len(unique) <= MAX_REFERENCES else unique[:1] + unique[1 - MAX_REFERENCES :])


def _collect(part: Part, found: _Found, *, is_alone: bool = False) -> None:
    if part.media_type == "multipart/alternative":
        _collect_alternative(part, found)
    elif part.is_message:
        _collect_message(part, found)
    elif part.children:
        for child in part.children:
            _collect(child, found)
    elif _is_words(part, is_alone=is_alone):
        _add_words(part, found)
    elif part.raw_body.strip() or part.headers.first("content-disposition"):
        _add_file(part, found)


def _is_words(part: Part, *, is_alone: bool) -> bool:
    """Text that nobody calls an attachment and that has no name, or is the whole mail, is the writer's."""
    is_named = "filename" in part.headers.first("content-disposition").decode("ascii", "replace").lower()
    is_named = is_named or any(key.split("*")[0] == "name" for key in part.parameters)
    return is_text(part) and part.disposition != "attachment" and (is_alone or not is_named)


def _collect_alternative(part: Part, found: _Found) -> None:
    """Take the words of one form only, plain before HTML, and the files of all of them."""
    forms = []
    for child in part.children:
        form = _Found()
        _collect(child, form)
        forms.append((child, form))
    spoken = [(child, form) for child, form in forms if any(text.strip() for text in form.own)]
    plain = [form for child, form in spoken if child.media_type == "text/plain"]
    chosen = plain[0] if plain else spoken[-1][1] if spoken else None
    for _, form in forms:
        found.quoted += form.quoted
        for one, data in zip(form.attachments, form.files, strict=True):
            _add(found, one.but(index=len(found.files)), data)
        if form is chosen:
            found.own += form.own
            found.remarks += form.remarks


def _collect_message(part: Part, found: _Found) -> None:
    """List an attached mail as a file, its files behind it, and its words among the quoted ones."""
    _add_file(part, found)
    inner = part.children[0]
    words = _Found(attachments=found.attachments, files=found.files, remarks=found.remarks)
    _collect(inner, words, is_alone=True)
    subject = decode_header(inner.headers.first("subject"))[:_MAX_LINE]
    found.quoted += [text for text in (subject, *words.own, *words.quoted) if text]


def _add_words(part: Part, found: _Found) -> None:
    body, files = part.body, list[uuencode.Inline]()
    if part.media_type == "text/plain" and b"begin " in body:
        body, files = uuencode.apart(body)
    text, remarks = text_of(part, body)
    found.own.append(text)
    found.remarks += remarks
    for one in files:
        headers = Headers([("content-disposition", b'attachment; filename="' + one.name + b'"')])
        described = attachments.describe(
            len(found.files), headers, "application/octet-stream", one.data, part.inside
        )
        _add(found, described, one.data)


def _add_file(part: Part, found: _Found) -> None:
    data = part.body
    one = attachments.describe(len(found.files), part.headers, part.media_type, data, part.inside)
    _add(found, one, data)


def _add(found: _Found, one: Attachment, data: bytes) -> None:
    found.attachments.append(one)
    found.files.append(data)


def _digest(subject: str, text: str, files: list[Attachment]) -> str:
    """Return the digest that is equal for the same content sent again, whatever its transport headers."""
    digest = hashlib.sha256()
    for piece in (subject, text, *(one.digest for one in files)):
        data = piece.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _remarks(headers: Headers, found: _Found, banners: tuple[str, ...], *, cut: bool) -> tuple[str, ...]:
    remarks = [f"gateway banner: {banner[:200]}" for banner in banners[:20]]
    remarks += found.remarks
    if len(headers.all("from")) > 1:
        remarks.append("more than one From header")
    elif not _sender(headers).address:
        remarks.append("no From header with exactly one address")
    if cut:
        remarks.append(f"text cut at {MAX_WORDS} characters")
    return tuple(dict.fromkeys(remarks))[:50]
