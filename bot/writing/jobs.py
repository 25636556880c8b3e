"""What the daemon asks of the writing helper, and what comes back: trusted values only."""

from pydantic import AwareDatetime, Field, JsonValue

from bot.outcome import Letter
from bot.surety.office import Office
from bot.surety.papers import CertificatePaper, KeyNoticePaper
from bot.values import Value


class JobAttachment(Value):
    """One paper that goes along; its file name is ASCII."""

    file_name: str
    media_type: str
    data: bytes


class LetterJob(Value):
    """Everything one letter is made of."""

    letter: Letter
    office: Office
    salutation: tuple[str, ...]  # lines above the text; empty for none
    message_id: str
    written_at: AwareDatetime
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    keys: dict[str, str] = Field(default_factory=dict, repr=False)  # <number>/<version> -> shown key
    attachments: tuple[JobAttachment, ...] = Field(default=(), repr=False)


class WrittenLetter(Value):
    """The finished bytes."""

    subject: str
    text: str = Field(repr=False)  # the plain part, for explain; a key notice's holds the key
    data: bytes = Field(repr=False)


class SigningKey(Value):
    """A private DKIM key, and where its public half is published: <selector>._domainkey.<domain>."""

    domain: str
    selector: str
    private: bytes = Field(repr=False)  # PKCS#8, DER; it says itself whether it is RSA or Ed25519


class SigningJob(Value):
    """The keys that all later letters are signed with: the first question, once."""

    keys: tuple[SigningKey, ...]


class PaperJob(Value):
    """One paper to draw."""

    certificate: CertificatePaper | None = None
    key_notice: KeyNoticePaper | None = Field(default=None, repr=False)
    key: str = Field(default="", repr=False)  # the secret of the key notice, which its value masks
    how: dict[str, JsonValue] = Field(default_factory=dict)  # how it is submitted, for its two messages


class DrawnPaper(Value):
    """The finished PDF."""

    data: bytes = Field(repr=False)


class Job(Value):
    """One question to the helper: exactly one of the three."""

    letter: LetterJob | None = None
    paper: PaperJob | None = None
    signing: SigningJob | None = None


class Answer(Value):
    """One answer of the helper; `fault` is English, for the log."""

    letter: WrittenLetter | None = None
    paper: DrawnPaper | None = None
    fault: str = ""
