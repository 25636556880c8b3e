"""A real SMTP sink that keeps what was sent whole, even when its peer did not live to hear the answer."""

import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

_PATIENCE = 30.0


@dataclass(frozen=True)
class Kept:
    """One letter as the sink took it."""

    recipient: str
    data: bytes

    def header(self, name: str) -> str:
        """Return one header, decoded."""
        return str(message_from_bytes(self.data, policy=default)[name])


class _Conversation(socketserver.StreamRequestHandler):
    """One peer, until it says QUIT or its connection ends."""

    server: "_Server"

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 sink")
        while line := self._line():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipients.append(line[line.index(b"<") + 1 : line.index(b">")].decode())
            if verb != b"DATA":
                self._say("221 bye" if verb == b"QUIT" else "250 OK")
                continue
            self._say("354 go on")
            if (data := self._message()) is None:
                return
            self.server.sink.keep([Kept(recipient, data) for recipient in recipients])
            recipients = []
            self._say("250 kept")

    def _say(self, reply: str) -> None:
        self.wfile.write(reply.encode() + b"\r\n")

    def _line(self) -> bytes:
        return self.rfile.readline()

    def _message(self) -> bytes | None:
        """Return what came before the last dot; None where the dot never came."""
        lines: list[bytes] = []
        while (line := self._line()) != b".\r\n":
            if not line.endswith(b"\n"):
                return None
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, sink: "Sink") -> None:
        self.sink = sink
        super().__init__(("127.0.0.1", 0), _Conversation)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one peer; a peer that was killed is no error."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self.sink.came(-1)

    def process_request(self, request: object, client_address: object) -> None:
        """Count who is connected."""
        self.sink.came(+1)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a connection that a death has cut."""


class Sink:
    """Listens on a free port of loopback, in threads of its own, until it is closed."""

    def __init__(self) -> None:
        self._letters: list[Kept] = []
        self._guests = 0
        self._changed = threading.Condition()
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sink")
        self._thread.start()

    @property
    def letters(self) -> list[Kept]:
        """Return what was kept so far."""
        with self._changed:
            return list(self._letters)

    def keep(self, letters: list[Kept]) -> None:
        """Keep letters."""
        with self._changed:
            self._letters += letters

    def came(self, change: int) -> None:
        """Count who is connected."""
        with self._changed:
            self._guests += change
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until nobody is connected: all that a dead service had sent is in `letters`."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._guests == 0, _PATIENCE), "the sink is still busy"

    def close(self) -> None:
        """Stop listening and end the thread."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
