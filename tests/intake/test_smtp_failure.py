"""A 250 is a promise: what happens when storing fails, hangs, or nobody waits for the answer."""

import asyncio
from datetime import datetime
from typing import Any, cast

import pytest

from bot.mail import Envelope

from .callers import (
    GREETED,
    OPENED,
    SETTINGS,
    Caller,
    Inbox,
    Opened,
    SlowInbox,
    open_door,
    pass_by,
    run,
    settle,
)


class BrokenClock:
    """A clock that fails once, inside the door."""

    def __init__(self) -> None:
        self.moments = [None, datetime.fromisoformat("2026-10-01T00:00:00+00:00")]

    def now(self) -> datetime:
        moment = self.moments.pop(0)
        if moment is None:
            raise RuntimeError("secret of the clock")
        return moment


@pytest.mark.parametrize(
    "error",
    [RuntimeError("secret: /var/lib"), OSError(28, "disk full"), TimeoutError(), asyncio.CancelledError()],
)
def test_whatever_accept_raises_is_451_in_fixed_words_and_the_connection_goes_on(
    error: BaseException,
) -> None:
    """aiosmtpd answers 500 with the exception's text, and 503 nested MAIL to the next mail."""
    stored: list[bytes] = []
    errors = [error]

    async def accept(envelope: Envelope, content: bytes) -> None:
        if errors:
            raise errors.pop()
        stored.append(content)

    async def story() -> None:
        async with open_door(accept) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"x\r\n.\r\n")
            assert await caller.reply() == "451 4.3.0 Temporary failure, please try again later"
            assert await caller.deliver(b"x\r\n") == "250 2.0.0 OK"

    run(story())
    assert stored == [b"x\r\n"]


def test_a_fault_of_our_own_around_the_commit_is_451_too() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, BrokenClock()) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"x\r\n.\r\n")
            assert await caller.reply() == "451 4.3.0 Temporary failure, please try again later"
            assert await caller.deliver(b"x\r\n") == "250 2.0.0 OK"

    run(story())


def test_a_fault_of_our_own_in_a_command_is_451_and_the_connection_goes_on() -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            reply = await caller.say(*GREETED, "MAIL FROM:<a@example.jp> SIZE=²")
            assert reply == "451 4.3.0 Temporary failure, please try again later"
            assert await caller.deliver(b"x\r\n") == "250 2.0.0 OK"

    run(story())


def test_after_a_fault_inside_data_what_follows_is_not_taken_for_commands() -> None:
    async def story() -> None:
        async with open_door(Inbox(), max_bytes=cast("Any", None)) as opened, opened.caller() as caller:
            await caller.open_data("HELO x", *OPENED[1:])
            caller.send(b"NOOP\r\nNOOP\r\n")
            assert await caller.codes(2) == ["451", ""]

    run(story())


def test_a_commit_past_the_deadline_is_451_and_neither_it_nor_the_connection_is_harmed() -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"slow\r\n.\r\n")
            await inbox.begun.wait()
            await pass_by(SETTINGS.total_seconds - 1)
            assert not inbox.ended.is_set()
            await pass_by(2)
            assert await caller.reply() == "451 4.3.0 Temporary failure, please try again later"
            inbox.let.set()
            assert await caller.deliver(b"again\r\n") == "250 2.0.0 OK"
            assert inbox.contents == [b"slow\r\n", b"again\r\n"]

    run(story())


@pytest.mark.parametrize("reset", [True, False])
def test_a_peer_that_leaves_right_after_the_final_dot_does_not_cancel_the_commit(reset: bool) -> None:
    """aiosmtpd cancels the handler when the connection goes."""

    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox, max_connections=2) as opened:
            async with opened.caller() as caller:
                await caller.open_data()
                caller.send(b"kept\r\n.\r\n")
                if reset:
                    await inbox.begun.wait()
                    caller.vanish()
                else:
                    caller.writer.close()
                await settle()
            await inbox.begun.wait()
            inbox.let.set()
            await inbox.ended.wait()
            assert inbox.contents == [b"kept\r\n"]
            assert await opened.still_accepts()

    run(story())


STEPS = (
    b"",
    *(line.encode() + b"\r\n" for line in OPENED),
    b"DATA\r\n",
    b"half a li",
    b"ne\r\n",
    b".\r",
    b"\n",
    b"MAIL",
)
COMPLETE = STEPS.index(b"\n")


async def walk(caller: Caller, steps: tuple[bytes, ...]) -> None:
    await caller.reply()
    for step in steps:
        caller.send(step)
        if step.endswith(b"\r\n") and step != b"ne\r\n":
            await caller.reply()
        await settle()


@pytest.mark.parametrize("count", range(1, len(STEPS) + 1))
@pytest.mark.parametrize("reset", [True, False])
def test_a_peer_may_vanish_at_every_point(count: int, reset: bool) -> None:
    """Stored if and only if the final dot came, and the next caller is served."""
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, max_connections=1) as opened:
            async with opened.caller() as caller:
                await walk(caller, STEPS[:count])
                caller.vanish() if reset else caller.writer.close()
                await settle()
            assert inbox.contents == ([b"half a line\r\n"] if count > COMPLETE else [])
            assert await opened.still_accepts()

    run(story())


async def leave_a_commit_behind(opened: Opened, inbox: SlowInbox) -> None:
    async with opened.caller() as caller:
        await caller.open_data()
        caller.send(b"x\r\n.\r\n")
        await inbox.begun.wait()
        caller.vanish()
        await settle()


def test_commits_left_behind_are_limited() -> None:
    """Peers that send, leave and come again must not fill the memory while the database stands still."""

    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox, max_connections=1) as opened:
            await leave_a_commit_behind(opened, inbox)
            async with opened.caller() as caller:
                await caller.reply()
                assert (await caller.say(*OPENED, "DATA"))[:9] == "451 4.3.2"
                inbox.let.set()
                await inbox.ended.wait()
                await settle()
                assert (await caller.say("DATA"))[:3] == "354"

    run(story())
