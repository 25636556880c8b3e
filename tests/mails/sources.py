"""Who made which mail of the corpus: the table of SOURCES.md, and the clients whose habits ours follow."""

import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent
_ROW = re.compile(r"\| `([^`]+)` \| (program|public) \| ([^|]+) \| ([^|]+) \|")
_FILE = re.compile(r"`([^`*]+)`")


class Source(NamedTuple):
    """One maker: `kind` is program, public or own; `files` are what the corpus keeps of it."""

    pattern: str
    kind: str
    maker: str
    files: tuple[str, ...] = ()

    @property
    def is_made_in_numbers(self) -> bool:
        """False for the mails that were written one by one, each for a case of its own."""
        return self.maker != "written for its case"


def _rows() -> tuple[Source, ...]:
    found = _ROW.findall((_FOLDER / "SOURCES.md").read_text(encoding="utf-8"))
    return tuple(
        Source(pattern, kind, maker, tuple(_FILE.findall(files))) for pattern, kind, maker, files in found
    )


def _client_mails() -> frozenset[str]:
    clients = tomllib.loads((_FOLDER / "made_by" / "clients.toml").read_text(encoding="utf-8"))["client"]
    return frozenset(f"{client['name']}-{letter}" for client in clients for letter in client["letters"])


SOURCES = _rows()
_CLIENT_MAILS = _client_mails()


def source_of(name: str) -> Source:
    """Return the one source of a mail. Raises ValueError where two rows claim it."""
    claims = [source for source in SOURCES if fnmatchcase(name, source.pattern)]
    if len(claims) > 1:
        raise ValueError(f"{name}: claimed by {claims[0].pattern} and {claims[1].pattern}")
    maker = "after a client's habits" if name in _CLIENT_MAILS else "written for its case"
    return claims[0] if claims else Source(name, "own", maker)
