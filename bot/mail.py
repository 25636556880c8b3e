"""What a peer claimed (Envelope) and what the reading child made of the bytes (Mail or Unreadable)."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from bot.values import Value


class Envelope(Value):
    """What a peer claimed while it handed the bytes over. Nothing here is proven."""

    mail_from: str  # '' for the null sender, whatever the door calls it
    recipients: tuple[str, ...]
    peer: str  # the peer's IP address; '' where there is none
    helo: str = ""
    source: Literal["smtp", "lmtp", "imap", "file"] = "smtp"
    received_at: AwareDatetime


class MethodResult(Value):
    """One method of an Authentication-Results header (RFC 8601 §2.2), e.g. dkim=pass header.d=example.jp."""

    method: str
    result: str
    properties: dict[str, str] = Field(default_factory=dict)  # 'header.d' -> 'example.jp', lower-cased keys


class AuthenticationHeader(Value):
    """One Authentication-Results header as it stood, raw: identity/ judges it, reading only tokenises it."""

    authserv_id: str
    above_received: bool  # it stands above the topmost Received line (so the last hop may have written it)
    results: tuple[MethodResult, ...]
    sound: bool = True  # False: the header broke the grammar somewhere; it proves nothing, but it counts


AttachmentKind = Literal["pdf", "mail", "zip", "xlsx", "image", "text", "tnef", "other"]


class Attachment(Value):
    """One attached file, described but not opened. `inside` counts the message/rfc822 layers around it."""

    index: int
    name: str  # decoded, for people; never becomes a path
    kind: AttachmentKind  # by its first bytes, then by its type and name
    media_type: str
    size: int  # bytes, decoded
    digest: str  # sha256 hex of the decoded bytes
    inside: int = 0


class Mail(Value):
    """A well-formed mail: everything decoded, nothing believed."""

    message_id: str  # without < >; '' where there is none
    from_address: str | None  # exactly one From header with exactly one address, else None
    from_name: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    references: tuple[str, ...] = ()  # In-Reply-To and References, in order, without < >
    new_text: str = ""  # the writer's own new words; greeting and signature still in it
    quoted_text: str = ""  # quoted and forwarded words, messages inside included
    attachments: tuple[Attachment, ...] = ()
    automatic: str = ""  # why it is taken for automatic mail; '' where a person seems to have written it
    bounced_message_ids: tuple[str, ...] = ()  # for reports: which of our letters it speaks of
    bounced_kind: Literal["", "failed", "delayed", "delivered", "displayed"] = ""
    authentication: tuple[AuthenticationHeader, ...] = ()
    content_digest: str = ""  # sha256 over decoded subject, text and attachment digests
    remarks: tuple[str, ...] = ()  # what was odd but did not prevent reading, in English, for logs


class Unreadable(Value):
    """The bytes are no mail we can read. `reason` is English, one line, and quotes no content."""

    reason: str
    from_address: str | None = None  # where the header block at least gave one


class PaperReading(Value):
    """What one attachment turned out to be, and by which rung of the ladder it was read."""

    index: int  # Attachment.index
    rung: Literal["none", "text", "words"]
    what: Literal["key_notice", "certificate", "lookalike", "text_only", "no_text", "encrypted", "damaged"]
    fields: dict[str, str] = Field(default_factory=dict)
    # keys of `fields`, where found: number, auth_key, kind, work_name, orderer, contractor, amount, surety
    text: str = ""  # plain text, capped at 20,000 characters
    pages: int = 0
    problem: str = ""  # English, one line
