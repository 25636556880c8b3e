"""What daemon, reading helper and reading child say to each other: JSON of these values, never pickle."""

from typing import Self

from pydantic import Field, model_validator

from bot.mail import Attachment, DnsKind, Mail, PaperReading, Unreadable, Verification
from bot.reading.limits import MAX_NAME, Limits
from bot.values import Value

READY = b"ready"


class Job(Value):
    """For the helper, with one end of a socket: fork a child that listens there."""

    limits: Limits


class Question(Value):
    """For a fresh child; the raw bytes of the mail follow in a frame of their own."""

    null_sender: bool


class Answer(Value):
    """The child's first answer: exactly one of the two."""

    mail: Mail | None = None
    unreadable: Unreadable | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.mail is None) == (self.unreadable is None):
            raise ValueError("neither or both of mail and unreadable")
        if self.mail and self.mail.verification is not None:
            raise ValueError("a verification that nobody asked for")
        indexes = [one.index for one in self.mail.attachments] if self.mail else []
        if indexes != list(range(len(indexes))):
            raise ValueError("attachments out of order")
        return self


class Verify(Value):
    """What the child must know, beside the bytes, to find out where the mail comes from."""

    from_domain: str  # of the one From, lower case
    mail_from: str  # '' for the null sender
    peer: str  # the peer's IP address; '' where it is not the sender's own and SPF says nothing
    helo: str
    forwarders: tuple[str, ...] = ()  # whose ARC seal counts


class Unpack(Value):
    """Take the files out of the mail's archives; the passwords are tried in this order."""

    passwords: tuple[str, ...] = Field(default=(), repr=False)


class Word(Value):
    """The daemon's word to a child that waits: read this attachment, unpack, or verify the mail's source.

    To stop it, the daemon hangs up.
    """

    read: int | None = Field(default=None, ge=0)
    verify: Verify | None = None
    unpack: Unpack | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(one is not None for one in (self.read, self.verify, self.unpack)) != 1:
            raise ValueError("not exactly one of read, verify and unpack")
        return self


class Files(Value):
    """The child's answer to Unpack: all attachments, those out of archives behind the others."""

    attachments: tuple[Attachment, ...]
    used: tuple[int, ...] = ()  # which of the passwords opened something, by their place


class Paper(Value):
    """The child's answer to one word."""

    paper: PaperReading


class DnsQuestion(Value):
    """The child's question to the DNS, which only the daemon can ask; it answers with a DnsAnswer."""

    name: str = Field(max_length=MAX_NAME)
    kind: DnsKind


class Finding(Value):
    """What a child that verifies says next: a question, or at last what it found. Exactly one of the two."""

    question: DnsQuestion | None = None
    verification: Verification | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.question is None) == (self.verification is None):
            raise ValueError("neither or both of question and verification")
        return self
