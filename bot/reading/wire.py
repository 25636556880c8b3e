"""What daemon, reading helper and reading child say to each other: JSON of these values, never pickle."""

from typing import Self

from pydantic import Field, model_validator

from bot.mail import Mail, PaperReading, Unreadable
from bot.reading.limits import Limits
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
        if self.mail and [one.index for one in self.mail.attachments] != list(range(len(self.mail.attachments))):
            raise ValueError("attachments out of order")
        return self


class Word(Value):
    """The daemon's word to a child that waits: read these attachments, one answering frame for each."""

    read: tuple[int, ...] = Field(min_length=1, max_length=200)


class Paper(Value):
    """One answering frame for one attachment."""

    paper: PaperReading
