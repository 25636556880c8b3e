"""Header blocks of our own making: cut into fields by RFC 5322 §2.2, and held against a list of names."""

import re
from collections.abc import Mapping

from bot.writing.wellformed.faults import CONTROL, Malformed, must

# Nothing else may stand on a letter: no X-Mailer, no List-*, no Precedence: bulk, no priority, no receipt
# request. Filters of town halls count each of them against a mail, and none says anything to its reader.
TOP = frozenset(
    {
        "dkim-signature",
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "thread-topic",
        "thread-index",
        "auto-submitted",
        "x-auto-response-suppress",
    }
)
MIME = frozenset({"mime-version", "content-type", "content-transfer-encoding"})
OF_A_PART = MIME | {"content-disposition", "content-id"}

_WANTED = 78  # characters of a line that could be folded (RFC 5322 §2.1.1)
_SEVERAL = {"dkim-signature": 2}
_FIELD = re.compile(r"([!-9;-~]+): *([^\r\n]*(?:\r\n[ \t]+[^\r\n \t][^\r\n]*)*)(?:\r\n|\Z)")
_FOLDABLE = re.compile(r"(?:[!-9;-~]+:)?+[ \t]*[^ \t]+[ \t]+[^ \t]")


def fields(block: str) -> list[tuple[str, str]]:
    """Cut a block into names (lower case) and unfolded values. Raises Malformed."""
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(block):
        field = _FIELD.match(block, place)
        if field is None:
            raise Malformed("header: a line is no field and continues none")
        name, value = field[1].lower(), field[2].replace("\r\n", "")
        must(bool(value.strip(" \t")), f"{name}: is empty")
        must(CONTROL.search(value) is None, f"{name}: holds a control character")
        found.append((name, value))
        place = field.end()
    for line in block.split("\r\n"):
        must(
            len(line) <= _WANTED or not _FOLDABLE.match(line),
            f"header: a line of over {_WANTED} characters could be folded",
        )
    return found


def only(found: list[tuple[str, str]], names: frozenset[str]) -> Mapping[str, list[str]]:
    """Sort fields by name. Raises Malformed where one is not of `names`, or stands there twice."""
    there: dict[str, list[str]] = {}
    for name, value in found:
        must(name in names, f"header: {name} is not one that a letter of ours has")
        there.setdefault(name, []).append(value)
        must(len(there[name]) <= _SEVERAL.get(name, 1), f"{name}: stands there more than once")
    return there
