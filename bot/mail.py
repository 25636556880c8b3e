"""What a peer claimed (Envelope) and what the reading child made of the bytes (Mail or Unreadable)."""

from datetime import date, datetime
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
    account: str = ""  # which of our mailboxes at a provider it was fetched from; '' for the other doors
    received_at: AwareDatetime


class MailFolder(Value):
    """One folder of one mailbox at a provider, while its UIDs mean what they mean (RFC 9051 §2.3.1.1)."""

    account: str
    folder: str
    uidvalidity: int


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


DnsKind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Verified = Literal["pass", "fail", "none", "permerror", "temperror"]


class DnsAnswer(Value):
    """What the DNS said to one question."""

    name: str  # as asked, without the last dot
    kind: DnsKind
    outcome: Literal["found", "no name", "no data", "failed"]  # failed: for now; the same may be asked again
    values: tuple[str, ...] = ()  # TXT strings joined, one character a byte; MX as '10 mx.example.jp'
    problem: str = ""  # English, one line


class SignatureResult(Value):
    """One DKIM-Signature as verified on stored bytes (RFC 6376 §6.1); whom it proves is judged later."""

    domain: str  # d=, lower case; '' where the header names none
    selector: str = ""
    result: Verified
    algorithm: str = ""
    key_bits: int = 0
    covered: dict[str, int] = Field(default_factory=dict)  # lower-case header name -> how often h= names it
    has_length: bool = False  # l=: whatever follows is not signed
    body_hash: str = ""  # bh=
    signed_at: AwareDatetime | None = None  # t=
    expires_at: AwareDatetime | None = None  # x=
    problem: str = ""


class SpfResult(Value):
    """What SPF says of the peer and the envelope sender (RFC 7208 §2.6)."""

    result: Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]
    domain: str  # of MAIL FROM; of HELO where the sender is null
    problem: str = ""


class DmarcRecord(Value):
    """The DMARC policy record that holds for the From's domain (RFC 9989 §4.10)."""

    domain: str  # where it was found
    organization: str  # the organizational domain of the From
    policy: Literal["none", "quarantine", "reject"]  # what holds for this From: p= or sp=, t=y counted in
    strict_dkim: bool = False  # adkim=s
    strict_spf: bool = False  # aspf=s


class ArcResult(Value):
    """The chain of forwarders' seals (RFC 8617 §5.2)."""

    result: Verified
    sealers: tuple[str, ...] = ()  # d= of each ARC-Seal, newest first
    message_signer: str = ""  # d= of the newest ARC-Message-Signature
    covered: dict[str, int] = Field(default_factory=dict)  # what that one covers
    body_hash: str = ""
    said: tuple[MethodResult, ...] = ()  # the newest ARC-Authentication-Results: the sealer's own word
    problem: str = ""


class Verification(Value):
    """What we found out ourselves of a mail's source, where no border of ours did. Judged in identity/."""

    signatures: tuple[SignatureResult, ...] = ()
    spf: SpfResult | None = None  # None: the peer is not the sender's own, so it was not asked
    dmarc: DmarcRecord | None = None
    organizations: dict[str, str] = Field(default_factory=dict)  # organizational domain of each signer
    arc: ArcResult | None = None  # None: no seal at all
    instances: dict[str, int] = Field(default_factory=dict)  # how often each header that matters stands there
    body_digest: str = ""  # sha256 hex of the body in relaxed form: the same under every signature over it
    head_digest: str = ""  # sha256 hex of Subject and Date in relaxed form
    dns: tuple[DnsAnswer, ...] = ()
    unsettled: str = ""  # what the DNS did not answer though the outcome may hang on it
    problem: str = ""  # why no more could be found out
    unchecked: bool = False  # for that problem a signature that stands there could not be verified


AttachmentKind = Literal["pdf", "mail", "zip", "xlsx", "image", "text", "tnef", "other"]
ArchiveState = Literal["", "opened", "locked", "wrong_password", "unknown_encryption", "too_much", "damaged"]


class Attachment(Value):
    """One attached file. `inside` counts the message/rfc822 layers around it; archives alone are opened."""

    index: int
    name: str  # decoded, for people; never becomes a path
    kind: AttachmentKind  # by its first bytes, then by its type and name
    media_type: str
    size: int  # bytes, decoded
    digest: str  # sha256 hex of the decoded bytes
    inside: int = 0
    encrypted: bool = False  # an archive: at least one file in it is under a password
    archive: ArchiveState = ""  # of an archive: what became of it; '' where it was left as it came
    within: int | None = None  # the index of the archive that it came out of


Day = date  # inside Mail, `date` is the Date header
ReportKind = Literal["", "failed", "delayed", "delivered", "displayed"]
AutomaticKind = Literal[
    "", "bounce", "receipt", "absence", "moved", "reply", "list", "challenge", "other"
]  # reply: an automatic answer that is none of the others


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
    automatic_kind: AutomaticKind = ""
    automatic_soft: bool = False  # its words alone say so (or its Sender), no header of a machine
    automatic_until: Day | None = None  # the last day of an absence, where the notice names one
    password_notice: bool = False  # a gateway tells an archive's password: of a person's mail, not automatic
    bounced_message_ids: tuple[str, ...] = ()  # for reports: which of our letters it speaks of
    bounced_kind: ReportKind = ""
    failed_recipients: tuple[str, ...] = ()  # for reports: whom the news is about, as the report has it
    report_status: str = ""  # RFC 3463, e.g. 5.1.1
    report_text: str = ""  # one line of what the other server said
    authentication: tuple[AuthenticationHeader, ...] = ()
    verification: Verification | None = None  # put there by the daemon, where we verify ourselves
    content_digest: str = ""  # sha256 over decoded subject, text and attachment digests
    remarks: tuple[str, ...] = ()  # what was odd but did not prevent reading, in English, for logs

    @property
    def is_machines(self) -> bool:
        """Whether headers say that a machine wrote it; what only its words say may be a person's."""
        return bool(self.automatic) and not self.automatic_soft


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
