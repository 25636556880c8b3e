"""How much one reading child may use."""

from pydantic import Field

from bot.values import Value

MAX_ANSWER = 8 << 20  # bytes of one answering frame
MAX_QUESTION = 64 << 20  # bytes of one mail
MAX_NOTE = 64 << 10  # bytes of a question or a word
MAX_DNS_QUESTIONS = 60  # of one mail
MAX_NAME = 255  # characters of a domain name
VERIFYING = "verifying"  # the helper's argument: load what verifies


class Limits(Value):
    """The budget of one child. Seconds are of the wall clock, but for cpu_seconds."""

    mail_seconds: int = Field(default=10, gt=0)  # for the mail itself
    paper_seconds: int = Field(default=20, gt=0)  # for each attachment
    archive_seconds: int = Field(default=40, gt=0)  # for all archives of the mail; 3.9 MB/s under a password
    wait_seconds: int = Field(default=60, gt=0)  # for the daemon's word
    life_seconds: int = Field(default=180, gt=0)  # in all: then the helper kills it, whatever it does
    cpu_seconds: int = Field(default=60, gt=0)  # in all
    memory_bytes: int = Field(default=1 << 30, gt=0)  # of address space
