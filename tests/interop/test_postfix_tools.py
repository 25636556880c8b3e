"""Postfix's own programs on both sides of a real daemon: smtp-source at the door, smtp-sink as the relay."""

from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from storage.database import make_engine
from storage.tables import InboxRow, LetterRow
from tests.daemons import serving, until, write_config
from tests.interop.post import BUILDER, DESK, DIRECTORY, swaks
from tests.postfix import program, smtp_sink, smtp_source

pytestmark = pytest.mark.interop

MAILS, SESSIONS = 200, 20


@pytest.mark.parametrize("length", [2_000, 60_000])
def test_each_mail_of_many_sessions_gets_its_250_and_is_in_the_inbox(tmp_path: Path, length: int) -> None:
    config = write_config(tmp_path, f"maildir:{tmp_path / 'letters'}")
    with serving(tmp_path, ["--config", str(config)]) as daemon:
        done = smtp_source(daemon.port, sessions=SESSIONS, mails=MAILS, length=length, recipient=DESK)
        # smtp-source gives up at the first reply that is not what a good mail gets.
        assert done.returncode == 0, done.stderr
        assert inbox_rows(tmp_path) == MAILS


def test_letters_leave_by_smtp_to_a_sink_of_postfix(tmp_path: Path) -> None:
    with smtp_sink() as (port, sink):
        config = write_config(tmp_path, f"smtp://127.0.0.1:{port}", service={"directory": DIRECTORY})
        with serving(tmp_path, ["--config", str(config)]) as daemon:
            for number in range(3):
                swaks(daemon, "--header", "Subject: 状況", "--body", f"状況\n\n-- \n{number}")
            until(lambda: states(tmp_path) == ["sent"] * 3, "three letters to be sent")
        arrived = b"".join(path.read_bytes() for path in sorted(sink.glob("letter.*")))
    assert arrived.count(f"X-Rcpt-Args: <{BUILDER}>".encode()) == 3
    assert arrived.count(b"Auto-Submitted: auto-replied") == 3


def inbox_rows(directory: Path) -> int:
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    with Session(engine) as session:
        count = session.exec(select(func.count()).select_from(InboxRow)).one()
    engine.dispose()
    return count


def states(directory: Path) -> list[str]:
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    with Session(engine) as session:
        found = list(session.exec(select(LetterRow.state)))
    engine.dispose()
    return found


def test_a_missing_program_fails_by_name() -> None:
    with pytest.raises(AssertionError, match="no-such-program is missing: run `make interop-setup`"):
        program("no-such-program")
