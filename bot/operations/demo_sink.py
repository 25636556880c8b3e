"""The demo's post office: a real SMTP sink that keeps every letter that arrives, in order."""

import asyncio
import email
import email.policy
import threading
import time
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Arrived:
    """One letter as the sink took it."""

    number: int  # in order of arrival, from 1
    recipient: str
    data: bytes
    at: float  # monotonic seconds

    @cached_property
    def mail(self) -> EmailMessage:
        """The letter, parsed."""
        return email.message_from_bytes(self.data, policy=email.policy.default)

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.mail["Subject"])

    @property
    def message_id(self) -> str:
        """Its Message-ID, with < >."""
        return str(self.mail["Message-ID"])

    @cached_property
    def text(self) -> str:
        """Its plain part."""
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        """Its HTML part."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""

    @cached_property
    def attachments(self) -> dict[str, bytes]:
        """Its attached files by name."""
        return {str(p.get_filename()): bytes(p.get_content()) for p in self.mail.iter_attachments()}


class Sink:
    """Listens on a free port of loopback until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._condition = threading.Condition()
        self._letters: list[Arrived] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-sink", daemon=True)
        self._thread.start()
        opening = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        self._server = opening.result(timeout=10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _open(self) -> asyncio.Server:
        return await self._loop.create_server(lambda: SMTP(self, loop=self._loop), "127.0.0.1", 0)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a letter (the name is aiosmtpd's)."""
        at = time.monotonic()
        with self._condition:
            for recipient in envelope.rcpt_tos:
                number = len(self._letters) + 1
                self._letters.append(Arrived(number, recipient, envelope.content, at))
            self._condition.notify_all()
        return "250 kept"

    def wait(self, count: int, seconds: float) -> list[Arrived]:
        """Return all letters as soon as there are `count`, or those there are after `seconds`."""
        with self._condition:
            self._condition.wait_for(lambda: len(self._letters) >= count, seconds)
            return list(self._letters)

    def repeats(self) -> int:
        """Count the letters whose Message-ID had arrived before."""
        with self._condition:
            counted = Counter((one.recipient, one.message_id) for one in self._letters)
        return sum(counted.values()) - len(counted)

    def close(self) -> None:
        """Stop listening and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        open_ones = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
