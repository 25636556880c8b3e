"""Papers: unique by (of, version, kind), stored once; the first writer wins, a resend is byte-identical."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlmodel import Session

from storage.once import insert_once
from storage.sealed import Sealer
from storage.tables import DocumentBlob, DocumentRow, table

_DOCUMENT, _BLOB = table(DocumentRow), table(DocumentBlob)


@dataclass(frozen=True)
class StoredDocument:
    """One paper as it was stored."""

    file_name: str
    media_type: str
    data: bytes


def find(session: Session, sealer: Sealer, of: str, version: int, kind: str) -> StoredDocument | None:
    """Open one stored paper, None where it was never made."""
    row = session.execute(
        select(_DOCUMENT.c.file_name, _DOCUMENT.c.media_type, _BLOB.c.sealed)
        .join(_BLOB, _BLOB.c.document_id == _DOCUMENT.c.id)
        .where(_DOCUMENT.c.of == of, _DOCUMENT.c.version == version, _DOCUMENT.c.kind == kind)
    ).first()
    if row is None:
        return None
    return StoredDocument(row.file_name, row.media_type, sealer.unseal(row.sealed, _name(of, version, kind)))


def seal_document(sealer: Sealer, of: str, version: int, kind: str, data: bytes) -> bytes:
    """Seal the bytes of a paper, bound to what it is. Made outside the transaction."""
    return sealer.seal(data, _name(of, version, kind))


def store(
    session: Session,
    *,
    of: str,
    version: int,
    kind: str,
    file_name: str,
    media_type: str,
    size: int,
    sealed: bytes,
    now: datetime,
) -> bool:
    """Store a paper unless somebody was first; say whether this one was stored."""
    values = {
        "of": of,
        "version": version,
        "kind": kind,
        "file_name": file_name,
        "media_type": media_type,
        "created_at": now,
    }
    document_id = insert_once(session, _DOCUMENT, values, ["of", "version", "kind"], _DOCUMENT.c.id)
    if document_id is None:
        return False
    blob = {"document_id": document_id, "size": size, "sealed": sealed}
    session.execute(insert(_BLOB).values(blob))
    return True


def _name(of: str, version: int, kind: str) -> str:
    return f"document:{of}/{version}/{kind}"
