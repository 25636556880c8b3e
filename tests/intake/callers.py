"""A door to test, real callers for it, and an event loop whose clock can be moved on."""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from bot.clock import Clock, FixedClock
from bot.intake.smtp import Accept, DoorSettings, LmtpConnection, SmtpConnection, SmtpDoor
from bot.mail import Envelope

MOMENT = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
DESK = "desk@hosho.example.jp"
GREETED = ("EHLO caller.example.jp",)
OPENED = (*GREETED, "MAIL FROM:<taro@kensetsu.example.jp>", f"RCPT TO:<{DESK}>")
SETTINGS = DoorSettings(
    hostname="mx.hosho.example.jp",
    desk_domains=frozenset({"hosho.example.jp"}),
    recipients=frozenset({DESK, "shinsa@hosho.example.jp"}),
    max_bytes=1024 * 1024,
    max_recipients=5,
    idle_seconds=300,
    total_seconds=900,
    max_connections=300,
    max_connections_per_peer=300,
)


class MovableLoop(asyncio.SelectorEventLoop):
    """A real event loop whose clock can be moved on by minutes without waiting for them."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped


def run(story: Coroutine[Any, Any, None]) -> None:
    """Tell a story in a loop of its own; a story that hangs fails after 30 real seconds."""

    async def watched() -> None:
        task = asyncio.ensure_future(story)
        watch = threading.Timer(30, asyncio.get_running_loop().call_soon_threadsafe, (task.cancel,))
        watch.start()
        try:
            await task
        finally:
            watch.cancel()

    with asyncio.Runner(loop_factory=MovableLoop) as runner:
        runner.run(watched())


async def settle() -> None:
    """Let the loop take in what loopback has already delivered."""
    for _ in range(10):
        await asyncio.sleep(0)


async def pass_by(seconds: float) -> None:
    """Move the loop's clock on, after everything sent so far has been taken in."""
    await settle()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovableLoop)
    loop.skipped += seconds
    await settle()


class Inbox:
    """An accept that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[tuple[Envelope, bytes]] = []

    async def __call__(self, envelope: Envelope, content: bytes) -> None:
        self.mails.append((envelope, content))

    @property
    def contents(self) -> list[bytes]:
        return [content for _, content in self.mails]


class SlowInbox(Inbox):
    """An accept that says when it has begun and ends when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.ended = asyncio.Event()
        self.cancelled = False

    async def __call__(self, envelope: Envelope, content: bytes) -> None:
        self.begun.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        await super().__call__(envelope, content)
        self.ended.set()


class Caller:
    """A peer on a plain socket."""

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(*self._where, limit=2**20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()
        await settle()

    async def reply(self) -> str:
        """Return the last line of the next reply; '' when the door has closed."""
        while True:
            try:
                line = (await self.reader.readline()).decode()
            except ConnectionResetError:
                return ""
            if line[3:4] != "-":
                return line.rstrip("\r\n")

    async def codes(self, count: int) -> list[str]:
        return [(await self.reply())[:3] for _ in range(count)]

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def say(self, *lines: str) -> str:
        """Send commands one by one; return the reply to the last."""
        reply = ""
        for line in lines:
            self.send(line.encode(errors="surrogateescape") + b"\r\n")
            reply = await self.reply()
        return reply

    async def open_data(self, *lines: str) -> None:
        """Come as far as the 354."""
        await self.reply()
        assert (await self.say(*(lines or OPENED), "DATA"))[:3] == "354"

    async def deliver(self, stuffed: bytes) -> str:
        """Send one message after the greeting and EHLO; return the reply to it."""
        assert (await self.say(*OPENED[1:], "DATA"))[:3] == "354"
        self.send(stuffed + b".\r\n")
        return await self.reply()

    def vanish(self) -> None:
        """Reset the connection: the door hears of it at once."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Opened:
    """An open door and how to call at it."""

    def __init__(self, door: SmtpDoor, host: str, port: int) -> None:
        self.door, self.host, self.port = door, host, port

    def caller(self) -> Caller:
        return Caller(self.host, self.port)

    def close_soon(self, grace_seconds: float) -> asyncio.Task[None]:
        return asyncio.create_task(self.door.close(grace_seconds))

    async def still_accepts(self) -> bool:
        async with self.caller() as caller:
            await caller.reply()
            await caller.say(*GREETED)
            return await caller.deliver(b"later\r\n") == "250 2.0.0 OK"


@asynccontextmanager
async def open_door(
    accept: Accept,
    clock: Clock | None = None,
    protocol: type[SmtpConnection] = SmtpConnection,
    **changes: Any,
) -> AsyncIterator[Opened]:
    """Open a door on loopback with SETTINGS and the changes."""
    door = SmtpDoor(replace(SETTINGS, **changes), accept, clock or FixedClock(MOMENT), protocol)
    host, port = await door.open("127.0.0.1", 0)
    try:
        yield Opened(door, host, port)
    finally:
        await door.close(0)


def open_lmtp_door(
    accept: Accept, clock: Clock | None = None, **changes: Any
) -> AbstractAsyncContextManager[Opened]:
    """Open a door that speaks LMTP."""
    return open_door(accept, clock, LmtpConnection, **changes)


def stuff(content: bytes) -> bytes:
    """Return what a client sends for content that ends in CRLF (RFC 5321 §4.5.2)."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
