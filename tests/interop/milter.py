"""A mail filter as OpenDKIM and OpenDMARC are: it puts one header into each mail, where they put theirs."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION, _ADD_HEADERS = 6, 0x01
_CONTINUE = b"c"


class _Conversation(socketserver.BaseRequestHandler):
    """Speaks the milter protocol: four bytes of length, a letter, data."""

    server: "_Server"

    def handle(self) -> None:
        while (packet := self._packet()) is not None and packet[:1] != b"Q":
            if packet[:1] == b"O":
                self._say(b"O" + struct.pack("!III", _VERSION, _ADD_HEADERS, 0))
            elif packet[:1] == b"E":
                name, value = self.server.header
                at = struct.pack("!I", self.server.index)
                self._say(b"i" + at + name.encode() + b"\0" + value.encode() + b"\0")
                self._say(_CONTINUE)
            elif packet[:1] not in b"DA":  # macros and abort have no answer
                self._say(_CONTINUE)

    def _packet(self) -> bytes | None:
        head = self._exactly(4)
        return self._exactly(struct.unpack("!I", head)[0]) if head else None

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            part = self.request.recv(count - len(found))
            if not part:
                return None
            found += part
        return found

    def _say(self, packet: bytes) -> None:
        request: socket.socket = self.request
        request.sendall(struct.pack("!I", len(packet)) + packet)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, header: tuple[str, str], index: int) -> None:
        self.header, self.index = header, index
        super().__init__(("127.0.0.1", 0), _Conversation)


@contextmanager
def milter(name: str, value: str, index: int) -> Iterator[int]:
    """Run it until the block ends; give its port. OpenDKIM inserts at index 1, others at 0."""
    server = _Server((name, value), index)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="milter")
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
