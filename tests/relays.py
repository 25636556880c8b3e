"""A real SMTP relay on loopback that follows a script: it refuses, cuts or falls silent as told."""

import socket
import socketserver
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "message")
_USUAL = {"connect": "220 relay", "DATA": "354 go on", "QUIT": "221 bye"}
_ALL_OF_IT = 1 << 30


class Turn(Enum):
    """What a relay may do instead of answering."""

    CUT = "cut"  # the connection is reset
    HANG = "hang"  # no answer, until the peer gives up


@dataclass
class Taken:
    """One letter as it came over the wire."""

    envelope: list[str]
    wire: bytes  # with doubled dots, up to the last line that is a dot alone

    @property
    def data(self) -> bytes:
        """The bytes that were meant (RFC 5321 §4.5.2)."""
        lines = self.wire.split(b"\r\n")
        return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@dataclass
class ScriptedRelay:
    """Listens on a free port until it is closed. `script` holds, per stage, what to do the next times."""

    extensions: tuple[str, ...] = ()
    script: dict[str, deque[str | Turn]] = field(default_factory=dict)
    cut_after: int = _ALL_OF_IT  # bytes of a message that are read before the connection is cut
    taken: list[Taken] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        self._open: list[socket.socket] = []
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="relay")
        self._thread.start()

    def next(self, stage: str, *turns: str | Turn) -> None:
        """Script the next turns of a stage."""
        self.script.setdefault(stage, deque()).extend(turns)

    def turn(self, stage: str) -> str | Turn:
        """Return what to do now."""
        scripted = self.script.get(stage)
        return scripted.popleft() if scripted else _USUAL.get(stage, "250 OK")

    def came(self, connection: socket.socket) -> None:
        """Count a connection."""
        self.connections += 1
        self._open.append(connection)

    def cut_idle(self) -> None:
        """Close all connections, as a relay that lost patience does."""
        for connection in self._open:
            connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        """Stop listening and end all threads."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self.relay = self.server.relay
        self.relay.came(self.connection)
        self.envelope: list[str] = []
        if not self._do("connect"):
            return
        while line := self.rfile.readline():
            text = line.decode("utf-8").rstrip("\r\n")
            self.relay.heard.append(text)
            if not self._command(text):
                return

    def _command(self, text: str) -> bool:
        verb = text[:4].upper()
        if verb in ("MAIL", "RSET"):
            self.envelope = []
        if verb in ("MAIL", "RCPT"):
            self.envelope.append(text)
        if verb == "EHLO" and "EHLO" not in self.relay.script:
            lines = ["relay", *self.relay.extensions]
            return self._say("\r\n".join([*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}"]))
        turn = self.relay.turn(verb)
        if not self._take(turn):
            return False
        if verb == "DATA" and str(turn).startswith("354"):
            return self._message()
        return verb != "QUIT"

    def _message(self) -> bool:
        wire = b""
        while not (wire == b".\r\n" or wire.endswith(b"\r\n.\r\n")):
            part = self.rfile.read1(min(65536, self.relay.cut_after))
            wire += part
            if not part or len(wire) >= self.relay.cut_after:
                self._cut()
                return False
        turn = self.relay.turn("message")
        if turn == "250 OK" or turn is Turn.CUT or turn is Turn.HANG:
            self.relay.taken.append(Taken(self.envelope, wire.removesuffix(b".\r\n")))
        return self._take(turn)

    def _do(self, stage: str) -> bool:
        return self._take(self.relay.turn(stage))

    def _take(self, turn: str | Turn) -> bool:
        if turn is Turn.HANG:
            self.relay.closing.wait(10)
            return False
        if turn is Turn.CUT:
            self._cut()
            return False
        return self._say(str(turn))

    def _cut(self) -> None:
        """Reset: unread bytes are thrown away and the peer gets an error at once."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _say(self, reply: str) -> bool:
        self.wfile.write(reply.encode() + b"\r\n")
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, relay: ScriptedRelay) -> None:
        self.relay = relay
        super().__init__(("127.0.0.1", 0), _Conversation)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a peer that went away."""

    def shutdown_request(self, request: object) -> None:
        """Close what is still open."""
        if isinstance(request, socket.socket) and request.fileno() >= 0:
            super().shutdown_request(request)
