"""Papers: the first writer wins, and every resend is byte-identical."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from storage import documents
from storage.database import Database
from storage.documents import StoredDocument
from storage.opening import Opened
from storage.sealed import KeyMissing

from .rows import NOW, PATIENCE, do

OF = "guarantee:2080001234"


def store(
    opened: Opened, data: bytes, of: str = OF, version: int = 1, kind: str = "key_notice", name: str = "a.pdf"
) -> bool:
    sealed = documents.seal_document(opened.sealer, of, version, kind, data)
    job = partial(
        documents.store,
        of=of,
        version=version,
        kind=kind,
        file_name=name,
        media_type="application/pdf",
        size=len(data),
        sealed=sealed,
        now=NOW,
    )
    return do(opened, job)


def find(opened: Opened, of: str = OF, version: int = 1, kind: str = "key_notice") -> StoredDocument | None:
    with opened.database.reading() as session:
        return documents.find(session, opened.sealer, of, version, kind)


def test_a_paper_that_was_never_made_is_not_found(opened: Opened) -> None:
    assert find(opened) is None


def test_the_first_writer_wins_and_a_resend_is_byte_identical(opened: Opened) -> None:
    assert store(opened, b"%PDF-1.7 first", name="first.pdf")
    assert not store(opened, b"%PDF-1.7 second", name="second.pdf")
    assert find(opened) == StoredDocument("first.pdf", "application/pdf", b"%PDF-1.7 first")
    assert find(opened) == find(opened)


def test_another_subject_version_or_rendition_is_another_paper(opened: Opened) -> None:
    assert store(opened, b"1")
    assert store(opened, b"2", version=2)
    assert store(opened, b"3", kind="certificate_contractor")
    assert store(opened, b"4", of="guarantee:2080001235")
    found = [find(opened), find(opened, version=2), find(opened, kind="certificate_contractor")]
    assert [one.data for one in found if one is not None] == [b"1", b"2", b"3"]


def test_bytes_sealed_for_one_paper_do_not_open_as_another(opened: Opened) -> None:
    sealed = documents.seal_document(opened.sealer, OF, 1, "key_notice", b"%PDF")
    wrong = partial(documents.store, of=OF, version=2, kind="key_notice", file_name="a.pdf", size=4)
    do(opened, partial(wrong, media_type="application/pdf", sealed=sealed, now=NOW))
    with pytest.raises(KeyMissing, match="do not belong to document:guarantee:2080001234/2/key_notice"):
        find(opened, version=2)


def test_of_two_writers_at_once_exactly_one_wins(opened: Opened) -> None:
    nodes = [Opened(Database(opened.database.url), opened.sealer) for _ in range(2)]
    together = Barrier(2)

    def store_all(node: Opened) -> list[bool]:
        won = []
        for version in range(1, 11):
            together.wait(PATIENCE)
            won.append(store(node, b"%d" % nodes.index(node), version=version))
        return won

    try:
        with ThreadPoolExecutor(2) as pool:
            one, two = pool.map(store_all, nodes)
    finally:
        for node in nodes:
            node.database.close()
    assert all(a != b for a, b in zip(one, two, strict=True))
    for version, first_won in enumerate(one, start=1):
        found = find(opened, version=version)
        assert found is not None
        assert found.data == (b"0" if first_won else b"1")
