"""Border MTAs of tests: they take a mail by SMTP, treat its headers as told, and hand it on to the daemon."""

import asyncio
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

ID = "border.hoshobin.example"
_ANY_SPELLING = re.compile(rb"(?im)^authentication-results[ \t]*:.*(?:\r\n[ \t].*)*\r\n")
_ONE_SPELLING = re.compile(rb"(?m)^Authentication-Results: .*\r\n")
_RECEIVED = b"Received: from outside by border.hoshobin.example; Tue, 10 Nov 2026 10:58:00 +0900\r\n"
_OWN = b"Authentication-Results: border.hoshobin.example; dkim=none; spf=none\r\n"


def strict(data: bytes) -> bytes:
    """Take every Authentication-Results out, and write down what was found."""
    return _OWN + _RECEIVED + _ANY_SPELLING.sub(b"", data)


def lax(data: bytes) -> bytes:
    """Hand on everything as it came."""
    return _OWN + _RECEIVED + data


def naive(data: bytes) -> bytes:
    """Take out what is spelled in the usual way alone."""
    return _OWN + _RECEIVED + _ONE_SPELLING.sub(b"", data)


def vouching(data: bytes) -> bytes:
    """Strip as one should, and vouch for the mail as for one of the house."""
    own = b"Authentication-Results: border.hoshobin.example; dkim=pass header.d=hoshobin.example\r\n"
    return own + _RECEIVED + _ANY_SPELLING.sub(b"", data)


@dataclass
class Border:
    """What a running border does with a mail, and where it hands it on; nowhere with port 0."""

    port: int = 0
    next_port: int = 0
    treat: Callable[[bytes], bytes] = strict
    reply: str = "250 OK"
    taken: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take one mail; hand it on before the answer, so that nothing is left to wait for."""
        self.taken.append(envelope.content)
        if self.next_port and self.reply.startswith("2"):
            await asyncio.to_thread(self._hand_on, envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return self.reply

    def _hand_on(self, sender: str | None, recipients: list[str], data: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.next_port, ID, timeout=30) as connection:
            connection.sendmail(sender or "", recipients, self.treat(data))


class _Controller(Controller):
    """A controller that asks whether it answers at the port that it was really given."""

    server: Any

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def border() -> Iterator[Border]:
    """Run a border on a free port of loopback until the block ends."""
    running = Border()
    controller = _Controller(running, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        running.port = controller.port
        yield running
    finally:
        controller.stop()
