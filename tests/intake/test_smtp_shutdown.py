"""Closing the door without losing a message under way."""

import asyncio

import pytest

from .callers import GREETED, OPENED, Inbox, SlowInbox, open_door, pass_by, run, settle

SHUTTING_DOWN = "421 4.3.2 Service is shutting down, please try again later"


@pytest.mark.parametrize("commands", [(), GREETED, OPENED])
def test_peers_without_a_message_under_way_are_sent_away_at_once(commands: tuple[str, ...]) -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*commands)
            await opened.door.close(60)
            assert await caller.reply() == SHUTTING_DOWN
            assert await caller.reply() == ""
            with pytest.raises(ConnectionRefusedError):
                await opened.caller().__aenter__()

    run(story())


def test_a_message_and_its_commit_are_waited_for_and_then_421() -> None:
    """Stopping aiosmtpd's controller cancels the handlers in flight."""

    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            closing = asyncio.create_task(opened.door.close(60))
            await settle()
            caller.send(b"last\r\n.\r\n" + b"NOOP\r\n")
            await inbox.begun.wait()
            assert not closing.done()
            inbox.let.set()
            assert await caller.reply() == "250 2.0.0 OK"
            assert await caller.reply() == SHUTTING_DOWN
            assert await caller.reply() == ""
            await closing
            assert inbox.contents == [b"last\r\n"]

    run(story())


def test_a_commit_whose_peer_has_gone_is_waited_for_too() -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(b"last\r\n.\r\n")
            await inbox.begun.wait()
            caller.vanish()
            closing = asyncio.create_task(opened.door.close(60))
            await settle()
            assert not closing.done()
            inbox.let.set()
            await closing
            assert inbox.contents == [b"last\r\n"]

    run(story())


@pytest.mark.parametrize("body", [b"", b"never stored\r\n.\r\n"])
def test_what_outlasts_the_grace_is_cut_without_a_250(body: bytes) -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data()
            caller.send(body)
            closing = asyncio.create_task(opened.door.close(60))
            await pass_by(59)
            assert not closing.done()
            await pass_by(2)
            await closing
            assert await caller.reply() == ""
            assert inbox.mails == []
            assert inbox.cancelled == bool(body)

    run(story())


def test_one_door_may_listen_twice_and_closing_it_again_does_no_harm() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened:
            assert await opened.still_accepts()
            opened.host, opened.port = await opened.door.open("127.0.0.1", 0)
            assert await opened.still_accepts()
            await opened.door.close(1)

    run(story())
    assert len(inbox.mails) == 2
