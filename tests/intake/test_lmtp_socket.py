"""The Unix socket of the LMTP door: who may connect, what is left behind, and what is never taken away."""

import asyncio
import socket
import stat
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.intake.smtp import LmtpConnection, SmtpDoor

from .callers import DESK, MOMENT, SETTINGS, Inbox, run


def door(inbox: Inbox) -> SmtpDoor:
    return SmtpDoor(SETTINGS, inbox, FixedClock(MOMENT), LmtpConnection)


async def deliver(path: Path) -> list[bytes]:
    reader, writer = await asyncio.open_unix_connection(path)
    commands = ["LHLO mx", "MAIL FROM:<a@example.jp>", f"RCPT TO:<{DESK}>", "DATA", "x", ".", "QUIT", ""]
    writer.write("\r\n".join(commands).encode())
    answers = (await reader.read()).splitlines()
    writer.close()
    await writer.wait_closed()
    return answers


def test_a_mail_over_the_socket_comes_from_the_peer_unix(tmp_path: Path) -> None:
    inbox, path = Inbox(), tmp_path / "lmtp"

    async def story() -> None:
        opened = door(inbox)
        await opened.open_socket(path)
        assert (await deliver(path))[-2] == b"250 2.0.0 OK"
        await opened.close(1)

    run(story())
    [(envelope, _)] = inbox.mails
    assert (envelope.peer, envelope.source) == ("unix", "lmtp")


def test_owner_and_group_may_connect_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"

    async def story() -> None:
        opened = door(Inbox())
        await opened.open_socket(path)
        assert stat.filemode(path.stat().st_mode) == "srw-rw----"
        await opened.close(1)

    run(story())


def test_in_a_directory_that_hands_down_its_group_the_socket_has_that_group(tmp_path: Path) -> None:
    """Postfix's delivery agents keep but one group: the socket must have it."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o2750)

    async def story() -> None:
        opened = door(Inbox())
        await opened.open_socket(home / "lmtp")
        assert (home / "lmtp").stat().st_gid == home.stat().st_gid
        await opened.close(1)

    run(story())


def test_a_closed_door_leaves_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"

    async def story() -> None:
        opened = door(Inbox())
        await opened.open_socket(path)
        await opened.close(1)

    run(story())
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_there_is_removed(tmp_path: Path) -> None:
    inbox, path = Inbox(), tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async def story() -> None:
        opened = door(inbox)
        await opened.open_socket(path)
        await deliver(path)
        await opened.close(1)

    run(story())
    assert len(inbox.mails) == 1


def test_a_socket_that_somebody_listens_on_is_left_to_them(tmp_path: Path) -> None:
    """asyncio itself removes any socket that stands in its way, a living one too."""
    inbox, path = Inbox(), tmp_path / "lmtp"

    async def story() -> None:
        first, second = door(inbox), door(Inbox())
        await first.open_socket(path)
        with pytest.raises(OSError, match="Address already in use"):
            await second.open_socket(path)
        await second.close(1)
        assert (await deliver(path))[-1] == b"221 Bye"
        await first.close(1)

    run(story())
    assert len(inbox.mails) == 1


def test_a_file_in_its_place_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    path.write_text("a letter")

    async def story() -> None:
        opened = door(Inbox())
        with pytest.raises(OSError, match="Address already in use"):
            await opened.open_socket(path)
        await opened.close(1)

    run(story())
    assert path.read_text() == "a letter"


def test_a_socket_that_another_process_put_there_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"

    async def story() -> None:
        first, second = door(Inbox()), door(Inbox())
        await first.open_socket(path)
        path.unlink()
        await second.open_socket(path)
        await first.close(1)
        assert path.is_socket()
        await second.close(1)

    run(story())
