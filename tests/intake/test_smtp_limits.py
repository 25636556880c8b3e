"""Clocks and crowds: what slow, silent and numerous peers can do."""

import pytest

from bot.intake.lobby import network_of

from .callers import GREETED, OPENED, SETTINGS, Caller, Inbox, SlowInbox, open_door, pass_by, run, settle

IDLE, TOTAL = SETTINGS.idle_seconds, SETTINGS.total_seconds
TIMED_OUT = "421 4.4.2 Timeout, closing the connection"


@pytest.mark.parametrize("commands", [(), GREETED, OPENED, (*OPENED, "DATA")])
def test_a_silent_peer_is_sent_away(commands: tuple[str, ...]) -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*commands)
            await pass_by(IDLE - 1)
            assert not caller.reader.at_eof()
            await pass_by(2)
            assert await caller.reply() == TIMED_OUT
            assert await caller.reply() == ""

    run(story())


def test_bytes_inside_data_are_progress() -> None:
    """aiosmtpd's clock hears commands only: its time-out is a hard cap for one message."""
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            for _ in range(4):
                caller.send(b"x")
                await pass_by(TOTAL / 5)
            assert TOTAL * 4 / 5 > 2 * IDLE
            caller.send(b"\r\n.\r\n")
            assert await caller.reply() == "250 2.0.0 OK"

    run(story())
    assert inbox.contents == [b"xxxx\r\n"]


def test_a_slow_loris_meets_the_deadline_of_the_message() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            for _ in range(10):
                caller.send(b"x")
                await pass_by(TOTAL / 9)
            assert await caller.reply() == TIMED_OUT
            assert await caller.reply() == ""

    run(story())
    assert inbox.mails == []


@pytest.mark.parametrize("lines", [("NOOP",), ("RSET", OPENED[1])])
def test_commands_that_lead_to_no_message_win_no_time_for_ever(lines: tuple[str, ...]) -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*GREETED)
            rounds = 0
            while (await caller.say(*lines))[:3] == "250":
                await pass_by(IDLE / 2)
                rounds += 1
            assert rounds * IDLE / 2 <= 2 * TOTAL

    run(story())


def test_half_a_command_is_no_progress() -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            for _ in range(3):
                caller.send(b"N")
                await pass_by(IDLE / 2)
            assert await caller.reply() == TIMED_OUT

    run(story())


def test_a_long_commit_is_not_idleness_and_the_next_message_has_its_whole_time() -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"x\r\n.\r\n")
            await inbox.begun.wait()
            for _ in range(3):
                await pass_by(TOTAL / 5)
            inbox.let.set()
            assert await caller.reply() == "250 2.0.0 OK"
            for _ in range(2):
                await pass_by(IDLE - 1)
                assert await caller.say("NOOP") == "250 OK"
            assert await caller.deliver(b"y\r\n") == "250 2.0.0 OK"

    run(story())


async def fill(caller: Caller) -> None:
    """Send commands until the door, whose answers are not read, takes no more."""
    left, before = 1, 0
    while not left or left != before:
        before = left
        caller.send(b"HELP\r\n" * 10_000 if not left else b"")
        for _ in range(100):
            await settle()
        left = caller.writer.transport.get_write_buffer_size()


def test_a_peer_that_does_not_read_its_answers_is_cut() -> None:
    async def story() -> None:
        async with open_door(Inbox(), max_connections=1) as opened, opened.caller() as caller:
            caller.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await fill(caller)
            await pass_by(TOTAL + 1)
            await settle()
            assert await opened.still_accepts()

    run(story())


def test_one_connection_too_many_is_told_to_come_later() -> None:
    async def story() -> None:
        async with open_door(Inbox(), max_connections=2) as opened, opened.caller() as first:
            async with opened.caller() as second, opened.caller() as third:
                assert [(await caller.reply())[:3] for caller in (first, second)] == ["220", "220"]
                assert (await third.reply())[:9] == "421 4.3.2"
                assert await third.reply() == ""
            assert await opened.still_accepts()

    run(story())


def test_one_peer_cannot_take_every_place() -> None:
    async def story() -> None:
        async with open_door(Inbox(), max_connections_per_peer=1) as opened, opened.caller() as first:
            await first.reply()
            async with opened.caller() as second:
                assert (await second.reply())[:9] == "421 4.7.0"
            assert (await first.say("QUIT"))[:3] == "221"
            await settle()
            assert await opened.still_accepts()

    run(story())


def test_an_ipv6_site_counts_as_one_peer() -> None:
    assert (
        network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    )
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("192.0.2.1") == "192.0.2.1"
