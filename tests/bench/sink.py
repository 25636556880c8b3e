"""The relay of the bench: takes every letter by SMTP at once, notes when it came, and keeps it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_REPLIES = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


@dataclass(frozen=True)
class Arrived:
    """One letter: when its last byte came (monotonic seconds), for whom, and its bytes."""

    at: float
    recipient: str
    data: bytes


@dataclass
class Sink:
    """What has come so far; shared by all receivers of one run."""

    port: int = 0
    letters: list[Arrived] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, recipient: str, count: int, seconds: float) -> list[Arrived]:
        """Wait until so many letters to one recipient are there; return them in order of arrival."""

        def found() -> list[Arrived]:
            return [one for one in self.letters if one.recipient == recipient]

        with self._news:
            there = self._news.wait_for(lambda: len(found()) >= count, seconds)
            assert there, f"{len(found())} of {count} letters to {recipient} after {seconds:.0f} s"
            return found()

    def forget(self) -> None:
        """Begin anew."""
        with self._news:
            self.letters.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it goes."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(b"220 sink\r\n")
            recipient = ""
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                writer.write(_REPLIES.get(verb, b"250 ok\r\n"))
                if verb == b"DATA":
                    data = await reader.readuntil(b"\r\n.\r\n")
                    self._keep(Arrived(time.monotonic(), recipient, data))
                    writer.write(b"250 taken\r\n")
                elif verb == b"QUIT":
                    break
        writer.close()

    def _keep(self, letter: Arrived) -> None:
        with self._news:
            self.letters.append(letter)
            self._news.notify_all()


@contextmanager
def running_sink() -> Iterator[Sink]:
    """Run a sink in a thread of its own until the block ends."""
    sink, ready = Sink(), threading.Event()
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=1 << 26)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    task = loop.create_task(listen())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, name="sink", daemon=True)
    thread.start()
    assert ready.wait(10), "the sink does not start"
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()
