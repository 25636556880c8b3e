"""No secret stands in the database in plain text, and a rotation seals everything anew."""

import tomllib
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, select

from bot.config import build
from bot.ledger import RegisterKey
from bot.operations.rotation import rotate
from storage import changes, documents, inbox, ledger, letters
from storage.opening import Opened, open_storage
from storage.sealed import Sealer, load_key_file
from storage.tables import metadata

from .rows import NOW, accept, do, queued, writing, written

NUMBER = "2080001234"
SECRETS = {
    "mail": b"From: jimu@kensetsu.example.jp\r\n\r\nHIMITSU-NO-MAIL\r\n",
    "letter": b"Subject: x\r\n\r\nHIMITSU-NO-LETTER\r\n",
    "document": b"%PDF-1.7 HIMITSU-NO-DOCUMENT",
    "key": b"HIMITSU-NO-KEY",
}


@pytest.fixture
def filled(fresh: Opened) -> Opened:
    """Store one secret of each kind."""
    accept(fresh, SECRETS["mail"])
    queued(fresh)
    written(fresh, writing(fresh), SECRETS["letter"])
    sealed = documents.seal_document(fresh.sealer, "guarantee:1", 1, "key_notice", SECRETS["document"])
    paper = partial(documents.store, of="guarantee:1", version=1, kind="key_notice", file_name="a.pdf")
    do(fresh, partial(paper, media_type="application/pdf", size=1, sealed=sealed, now=NOW))
    secret = SecretStr(SECRETS["key"].decode())
    key = RegisterKey(guarantee_number=NUMBER, version=1, issuer="own", key=secret)
    do(fresh, lambda s: changes.apply(s, fresh.sealer, [key], NOW))
    return fresh


def everything(opened: Opened, sealer: Sealer) -> dict[str, bytes]:
    with opened.database.reading() as session:
        paper = documents.find(session, sealer, "guarantee:1", 1, "key_notice")
        assert paper is not None
        key = ledger.auth_key(session, sealer, NUMBER, 1)
        return {
            "mail": inbox.data_of(session, sealer, 1),
            "letter": letters.data_of(session, sealer, 1),
            "document": paper.data,
            "key": key.get_secret_value().encode(),
        }


def stored(opened: Opened) -> bytes:
    """Return all that the database holds, as bytes: SQLite's own files, or every column of every table."""
    file = make_url(opened.database.url).database
    if opened.database.url.startswith("sqlite"):
        assert file is not None
        return b"".join(Path(file + end).read_bytes() for end in ("", "-wal"))
    held: list[bytes] = []
    with opened.database.reading() as session:
        for rows in metadata.tables.values():
            for row in session.execute(select(rows)):
                held += [bytes(one) if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(held)


def test_mails_letters_papers_and_keys_never_stand_there_in_plain_text(filled: Opened) -> None:
    held = stored(filled)
    assert b"inbox:1:0:0" in held  # the search does look at what is stored
    assert b"HIMITSU" not in held
    assert everything(filled, filled.sealer) == SECRETS


def test_a_rotation_seals_everything_with_the_new_key(filled: Opened, key_file: Path) -> None:
    values = tomllib.loads((files("bot.operations") / "trial.toml").read_text(encoding="utf-8"))
    values["storage"] = {"url": filled.database.url, "key_file": str(key_file)}
    config = build(values, {}, "test")
    assert list(rotate(config))[-1] == (5, 5)
    after = load_key_file(key_file)
    assert after.current_id != filled.sealer.current_id
    newest_only = Sealer([bytes.fromhex(key_file.read_text().split()[0])])
    assert everything(filled, newest_only) == SECRETS
    assert b"HIMITSU" not in stored(filled)
    open_storage(filled.database.url, key_file, stamps={"trial": "no"}).database.close()
