"""LMTP (RFC 2033): who greets how, and a reply for each recipient, whatever becomes of the message."""

import pytest

from bot.mail import Envelope

from .callers import DESK, Caller, Inbox, SlowInbox, open_lmtp_door, run, settle
from .test_smtp_failure import BrokenClock

SHINSA, POSTMASTER = "shinsa@hosho.example.jp", "postmaster@hosho.example.jp"
GREETED = "LHLO mx.hosho.example.jp"
FROM = "MAIL FROM:<taro@kensetsu.example.jp>"
OK, NOT_STORED = "250 2.0.0 OK", "451 4.3.0 Temporary failure, please try again later"


def to(address: str) -> str:
    return f"RCPT TO:<{address}>"


async def deliver(caller: Caller, *recipients: str, body: bytes = b"x\r\n") -> None:
    """Send one message to recipients that the door accepts; its replies are not read."""
    await caller.say(FROM, *(to(one) for one in recipients))
    assert (await caller.say("DATA"))[:3] == "354"
    caller.send(body + b".\r\n")


async def replies(caller: Caller, count: int) -> list[str]:
    """Return so many replies, and make sure that no other comes before that to NOOP."""
    found = [await caller.reply() for _ in range(count)]
    assert await caller.say("NOOP") == "250 OK"
    return found


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        (("EHLO x",), '500 Error: command "EHLO" not recognized'),
        (("HELO x",), '500 Error: command "HELO" not recognized'),
        (("LHLO",), "501 Syntax: LHLO hostname"),
        (("LHLO x",), "250 HELP"),
        ((FROM,), "503 Error: send LHLO first"),
        ((GREETED, "DATA"), "503 Error: need RCPT command"),
        ((GREETED, FROM, to("nobody@hosho.example.jp"), "DATA"), "503 Error: need RCPT command"),
        ((GREETED, FROM, FROM), "503 Error: nested MAIL command"),
        (("STARTTLS",), '500 Error: command "STARTTLS" not recognized'),
        (("QUIT",), "221 Bye"),
    ],
)
def test_commands_are_answered_by_the_book(commands: tuple[str, ...], reply: str) -> None:
    async def story() -> None:
        async with open_lmtp_door(Inbox()) as opened, opened.caller() as caller:
            assert await caller.reply() == "220 mx.hosho.example.jp LMTP Hoshobin"
            assert await caller.say(*commands) == reply

    run(story())


@pytest.mark.parametrize(
    "recipients", [(DESK,), (DESK, SHINSA), (DESK, DESK), (DESK, SHINSA, DESK.upper(), POSTMASTER)]
)
def test_each_accepted_recipient_has_its_reply_the_same_one_twice_too(recipients: tuple[str, ...]) -> None:
    """aiosmtpd gives one reply, whatever was accepted (RFC 2033 §4.2 wants one for each RCPT)."""
    inbox = Inbox()

    async def story() -> None:
        async with open_lmtp_door(inbox) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            for _ in range(2):
                await deliver(caller, *recipients)
                assert await replies(caller, len(recipients)) == [OK] * len(recipients)

    run(story())
    once = tuple(dict.fromkeys(one if one != DESK.upper() else DESK for one in recipients))
    assert [envelope.recipients for envelope, _ in inbox.mails] == [once] * 2


def test_the_envelope_says_that_it_came_by_lmtp() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_lmtp_door(inbox) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            await deliver(caller, DESK)
            await replies(caller, 1)

    run(story())
    envelope: Envelope = inbox.mails[0][0]
    assert (envelope.source, envelope.peer, envelope.helo) == ("lmtp", "127.0.0.1", "mx.hosho.example.jp")


def test_a_refused_recipient_has_no_reply_to_the_message() -> None:
    async def story() -> None:
        async with open_lmtp_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED, FROM, to(DESK))
            assert (await caller.say(to("nobody@hosho.example.jp")))[:3] == "550"
            await caller.say(to(SHINSA), "DATA")
            caller.send(b"x\r\n.\r\n")
            assert await replies(caller, 2) == [OK, OK]

    run(story())


def test_recipients_taken_back_by_rset_have_no_reply() -> None:
    async def story() -> None:
        async with open_lmtp_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED, FROM, to(DESK), to(SHINSA), "RSET")
            await deliver(caller, DESK)
            assert await replies(caller, 1) == [OK]

    run(story())


def test_the_same_recipient_again_and_again_counts_as_one_more() -> None:
    """Otherwise one message could be owed any number of replies."""

    async def story() -> None:
        async with open_lmtp_door(Inbox(), max_recipients=3) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED, FROM)
            codes = [(await caller.say(to(DESK)))[:3] for _ in range(5)]
            assert codes == ["250", "250", "250", "452", "452"]
            await caller.say("DATA")
            caller.send(b".\r\n")
            assert await replies(caller, 3) == [OK] * 3

    run(story())


def test_a_message_that_is_not_stored_is_451_for_each_and_the_next_is_no_nested_mail() -> None:
    """After a 500, aiosmtpd says 503 nested MAIL to the next mail; Postfix then stalls for minutes."""
    stored: list[bytes] = []
    errors = [RuntimeError("secret")]

    async def accept(envelope: Envelope, content: bytes) -> None:
        if errors:
            raise errors.pop()
        stored.append(content)

    async def story() -> None:
        async with open_lmtp_door(accept) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            await deliver(caller, DESK, SHINSA)
            assert await replies(caller, 2) == [NOT_STORED] * 2
            await deliver(caller, DESK, SHINSA)
            assert await replies(caller, 2) == [OK] * 2

    run(story())
    assert stored == [b"x\r\n"]


def test_a_fault_of_our_own_around_the_commit_is_451_for_each() -> None:
    async def story() -> None:
        async with open_lmtp_door(Inbox(), BrokenClock()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            await deliver(caller, DESK, SHINSA, POSTMASTER)
            assert await replies(caller, 3) == [NOT_STORED] * 3
            await deliver(caller, DESK)
            assert await replies(caller, 1) == [OK]

    run(story())


def test_a_message_that_is_too_big_is_552_for_each() -> None:
    async def story() -> None:
        async with open_lmtp_door(Inbox(), max_bytes=1000) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            await deliver(caller, DESK, SHINSA, body=b"y" * 5000 + b"\r\n")
            assert await replies(caller, 2) == ["552 5.3.4 Error: message too big"] * 2
            await deliver(caller, DESK)
            assert await replies(caller, 1) == [OK]

    run(story())


def test_pipelined_messages_have_their_replies_in_order() -> None:
    inbox = Inbox()
    one = "\r\n".join([FROM, to(DESK), to(SHINSA), "DATA", "a", ".", ""])
    two = "\r\n".join([FROM, to(SHINSA), "DATA", "b", ".", "QUIT", ""])

    async def story() -> None:
        async with open_lmtp_door(inbox) as opened, opened.caller() as caller:
            caller.send(f"{GREETED}\r\n{one}{two}".encode())
            expected = [
                "220",
                "250",
                *["250"] * 3,
                "354",
                *["250"] * 2,
                *["250"] * 2,
                "354",
                "250",
                "221",
                "",
            ]
            assert await caller.codes(len(expected)) == expected

    run(story())
    assert inbox.contents == [b"a\r\n", b"b\r\n"]


def test_a_shutdown_waits_for_the_message_and_each_recipient_is_answered() -> None:
    async def story() -> None:
        inbox = SlowInbox()
        async with open_lmtp_door(inbox) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(GREETED)
            await deliver(caller, DESK, SHINSA)
            await inbox.begun.wait()
            closing = opened.close_soon(60)
            await settle()
            inbox.let.set()
            assert await caller.codes(4) == ["250", "250", "421", ""]
            await closing

    run(story())
