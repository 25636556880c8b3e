"""What a report says of a letter: whose, what became of it, and why (RFC 3464, 8098, and without them)."""

import re
from collections.abc import Collection, Iterator
from email.parser import BytesParser
from email.policy import compat32
from typing import NamedTuple

from flufl.bounce import all_failures

from bot.mail import ReportKind
from bot.reading.bounce_wording import failed_subject, is_bounce
from bot.reading.charset import decode_unlabelled
from bot.reading.headers import identifiers
from bot.reading.mime import Headers, Part, TooMuch, split_head

_MAX_STATUS = 200_000  # bytes of a status part that are read
_MAX_GUESSED = 48_000  # bytes of a mail that flufl.bounce gets to see
_MAX_GUESSED_STATUS = 4_000  # bytes: each blank line of a status part becomes a part to `email`
_MAX_RECIPIENTS = 20
_MAX_TEXT = 200  # characters of a diagnostic
_SEVERITY: tuple[ReportKind, ...] = ("failed", "delayed", "displayed", "delivered")
_ACTIONS: dict[str, ReportKind] = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_TYPES = ("message/disposition-notification", "message/global-disposition-notification")
_HEADER_TYPES = ("text/rfc822-headers", "message/global-headers", "message/rfc822-headers")
_ID_IN_TEXT = re.compile(r"^[ \t>|]{0,20}Message-ID:\s{0,5}<([^<>\s]{1,500})>", re.I | re.M)
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_TELLING_LINE = re.compile(
    r"(?m)^.{0,200}(?:(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|\b[45][0-5]\d[ -]\S).{0,200}$"
)
_REFUSED = re.compile(r"automatically rejected|was refused by the recipient|自動的に拒否", re.I)
_DAEMON = re.compile(rb"mailer-?daemon|mail-?daemon|maildaemon|postmaster|mail delivery", re.I)
_ALONE = re.compile(
    r"(?m)^[ \t]{0,8}(?:[^\s<>@]{1,12}[:：] ?)?[\"'<]{0,2}[\w.+=-]{1,64}@[\w.-]{1,200}[\"'>]{0,2}"
    r"[ \t]{0,3}(?:[:：].{0,200})?$"
)
_DELAYED = re.compile(
    r"delay|still (?:trying|being retried)|will (?:continue|retry|be retried|keep trying)"
    r"|not yet been delivered|postponed|warning|遅延|再送|まだ配信",
    re.I,
)


class Report(NamedTuple):
    """What a report says; all empty for a mail that is none."""

    message_ids: tuple[str, ...] = ()
    kind: ReportKind = ""
    recipients: tuple[str, ...] = ()  # whom the worst news is about, as the report names them
    status: str = ""  # RFC 3463, e.g. 5.1.1
    text: str = ""  # one line of what the other server said


class _Told(NamedTuple):
    """What one recipient's block of a status part tells."""

    kind: ReportKind
    recipients: tuple[str, ...]  # final and original: the same mailbox before and after forwarding
    status: str
    text: str


def read_report(root: Part, subject: str, text: str) -> Report:
    """Return what a report tells of our letters; the worst news counts.

    Programs that know no RFC 3464 are read by subject and by the returned header in their text.
    """
    told: list[_Told] = []
    ids: list[str] = []
    for part in leaves_and_messages(root):
        if part.media_type in _STATUS_TYPES:
            told += _of_status(part.body[:_MAX_STATUS])
        elif part.media_type in _RECEIPT_TYPES:
            told += _of_receipt(part.body[:_MAX_STATUS], is_refusal=bool(_REFUSED.search(text[:1_000])))
            ids += _original_ids(part.body[:_MAX_STATUS])
        elif part.media_type in _HEADER_TYPES:
            ids += _ids_in(part.body)
        elif part.is_message:
            ids += identifiers(part.children[0].headers.first("message-id"))
    kind: ReportKind = next((kind for kind in _SEVERITY if any(one.kind == kind for one in told)), "")
    if not kind:
        return _guessed(root, ids, subject, text) if _may_tell_of_failure(root, subject) else Report()
    worst = [one for one in told if one.kind == kind]
    return Report(
        message_ids=_unique(ids or _answered(root))[:100],
        kind=kind,
        recipients=_unique([name for one in worst for name in one.recipients])[:_MAX_RECIPIENTS],
        status=next((one.status for one in worst if one.status), ""),
        text=next((one.text for one in worst if one.text), ""),
    )


def _may_tell_of_failure(root: Part, subject: str) -> bool:
    """Say whether a mail without a status that we know is worth a closer look."""
    daemon = root.media_type == "multipart/report" or _DAEMON.search(root.headers.first("from")[:500])
    return bool(daemon or failed_subject(subject) or root.headers.first("x-failed-recipients"))


def _guessed(root: Part, ids: list[str], subject: str, text: str) -> Report:
    """Read a bounce without status part: Exim's header, flufl.bounce, then addresses beside an error."""
    late, failed = _by_flufl(root)
    failed = _addresses(root.headers.first("x-failed-recipients")) or failed
    if not (failed or late or failed_subject(subject) or is_bounce("", text, "", returns=bool(ids))):
        return Report()
    is_late = not failed and bool(late or _DELAYED.search(subject) or _DELAYED.search(text[:1000]))
    line = next((one[0] for one in _TELLING_LINE.finditer(text[:20_000])), "")
    status = _STATUS.search(line)
    return Report(
        message_ids=_unique([*ids, *_ID_IN_TEXT.findall(text)] or _answered(root))[:100],
        kind="delayed" if is_late else "failed",
        recipients=_unique(failed or late or _beside_the_error(root, text))[:_MAX_RECIPIENTS],
        status=status[1] if status else "",
        text=_one_line(line),
    )


def _beside_the_error(root: Part, text: str) -> list[str]:
    """Return the addresses that stand alone on a line, or in the line of the error; never our own."""
    lines = [one[0] for find in (_ALONE, _TELLING_LINE) for one in find.finditer(text[:6_000])]
    ours = {one.lower() for one in _addresses(root.headers.first("to"))}
    return [one for line in lines[:50] for one in _ADDRESS.findall(line) if one.lower() not in ours]


def _by_flufl(root: Part) -> tuple[list[str], list[str]]:
    """Ask flufl.bounce whom a bounce is about: (delayed, failed). It may raise anything on odd mail."""
    raw = b"".join(b"%s: %s\n" % (name.encode(), value.strip()) for name, value in root.headers.fields[:100])
    body = _unparsed(root)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw[:8_000] + b"\n" + body[:_MAX_GUESSED])
        late, failed = all_failures(message)
    except Exception:  # a foreign parser on foreign bytes: what it cannot read, it does not know
        return [], []
    return _decoded(late), _decoded(failed)


def _unparsed(root: Part) -> bytes:
    """Put the parts together again, as far as flufl.bounce looks at them."""
    if not root.children:
        return root.raw_body
    boundary = root.parameters.get("boundary", b"x")
    pieces = []
    for part in root.children[:20]:
        head = b"Content-Type: %s\n" % part.media_type.encode("ascii", "replace")
        most = _MAX_GUESSED_STATUS if part.media_type in _STATUS_TYPES else _MAX_GUESSED
        pieces.append(b"--" + boundary + b"\n" + head + b"\n" + part.body[:most] + b"\n")
    return b"".join(pieces) + b"--" + boundary + b"--\n"


def _decoded(found: Collection[bytes]) -> list[str]:
    names = (one.decode("ascii", "replace") for one in found)
    return sorted(name for name in names if _ADDRESS.fullmatch(name))


def leaves_and_messages(part: Part) -> Iterator[Part]:
    """Walk over the leaves of a mail; an attached message counts as one."""
    if part.is_message or not part.children:
        yield part
    else:
        for child in part.children:
            yield from leaves_and_messages(child)


def _of_status(body: bytes) -> Iterator[_Told]:
    """Read the block of each recipient (RFC 3464 §2.3)."""
    for block in re.split(rb"\r?\n[ \t]*\r?\n", body)[:500]:
        fields = _fields(block)
        kind = _ACTIONS.get(_plain(fields.get("action", b"")))
        if kind is None:
            continue
        names = [
            name
            for field in ("original-recipient", "final-recipient")
            for name in _addresses(fields.get(field, b""))
        ]
        status = _STATUS.search(fields.get("status", b"")[:200].decode("ascii", "replace"))
        text = decode_unlabelled(fields.get("diagnostic-code", b"")[:2000])
        yield _Told(kind, tuple(names), status[1] if status else "", _one_line(text))


def _of_receipt(body: bytes, *, is_refusal: bool) -> Iterator[_Told]:
    """Read a disposition (RFC 8098 §3.2.6); a Sieve script that refuses sends one too (RFC 5429 §2.2)."""
    fields = _fields(body)
    if "disposition" in fields:
        what: ReportKind = "displayed" if _plain(fields["disposition"]).endswith("displayed") else "delivered"
        names = _addresses(fields.get("original-recipient", b"")) + _addresses(
            fields.get("final-recipient", b"")
        )
        yield _Told("failed" if is_refusal else what, tuple(names), "", "")


def _fields(block: bytes) -> dict[str, bytes]:
    """Return the fields of one block, folded lines joined; of two with one name the first counts."""
    found: dict[str, bytes] = {}
    lines = re.sub(rb"\r?\n[ \t]+", b" ", block.strip(b"\r\n")).splitlines()
    for line in lines[:100]:
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().decode("ascii", "replace").lower(), value.strip())
    return found


def _plain(value: bytes) -> str:
    """Return a field's words without its comment."""
    return value[:200].decode("ascii", "replace").partition("(")[0].strip().lower()


def _addresses(value: bytes) -> list[str]:
    return _ADDRESS.findall(value[:4000].decode("ascii", "replace"))[:_MAX_RECIPIENTS]


def _answered(root: Part) -> list[str]:
    return (
        identifiers(root.headers.first("in-reply-to")) or identifiers(root.headers.first("references"))[-1:]
    )


def _original_ids(body: bytes) -> list[str]:
    found = re.findall(rb"^original-message-id[ \t]*:\s*<([^<>\s]{1,500})>", body, re.I | re.M)
    return [decode_unlabelled(one) for one in found]


def _ids_in(body: bytes) -> list[str]:
    try:
        return identifiers(split_head(body)[0].first("message-id"))
    except TooMuch:
        return []


def _unique(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_TEXT]


def warm() -> None:
    """Read one bounce of each way, so that whatever loads at first use has loaded."""
    headers = Headers([("from", b"MAILER-DAEMON@x.example"), ("subject", b"failure notice")])
    body = b"Hi. This is the qmail-send program.\n\n<a@b.example>:\n550 5.1.1 no mailbox\n"
    read_report(Part(headers, "text/plain", {}, "", body, 0), "failure notice", body.decode())
