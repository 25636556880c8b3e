"""What kind of file an attachment is."""

import io
import zipfile

import pytest

from bot.mail import AttachmentKind
from bot.reading.attachments import kind_of


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name in names:
            zipped.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type", "name", "kind"),
    [
        (b"%PDF-1.7\n", "application/octet-stream", "x.bin", "pdf"),
        (b"\r\n" * 100 + b"%PDF-1.7\n", "text/plain", "x.txt", "pdf"),
        (b"<html>", "application/pdf", "x.pdf", "other"),
        (archive("a.pdf"), "application/x-zip-compressed", "x.pdf", "zip"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "application/octet-stream", "x", "xlsx"),
        (archive("[Content_Types].xml", "word/document.xml"), "application/octet-stream", "x.xlsx", "other"),
        (b"\x89PNG\r\n\x1a\nx", "application/octet-stream", "x", "image"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "x.jpg", "image"),
        (b"II*\0x", "application/octet-stream", "fax.tif", "image"),
        (b"\0\0\0\x18ftypheic", "application/octet-stream", "x", "image"),
        (b"BM1234", "image/bmp", "x", "image"),
        (b"BMW car", "text/plain", "x.txt", "text"),
        (b"\x78\x9f\x3e\x22xx", "application/ms-tnef", "winmail.dat", "tnef"),
        (b"Subject: x\r\n\r\n", "message/rfc822", "", "mail"),
        (b"Subject: x\r\n\r\n", "application/octet-stream", "x.EML", "mail"),
        (b"a,b", "text/csv", "", "text"),
        (b"a,b", "application/octet-stream", "x.csv", "text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel", "x.xls", "other"),
        (b"MZ", "application/octet-stream", "x.exe", "other"),
        (b"", "application/octet-stream", "", "other"),
    ],
)
def test_the_first_bytes_count_before_type_and_name(
    data: bytes, media_type: str, name: str, kind: AttachmentKind
) -> None:
    assert kind_of(data, media_type, name) == kind
