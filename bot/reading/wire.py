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
        indexes = [one.index for one in self.mail.attachments] if self.mail else []
        if indexes != list(range(len(indexes))):
            raise ValueError("attachments out of order")
        return self


class Word(Value):
    """The daemon's word to a child that waits: read this attachment. To stop it, the daemon hangs up."""

    read: int = Field(ge=0)


class Paper(Value):
    """The child's answer to one word."""

    paper: PaperReading
