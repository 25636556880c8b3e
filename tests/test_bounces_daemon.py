"""A real daemon, a real relay that takes a letter, and the report that comes back over SMTP."""

import json
import re
import smtplib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.operations.trial import HERE, trial_config, trial_mail
from storage.database import looking
from storage.tables import InboxRow, LetterRow
from tests.command_line import hoshobin
from tests.daemons import Daemon, serving, until, write_config
from tests.reading.builders import mail, multipart, part
from tests.relays import ScriptedRelay, Taken

pytestmark = pytest.mark.slow

BUILDER = "soumu@iyo-kensetsu.example"
MANAGER = "kanri@surety.example"
DESK = "hosho@hoshobin.example"


class House:
    """A daemon with its relay, and what its database says."""

    def __init__(self, directory: Path, relay: ScriptedRelay, config: Path, daemon: Daemon) -> None:
        self.relay, self.config, self.daemon = relay, config, daemon
        self._url = f"sqlite:///{directory / 'hoshobin.db'}"

    def send(self, mail_from: str, recipient: str, data: bytes) -> None:
        with smtplib.SMTP(self.daemon.host, self.daemon.port, timeout=30) as door:
            door.sendmail(mail_from, [recipient], data)

    def asked(self) -> Taken:
        """Let the builder ask, and wait for the relay to have the answer."""
        asked = trial_mail(trial_config({}), sender=BUILDER, subject="使い方", body="使い方", proof=True)
        self.send(BUILDER, DESK, asked)
        until(lambda: bool(self.to(BUILDER)), "the answer")
        return self.to(BUILDER)[0]

    def to(self, address: str) -> list[Taken]:
        return [one for one in self.relay.taken if f"<{address}>" in one.envelope[1]]

    def letter(self) -> LetterRow:
        with looking(self._url) as session:
            rows = select(LetterRow).where(LetterRow.recipient == BUILDER)
            return session.exec(rows.order_by(col(LetterRow.id))).one()

    def decided(self, number: int) -> list[InboxRow]:
        """Wait until so many mails are decided; return them in order."""

        def rows() -> list[InboxRow]:
            with looking(self._url) as session:
                return list(session.exec(select(InboxRow).order_by(col(InboxRow.id))))

        until(lambda: sum(one.decided_at is not None for one in rows()) >= number, f"{number} decisions")
        return rows()


@contextmanager
def house(directory: Path, return_path: str) -> Iterator[House]:
    with closing(ScriptedRelay()) as relay:
        tables = {
            "service": {"directory": str(HERE / "trial_directory.toml")},
            "relay": {"tls": "none", "return_path": return_path},
        }
        config = write_config(directory, f"smtp://127.0.0.1:{relay.port}", **tables)
        with serving(directory, ["--config", str(config)]) as daemon:
            yield House(directory, relay, config, daemon)


def return_path_of(letter: Taken) -> str:
    found = re.search(r"MAIL FROM:<([^>]*)>", letter.envelope[0], re.I)
    assert found is not None
    return found[1]


def report(letter: Taken, *, returned: bool, recipient: str = BUILDER, to: str = "") -> bytes:
    """Make what Postfix sends back: words, status, and the letter's head where it is returned."""
    words = part(f"<{recipient}>: host mx.example said: 550 5.1.1 no such user\r\n")
    status = part(
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        "message/delivery-status",
    )
    head = part(letter.data.partition(b"\r\n\r\n")[0] + b"\r\n", "text/rfc822-headers")
    fields = {
        "from": "MAILER-DAEMON@mx.example",
        "to": to or return_path_of(letter),
        "subject": "Undelivered Mail",
    }
    parts = (words, status, head) if returned else (words, status)
    return mail("", **fields).rstrip() + b"\r\n" + multipart("report; report-type=delivery-status", *parts)


def test_a_bounce_to_the_letters_own_return_path_marks_it(tmp_path: Path) -> None:
    with house(tmp_path, "verp") as at:
        path = return_path_of(at.asked())
        assert re.fullmatch(r"hosho\+b-\d+-[0-9a-z]+-[a-z2-7]{16}@hoshobin\.example", path)
        at.send("", path, report(at.to(BUILDER)[0], returned=False))
        until(lambda: bool(at.to(MANAGER)), "the letter to management")
        found = at.letter()
        assert (found.state, found.bounced) == ("sent", "failed")
        assert found.bounce_reason == "5.1.1 smtp; 550 5.1.1 no such user"
        assert len(at.to(BUILDER)) == 1
        [shown] = json.loads(hoshobin("letters", "list", "--bounced", "--json", "--config", at.config).out)
        assert shown["reason"] == "bounced: failed 5.1.1 smtp; 550 5.1.1 no such user"


def test_without_sub_addresses_the_returned_message_id_tells_the_letter(tmp_path: Path) -> None:
    with house(tmp_path, "desk") as at:
        letter = at.asked()
        assert return_path_of(letter) == DESK
        at.send("", DESK, report(letter, returned=True))
        until(lambda: bool(at.to(MANAGER)), "the letter to management")
        assert at.letter().bounced == "failed"


def test_a_report_that_has_seen_nothing_of_ours_is_listed_and_nothing_else(tmp_path: Path) -> None:
    with house(tmp_path, "verp") as at:
        letter = at.asked()
        at.send("", DESK, report(letter, returned=False, to=DESK))
        at.send("", DESK, report(letter, returned=True, recipient="other@elsewhere.example", to=DESK))
        forged = return_path_of(letter).replace("+b-", "+b-1")
        at.send("", forged, report(letter, returned=False, to=forged))
        rows = at.decided(4)
        assert [one.state for one in rows] == ["done", "ignored", "ignored", "ignored"]
        assert all(one.reason.startswith("automatic (bounce)") for one in rows[1:])
        assert (at.letter().bounced, at.to(MANAGER)) == (None, [])
        shown = json.loads(hoshobin("inbox", "list", "--automatic", "--json", "--config", at.config).out)
        assert [one["id"] for one in shown] == [4, 3, 2]


def test_a_persons_mail_to_a_sub_address_is_a_mail_to_the_desk(tmp_path: Path) -> None:
    with house(tmp_path, "verp") as at:
        asked = trial_mail(trial_config({}), sender=BUILDER, subject="使い方", body="使い方", proof=True)
        at.send(BUILDER, "hosho+anything@hoshobin.example", asked)
        assert [one.state for one in at.decided(1)] == ["done"]
