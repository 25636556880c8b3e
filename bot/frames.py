"""Length-prefixed frames over a socket: how the daemon and its helpers talk. Sizes are capped."""

import socket
import struct

_LENGTH = struct.Struct(">I")


class BrokenPipe(Exception):
    """The other side is gone, too slow, or sent more than it may."""


def send(to: socket.socket, payload: bytes) -> None:
    """Send one frame. Raises BrokenPipe where nobody listens any more."""
    try:
        to.sendall(_LENGTH.pack(len(payload)) + payload)
    except OSError as error:
        raise BrokenPipe(str(error)) from error


def receive(source: socket.socket, limit: int) -> bytes:
    """Receive one frame of at most `limit` bytes. Raises BrokenPipe on end, time-out or excess."""
    (length,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    if length > limit:
        raise BrokenPipe(f"a frame of {length} bytes, more than {limit}")
    return _exactly(source, length)


def _exactly(source: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = source.recv(min(count - len(parts), 1 << 20))
        except OSError as error:
            raise BrokenPipe(str(error)) from error
        if not part:
            raise BrokenPipe("the other side closed")
        parts += part
    return bytes(parts)
