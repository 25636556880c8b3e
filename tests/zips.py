"""Writes ZIP files as mail gateways do: under a password (PKWARE APPNOTE §6.1), with names of any charset."""

import os
import struct
import zlib
from dataclasses import dataclass

from bot.reading.zip_crypto import keys_of

SYMLINK = 0o120777 << 16
_MADE_ON_UNIX = 3 << 8


@dataclass(frozen=True)
class Held:
    """One file to be put into an archive; what is not plain is a lie that the archive shall tell."""

    name: str | bytes
    data: bytes
    password: str = ""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644 << 16
    crc: int | None = None
    noise: bytes = b""  # behind the encrypted bytes: it costs as much time as if it were some
    later_crc: bool = False  # with a data descriptor, as programs write that do not know the CRC yet


def archive(*held: Held, before: bytes = b"", comment: bytes = b"") -> bytes:
    """Return the bytes of a ZIP file; a str is written as UTF-8, bytes as they stand (CP932)."""
    body, directory = bytearray(before), bytearray()
    for one in held:
        raw = one.name.encode() if isinstance(one.name, str) else one.name
        packed = _deflated(one.data) if one.method == 8 else one.data
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        flags = one.flags | (0x800 if isinstance(one.name, str) and not raw.isascii() else 0)
        flags |= 8 if one.later_crc else 0
        time, day = 0x6B2A, 0x5D6D
        if one.password:
            flags |= 1
            packed = _encrypted(packed, one.password, time >> 8 if one.later_crc else crc >> 24) + one.noise
        sizes = (crc, len(packed), len(one.data))
        at = len(body) - len(before)
        shown = (0, 0, 0) if one.later_crc else sizes
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, one.method, time, day, *shown, len(raw), 0)
        body += raw + packed
        if one.later_crc:
            body += struct.pack("<4s3L", b"PK\7\10", *sizes)
        fixed = (b"PK\1\2", _MADE_ON_UNIX | 20, 20, flags, one.method, time, day, *sizes, len(raw))
        directory += struct.pack("<4s6H3L5H2L", *fixed, 0, 0, 0, 0, one.mode, at) + raw
    count = len(held)
    end = (b"PK\5\6", 0, 0, count, count, len(directory), len(body) - len(before), len(comment))
    return bytes(body + directory + struct.pack("<4s4H2LH", *end) + comment)


def locked(password: str, *names: str, data: bytes = b"%PDF-1.4 the contract") -> bytes:
    """Return an archive of some files under one password."""
    return archive(*(Held(name, data, password) for name in names or ("contract.pdf",)))


def overlapping(times: int, data: bytes) -> bytes:
    """Return an archive whose directory names one member many times (a bomb that needs no nesting)."""
    one = archive(Held("a", data))
    start = one.index(b"PK\1\2")
    entry = one[start : one.index(b"PK\5\6")]
    end = (b"PK\5\6", 0, 0, times, times, len(entry) * times, start, 0)
    return one[:start] + entry * times + struct.pack("<4s4H2LH", *end)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _encrypted(data: bytes, password: str, check: int) -> bytes:
    """Encrypt byte for byte, as the specification has it, not with the tables of what is to be tested."""
    keys = list(keys_of(b""))
    for byte in password.encode():
        _update(keys, byte)
    out = bytearray()
    for byte in (*os.urandom(11), check, *data):
        half = (keys[2] & 0xFFFF) | 2
        out.append(byte ^ ((half * (half ^ 1)) >> 8 & 0xFF))
        _update(keys, byte)
    return bytes(out)


def _update(keys: list[int], byte: int) -> None:
    keys[0] = _crc(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _crc(keys[2], keys[1] >> 24)


def _crc(old: int, byte: int) -> int:
    """One step of CRC-32: zlib inverts before and after."""
    return zlib.crc32(bytes((byte,)), old ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
