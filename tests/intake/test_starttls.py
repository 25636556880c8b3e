"""STARTTLS at the door (RFC 3207): what is offered, what is forgotten, what cannot be slipped in."""

import asyncio
import socket
import ssl

import pytest

from bot.intake.tls import Certificate
from tests.certificates import Authority

from .callers import (
    GREETED,
    OPENED,
    SETTINGS,
    Caller,
    Inbox,
    SlowInbox,
    open_door,
    open_lmtp_door,
    pass_by,
    run,
    settle,
)

NAME = SETTINGS.hostname
READY = "220 2.0.0 Ready to start TLS"
OK = "250 2.0.0 OK"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    return Certificate(*authority.issue(NAME))


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority.file)


async def secure(caller: Caller, authority: Authority) -> None:
    assert await caller.say("STARTTLS") == READY
    await caller.writer.start_tls(trusting(authority), server_hostname=NAME)


async def offers(caller: Caller) -> list[str]:
    caller.send(b"EHLO x\r\n")
    found: list[str] = []
    while not found or found[-1] != "HELP":
        found.append((await caller.reader.readline()).decode()[4:].rstrip())
    return found


def test_it_is_offered_until_it_is_used_and_a_mail_arrives_over_tls(
    certificate: Certificate, authority: Authority
) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            assert "STARTTLS" in await offers(caller)
            await secure(caller, authority)
            assert "STARTTLS" not in await offers(caller)
            assert await caller.deliver(b"x\r\n") == OK
            assert (await caller.say("STARTTLS"))[:3] == "503"
            assert (await caller.say("QUIT"))[:3] == "221"
            assert await caller.reply() == ""

    run(story())
    assert inbox.contents == [b"x\r\n"]


def test_it_needs_no_parameter(certificate: Certificate) -> None:
    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            assert (await caller.say(*GREETED, "STARTTLS now"))[:3] == "501"

    run(story())


def test_what_was_said_in_the_clear_is_forgotten(certificate: Certificate, authority: Authority) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*OPENED)
            await secure(caller, authority)
            assert await caller.say("DATA") == "503 Error: send HELO first"
            assert await caller.say(*GREETED, "DATA") == "503 Error: need RCPT command"
            assert await caller.say(OPENED[2]) == "503 Error: need MAIL command"
            assert await caller.deliver(b"x\r\n") == OK

    run(story())
    assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    "injected", [b"\r\n", b"NOOP\r\n", b"EHLO evil\r\nMAIL FROM:<evil@example.jp>\r\n", b"R"]
)
def test_what_follows_starttls_in_the_clear_ends_the_conversation(
    certificate: Certificate, injected: bytes
) -> None:
    """CVE-2011-0411: commands put before the handshake must never be taken as sent over TLS."""

    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*GREETED)
            caller.send(b"STARTTLS\r\n" + injected)
            assert (await caller.reply())[:9] == "503 5.5.1"
            assert await caller.reply() == ""

    run(story())


def test_what_is_injected_before_the_handshake_is_no_command_either(
    certificate: Certificate, authority: Authority
) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, certificate=certificate, max_connections=1) as opened:
            async with opened.caller() as caller:
                await caller.reply()
                assert await caller.say(*GREETED, "STARTTLS") == READY
                caller.send(b"EHLO evil\r\nMAIL FROM:<evil@example.jp>\r\n")
                with pytest.raises((OSError, asyncio.IncompleteReadError)):
                    await caller.writer.start_tls(trusting(authority), server_hostname=NAME)
            assert await opened.still_accepts()

    run(story())
    assert len(inbox.mails) == 1


def test_commands_sent_with_the_last_bytes_of_the_handshake_are_kept(
    certificate: Certificate, authority: Authority
) -> None:
    """Under TLS 1.3 a client may pipeline at once: what came encrypted is no injection."""
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, certificate=certificate) as opened:
            await asyncio.to_thread(pipeline_at_once, opened.host, opened.port, authority)

    run(story())
    assert inbox.contents == [b"x\r\n"]


def pipeline_at_once(host: str, port: int, authority: Authority) -> None:
    """Send the end of the handshake and a whole pipelined conversation in one segment."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting(authority).wrap_bio(incoming, outgoing, server_hostname=NAME)
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.recv(1000)
        connection.sendall(b"STARTTLS\r\n")
        connection.recv(1000)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        tls.write("\r\n".join([*OPENED, "DATA", "x", ".", "QUIT", ""]).encode())
        connection.sendall(outgoing.read())
        heard = b""
        while b"221" not in heard:
            incoming.write(connection.recv(65536))
            try:
                while part := tls.read(65536):
                    heard += part
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("begun", [b"", b"\x16\x03\x01\x02\x00\x01"])
def test_a_peer_that_falls_silent_in_the_handshake_is_let_go_in_time(
    certificate: Certificate, begun: bytes
) -> None:
    async def story() -> None:
        async with (
            open_door(Inbox(), certificate=certificate, max_connections=1) as opened,
            opened.caller() as caller,
        ):
            await caller.reply()
            await caller.say(*GREETED, "STARTTLS")
            caller.send(begun)
            await pass_by(SETTINGS.idle_seconds - 1)
            assert not caller.reader.at_eof()
            await pass_by(2)
            assert await caller.reply() == ""
            assert await opened.still_accepts()

    run(story())


@pytest.mark.parametrize("how", ["reset", "close", "garbage", "alert"])
def test_a_handshake_that_fails_leaves_nothing_behind(certificate: Certificate, how: str) -> None:
    """asyncio tells nobody of a connection that is lost while hands are shaken."""

    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate, max_connections=1) as opened:
            async with opened.caller() as caller:
                await caller.reply()
                await caller.say(*GREETED, "STARTTLS")
                if how == "reset":
                    caller.vanish()
                elif how == "close":
                    caller.writer.close()
                elif how == "garbage":
                    caller.send(b"\x00" * 50)
                else:
                    with pytest.raises(ssl.SSLCertVerificationError):
                        await caller.writer.start_tls(ssl.create_default_context(), server_hostname=NAME)
                await settle()
                if how == "garbage":
                    await caller.reader.read()
            await settle()
            assert await opened.still_accepts()

    run(story())


@pytest.mark.parametrize("end", ["reset", "close"])
def test_a_peer_may_vanish_over_tls(certificate: Certificate, authority: Authority, end: str) -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox, certificate=certificate, max_connections=2) as opened:
            async with opened.caller() as caller:
                await caller.reply()
                await secure(caller, authority)
                await caller.say(*OPENED, "DATA")
                caller.send(b"kept\r\n.\r\n")
                await inbox.begun.wait()
                caller.vanish() if end == "reset" else caller.writer.close()
                await settle()
            inbox.let.set()
            await inbox.ended.wait()
            assert inbox.contents == [b"kept\r\n"]
            assert await opened.still_accepts()

    run(story())


def test_a_big_message_over_tls_arrives_exactly(certificate: Certificate, authority: Authority) -> None:
    inbox = Inbox()
    content = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") * 4000 + b"\r\n"

    async def story() -> None:
        async with open_door(inbox, certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            await secure(caller, authority)
            await caller.say(*GREETED)
            assert await caller.deliver(content) == OK

    run(story())
    assert inbox.contents == [content]


def test_where_tls_is_required_no_mail_begins_without_it(
    certificate: Certificate, authority: Authority
) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with (
            open_door(inbox, certificate=certificate, tls_required=True) as opened,
            opened.caller() as caller,
        ):
            await caller.reply()
            assert await caller.say(*OPENED[:2]) == "530 5.7.0 Must issue a STARTTLS command first"
            assert (await caller.say(OPENED[2]))[:3] == "503"
            await secure(caller, authority)
            await caller.say(*GREETED)
            assert await caller.deliver(b"x\r\n") == OK

    run(story())
    assert len(inbox.mails) == 1


def test_lmtp_over_tcp_has_it_too(certificate: Certificate, authority: Authority) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_lmtp_door(inbox, certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            await secure(caller, authority)
            await caller.say("LHLO mx.example.jp")
            assert await caller.deliver(b"x\r\n") == OK

    run(story())
    assert len(inbox.mails) == 1


@pytest.mark.parametrize("secured", [True, False])
def test_a_shutdown_sends_peers_away_over_tls_and_in_the_handshake(
    certificate: Certificate, authority: Authority, secured: bool
) -> None:
    async def story() -> None:
        async with open_door(Inbox(), certificate=certificate) as opened, opened.caller() as caller:
            await caller.reply()
            if secured:
                await secure(caller, authority)
                await caller.say(*GREETED)
            else:
                await caller.say("STARTTLS")
            closing = opened.close_soon(60)
            assert (await caller.reply())[:3] == ("421" if secured else "")
            assert await caller.reply() == ""
            caller.writer.close()
            await closing

    run(story())
