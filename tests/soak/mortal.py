"""The demo's stage with a daemon that dies: its keeper starts it again, and its border MTA keeps trying."""

import re
import signal
import smtplib
import socketserver
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bot.operations.demo_house import House
from bot.operations.demo_sink import Sink
from storage.database import BATCH
from tests.crash.ending import being_sent, in_peril
from tests.crash.fork_server import PATIENCE, ForkServer, Job, Life
from tests.crash.points import KillAtMoment
from tests.crash.story import Strike

Death = KillAtMoment | Strike

_ADDRESS = re.compile(rb"<([^>]*)>")


class MortalHouse(House):
    """A daemon that dies when it is told to, until no death is left."""

    def __init__(
        self,
        directory: Path,
        relay_port: int,
        storage_url: str,
        *,
        server: ForkServer,
        engine: Engine,
        deaths: Sequence[Death],
    ) -> None:
        super().__init__(directory, relay_port, storage_url)
        self.died = 0
        self.moments = 0
        self.in_flight: Counter[str] = Counter()
        self._server, self._engine, self._deaths = server, engine, list(deaths)
        self._changed = threading.Condition()
        self._life: Life | None = None
        self._port = 0  # of the life that listens
        self._stops = False
        self._fault: Exception | None = None
        self._border = _Border(self)
        self._threads = [
            threading.Thread(target=self._keep, name="keeper"),
            threading.Thread(target=self._border.serve_forever, args=(0.02,), name="border"),
        ]

    def start(self) -> None:
        """Start the first life, its keeper and the border."""
        self.port = self._border.server_address[1]
        for thread in self._threads:
            thread.start()
        try:
            self.daemon_port()
        except ConnectionError:
            self._close_border()
            raise

    def stop(self) -> None:
        """End the life that lives. Raises what its keeper stumbled over."""
        with self._changed:
            self._stops = True
            if self._life is not None and self._port:
                self._life.signal(signal.SIGTERM)
        self._threads[0].join(PATIENCE)
        self._close_border()
        if self._fault is not None:
            raise self._fault

    def _close_border(self) -> None:
        self._border.shutdown()
        self._border.server_close()
        self._threads[1].join(PATIENCE)

    def daemon_port(self) -> int:
        """Wait until a life listens; return where. Raises ConnectionError where none will."""
        with self._changed:
            self._changed.wait_for(lambda: self._port or self._fault, PATIENCE + 5)
            if not self._port:
                log = self.log_file.read_text() if self.log_file.exists() else ""
                raise ConnectionError(f"nobody lives:\n{log}") from self._fault
            return self._port

    def _keep(self) -> None:
        try:
            for death in [*self._deaths, None]:
                if not self._live(death):
                    return
        except Exception as error:
            with self._changed:
                self._fault = error
                self._changed.notify_all()

    def _live(self, death: Death | None) -> bool:
        """Let one process live; say whether it died."""
        if self.moments and isinstance(death, KillAtMoment) and in_peril(self._engine):
            death = Strike(death.n)
        kill = death if isinstance(death, KillAtMoment) else None
        strike = death if isinstance(death, Strike) else None
        job = Job(config_file=self.config_file, log_file=self.log_file, kill=kill, jobs_in_a_commit=BATCH)
        life = self._server.start(job)
        for told in life.lines():
            if told["event"] == "started":
                self._listens(life, told["port"])
            if strike is not None and strike.falls(len(life.trail), self._engine):
                life.signal(signal.SIGKILL)
                strike = None
        with self._changed:
            self._life, self._port = None, 0
        killed = life.was_killed()
        self.moments += len(life.trail)
        if killed:
            self.died += 1
            self.in_flight.update(being_sent(self._engine))
        return killed

    def _listens(self, life: Life, port: int) -> None:
        with self._changed:
            self._life, self._port = life, port
            self._changed.notify_all()
            if self._stops:
                life.signal(signal.SIGTERM)


class _Border(socketserver.ThreadingTCPServer):
    """The MTA before the daemon: it says 250 when the daemon has, and tries again until then."""

    daemon_threads = True

    def __init__(self, house: MortalHouse) -> None:
        self.house = house
        super().__init__(("127.0.0.1", 0), _Handing)

    def hand_on(self, sender: str, recipients: list[str], data: bytes) -> str:
        """Hand one mail to the daemon; return the reply."""
        while True:
            port = self.house.daemon_port()
            try:
                with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as connection:
                    connection.sendmail(sender, recipients, data)
                return "250 OK"
            except smtplib.SMTPResponseException as error:
                if error.smtp_code >= 500:
                    return f"{error.smtp_code} refused"
            except (OSError, smtplib.SMTPException):
                continue


class _Handing(socketserver.StreamRequestHandler):
    server: _Border

    def handle(self) -> None:
        sender, recipients = "", list[str]()
        self._say("220 border")
        while line := self.rfile.readline():
            address = _ADDRESS.search(line)
            named = address[1].decode() if address else ""
            match line[:4].upper():
                case b"MAIL":
                    sender, recipients = named, []
                case b"RCPT":
                    recipients.append(named)
                case b"DATA":
                    self._say("354 go on")
                    self._say(self.server.hand_on(sender, recipients, self._message()))
                    continue
                case b"QUIT":
                    self._say("221 bye")
                    return
            self._say("250 OK")

    def _say(self, reply: str) -> None:
        self.wfile.write(reply.encode() + b"\r\n")

    def _message(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class ForgivingSink(Sink):
    """A sink that shows each letter once, and keeps count of what came again."""

    def __init__(self) -> None:
        self.again: Counter[str] = Counter()
        self.other_bytes: list[str] = []
        self.known: dict[tuple[str, str], bytes] = {}
        super().__init__()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a letter that is new (the name is aiosmtpd's)."""
        named = re.search(rb"(?mi)^message-id:\s*<([^>]+)>", envelope.content)
        assert named is not None
        message_id = named[1].decode()
        first = self.known.setdefault((envelope.rcpt_tos[0], message_id), envelope.content)
        if first is envelope.content:
            return await super().handle_DATA(server, session, envelope)
        self.again[message_id] += 1
        if first != envelope.content:
            self.other_bytes.append(message_id)
        return "250 kept"
