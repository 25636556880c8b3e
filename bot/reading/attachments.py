"""What an attached file is: by its first bytes, then by its type and name. Nothing is unpacked."""

import hashlib
import re

from bot.mail import Attachment, AttachmentKind
from bot.reading.headers import file_name
from bot.reading.mime import Headers
from bot.reading.zip_directory import is_encrypted

_HEAD = 1024  # bytes that are looked at for a kind; PDF readers accept that much before %PDF-
_SIGNATURES: tuple[tuple[bytes, AttachmentKind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"BM", "image"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "other"),  # old Office files, and new ones with a password
)
_IMAGE_BRANDS = re.compile(rb"....ftyp(?:heic|heix|mif1|msf1|avif)|RIFF....WEBP", re.S)
_BY_NAME: dict[str, AttachmentKind] = {
    "eml": "mail",
    "txt": "text",
    "csv": "text",
    "log": "text",
}
_UNNAMED: dict[AttachmentKind, str] = {
    "mail": "message.eml",
    "pdf": "attachment.pdf",
    "text": "attachment.txt",
}


def describe(index: int, headers: Headers, media_type: str, data: bytes, inside: int) -> Attachment:
    """Return the description of one attached file from its part's headers and its decoded bytes."""
    name = file_name(headers.first("content-disposition"), headers.first("content-type"))
    return describe_file(index, name, media_type, data, inside)


def describe_file(index: int, name: str, media_type: str, data: bytes, inside: int) -> Attachment:
    """Return the description of one file of this name and type."""
    kind = kind_of(data, media_type, name)
    return Attachment(
        index=index,
        name=name or _UNNAMED.get(kind, "attachment"),
        kind=kind,
        media_type=media_type,
        size=len(data),
        digest=hashlib.sha256(data).hexdigest(),
        inside=inside,
        encrypted=kind == "zip" and is_encrypted(data),
    )


def kind_of(data: bytes, media_type: str, name: str) -> AttachmentKind:
    """Return the kind; a Windows bitmap is the one whose two first letters need its type or name as well."""
    head = data[:_HEAD]
    if b"%PDF-" in head and not head.startswith(b"PK\3\4"):  # an archive may hold one that is not packed
        return "pdf"
    if _IMAGE_BRANDS.match(head):
        return "image"
    suffix = name.lower().rpartition(".")[2]
    for signature, kind in _SIGNATURES:
        if head.startswith(signature) and (signature != b"BM" or "bmp" in (suffix, media_type[-3:])):
            return _kind_of_zip(data) if kind == "zip" else kind
    if media_type in ("message/rfc822", "message/global"):
        return "mail"
    if media_type.startswith("text/") or media_type in ("message/delivery-status", "message/rfc822-headers"):
        return "text"
    return _BY_NAME.get(suffix, "other")


def _kind_of_zip(data: bytes) -> AttachmentKind:
    """Tell Excel's and other Office files from plain archives by the member names they must have."""
    if b"[Content_Types].xml" not in data:
        return "zip"
    return "xlsx" if b"xl/workbook" in data else "other"
