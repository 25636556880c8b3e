"""The files inside a mail's ZIP archives, taken out within limits: only for a reading child.

Nothing is written anywhere, so a name in an archive is only a name; symbolic links and folders are left out;
an archive inside an archive stays closed.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.mail import ArchiveState, Attachment
from bot.reading import zip_crypto
from bot.reading.attachments import describe_file
from bot.reading.zip_directory import MAX_LISTED, Member, NoArchive, members, packed_bytes

MAX_ARCHIVES = 5  # of one mail
MAX_FILES = 50  # of one archive
MAX_DECODED = 60 << 20  # bytes that all archives of one mail hold, unpacked
MAX_RATIO = 200  # unpacked bytes for one packed; papers reach 20
MAX_TRIES = 3  # passwords with which an archive is unpacked, of those whose header fits
_SMALL = 1 << 20  # bytes: below this no ratio is suspect
_STORED, _DEFLATED = 0, 8


class _Closed(Exception):
    """An archive stays closed; the argument is its ArchiveState."""

    def __init__(self, state: ArchiveState) -> None:
        super().__init__(state)
        self.state = state


@dataclass(slots=True)
class _Room:
    """How many unpacked bytes the mail may still grow by."""

    left: int


@dataclass(slots=True)
class Unpacked:
    """The attachments of a mail, those out of archives behind the others, and their bytes by index."""

    attachments: list[Attachment]
    files: list[bytes] = field(default_factory=list)
    used: set[int] = field(default_factory=set)  # which of the passwords opened something, by their place


def unpack(
    attachments: Sequence[Attachment],
    files: Sequence[bytes],
    passwords: Sequence[str],
    most: int = MAX_DECODED,
) -> Unpacked:
    """Open every archive that was attached, with the first of the passwords that opens it. Never raises.

    All of them together may hold `most` bytes.
    """
    found, room = Unpacked(list(attachments), list(files)), _Room(most)
    archives = [one for one in attachments if one.kind == "zip" and one.within is None]
    for number, archive in enumerate(archives):
        state: ArchiveState = "opened"
        try:
            if number >= MAX_ARCHIVES:
                raise _Closed("too_much")
            inside = _opened(files[archive.index], passwords, room, found.used)
        except _Closed as closed:
            state, inside = closed.state, []
        except (NoArchive, MemoryError):
            state, inside = "damaged", []
        found.attachments[archive.index] = archive.but(archive=state)
        for member, data in inside:
            _add(found, archive, member, data)
    return found


def _add(found: Unpacked, archive: Attachment, member: Member, data: bytes) -> None:
    media_type = "application/octet-stream"
    one = describe_file(len(found.files), member.name, media_type, data, archive.inside)
    found.attachments.append(one.but(within=archive.index))
    found.files.append(data)


def _opened(data: bytes, passwords: Sequence[str], room: _Room, used: set[int]) -> list[tuple[Member, bytes]]:
    """Return the files of one archive. Raises _Closed or NoArchive."""
    listed = members(data)
    held = [one for one in listed if one.is_file]
    if len(held) > MAX_FILES or len(listed) >= MAX_LISTED:
        raise _Closed("too_much")
    if any(one.is_encrypted and not one.is_traditional for one in held):
        raise _Closed("unknown_encryption")
    packed = [(one, packed_bytes(data, one)) for one in held]
    locked = [pair for pair in packed if pair[0].is_encrypted]
    if not locked:
        return _decoded(packed, b"", room)
    if not passwords:
        raise _Closed("locked")
    place, found = _unlocked(packed, locked, passwords, room)
    used.add(place)
    return found


def _unlocked(
    packed: list[tuple[Member, bytes]],
    locked: list[tuple[Member, bytes]],
    passwords: Sequence[str],
    room: _Room,
) -> tuple[int, list[tuple[Member, bytes]]]:
    """Try the passwords that the headers of all files let pass; most wrong ones cost next to nothing.

    Return the place of the right one, and the files. Raises _Closed.
    """
    tried = 0
    for place, password in enumerate(one.encode("utf-8", "replace") for one in passwords):
        if not all(zip_crypto.fits(password, data, one.check) for one, data in locked):
            continue
        tried += 1
        if tried > MAX_TRIES:
            break
        try:
            return place, _decoded(packed, password, room)
        except NoArchive:
            continue  # a header let a wrong password pass
    raise _Closed("wrong_password")


def _decoded(packed: list[tuple[Member, bytes]], password: bytes, room: _Room) -> list[tuple[Member, bytes]]:
    """Return the files in their order. The smallest is decoded first: it tells a wrong password soonest."""
    left, found = room.left, dict[int, bytes]()
    for at in sorted(range(len(packed)), key=lambda place: len(packed[place][1])):
        member, data = packed[at]
        if member.is_encrypted:
            data = zip_crypto.decrypted(data, password)[zip_crypto.HEADER :]
        plain = _inflated(member, data, left)
        if zlib.crc32(plain) != member.crc:
            raise NoArchive("a wrong checksum")
        left -= len(plain)
        found[at] = plain
    room.left = left
    return [(member, found[at]) for at, (member, _) in enumerate(packed)]


def _inflated(member: Member, data: bytes, room: int) -> bytes:
    """Return the file, of which only its real size counts, not the one that the directory claims."""
    most = min(room, max(_SMALL, MAX_RATIO * len(data)))
    if member.method == _STORED:
        plain = data
    elif member.method == _DEFLATED:
        try:
            plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most + 1)
        except zlib.error as error:
            raise NoArchive("a damaged member") from error
    else:
        raise NoArchive("a packing that is not known")
    if len(plain) > most:
        raise _Closed("too_much")
    return plain
