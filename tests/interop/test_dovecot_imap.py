"""A real Dovecot as the provider of our mailbox: pushed, kicked, renumbered, emptied; and kill -9."""

import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlmodel import func, select

from storage.database import looking
from storage.tables import FetchedRow, ImapPassRow, InboxRow
from tests.daemons import PATIENCE, Daemon, serving, until, write_config
from tests.dovecot import PASSWORD, Dovecot, dovecot
from tests.interop.post import BUILDER, DESK, DIRECTORY, letters_in, text_of

pytestmark = pytest.mark.interop


@pytest.fixture
def provider() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def configured(directory: Path, provider: Dovecot, **changes: object) -> Path:
    """Write a configuration with Dovecot's mailbox beside the SMTP door."""
    (directory / "imap.password").write_text(PASSWORD, encoding="utf-8")
    (directory / "imap.password").chmod(0o600)
    config = write_config(directory, f"maildir:{directory / 'letters'}", service={"directory": DIRECTORY})
    mailbox: dict[str, object] = {"name": "main", "host": "localhost", "port": provider.imaps_port}
    mailbox |= {"user": DESK, "password_file": str(directory / "imap.password")}
    mailbox |= {"ca_file": str(provider.certificate)} | changes
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in mailbox.items()]
    config.write_text(
        "\n".join([config.read_text(encoding="utf-8"), "[[imap]]", *lines, ""]), encoding="utf-8"
    )
    return config


@contextmanager
def running(directory: Path, config: Path) -> Iterator[Daemon]:
    with serving(directory, ["--config", str(config)]) as daemon:
        yield daemon


def mail(number: int, subject: str = "状況", size: int = 0) -> bytes:
    """Make a mail from the builder; each has other words, lest they count as a loop."""
    message = EmailMessage()
    message["From"], message["To"] = BUILDER, DESK
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@iyo-kensetsu.example>"
    message.set_content(f"{subject}\n\n-- \n{number}\n" + "x" * 70 * (size // 70))
    return message.as_bytes()


def deliver(provider: Dovecot, data: bytes, sender: str = BUILDER) -> None:
    """Hand a mail over by LMTP, as the provider's own MTA does."""
    with smtplib.LMTP("127.0.0.1", provider.lmtp_port) as lmtp:
        lmtp.sendmail(sender, [DESK], data)


def count(directory: Path, model: type = InboxRow) -> int:
    with looking(f"sqlite:///{directory / 'hoshobin.db'}") as session:
        return session.exec(select(func.count()).select_from(model)).one()


def marks(directory: Path) -> list[tuple[int, bool]]:
    """Return (uid, filed) of all that was fetched."""
    with looking(f"sqlite:///{directory / 'hoshobin.db'}") as session:
        rows = session.exec(select(FetchedRow).order_by("id")).all()
        return [(row.uid, row.filed) for row in rows]


def passed(directory: Path) -> bool:
    with looking(f"sqlite:///{directory / 'hoshobin.db'}") as session:
        return session.get(ImapPassRow, "main") is not None


@contextmanager
def another_client(provider: Dovecot, folder: str = "INBOX") -> Iterator[IMAPClient]:
    """Look into the mailbox as a person's own mail program does."""
    with IMAPClient("127.0.0.1", provider.imap_port, ssl=False, timeout=PATIENCE) as client:
        client.plain_login(DESK, PASSWORD)
        client.select_folder(folder, readonly=False)
        yield client


def connected(provider: Dovecot) -> bool:
    return DESK in provider.doveadm("who")


def test_a_mail_is_answered_within_seconds(provider: Dovecot, tmp_path: Path) -> None:
    with running(tmp_path, configured(tmp_path, provider)):
        until(lambda: passed(tmp_path), "a first pass")
        began = time.monotonic()
        deliver(provider, mail(1))
        until(lambda: count(tmp_path) == 1, "IDLE push", 5)
        pushed = time.monotonic() - began
        [letter] = letters_in(tmp_path / "letters", BUILDER)
        print(f"pushed after {pushed:.2f} s, answered after {time.monotonic() - began:.2f} s")
    assert "このメールアドレスからは" in text_of(letter)
    with another_client(provider) as client:
        assert set(client.get_flags([1])[1]) >= {rb"\Seen", b"$HoshobinTaken"}


def test_the_return_path_that_the_provider_wrote_tells_a_machine_from_a_person(
    provider: Dovecot, tmp_path: Path
) -> None:
    with running(tmp_path, configured(tmp_path, provider)):
        deliver(provider, mail(1), sender="")
        deliver(provider, mail(2))
        letters_in(tmp_path / "letters", BUILDER)
        until(lambda: states(tmp_path) == ["done", "ignored"], "both to be decided")


def states(directory: Path) -> list[str]:
    with looking(f"sqlite:///{directory / 'hoshobin.db'}") as session:
        return sorted(session.exec(select(InboxRow.state)))


def test_pushes_go_on_after_the_connection_was_kicked_while_idling(provider: Dovecot, tmp_path: Path) -> None:
    with running(tmp_path, configured(tmp_path, provider)):
        until(lambda: passed(tmp_path), "a first pass")
        for number in range(1, 4):
            until(lambda: connected(provider), "the daemon to be there")
            provider.doveadm("kick", DESK)
            deliver(provider, mail(number))
            until(lambda n=number: count(tmp_path) == n, "the mail after a kick", 20)  # type: ignore[misc]


def test_starttls_leads_in_as_well(provider: Dovecot, tmp_path: Path) -> None:
    config = configured(tmp_path, provider, tls="starttls", port=provider.imap_port)
    provider.drop(DESK, mail(1))
    with running(tmp_path, config):
        until(lambda: count(tmp_path) == 1, "the mail")


def test_a_certificate_that_nobody_vouches_for_ends_the_try(provider: Dovecot, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    with dovecot() as stranger:
        shutil.copyfile(stranger.certificate, other)
    with running(tmp_path, configured(tmp_path, provider, ca_file=str(other))) as daemon:
        until(lambda: "CERTIFICATE_VERIFY_FAILED" in daemon.log.read_text(), "a complaint")
    assert not connected(provider)


def test_new_uids_for_the_same_mails_are_looked_at_and_not_acted_on_again(
    provider: Dovecot, tmp_path: Path
) -> None:
    for number in range(3):
        provider.drop(DESK, mail(number))
    config = configured(tmp_path, provider)
    with running(tmp_path, config):
        until(lambda: marks(tmp_path) == [(1, True), (2, True), (3, True)], "three mails")
    box = provider.maildir(DESK)
    for file in box.glob("dovecot*"):
        file.unlink()
    time.sleep(1.1)  # Dovecot makes a UIDVALIDITY of the second of the clock
    provider.drop(DESK, mail(3))
    with running(tmp_path, config):
        until(lambda: len(marks(tmp_path)) == 7, "all to be looked at under their new UIDs")
    assert count(tmp_path) == 4


def test_a_mail_removed_under_our_hands_is_passed_by(provider: Dovecot, tmp_path: Path) -> None:
    """Its file is gone while Dovecot's index still names it: SEARCH finds it and FETCH cannot give it out."""
    paths = provider.drop_all(DESK, [mail(number) for number in range(20)])
    with another_client(provider) as client:
        assert len(client.search()) == 20
    gone = [one.name for one in paths[3:6]]
    cut = _through(provider.imap_port, b"UID SEARCH", lambda: _unlink(provider, gone))
    with cut as port:
        config = configured(tmp_path, provider, port=port, tls="none", host="127.0.0.1")
        with running(tmp_path, config):
            until(lambda: count(tmp_path) == 17, "the others")
            deliver(provider, mail(99))
            until(lambda: count(tmp_path) == 18, "a later one")


def _unlink(provider: Dovecot, names: list[str]) -> None:
    for name in names:
        for path in provider.maildir(DESK).rglob(f"{name}*"):
            path.unlink()


def test_mails_are_moved_into_a_folder_with_a_japanese_name(provider: Dovecot, tmp_path: Path) -> None:
    provider.maildir(DESK, "&U9dP4TBX-")  # 受信箱 is read
    config = configured(tmp_path, provider, folder="受付", after="move", processed_folder="処理済/保証")
    with another_client(provider) as client:
        client.create_folder("受付")
        client.append("受付", mail(1))
    with running(tmp_path, config):
        until(lambda: marks(tmp_path) == [(1, True)], "the first")
        with another_client(provider) as client:
            client.append("受付", mail(2))
        until(lambda: marks(tmp_path) == [(1, True), (2, True)], "the pushed one")
    with another_client(provider, "処理済/保証") as client:
        assert len(client.search()) == 2
        assert client.folder_status("受付", ["MESSAGES"]) == {b"MESSAGES": 0}


@pytest.mark.parametrize("after", ["flag", "move"])
def test_a_daemon_killed_between_its_commit_and_the_flag_makes_up_for_it(
    provider: Dovecot, tmp_path: Path, after: str
) -> None:
    """Here peers lose mail, flagged before it is safe, or double it, safe before it is flagged."""
    provider.drop(DESK, mail(1))
    held = threading.Event()
    moved = {"after": after} | ({"processed_folder": "done"} if after == "move" else {})
    word = b"UID STORE" if after == "flag" else b"UID MOVE"
    with _through(provider.imap_port, word, held.set, swallow=True) as port:
        config = configured(tmp_path, provider, host="127.0.0.1", tls="none", port=port, **moved)
        with running(tmp_path, config) as daemon:
            assert held.wait(PATIENCE)
            os.kill(daemon.process_id, signal.SIGKILL)
        assert marks(tmp_path) == [(1, False)]
    with another_client(provider) as client:
        assert client.get_flags([1])[1] in ((), (rb"\Recent",))
    config = configured(tmp_path, provider, **moved)
    with running(tmp_path, config):
        until(lambda: marks(tmp_path) == [(1, True)], "the flag to be made up for")
        until(lambda: passed(tmp_path), "the pass")
        letters_in(tmp_path / "letters", BUILDER)
    assert count(tmp_path) == 1
    assert len(list((tmp_path / "letters" / BUILDER / "new").iterdir())) == 1
    with another_client(provider, "done" if after == "move" else "INBOX") as client:
        assert len(client.search("SEEN" if after == "flag" else "ALL")) == 1


@contextmanager
def _through(port: int, word: bytes, act: Callable[[], object], *, swallow: bool = False) -> Iterator[int]:
    """Stand between a client and Dovecot; act when the client first says a word, and maybe swallow it."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = [threading.Thread(target=_relay_all, args=(listener, port, word, act, swallow), daemon=True)]
    threads[0].start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        threads[0].join(PATIENCE)


def _relay_all(
    listener: socket.socket, port: int, word: bytes, act: Callable[[], object], swallow: bool
) -> None:
    acted = False
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            with suppress(OSError):
                while data := client.recv(65536):
                    if word in data and not acted:
                        acted = True
                        act()
                        if swallow:
                            continue
                    server.sendall(data)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join(PATIENCE)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _memory_kb(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


@pytest.mark.slow
def test_three_thousand_mails_come_in_with_flat_memory(provider: Dovecot, tmp_path: Path) -> None:
    """Deciders are kept out of it: their work is not the door's. 6 MB of mail, in pages and batches."""
    provider.drop_all(DESK, [mail(number, size=2_000) for number in range(3_000)])
    config = configured(tmp_path, provider)
    with running(tmp_path, config) as daemon:
        before = _memory_kb(daemon.process_id)
        began = time.monotonic()
        until(lambda: passed(tmp_path), "the whole pass", 240)
        took = time.monotonic() - began
        grown = (_memory_kb(daemon.process_id) - before) / 1024
        print(f"3,000 mails of 2 kB in {took:.1f} s: {3000 / took:.0f} mails/s, peak memory +{grown:.0f} MB")
    assert count(tmp_path) == 3_000
    assert len(marks(tmp_path)) == 3_000
    assert all(filed for _, filed in marks(tmp_path))
    assert grown < 60


def test_status_tells_how_each_mailbox_stands(provider: Dovecot, tmp_path: Path) -> None:
    config = configured(tmp_path, provider)
    command = [sys.executable, "-m", "bot", "imap", "status", "--config", str(config), "--json"]
    provider.drop(DESK, mail(1))
    with running(tmp_path, config):
        until(lambda: passed(tmp_path), "a pass")
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    [shown] = json.loads(done.stdout)
    assert done.returncode == 0
    assert (shown["name"], shown["folder"], shown["ok"], shown["unfiled"]) == ("main", "INBOX", True, 0)
