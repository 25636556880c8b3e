"""The SMTP conversation: what is offered, understood and refused."""

import asyncio
import smtplib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail import Envelope

from .callers import DESK, GREETED, MOMENT, OPENED, Inbox, open_door, run, stuff


def test_a_mail_by_the_standard_library_arrives_with_its_envelope() -> None:
    inbox = Inbox()
    recipients = [DESK, "SHINSA@hosho.example.jp", "postmaster@hosho.example.jp"]

    def send(host: str, port: int) -> None:
        with smtplib.SMTP(host, port, local_hostname="pc.kensetsu.example.jp") as client:
            client.sendmail("a..b@docomo.ne.jp", recipients, b"Subject: x\r\n\r\n.dot\r\n")

    async def story() -> None:
        async with open_door(inbox) as opened:
            await asyncio.to_thread(send, opened.host, opened.port)

    run(story())
    envelope = Envelope(
        mail_from="a..b@docomo.ne.jp",
        recipients=tuple(recipients),
        peer="127.0.0.1",
        helo="pc.kensetsu.example.jp",
        source="smtp",
        received_at=MOMENT,
    )
    assert inbox.mails == [(envelope, b"Subject: x\r\n\r\n.dot\r\n")]


def test_ehlo_offers_what_the_door_can_do_and_neither_chunking_nor_tls_nor_auth() -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            assert await caller.reply() == "220 mx.hosho.example.jp ESMTP Hoshobin"
            caller.send(b"EHLO x\r\n")
            lines = [(await caller.reader.readline()).decode().rstrip()[4:] for _ in range(6)]
            assert lines == [
                "mx.hosho.example.jp",
                "SIZE 1048576",
                "8BITMIME",
                "SMTPUTF8",
                "PIPELINING",
                "HELP",
            ]
            for command in ("BDAT 10 LAST", "STARTTLS", "AUTH PLAIN x"):
                assert (await caller.say(command))[:3] == "500"

    run(story())


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (("EHLO",), "501"),
        (("HELO x",), "250"),
        (("MAIL FROM:<a@example.jp>",), "503"),
        ((*GREETED, "RCPT TO:<desk@hosho.example.jp>"), "503"),
        ((*GREETED, "DATA"), "503"),
        (("DATA",), "503"),
        ((*OPENED, "DATA now"), "501"),
        ((*GREETED, "MAIL FROM:<>"), "250"),
        ((*GREETED, "MAIL FROM:<a@example.jp> SIZE=1048576 BODY=8BITMIME SMTPUTF8"), "250"),
        ((*GREETED, "MAIL FROM:<a@example.jp> SIZE=1048577"), "552"),
        ((*GREETED, "MAIL FROM:<保証@例え.jp> SMTPUTF8"), "250"),
        ((*GREETED, "MAIL FROM:<postmaster>"), "553"),
        ((*GREETED, "MAIL FROM:<a@exa\rmple.jp>"), "553"),
        ((*GREETED, "MAIL FROM:"), "501"),
        ((*GREETED, "MAIL FROM:<" + "x" * 1100 + "@example.jp>"), "500"),
        ((*OPENED[:2], "RCPT TO:<Postmaster>"), "250"),
        ((*OPENED[:2], "RCPT TO:<DESK@Hosho.Example.JP>"), "250"),
        ((*OPENED[:2], "RCPT TO:<nobody@hosho.example.jp>"), "550"),
        ((*OPENED[:2], "RCPT TO:<desk@elsewhere.example.jp>"), "550"),
        ((*OPENED, "MAIL FROM:<b@example.jp>"), "503"),
        ((*OPENED, "RSET", "DATA"), "503"),
        ((*OPENED, "EHLO again", "DATA"), "503"),
        (("VRFY desk",), "252"),
        (("EXPN desk",), "502"),
        (("HELP",), "250"),
        (("NOOP",), "250"),
        (("\udce3\udc81",), "500"),
        (("",), "500"),
        (("X" * 100_000,), "500"),
        (("QUIT",), "221"),
    ],
)
def test_commands_are_answered_by_the_book(commands: tuple[str, ...], code: str) -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            assert (await caller.say(*commands))[:3] == code

    run(story())


def test_the_null_sender_is_an_empty_string() -> None:
    """aiosmtpd hands on '<>'."""
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data(*GREETED, "MAIL FROM: <>", OPENED[2])
            caller.send(b"x\r\n.\r\n")
            assert await caller.reply() == "250 2.0.0 OK"

    run(story())
    assert inbox.mails[0][0].mail_from == ""


def test_a_helo_name_in_any_bytes_does_not_keep_a_mail_out() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            await caller.open_data("EHLO \udc82\udca0\x1b", *OPENED[1:])
            caller.send(b"x\r\n.\r\n")
            assert await caller.reply() == "250 2.0.0 OK"

    run(story())
    assert inbox.mails[0][0].helo == "???"


def test_a_recipient_named_twice_is_taken_once_and_the_sixth_is_put_off() -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox, recipients=None) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*OPENED[:2])
            for name in ("a", "b", "A", "c", "d", "e"):
                assert (await caller.say(f"RCPT TO:<{name}@hosho.example.jp>"))[:3] == "250"
            assert (await caller.say("RCPT TO:<f@hosho.example.jp>"))[:3] == "452"
            await caller.say("DATA")
            caller.send(b".\r\n")
            assert await caller.reply() == "250 2.0.0 OK"

    run(story())
    assert inbox.mails[0][0].recipients == tuple(f"{name}@hosho.example.jp" for name in "abcde")
    assert inbox.contents == [b""]


def test_inventing_commands_ends_the_conversation_and_leaves_nothing_behind() -> None:
    """aiosmtpd's shared table of line limits remembers every name that any peer has ever sent."""
    from bot.intake.protocol import SmtpConnection

    before = dict(SmtpConnection.command_size_limits)

    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as caller:
            await caller.reply()
            await caller.say(*GREETED, *GREETED)
            codes = [(await caller.say(f"X{n}"))[:3] for n in range(5)]
            assert codes == ["500"] * 4 + ["502"]
            assert await caller.reply() == ""

    run(story())
    assert SmtpConnection.command_size_limits == before


def pipelined(contents: list[bytes]) -> bytes:
    one = "".join(f"{line}\r\n" for line in OPENED[1:]).encode()
    mails = b"".join(one + b"DATA\r\n" + stuff(content) + b".\r\n" for content in contents)
    return GREETED[0].encode() + b"\r\n" + mails + b"QUIT\r\n"


CONTENTS = st.lists(
    st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"QUIT\r\n", b"z" * 5000])).map(b"".join),
    max_size=4,
).map(lambda contents: [content + b"\r\n" for content in contents])


@settings(max_examples=60, deadline=None)
@given(CONTENTS, st.lists(st.integers(1, 9000), min_size=1, max_size=6))
def test_pipelined_mails_in_any_segments_arrive_exactly(contents: list[bytes], cuts: list[int]) -> None:
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            wire = pipelined(contents)
            for cut in cuts:
                caller.send(wire[:cut])
                wire = wire[cut:]
                await asyncio.sleep(0)
            caller.send(wire)
            expected = ["220", "250", *["250", "250", "354", "250"] * len(contents), "221", ""]
            assert await caller.codes(len(expected)) == expected

    run(story())
    assert inbox.contents == contents


def test_a_peer_that_half_closes_still_gets_all_its_answers() -> None:
    """aiosmtpd drops what has arrived before the end of the stream."""
    inbox = Inbox()

    async def story() -> None:
        async with open_door(inbox) as opened, opened.caller() as caller:
            caller.send(pipelined([b"one\r\n", b"two\r\n"]))
            caller.writer.write_eof()
            assert (await caller.codes(12))[-2:] == ["221", ""]

    run(story())
    assert inbox.contents == [b"one\r\n", b"two\r\n"]


def test_a_flood_of_pipelined_commands_does_not_keep_others_waiting() -> None:
    async def story() -> None:
        async with open_door(Inbox()) as opened, opened.caller() as flood, opened.caller() as other:
            await flood.reply()
            await other.reply()
            heard: list[str] = []

            async def listen() -> None:
                while len(heard) < 10_000:
                    heard.append(await flood.reply())

            flood.send(b"NOOP\r\n" * 10_000)
            listening = asyncio.create_task(listen())
            assert await other.say("NOOP") == "250 OK"
            assert len(heard) < 1_000
            await listening
            assert set(heard) == {"250 OK"}

    run(story())
