"""Make mails after the habits in clients.toml: `python -m tests.mails.made_by.clients OUT`."""

import base64
import binascii
import json
import quopri
import sys
import tomllib
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.mails.made_by.pages import page_of
from tests.reading.builders import windows_jis

HERE = Path(__file__).parent
ALL = json.loads((HERE / "letters.json").read_text(encoding="utf-8"))
LETTERS = {letter["id"]: letter for letter in ALL["letters"]}
_CODECS = {"cp50221": "", "cp50220": "", "cp932": "cp932", "utf-8": "utf-8"}
_LABELS = {"cp50221": "ISO-2022-JP", "cp50220": "ISO-2022-JP", "cp932": "Shift_JIS", "utf-8": "UTF-8"}
_TNEF = bytes.fromhex("789f3e220100") + b"\0" * 40

Table = dict[str, Any]


def main(out: Path) -> None:
    """Write every mail of every client."""
    for client in tomllib.loads((HERE / "clients.toml").read_text(encoding="utf-8"))["client"]:
        for name in client["letters"]:
            (out / f"{client['name']}-{name}.eml").write_bytes(mail(client, LETTERS[name]))


def mail(client: Table, letter: Table) -> bytes:
    """Return one letter as this client sends it, with what our border puts above."""
    domain = letter["from"].partition("@")[2]
    fields, body = _body(client, letter)
    values = {
        "from": f"{_word(letter['name'], client)} <{letter['from']}>".encode(),
        "address": letter["from"].encode(),
        "to": f"{_word(ALL['desk_name'], client)} <{ALL['desk']}>".encode(),
        "subject": _words(letter["subject"], client),
        "tagged_subject": _words(_tagged("【無害化済】", letter["subject"]), client),
        "external_subject": _words(_tagged("[EXTERNAL] ", letter["subject"]), client),
        "raw_name": _encoded(letter["name"], client["charset"]),
        "raw_subject": _encoded(letter["subject"], client["charset"]),
        "date": b"Tue, 10 Nov 2026 10:57:00 +0900",
        "id": f"<{client['name']}.{letter['id']}@{domain}>".encode(),
        "re": f"<{letter.get('reply_to', 'none')}@{ALL['desk'].partition('@')[2]}>".encode(),
        **fields,
    }
    lines = [
        f"Authentication-Results: border.hoshobin.example; dkim=pass header.d={domain}".encode(),
        f"Received: from mail.{domain} by border.hoshobin.example; Tue, 10 Nov 2026 10:57:59 +0900".encode(),
        *(line for line in (_filled(one, values, letter) for one in client["head"]) if line),
    ]
    return b"\r\n".join([*lines, b"", body])


def _tagged(tag: str, subject: str) -> str:
    return subject if subject.startswith(tag) else tag + subject


def _filled(line: str, values: dict[str, bytes], letter: Table) -> bytes:
    if "{re}" in line and "reply_to" not in letter:
        return b""
    filled = line.encode()
    for name, value in values.items():
        filled = filled.replace(b"{" + name.encode() + b"}", value)
    return filled


def _encoded(text: str, charset: str) -> bytes:
    if charset == "cp50220":  # half-width kana become full-width there
        kana = (unicodedata.normalize("NFKC", c) if "\uff61" <= c <= "\uff9f" else c for c in text)
        text = unicodedata.normalize("NFC", "".join(kana))
    for wave, wide in zip("〜‐−", "～－－", strict=True):
        text = text.replace(wave, wide) if charset != "utf-8" else text
    codec = _CODECS[charset]
    return text.encode(codec, "replace") if codec else windows_jis(text)


def _words(text: str, client: Table) -> bytes:
    """Encode a subject in words of the client's length, one a line; ASCII at both ends stays as it is."""
    if text.isascii():
        return text.encode()
    japanese = [at for at, char in enumerate(text) if not char.isascii()]
    begin, end, step = japanese[0], japanese[-1] + 1, client["word"]
    begin = text.rfind(" ", 0, begin) + 1
    pieces = [_whole_word(text[at : min(at + step, end)], client) for at in range(begin, end, step)]
    return (text[:begin] + "\r\n ".join(pieces) + text[end:]).encode()


def _word(text: str, client: Table) -> str:
    return text if text.isascii() else _whole_word(text, client)


def _whole_word(text: str, client: Table) -> str:
    data = _encoded(text, client["charset"])
    if client.get("q"):
        inner = "".join(f"={byte:02X}" for byte in data)
        return f"=?{_LABELS[client['charset']]}?Q?{inner}?="
    return f"=?{_LABELS[client['charset']]}?B?{base64.b64encode(data).decode()}?="


def _text(client: Table, letter: Table) -> str:
    """Return new and old words, as the client arranges them."""
    new: str = client.get("banner", "") + letter["text"]
    if "reply_to" not in letter or client.get("html_only"):
        return new
    original = ALL["originals"][letter["reply_to"]]
    intro = client.get("intro", "").replace("{address}", letter["from"]).replace("{old}", original["subject"])
    mark = client.get("quote", "")
    old = "".join(f"{mark}{line}".rstrip() + "\n" for line in original["text"].splitlines())
    if "quote" not in client and "intro" not in client:
        old = ""
    return new + intro + old if client["reply"] == "above" else f"{intro}{old}\n{new}"


def _part(text: str, subtype: str, client: Table) -> tuple[bytes, bytes, bytes]:
    """Return (Content-Type line, encoding line, body) of a text part."""
    data = _encoded(text.replace("\n", "\r\n"), client["charset"])
    encoding = client["encoding"]
    if encoding == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    label = f"; charset={client['label']}" if client["label"] else ""
    kind = f"Content-Type: text/{subtype}{label}".encode()
    return kind, f"Content-Transfer-Encoding: {encoding}".encode(), data


def _body(client: Table, letter: Table) -> tuple[dict[str, bytes], bytes]:
    text = _text(client, letter)
    if client.get("names") == "uuencode":
        return {"type": b"", "encoding": b""}, _encoded(text, client["charset"]) + _uuencoded(letter)
    if client.get("html_only"):
        kind, encoding, data = _part(page_of(client["html"], letter, _original(letter)), "html", client)
        return {"type": kind, "encoding": encoding}, data
    kind, encoding, data = _part(text, "plain", client)
    whole = b"\r\n".join([kind, encoding, b"", data])
    if "html" in client:
        *heads, page = _part(page_of(client["html"], letter, _original(letter)), "html", client)
        whole = _multipart("alternative", "--=_alt_", whole, b"\r\n".join([*heads, b"", page]))
    files = [_file(one, client) for one in letter.get("files", [])]
    if client.get("names") == "winmail":
        files = [_winmail()]
    if files:
        whole = _multipart("mixed", "----=_NextPart_000_0001", whole, *files)
    if whole.startswith(kind):
        return {"type": kind, "encoding": encoding}, data
    head, _, rest = whole.partition(b"\r\n\r\n")
    return {"type": head, "encoding": b""}, rest


def _original(letter: Table) -> Table:
    found: Table = ALL["originals"].get(letter.get("reply_to", ""), {"subject": "", "text": ""})
    return found


def _multipart(subtype: str, boundary: str, *parts: bytes) -> bytes:
    cut = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{subtype};\r\n\tboundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(cut + b"\r\n" + part + b"\r\n" for part in parts) + cut + b"--\r\n"


def _winmail() -> bytes:
    head = b'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n'
    return (
        head + b'Content-Disposition: attachment; filename="winmail.dat"\r\n\r\n' + base64.encodebytes(_TNEF)
    )


def _file(file: Table, client: Table) -> bytes:
    """Return a part with the file, named the way this client names files."""
    data = (HERE / file["path"]).read_bytes()
    kind = "application/pdf" if file["path"].endswith("pdf") else "application/x-zip-compressed"
    word = _word(file["name"], client)
    extended = f"{_LABELS[client['charset']].lower()}''{quote(_encoded(file['name'], client['charset']))}"
    style = client.get("names", "words")
    style = "words" if style == "winmail" else style
    name = {"rfc2231": f";\r\n\tname*={extended}", "unquoted": f"; name={word}"}.get(
        style, f';\r\n\tname="{word}"'
    )
    filename = {
        "words": f';\r\n\tfilename="{word}"',
        "unquoted": f"; filename={word}",
        "rfc2231": f";\r\n\tfilename*={extended}",
        "thunderbird": f";\r\n filename*={extended}",
    }[style]
    head = f"Content-Type: {kind}{name}\r\nContent-Transfer-Encoding: base64\r\n"
    head += f"Content-Disposition: attachment{filename}\r\n\r\n"
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _uuencoded(letter: Table) -> bytes:
    file = letter["files"][0]
    data = (HERE / file["path"]).read_bytes()
    lines = [binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n") for at in range(0, len(data), 45)]
    return b"\r\n".join([b"", b"begin 666 contract.pdf", *lines, b"`", b"end", b""])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
