"""The bytes of a DATA command: where they end, what was stuffed, and how many are too many."""

import asyncio

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_READ_AHEAD = 64 * 1024  # bytes; asyncio holds the peer back at twice this
_COMMANDS_IN_A_ROW = 32  # pipelined commands after which the other connections get their turn


class DataScanner:
    """Collects chunks until CRLF . CRLF and holds what came before it, dot-unstuffed (RFC 5321 §4.5.2).

    Only CRLF ends a line: a dot between bare CRs or bare LFs is content and is kept as it came, so that no
    second message can be smuggled inside a first one. Lines may have any length. Past `max_bytes` the
    content is thrown away while the end is still looked for, so memory stays flat.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._cut = len(_END) + max_bytes + max_bytes // 3  # each stuffed dot comes with three bytes at least
        self._held = bytearray(b"\r\n")  # as if a line had just ended: ".\r\n" alone is an empty message
        self._too_big = False

    def feed(self, chunk: bytes) -> bytes | None:
        """Take a chunk. Return the bytes that followed the end of data, or None while it has not come."""
        searched = max(0, len(self._held) - len(_END) + 1)
        self._held += chunk
        end = self._held.find(_END, searched)
        if end < 0:
            self._too_big = self._too_big or len(self._held) > self._cut
            if self._too_big:
                self._held = self._held[1 - len(_END) :]
            return None
        rest = bytes(self._held[end + len(_END) :])
        del self._held[end + 2 :]
        return rest

    def content(self) -> bytes | None:
        """Return the message once the end has come; None when it was bigger than `max_bytes`."""
        if self._too_big:
            return None
        held = self._held
        if _STUFFED in held:
            held = held.replace(_STUFFED, b"\r\n")
        return None if len(held) - 2 > self._max_bytes else bytes(memoryview(held)[2:])


class LineReader(asyncio.StreamReader):
    """A stream reader for SMTP commands: it can take bytes back, and its end is a lost connection."""

    _buffer: bytearray

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_READ_AHEAD, loop=loop)
        self._hung_up = False
        self._lines = 0

    def hang_up(self) -> None:
        """Give out no further command, whatever is still buffered."""
        self._hung_up = True

    async def readuntil(self, separator: bytes = b"\n") -> bytes:  # type: ignore[override]
        """Return one command line; raise ConnectionResetError when none will come."""
        self._lines += 1
        if self._lines % _COMMANDS_IN_A_ROW == 0:
            await asyncio.sleep(0)
        if self._hung_up:
            raise ConnectionResetError
        try:
            return await super().readuntil(separator)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError from None

    async def chunk(self) -> bytes:
        """Return whatever has arrived, at least one byte; raise ConnectionResetError when none will come."""
        if not (chunk := await self.read(4 * _READ_AHEAD)):
            raise ConnectionResetError
        return chunk

    def take_back(self, rest: bytes) -> None:
        """Put bytes that were read too far in front of what is still buffered."""
        self._buffer[:0] = rest

    @property
    def unread(self) -> int:
        """How many bytes have arrived that nobody has read."""
        return len(self._buffer)

    def move_to(self, transport: asyncio.Transport | None) -> None:
        """Hold back another transport from now on when too much is unread; none where it is not there yet."""
        self._transport = transport
