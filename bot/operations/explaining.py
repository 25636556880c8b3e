"""Open what `explain` needs, read-only, explain one file, and close everything again."""

from datetime import datetime
from pathlib import Path

from bot.app import resolver_of, settings_of
from bot.clock import SystemClock
from bot.config import Config
from bot.mail import Envelope, Mail
from bot.operations.explain import Explained, explain
from bot.reading.client import ReadingHelper
from bot.writing.client import WritingHelper
from storage.database import looking
from storage.sealed import load_key_file


def explain_file(
    config: Config, file: Path, at: datetime | None, peer: str, mail_from: str | None
) -> Explained:
    """Explain one .eml file as if the peer had just handed it over; `at` must be aware."""
    data = file.read_bytes()
    now = at or SystemClock().now()
    resolver = resolver_of(config)
    reading, writing = ReadingHelper(verifying=resolver is not None), WritingHelper()
    reading.start()
    try:
        sender = mail_from if mail_from is not None else _visible_from(reading, data)
        envelope = Envelope(
            mail_from=sender,
            recipients=(config.service.desk,),
            peer=peer,
            source="file",
            received_at=now,
        )
        sealer = load_key_file(config.storage.key_file)
        with looking(config.storage.url) as session:
            settings = settings_of(config)
            return explain(data, envelope, session, settings, sealer, reading, writing, now, resolver)
    finally:
        reading.close()
        writing.close()


def _visible_from(reading: ReadingHelper, data: bytes) -> str:
    with reading.read(data, null_sender=False) as conversation:
        content = conversation.mail
    return (content.from_address or "") if isinstance(content, Mail) else ""
