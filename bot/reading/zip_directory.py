"""What a ZIP file says it holds (PKWARE APPNOTE §4.3): read from its central directory, nothing unpacked."""

import struct
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

from bot.reading.charset import decode_unlabelled
from bot.reading.headers import visible

MAX_LISTED = 1000  # entries that are looked at; more than that is no archive of papers

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FURTHEST_END = _END.size + 0xFFFF  # bytes from the end of the file: the comment may be that long
_UNIX, _MAC = 3, 19
_SYMLINK, _TYPE = 0o120000, 0o170000
_HIDDEN = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_AES = 99  # WinZip's method number for its own encryption


class NoArchive(Exception):
    """The bytes are no ZIP file that can be read; the text says why in English and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the central directory. What it says of sizes is a claim, not a fact."""

    name: str  # decoded, for people; its last part only, so that it is never a path
    method: int  # 0 stored, 8 deflate, 99 encrypted in WinZip's way
    flags: int
    crc: int
    check: int  # what the last byte of an encryption header must be
    packed: int  # bytes in the archive
    at: int  # where its local header stands
    is_file: bool  # False for folders, symbolic links and what operating systems leave behind

    @property
    def is_encrypted(self) -> bool:
        """Bit 0 of the general purpose flag."""
        return bool(self.flags & 1)

    @property
    def is_traditional(self) -> bool:
        """True where the encryption is the one we know: not WinZip's, not PKWARE's strong one (bit 6)."""
        return self.method != _AES and not self.flags & 0x40


def members(data: bytes) -> list[Member]:
    """Return the entries in their order, at most MAX_LISTED. Raises NoArchive."""
    end = data.rfind(b"PK\5\6", max(0, len(data) - _FURTHEST_END))
    if end < 0 or end + _END.size > len(data):
        raise NoArchive("no end of a central directory")
    size, offset = _END.unpack_from(data, end)[5:7]
    start = end - size
    shift = start - offset  # what stands before the archive, as before a self-extracting one
    if start < 0 or shift < 0:
        raise NoArchive("a central directory that is not where it says")
    found, at = list[Member](), start
    while at + _ENTRY.size <= end and len(found) < MAX_LISTED:
        if data[at : at + 4] != b"PK\1\2":
            raise NoArchive("a damaged central directory")
        member, at = _member(data, at, shift)
        found.append(member)
    return found


def _member(data: bytes, at: int, shift: int) -> tuple[Member, int]:
    entry = _ENTRY.unpack_from(data, at)
    _, _, system, _, _, flags, method, time, _, crc, packed, _, *lengths, _, _, mode, header = entry
    name_at = at + _ENTRY.size
    raw = data[name_at : name_at + lengths[0]]
    name = _name(raw, is_utf8=bool(flags & 0x800))
    is_link = system in (_UNIX, _MAC) and (mode >> 16) & _TYPE == _SYMLINK
    hidden = any(one in name for one in _HIDDEN)
    # With a data descriptor the CRC was not known yet when the header was written: the time stands for it.
    check = (time >> 8) & 0xFF if flags & 8 else crc >> 24
    member = Member(
        name=visible(name.replace("\\", "/").rpartition("/")[2])[:255],
        method=method,
        flags=flags,
        crc=crc,
        check=check,
        packed=packed,
        at=header + shift,
        is_file=not (name.endswith(("/", "\\")) or is_link or hidden),
    )
    return member, name_at + sum(lengths[:3])


def _name(raw: bytes, *, is_utf8: bool) -> str:
    """Decode a name: Windows in Japan writes CP932 and says nothing, macOS UTF-8, taken apart into marks."""
    for charset in ("utf-8",) if is_utf8 else ("utf-8", "cp932"):
        with suppress(UnicodeDecodeError):
            return unicodedata.normalize("NFC", raw.decode(charset))
    return raw.decode("utf-8", "replace") if is_utf8 else decode_unlabelled(raw)


def packed_bytes(data: bytes, member: Member) -> bytes:
    """Return a member's bytes as they stand in the archive. Raises NoArchive where they are not there."""
    local = data[member.at : member.at + _LOCAL.size]
    if len(local) < _LOCAL.size or local[:4] != b"PK\3\4":
        raise NoArchive("a member that is not where the directory says")
    name, extra = _LOCAL.unpack(local)[-2:]
    start = member.at + _LOCAL.size + name + extra
    found = data[start : start + member.packed]
    if len(found) < member.packed:
        raise NoArchive("a member that is cut short")
    return found


def is_encrypted(data: bytes) -> bool:
    """Say whether any file in it is under a password; of a damaged archive its first header tells."""
    try:
        return any(one.is_encrypted for one in members(data))
    except NoArchive:
        return data[:4] == b"PK\3\4" and len(data) > 6 and bool(data[6] & 1)
