"""Letters of which each breaks one rule of the check before a letter leaves, by how the rule begins."""

import re
from base64 import b64encode
from typing import Any

from bot.writing.wellformed import MAX_BYTES

PAGE = "<!doctype html><html lang='ja'><head><meta charset='utf-8'></head><body><p>保証</p></body></html>"


def base64(content: str | bytes) -> bytes:
    data = content if isinstance(content, bytes) else content.encode()
    text = b64encode(data)
    return b"".join(text[start : start + 76] + b"\r\n" for start in range(0, len(text), 76))


def part(content_type: str, content: str | bytes, *more: str) -> bytes:
    head = "\r\n".join([f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *more])
    return head.encode() + b"\r\n\r\n" + base64(content)


PLAIN = part("text/plain; charset=utf-8", "保証\n")
HTML = part("text/html; charset=utf-8", PAGE)
PDF = part("application/pdf", b"%PDF-1.7", 'Content-Disposition: attachment; filename="a.pdf"')


def multipart(*parts: bytes, boundary: str = "=-b") -> bytes:
    opened = b"".join(b"--" + boundary.encode() + b"\r\n" + one for one in parts)
    return opened + b"--" + boundary.encode() + b"--\r\n"


def inside(kind: str, body: bytes, boundary: str) -> bytes:
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + body


HEAD = b"""\
From: =?utf-8?b?5L+d6Ki8?= <hosho@hoshobin.example>
To: soumu@iyo-kensetsu.example
Subject: =?utf-8?b?5L+d6Ki8?= [R8-01234-7KQ4]
Date: Tue, 10 Nov 2026 10:58:00 +0900
Message-ID: <7.0123@hoshobin.example>
In-Reply-To: <a@b.example>
References: <R8-01234-7KQ4@hoshobin.example> <a@b.example>
Thread-Topic: R8-01234-7KQ4
Thread-Index: AQHcAAAAEREREREREREREREREREREQ==
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply
MIME-Version: 1.0
""".replace(b"\n", b"\r\n")
ALTERNATIVE = b'Content-Type: multipart/alternative; boundary="=-b"\r\n\r\n'
GOOD = HEAD + ALTERNATIVE + multipart(PLAIN, HTML)


def with_header(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode() + GOOD


def instead_of(name: str, value: str) -> bytes:
    changed, count = re.subn(
        rf"(?im)^{name}: .*(?:\r\n[ \t].*)*\r\n".encode(), f"{name}: {value}\r\n".encode(), GOOD, count=1
    )
    assert count == 1, name
    return changed


def without(name: str) -> bytes:
    return re.sub(rf"(?im)^{name}: .*\r\n".encode(), b"", GOOD, count=1)


def body(*parts: bytes, **how: Any) -> bytes:
    return HEAD + ALTERNATIVE + multipart(*parts, **how)


def page(text: str) -> bytes:
    return body(PLAIN, part("text/html; charset=utf-8", f"<html><body>{text}</body></html>"))


def attached(disposition: str, media_type: str = "application/pdf") -> bytes:
    return body(PLAIN, HTML, part(media_type, b"%PDF", f"Content-Disposition: {disposition}"))


def nested(depth: int) -> bytes:
    innermost = PLAIN
    for level in range(depth):
        innermost = inside("mixed", multipart(innermost, boundary=f"={level}="), f"={level}=")
    return HEAD + innermost


SIGNED = "v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=x.example; s=a; t=1; h=from:from; bh=YQ==; b=YQ=="

BROKEN: dict[str, list[bytes]] = {
    "size: over 10000000 bytes": [b"a" * (MAX_BYTES + 1)],
    "line ends: CR or LF stands alone": [
        GOOD.replace(b"\r\n", b"\n", 1),
        GOOD.replace(b"Subject: ", b"Subject: \r", 1),
        GOOD + b"\r",
        GOOD.replace(b"\r\n--=-b--", b"\n--=-b--"),
    ],
    "line ends: the last line has none": [GOOD.removesuffix(b"\r\n")],
    "NUL: stands in the letter": [GOOD.replace(b"soumu@", b"sou\0mu@")],
    "ASCII: an octet over 127": [instead_of("To", "総務@b.example"), GOOD.replace(b"Thread", b"\xff")],
    "line length: over 998 octets": [instead_of("Message-ID", f"<{'a' * 1000}@b.example>")],
    "end of header: there is no empty line": [HEAD],
    "header: a line is no field": [
        GOOD.replace(b"Auto-Submitted:", b"Auto Submitted:"),
        GOOD.replace(b"Auto-Submitted: ", b"Auto-Submitted "),
        GOOD.replace(b"Thread-Topic", b" \r\nThread-Topic", 1),
        b" a\r\n" + GOOD,
    ],
    "thread-topic: is empty": [instead_of("Thread-Topic", " ")],
    "subject: holds a control character": [instead_of("Subject", "a\x01b"), instead_of("Subject", "a\tb")],
    "header: a line of over 78": [instead_of("Subject", f"{'a' * 50} {'b' * 50}")],
    "header: x-mailer is not one": [with_header("X-Mailer: Hoshobin")],
    "header: precedence is not one": [with_header("Precedence: bulk")],
    "header: list-unsubscribe is not one": [with_header("List-Unsubscribe: <mailto:a@b.example>")],
    "header: x-priority is not one": [with_header("X-Priority: 1")],
    "header: disposition-notification-to is": [with_header("Disposition-Notification-To: a@b.example")],
    "header: bcc is not one": [with_header("Bcc: a@b.example")],
    "header: sender is not one": [with_header("Sender: a@b.example")],
    "header: reply-to is not one": [with_header("Reply-To: a@b.example")],
    "header: received is not one": [with_header("Received: from a by b")],
    "header: x-hoshobin-case is not one": [body(b"X-Hoshobin-Case: 1\r\n" + PLAIN)],
    "from: stands there more than once": [with_header("From: a@b.example")],
    "to: stands there more than once": [with_header("To: a@b.example")],
    "subject: stands there more than once": [with_header("Subject: a")],
    "date: stands there more than once": [with_header("Date: Tue, 10 Nov 2026 10:58:00 +0900")],
    "message-id: stands there more than once": [with_header("Message-ID: <a@b.example>")],
    "dkim-signature: stands there more than once": [with_header(*[f"DKIM-Signature: {SIGNED}"] * 3)],
    "from: is missing": [without("From")],
    "to: is missing": [without("To")],
    "subject: is missing": [without("Subject")],
    "date: is missing": [without("Date")],
    "message-id: is missing": [without("Message-ID")],
    "mime-version: is missing": [without("MIME-Version")],
    "content-type: is missing": [without("Content-Type"), body(PLAIN, b"Content-ID: <a@b>\r\n\r\nx\r\n")],
    "address: is not one mailbox": [
        instead_of("To", "a@b.example, c@d.example"),
        instead_of("To", "a: b@c.example;"),
        instead_of("From", "<>"),
    ],
    "address: is not local-part@domain": [
        instead_of("To", "a..b@docomo.ne.jp"),
        instead_of("To", "a.@docomo.ne.jp"),
        instead_of("To", "<.a@docomo.ne.jp>"),
        instead_of("To", "a@b"),
        instead_of("To", "a@-b.example"),
        instead_of("To", "a@=?utf-8?b?5L+d?=.jp"),
        instead_of("To", "a@b.example."),
        instead_of("To", "undisclosed"),
    ],
    "address: its name is neither atoms": [
        instead_of("From", "Hosho Co., Ltd. <a@b.example>"),
        instead_of("To", "<a@b.example> <c@d.example>"),
        instead_of("From", '"open <a@b.example>'),
    ],
    "address: its name is blank": [instead_of("From", "=?utf-8?b?IA==?= <a@b.example>")],
    "subject: is blank": [
        instead_of("Subject", "=?utf-8?b?IOOAgA==?="),
        instead_of("Subject", "=?utf-8?b??="),
    ],
    "date: is none": [
        instead_of("Date", "today"),
        instead_of("Date", "2026-11-10T10:58:00+09:00"),
        instead_of("Date", "Tue, 31 Nov 2026 10:58:00 +0900"),
    ],
    "date: is not as RFC 5322": [
        instead_of("Date", "Wed, 10 Nov 2026 10:58:00 +0900"),
        instead_of("Date", "10 Nov 2026 10:58:00 +0900"),
        instead_of("Date", "Tue, 10 Nov 26 10:58:00 JST"),
        instead_of("Date", "Tue, 10 Nov 2026 10:58:00 -0000"),
    ],
    "message-id: is not <left@right>": [
        instead_of("Message-ID", "7@hoshobin.example"),
        instead_of("Message-ID", "<7>"),
        instead_of("Message-ID", "<a b@c.example>"),
        instead_of("Message-ID", "<a@b.example> <c@d.example>"),
    ],
    "in-reply-to: is not one identifier": [
        instead_of("In-Reply-To", "a@b.example"),
        instead_of("In-Reply-To", "<a@b.example> <c@d.example>"),
    ],
    "references: are not identifiers": [instead_of("References", "<a@b.example> c@d.example")],
    "references: are more than 20": [
        instead_of("References", "\r\n ".join(f"<{n}@b.example>" for n in range(21)))
    ],
    "references: one stands there twice": [instead_of("References", "<a@b.example> <a@b.example>")],
    "auto-submitted: is not of RFC 3834": [instead_of("Auto-Submitted", "no")],
    "x-auto-response-suppress: names what": [
        instead_of("X-Auto-Response-Suppress", "All"),
        instead_of("X-Auto-Response-Suppress", "OOF, NDR"),
    ],
    "thread-index: is not base64": [instead_of("Thread-Index", "AQHc*AAA")],
    "thread-index: is not one of Outlook's": [
        instead_of("Thread-Index", "AQHcAAAA"),
        instead_of("Thread-Index", "AQEB" * 8),
        instead_of("Thread-Index", "AAHcAAAAEREREREREREREREREREREQ=="),
    ],
    "mime-version: is not 1.0": [instead_of("MIME-Version", "1.0 (ours)")],
    "dkim-signature: its tags": [
        with_header(f"DKIM-Signature: {SIGNED}; l=1"),
        with_header(f"DKIM-Signature: {SIGNED.replace('t=1; ', '')}"),
        with_header(f"DKIM-Signature: {SIGNED}; b=YQ=="),
    ],
    "dkim-signature: does not keep": [with_header(f"DKIM-Signature: {SIGNED.replace('from:from', 'from')}")],
    "encoded-word: is none": [
        instead_of("Subject", "=?utf-8?b?5L+d"),
        instead_of("Subject", "a=?utf-8?b?5L+d?="),
        instead_of("Subject", "=?utf-8?b?5L+d?=(a)"),
        instead_of("Subject", "=?utf-8?b?5L+d?==?utf-8?b?5L+d?="),
    ],
    "encoded-word: is longer than 75": [instead_of("Subject", f"=?utf-8?b?{'YWFh' * 16}?=")],
    "encoded-word: its charset": [instead_of("Subject", "=?iso-2022-jp?b?GyRCSl0bKEI=?=")],
    "encoded-word: its encoding": [instead_of("Subject", "=?utf-8?x?YQ==?=")],
    "encoded-word: is not base64": [instead_of("Subject", "=?utf-8?b?YQ?=")],
    "encoded-word: is not Q": [
        instead_of("Subject", "=?utf-8?q?=E4=?="),
        instead_of("Subject", "=?utf-8?q?=zz?="),
    ],
    "encoded-word: cuts a character": [
        instead_of("Subject", "=?utf-8?b?5L8=?= =?utf-8?b?nQ==?="),
        instead_of("Subject", "=?utf-8?q?=E4=BF?= =?utf-8?q?=9D?="),
    ],
    "encoded-word: holds a control": [instead_of("Subject", "=?utf-8?b?YQ0KQmNjOiB4?=")],
    "plain text: is not the first part": [
        body(HTML, PLAIN),
        body(HTML),
        HEAD + HTML,
        HEAD + ALTERNATIVE.replace(b"alternative", b"mixed") + multipart(PDF, PLAIN),
    ],
    "multipart: its kind": [GOOD.replace(b"multipart/alternative", b"multipart/report")],
    "multipart: too deep": [nested(5)],
    "multipart: is encoded": [with_header("Content-Transfer-Encoding: base64")],
    "multipart: its parameters": [
        GOOD.replace(b'boundary="=-b"', b"charset=utf-8"),
        GOOD.replace(b'boundary="=-b"', b'boundary="=-b"; type=a'),
    ],
    "boundary: is not of RFC 2046": [
        GOOD.replace(b'boundary="=-b"', b'boundary=""'),
        GOOD.replace(b' boundary="=-b"', b'\r\n boundary="%s"' % (b"a" * 71)),
        GOOD.replace(b'boundary="=-b"', b'boundary="a "'),
    ],
    "boundary: begins like another": [
        body(inside("mixed", multipart(PLAIN, boundary="="), "=")),
    ],
    "boundary: something stands before": [HEAD + ALTERNATIVE + b"This is MIME.\r\n" + multipart(PLAIN, HTML)],
    "boundary: is not closed": [
        body(PLAIN, HTML).replace(b"\r\n--=-b--", b""),
        body(PLAIN, HTML) + b"more\r\n",
        body(),
    ],
    "boundary: a line goes on": [body(PLAIN, HTML).replace(b"--=-b\r\n", b"--=-bx\r\n", 1)],
    "part: has no header": [
        body(PLAIN, b"Content-Type: text/html; charset=utf-8\r\n"),
        body(inside("mixed", multipart(PLAIN, boundary="=-b2"), "=-b2")),
        body(inside("mixed", multipart(PLAIN, boundary="=-b"), "=-b")),
    ],
    "content-type: is not type/subtype": [
        instead_of("Content-Type", "multipart"),
        instead_of("Content-Type", "text/plain; charset"),
        instead_of("Content-Type", "text/plain charset=utf-8"),
        instead_of("Content-Type", "TEXT/plain"),
    ],
    "content-type: a parameter stands there twice": [
        body(part("text/plain; charset=utf-8; charset=utf-8", "a"))
    ],
    "content-type: has parameters": [attached("attachment; filename=a.pdf", "application/pdf; name=a.pdf")],
    "content-type: a message inside": [attached("attachment; filename=a.eml", "message/rfc822")],
    "7bit: holds other octets": [
        body(PLAIN, b"Content-Type: text/html; charset=utf-8\r\n\r\n\xe4\xbf\x9d\r\n")
    ],
    "content-transfer-encoding: is neither": [GOOD.replace(b": base64", b": quoted-printable", 1)],
    "base64: a line is longer": [
        body(PLAIN.rpartition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b"YWFh" * 20 + b"\r\n")
    ],
    "base64: is none": [
        GOOD.replace(base64("保証\n"), b"5L+d6*i8Cg==\r\n"),
        GOOD.replace(base64("保証\n"), b"5L+d6Ki8Cg=\r\n"),
        GOOD.replace(base64("保証\n"), b"5L+d6Ki8Cg==YQ==\r\n"),
    ],
    "file name: is not plain ASCII": [
        attached('attachment; filename="証書.pdf"'),
        attached("attachment; filename*=utf-8''%E8%A8%BC.pdf"),
        attached('attachment; filename="=?utf-8?b?6Ki8?=.pdf"'),
        attached('attachment; filename="../a.pdf"'),
        attached('attachment; filename="a b.pdf"'),
        attached("attachment"),
    ],
    "content-id: is none": [body(PLAIN, part("image/png", b"a", "Content-ID: a"))],
    "part: is neither attached": [body(PLAIN, part("application/pdf", b"a"))],
    "part: is empty": [attached("attachment; filename=a.pdf").replace(base64(b"%PDF"), b"\r\n")],
    "charset: is not utf-8 alone": [
        body(part("text/plain; charset=iso-2022-jp", "a")),
        body(part("text/plain", "a")),
        body(part("text/plain; charset=utf-8; format=flowed", "a")),
    ],
    "charset: the text is not UTF-8": [body(part("text/plain; charset=utf-8", "保証".encode("cp932")))],
    "text: is blank": [body(part("text/plain; charset=utf-8", " \n　\n"))],
    "text: holds a control": [
        body(part("text/plain; charset=utf-8", "a\x00b")),
        body(part("text/plain; charset=utf-8", "a\x1bb")),
        body(part("text/plain; charset=utf-8", "a\u2028b")),
    ],
    "html: an element": [
        page("<script>alert(1)</script>"),
        page("<SCRIPT SRC=//evil.example>"),
        page("<form><input></form>"),
        page("<iframe></iframe>"),
        page("<svg/onload=alert(1)>"),
        page("<link rel=stylesheet href=https://evil.example/a.css>"),
        page("<base href=https://evil.example/>"),
    ],
    "html: an attribute that loads": [
        page('<p onclick="a()">x</p>'),
        page('<table background="https://evil.example/a.png"></table>'),
        page('<meta http-equiv="refresh" content="0">'),
        page('<img srcset="https://evil.example/a.png 2x">'),
    ],
    "html: remote content": [
        page('<img src="https://evil.example/a.png">'),
        page("<img src=//evil.example/a.png>"),
        page("<img\nsrc = 'http://evil.example/a.png'>"),
        page('<img src="data:image/svg+xml;base64,YQ==">'),
    ],
    "html: a link that is none": [
        page('<a href="javascript:alert(1)">x</a>'),
        page('<a href="data:text/html,x">x</a>'),
        page('<a href=" vbscript:x">x</a>'),
    ],
    "html: a style that loads": [
        page('<p style="background:url(https://evil.example/a.png)">x</p>'),
        page("<style>@import 'https://evil.example/a.css';</style>"),
        page('<p style="width:expression(alert(1))">x</p>'),
    ],
}
