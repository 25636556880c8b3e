"""One attachment to a PaperReading, by the reader for its kind."""

from collections.abc import Callable

from bot.mail import Attachment, PaperReading
from bot.reading.charset import decode_unlabelled
from bot.reading.pdf import read_pdf

MAX_TEXT = 20_000  # characters

PaperReader = Callable[[Attachment, bytes], PaperReading]


def read_paper(attachment: Attachment, data: bytes) -> PaperReading:
    """Return what this attachment says. Never raises, but a PDF may hang: only for a reading child."""
    try:
        if attachment.kind == "pdf":
            return read_pdf(data, attachment.index)
        if attachment.kind == "text":
            text = decode_unlabelled(data[: 4 * MAX_TEXT])[:MAX_TEXT]
            return PaperReading(index=attachment.index, rung="text", what="text_only", text=text, pages=1)
    except Exception as error:  # whatever a library makes of foreign bytes, the mail goes on
        return damaged(attachment.index, f"reading failed: {type(error).__name__}")
    return PaperReading(
        index=attachment.index, rung="none", what="no_text", problem=f"{attachment.kind} is not read"
    )


def damaged(index: int, problem: str) -> PaperReading:
    """Return the reading of an attachment that could not be read."""
    return PaperReading(index=index, rung="none", what="damaged", problem=problem)
