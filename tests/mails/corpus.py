"""Explain every mail of the corpus over the fixed ledger; `make accept` rewrites what is expected."""

import difflib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import Session

from bot.app import settings_of
from bot.mail import Envelope
from bot.operations.explain import as_text, explain
from bot.operations.trial import trial_config
from bot.reading.client import ReadingHelper
from bot.reading.mail import OpenedMail, read_mail
from bot.writing.client import WritingHelper
from storage.opening import Opened
from tests.mails.ledger import AT, build

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """List the mails, without their ending."""
    return sorted(path.stem for path in FOLDER.glob("*.eml"))


class Corpus:
    """The fixed ledger with both helpers running."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._settings = settings_of(trial_config({}))
        self._reading, self._writing = ReadingHelper(), WritingHelper()
        self._reading.start()

    def explained(self, name: str) -> str:
        """Return the text of `explain` for one mail."""
        data = (FOLDER / f"{name}.eml").read_bytes()
        found = read_mail(data)
        envelope = Envelope(
            mail_from=(found.mail.from_address if isinstance(found, OpenedMail) else None)
            or "somebody@peer.example",
            recipients=(self._settings.office.desk,),
            peer="127.0.0.1",
            source="file",
            received_at=AT,
        )
        with self._opened.database.reading() as session:
            return self._explain(data, envelope, session)

    def _explain(self, data: bytes, envelope: Envelope, session: Session) -> str:
        return as_text(
            explain(
                data,
                envelope,
                session,
                self._settings,
                self._opened.sealer,
                self._reading,
                self._writing,
                AT,
            )
        )

    def close(self) -> None:
        """End helpers and database."""
        self._reading.close()
        self._writing.close()
        self._opened.database.close()


@contextmanager
def open_corpus(folder: Path) -> Iterator[Corpus]:
    """Make the ledger in a folder and open the corpus over it."""
    corpus = Corpus(build(folder))
    try:
        yield corpus
    finally:
        corpus.close()


def accept() -> None:
    """Rewrite every .expect that differs, and print each difference."""
    with tempfile.TemporaryDirectory() as folder, open_corpus(Path(folder)) as corpus:
        for name in names():
            file = FOLDER / f"{name}.expect"
            before = file.read_text(encoding="utf-8") if file.exists() else ""
            after = corpus.explained(name)
            if before != after:
                lines = difflib.unified_diff(
                    before.splitlines(), after.splitlines(), f"{name} before", f"{name} after", lineterm=""
                )
                sys.stdout.write("\n".join(lines) + "\n")
                file.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    accept()
