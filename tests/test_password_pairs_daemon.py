"""A PPAP pair over SMTP to a real daemon, in both orders: the PDF in the archive is read like any other."""

import smtplib
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.clock import TOKYO, SystemClock
from bot.operations.trial import HERE
from storage.database import looking
from storage.tables import InboxRow, LetterRow
from tests import mails
from tests.daemons import Daemon, serving, until, write_config
from tests.relays import ScriptedRelay
from tests.zips import Held, archive

pytestmark = pytest.mark.slow

CITY = "keiyaku@city.iyonada.lg.example"
DESK = "hosho@hoshobin.example"
SECRET = "Tk#8vQ2m"
BORDER = "border.hoshobin.example"
TITLE = "認証キー等のお知らせの送付について"
FORWARDED = Path(mails.__file__).parent / "thunderbird-verify-forward.eml"


class House:
    """A daemon with its relay, and what its database says."""

    def __init__(self, directory: Path, relay: ScriptedRelay, daemon: Daemon) -> None:
        self.relay, self.daemon, self._url = relay, daemon, f"sqlite:///{directory / 'hoshobin.db'}"

    def send(self, subject: str, text: str, *, mail_from: str = CITY, attached: bytes = b"") -> None:
        now = SystemClock().now()
        mail = EmailMessage(policy=SMTP)
        mail["Authentication-Results"] = f"{BORDER}; dkim=pass header.d=city.iyonada.lg.example"
        mail["Received"] = f"from mail.city.iyonada.lg.example by {BORDER}; {format_datetime(now)}"
        mail["From"], mail["To"], mail["Subject"] = CITY, DESK, subject
        mail["Date"] = format_datetime(now.astimezone(TOKYO))
        mail["Message-ID"] = f"<{now.timestamp():.6f}@city.iyonada.lg.example>"
        mail.set_content(text, cte="base64")
        if attached:
            mail.add_attachment(attached, maintype="application", subtype="zip", filename="お知らせ.zip")
        with smtplib.SMTP(self.daemon.host, self.daemon.port, timeout=30) as door:
            door.sendmail(mail_from, [DESK], mail.as_bytes())

    def rows(self) -> list[InboxRow]:
        with looking(self._url) as session:
            return list(session.exec(select(InboxRow).order_by(col(InboxRow.id))))

    def states(self) -> list[str]:
        return [one.state for one in self.rows()]

    def letters(self) -> list[tuple[str, str]]:
        with looking(self._url) as session:
            rows = session.exec(select(LetterRow).order_by(col(LetterRow.id)))
            return [(one.templates, one.state) for one in rows if one.recipient == CITY]

    def texts(self) -> str:
        """Every letter that left, as its reader sees it."""
        found = []
        for taken in self.relay.taken:
            body = message_from_bytes(taken.data, policy=default).get_body(("plain",))
            found.append(body.get_content() if body is not None else "")
        return "\n".join(found)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(ScriptedRelay()) as relay:
        tables: dict[str, dict[str, object]] = {
            "service": {"directory": str(HERE / "trial_directory.toml")},
            "relay": {"tls": "none"},
            "work": {"retry_seconds": 0.5, "sweep_seconds": 0.5},
        }
        config = write_config(tmp_path, f"smtp://127.0.0.1:{relay.port}", **tables)
        with serving(tmp_path, ["--config", str(config)]) as daemon:
            yield House(tmp_path, relay, daemon)


def paper() -> bytes:
    """Return a key notice of a guarantee that this database does not know: it is read, but not confirmed."""
    mail = message_from_bytes(FORWARDED.read_bytes(), policy=default)
    papers = (one for one in mail.walk() if one.get_content_type() == "application/pdf")
    data = next(papers).get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


def send_archive(house: House) -> None:
    locked = archive(Held("認証キー等のお知らせ.pdf".encode("cp932"), paper(), SECRET))
    house.send(TITLE, "お世話になります。内容の確認をお願いします。", attached=locked)


def send_password(house: House) -> None:
    says = (
        f"{CITY} から送信された添付ファイルのパスワードをお知らせします。\r\n"
        f"  件名:{TITLE}\r\n  パスワード:{SECRET}\r\n本メールは送信専用です。\r\n"
    )
    house.send(f"[パスワード通知] {TITLE}", says, mail_from="fsgw@relay.example")


def outcome(house: House) -> None:
    """Wait for the answer to what the PDF in the archive asks, and look for the password everywhere."""
    until(lambda: any(state == "sent" for _, state in house.letters()), "the answer")
    assert [templates for templates, state in house.letters() if state == "sent"] == ["not_confirmed"]
    assert "確認できませんでした" in house.texts()
    assert "2080001234" in house.texts()
    kept = house.daemon.log.read_text() + house.texts()
    kept += "".join(one.model_dump_json() for one in house.rows())
    assert SECRET not in kept


def test_the_archive_first_then_its_password(house: House) -> None:
    send_archive(house)
    until(lambda: house.states() == ["held"], "the archive waits")
    assert house.letters() == [("password_awaited", "waiting")]
    send_password(house)
    outcome(house)
    assert house.letters()[0] == ("password_awaited", "withdrawn")
    until(lambda: house.states()[1] == "done", "the notice is settled")


def test_the_password_first_then_its_archive(house: House) -> None:
    send_password(house)
    until(lambda: house.states() == ["held"], "the password waits")
    send_archive(house)
    outcome(house)
    until(lambda: house.states()[0] == "done", "the notice is settled")
    assert "password_awaited" not in dict(house.letters())


def test_both_at_once(house: House) -> None:
    """Read at the same time by two threads: neither waits for the other for ever."""
    send_password(house)
    send_archive(house)
    outcome(house)
    until(lambda: house.states()[0] == "done", "the notice is settled")
