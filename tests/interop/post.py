"""What the interop tests share: mails from outside by swaks, and the answers in Maildirs."""

import subprocess
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Protocol

from sqlmodel import Session, col, select

from storage.database import make_engine
from storage.tables import InboxRow, LetterRow
from tests.daemons import PATIENCE, until
from tests.postfix import program

DESK = "hosho@hoshobin.example"
BUILDER = "soumu@iyo-kensetsu.example"
DIRECTORY = str(Path("bot/operations/trial_directory.toml").resolve())
PROOF = (
    "Authentication-Results: border.hoshobin.example; dkim=pass header.d=iyo-kensetsu.example\n"
    "Received: from mail.iyo-kensetsu.example by border.hoshobin.example\n"
)


class Listening(Protocol):
    """A daemon, or a Postfix."""

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        ...


def swaks(server: Listening, *arguments: str, sender: str = BUILDER) -> None:
    """Send one mail to the desk. Fails where the server did not answer 250 to it."""
    command = [program("swaks"), "--server", f"127.0.0.1:{server.port}"]
    command += ["--from", sender, "--to", DESK, "--timeout", str(int(PATIENCE)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def as_data(directory: Path, subject: str, body: str, *, proof: bool) -> str:
    """Write a whole mail for swaks's --data, with proof as our border hands it on; return the argument."""
    head = (
        f"From: {BUILDER}\nTo: {DESK}\nSubject: {subject}\nMessage-ID: <whole-{proof}@iyo-kensetsu.example>\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )
    path = directory / "data.eml"
    path.write_text((PROOF if proof else "") + head + "\n" + body, encoding="utf-8")
    return f"@{path}"


def letters_in(maildir: Path, recipient: str, count: int = 1) -> list[EmailMessage]:
    """Wait until so many letters to one recipient are there; return them, oldest first."""
    box = maildir / recipient / "new"

    def found() -> list[Path]:
        return sorted(box.glob("*"), key=lambda path: path.name)

    until(lambda: len(found()) >= count, f"{count} letter(s) to {recipient}")
    return [_parsed(path.read_bytes()) for path in found()]


def _parsed(data: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(data)


def text_of(letter: EmailMessage) -> str:
    """Return the plain text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def envelopes(directory: Path) -> list[dict[str, Any]]:
    """Return the envelopes of all mails in a daemon's inbox, oldest first."""
    return [dict(row.envelope) for row in _inbox(directory)]


def inbox_states(directory: Path) -> list[str]:
    """Return the states of all mails in a daemon's inbox, oldest first."""
    return [str(row.state) for row in _inbox(directory)]


def letter_states(directory: Path) -> list[str]:
    """Return the states of all letters of a daemon, oldest first."""
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    try:
        with Session(engine) as session:
            return [str(state) for state in session.exec(select(LetterRow.state).order_by(col(LetterRow.id)))]
    finally:
        engine.dispose()


def _inbox(directory: Path) -> list[InboxRow]:
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    try:
        with Session(engine) as session:
            return list(session.exec(select(InboxRow).order_by(col(InboxRow.id))))
    finally:
        engine.dispose()
