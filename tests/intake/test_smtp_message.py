"""The bytes of a message, from 354 to the answer."""

import asyncio
import tracemalloc

import pytest

from .callers import GREETED, OPENED, Inbox, open_door, run

MIB = 1024 * 1024


@pytest.mark.parametrize("last", [b"\r\n.\r\n", b"x\r\n.\r\n"])
def test_data_without_any_line_end_is_cut_at_the_limit_and_memory_stays_flat(last: bytes) -> None:
    """aiosmtpd's data_size_limit counts nothing until a CRLF comes: 400 MiB went in against 1 MiB."""
    inbox = Inbox()
    block = b"A" * (MIB // 4)

    async def story() -> None:
        async with open_door(inbox, max_bytes=MIB) as opened, opened.caller() as caller:
            await caller.open_data()
            tracemalloc.start()
            try:
                for _ in range(64 * 4):
                    caller.send(block)
                    await caller.writer.drain()
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert peak < 8 * MIB
            caller.send(last)
            assert (await caller.reply())[:3] == "552"
            assert await caller.deliver(b"next\r\n") == "250 2.0.0 OK"

    run(story())
    assert inbox.contents == [b"next\r\n"]


def test_a_line_may_be_as_long_as_the_message() -> None:
    """aiosmtpd answers 500 to a line over 1,001 bytes."""
    inbox = Inbox()
    line = b"A" * (MIB - 2) + b"\r\n"

    async def story() -> None:
        async with open_door(inbox, max_bytes=MIB) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(line + b".\r\n")
            assert await caller.reply() == "250 2.0.0 OK"
            assert (await caller.deliver(b"A" + line))[:3] == "552"
            assert await caller.say("NOOP") == "250 OK"

    run(story())
    assert inbox.contents == [line]


@pytest.mark.parametrize(
    "trick",
    [
        b"\n.\n",
        b"\r.\r",
        b"\n.\r\n",
        b"\r.\r\n",
        b"\r\n..\n",
        b"\r\n..\r",
        b"\n.\r",
        b"\r\n\0.\r\n",
        b"\n..\r\n",
    ],
)
def test_no_bare_line_end_around_a_dot_smuggles_a_second_mail(trick: bytes) -> None:
    """Only CRLF . CRLF ends the data; everything else is kept as it came, less the stuffed dots."""
    inbox = Inbox()
    smuggled = b"MAIL FROM:<ceo@hosho.example.jp>\r\nRCPT TO:<desk@hosho.example.jp>\r\nDATA\r\nevil\r\n"

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"start" + trick + smuggled + b".\r\n")
            assert await caller.reply() == "250 2.0.0 OK"
            assert await caller.say("NOOP") == "250 OK"

    run(story())
    assert inbox.contents == [b"start" + trick.replace(b"\r\n.", b"\r\n") + smuggled]


def test_two_hundred_connections_at_once_are_all_served() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened:

            async def one(number: int) -> None:
                async with opened.caller() as caller:
                    await caller.reply()
                    await caller.say(*GREETED)
                    assert await caller.deliver(b"%d\r\n" % number) == "250 2.0.0 OK"
                    assert (await caller.say("QUIT"))[:3] == "221"

            await asyncio.gather(*(one(number) for number in range(200)))

    run(story())
    assert sorted(inbox.contents) == sorted(b"%d\r\n" % number for number in range(200))


def test_a_reused_connection_starts_every_message_afresh() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"one\r\n.\r\n")
            assert await caller.reply() == "250 2.0.0 OK"
            assert (await caller.say(OPENED[2]))[:3] == "503"
            assert await caller.deliver(b"two\r\n") == "250 2.0.0 OK"

    run(story())
    assert inbox.contents == [b"one\r\n", b"two\r\n"]
