"""What each header of a letter may say, by name."""

import binascii
import re
from collections.abc import Callable, Mapping
from email.utils import format_datetime, parsedate_to_datetime

from bot.writing.threads import REFERENCES
from bot.writing.wellformed.faults import Malformed, must
from bot.writing.wellformed.words import text_of

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]"
_DOT_ATOM = rf"{_ATEXT}+(?:\.{_ATEXT}+)*"
_QUOTED = r'"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*"'
_LABEL = r"(?!-)[A-Za-z0-9\x80-\U0010ffff-]{1,63}(?<!-)"
_ADDRESS = re.compile(rf"(?:{_DOT_ATOM}|{_QUOTED})@{_LABEL}(?:\.{_LABEL})+")
_PHRASE = re.compile(rf"(?:{_ATEXT}+|{_QUOTED})(?:[ \t]+(?:{_ATEXT}+|{_QUOTED}))*")
_MAILBOX = re.compile(r"(?:(.*[^ \t])[ \t]+)?<([^<>]+)>|([^<> \t]+|\".*\"@[^<> \t]+)")
_OUR_ID = re.compile(rf"<{_DOT_ATOM}@{_DOT_ATOM}>")
# Of a mail that is answered the identifier is repeated as its writer's program made it.
_ANY_ID = re.compile(r"<[!-;=?-~\x80-\U0010ffff]{1,500}>")
_AUTOMATIC = ("auto-replied", "auto-generated")
_SUPPRESSED = frozenset({"DR", "RN", "NRN", "OOF", "AutoReply"})  # never NDR: bounces are wanted
_SIGNATURE_TAGS = frozenset({"v", "a", "c", "d", "s", "t", "h", "bh", "b"})


def _address(value: str) -> None:
    """Check one mailbox, with or without a name (RFC 5322 §3.4)."""
    found = _MAILBOX.fullmatch(value)
    if found is None:
        raise Malformed("address: is not one mailbox")
    phrase, address = found[1], found[2] or found[3]
    must(_ADDRESS.fullmatch(address) is not None, "address: is not local-part@domain")
    if phrase is not None:
        must(_PHRASE.fullmatch(phrase) is not None, "address: its name is neither atoms nor quoted")
        must(bool(text_of(phrase).strip()), "address: its name is blank")


def _subject(value: str) -> None:
    """Check a text: filters of town halls take an empty one for spam."""
    must(bool(text_of(value).strip()), "subject: is blank")


def _date(value: str) -> None:
    """Check a date by writing it again: day of the week, zone and all (RFC 5322 §3.3)."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError) as error:
        raise Malformed("date: is none") from error
    must(moment.tzinfo is not None and format_datetime(moment) == value, "date: is not as RFC 5322 has it")


def _message_id(value: str) -> None:
    must(_OUR_ID.fullmatch(value) is not None, "message-id: is not <left@right>")


def _in_reply_to(value: str) -> None:
    must(_ANY_ID.fullmatch(value) is not None, "in-reply-to: is not one identifier")


def _references(value: str) -> None:
    ids = value.split()
    must(all(_ANY_ID.fullmatch(one) for one in ids), "references: are not identifiers")
    must(len(ids) <= REFERENCES, f"references: are more than {REFERENCES}")
    must(len(set(ids)) == len(ids), "references: one stands there twice")


def _auto_submitted(value: str) -> None:
    must(value in _AUTOMATIC, "auto-submitted: is not of RFC 3834 §5")


def _suppressed(value: str) -> None:
    must(set(value.split(", ")) <= _SUPPRESSED, "x-auto-response-suppress: names what is wanted")


def _thread_index(value: str) -> None:
    """Check the 22 bytes of a thread and the levels of 5 behind them ([MS-OXOMSG] §2.2.1.3)."""
    try:
        index = binascii.a2b_base64(value, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("thread-index: is not base64") from error
    must(len(index) >= 22 and len(index) % 5 == 2 and index[0] == 1, "thread-index: is not one of Outlook's")


def _mime_version(value: str) -> None:
    must(value == "1.0", "mime-version: is not 1.0")


def _signature(value: str) -> None:
    """Check a DKIM signature (RFC 6376 §3.5): no l=, which would let anybody add to the body."""
    tags = [tag.partition("=") for tag in "".join(value.split()).split(";") if tag]
    names = [name for name, _, _ in tags]
    must(len(set(names)) == len(names) and set(names) == _SIGNATURE_TAGS, "dkim-signature: its tags")
    signed = {name: text for name, _, text in tags}["h"].split(":")
    must(signed.count("from") > 1, "dkim-signature: does not keep a second From away")


VALUES: Mapping[str, Callable[[str], None]] = {
    "from": _address,
    "to": _address,
    "subject": _subject,
    "thread-topic": _subject,
    "date": _date,
    "message-id": _message_id,
    "in-reply-to": _in_reply_to,
    "references": _references,
    "auto-submitted": _auto_submitted,
    "x-auto-response-suppress": _suppressed,
    "thread-index": _thread_index,
    "mime-version": _mime_version,
    "dkim-signature": _signature,
}
