"""The journal: what was changed or taken out shows, what may be forgotten can be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest
from sqlalchemy import Table, delete, update
from sqlmodel import Session

from storage import journal
from storage.database import Database
from storage.opening import Opened
from storage.tables import JournalDetail, JournalRow, table

from .rows import NOW, busy_writer, do

CASE = "R8-01234-7KQ4"
ROWS, DETAILS = table(JournalRow), table(JournalDetail)


def append(database: Database, chain: str = CASE, event: str = "mail done", **detail: object) -> None:
    database.write(
        lambda s: journal.append(s, chain, event, at=NOW, actor="a", cause="inbox:1", detail=detail)
    )


def faults(opened: Opened) -> list[str]:
    with opened.database.reading() as session:
        return journal.faults(session)


@pytest.fixture
def written(opened: Opened) -> Opened:
    """Three lines of one case and two of the service."""
    for n in range(3):
        append(opened.database, CASE, f"mail {n}", note=f"証書 {n}")
    for n in range(2):
        append(opened.database, journal.SERVICE, f"settings {n}", note="x")
    return opened


def change(opened: Opened, rows: Table, seq: int, **values: object) -> None:
    def job(session: Session) -> None:
        ids = ROWS.c.id if rows is ROWS else DETAILS.c.journal_id
        session.execute(update(rows).where(ids == seq).values(**values))

    do(opened, job)


def remove(opened: Opened, seq: int, *, row_too: bool) -> None:
    def job(session: Session) -> None:
        session.execute(delete(DETAILS).where(DETAILS.c.journal_id == seq))
        if row_too:
            session.execute(delete(ROWS).where(ROWS.c.id == seq))

    do(opened, job)


def test_each_chain_counts_from_one_and_is_whole(written: Opened) -> None:
    with written.database.reading() as session:
        case = [(row.seq, row.event, detail) for row, detail in journal.lines(session, CASE)]
        service = [row.seq for row, _ in journal.lines(session, journal.SERVICE)]
    assert case == [(n + 1, f"mail {n}", {"note": f"証書 {n}"}) for n in range(3)]
    assert service == [1, 2]
    assert faults(written) == []


@pytest.mark.parametrize(
    "values",
    [
        {"event": "mail 9"},
        {"actor": "somebody else"},
        {"cause": "inbox:2"},
        {"at": NOW + timedelta(microseconds=1)},
        {"detail_digest": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_row_is_found(written: Opened, values: dict[str, object]) -> None:
    change(written, ROWS, 2, **values)
    assert f"journal {CASE} #2: the chain is broken here" in faults(written)


def test_a_row_removed_from_the_middle_is_found_at_the_next(written: Opened) -> None:
    remove(written, 2, row_too=True)
    assert faults(written) == [f"journal {CASE} #3: the chain is broken here"]


def test_a_first_row_removed_is_found(written: Opened) -> None:
    remove(written, 1, row_too=True)
    assert faults(written) == [f"journal {CASE} #2: the chain is broken here"]


def test_a_row_moved_to_another_chain_is_found(written: Opened) -> None:
    change(written, ROWS, 3, chain=journal.SERVICE)
    assert f"journal {journal.SERVICE} #3: the chain is broken here" in faults(written)


def test_changed_details_are_found(written: Opened) -> None:
    change(written, DETAILS, 2, detail={"note": "認証キー"})
    assert faults(written) == [f"journal {CASE} #2: the details were changed"]


def test_details_can_be_erased_and_the_chain_stays_whole(written: Opened) -> None:
    remove(written, 2, row_too=False)
    assert faults(written) == []
    with written.database.reading() as session:
        details = [detail for _, detail in journal.lines(session, CASE)]
    assert details == [{"note": "証書 0"}, None, {"note": "証書 2"}]
    append(written.database, CASE, "mail 3")
    assert faults(written) == []


def test_equal_details_have_different_digests(written: Opened) -> None:
    """Erased details must not be found again by trying what they may have been."""
    with written.database.reading() as session:
        digests = {row.detail_digest for row, _ in journal.lines(session, journal.SERVICE)}
    assert len(digests) == 2


def test_a_moment_given_in_tokyo_time_leaves_the_chain_whole(opened: Opened) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    do(opened, lambda s: journal.append(s, CASE, "x", at=tokyo, actor="a", cause="c"))
    assert faults(opened) == []


def test_lines_of_one_transaction_follow_each_other(opened: Opened) -> None:
    with busy_writer(opened.database):
        jobs = [
            opened.database.submit(lambda s: journal.append(s, CASE, "x", at=NOW, actor="a", cause="c"))
            for _ in range(10)
        ]
    for job in jobs:
        job.result()
    with opened.database.reading() as session:
        assert [row.seq for row, _ in journal.lines(session, CASE)] == list(range(1, 11))
    assert faults(opened) == []


def test_two_nodes_append_to_one_chain_at_once_and_neither_fails(opened: Opened) -> None:
    """All nodes share the chain of the service: a collision would count as a fault of ours."""
    nodes = [Database(opened.database.url) for _ in range(2)]

    def twenty(node: Database) -> None:
        for n in range(20):
            append(node, journal.SERVICE, f"mail {n}")

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(twenty, nodes))
    finally:
        for node in nodes:
            node.close()
    with opened.database.reading() as session:
        assert [row.seq for row, _ in journal.lines(session, journal.SERVICE)] == list(range(1, 41))
    assert faults(opened) == []
