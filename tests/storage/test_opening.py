"""Opening: the right key, the right stamp, and no second one at work on the same."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.opening import CannotOpen, Opened, hold_node, open_storage
from storage.sealed import add_key, load_key_file, make_key_file

from .rows import accept, mail

NO_TRIAL, TRIAL = {"trial": "no"}, {"trial": "yes"}


@pytest.fixture
def used(empty_storage_url: str, tmp_path: Path) -> str:
    """Make a new service's database as `serve` does, use it, and close it."""
    storage = open_storage(empty_storage_url, tmp_path / "service.key", stamps=NO_TRIAL)
    accept(storage)
    storage.database.close()
    return empty_storage_url


def reopened(url: str, key_file: Path, stamps: dict[str, str] = NO_TRIAL) -> None:
    open_storage(url, key_file, stamps=stamps).database.close()


def test_a_new_database_is_made_with_its_key_and_opens_again(used: str, tmp_path: Path) -> None:
    storage = open_storage(used, tmp_path / "service.key", stamps=NO_TRIAL)
    assert mail(storage, 1).source == "smtp"
    storage.database.close()


def test_the_directories_of_a_new_file_are_made(tmp_path: Path) -> None:
    deep = tmp_path / "var" / "lib"
    reopened(f"sqlite:///{deep / 'hoshobin.db'}", deep / "keys" / "service.key")
    assert (deep / "hoshobin.db").exists()


def test_a_missing_key_beside_a_database_is_refused_and_no_new_one_is_made(used: str, tmp_path: Path) -> None:
    key = tmp_path / "service.key"
    key.unlink()
    with pytest.raises(CannotOpen, match=r"service\.key is missing beside an existing database.*backup"):
        reopened(used, key)
    assert not key.exists()


def test_the_key_of_another_service_is_refused(used: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    make_key_file(other)
    with pytest.raises(CannotOpen, match="stamped service key = "):
        reopened(used, other)


def test_a_rotated_key_is_still_the_key_of_this_service(used: str, tmp_path: Path) -> None:
    add_key(tmp_path / "service.key")
    reopened(used, tmp_path / "service.key")


def test_a_key_without_the_first_one_is_refused(used: str, tmp_path: Path) -> None:
    key = tmp_path / "service.key"
    add_key(key)
    newest = key.read_text().split()[0]
    key.write_text(newest + "\n")
    with pytest.raises(CannotOpen, match="it belongs to another service"):
        reopened(used, key)


def test_a_key_that_others_can_read_is_refused_with_the_command_that_helps(used: str, tmp_path: Path) -> None:
    key = tmp_path / "service.key"
    key.chmod(0o640)
    with pytest.raises(CannotOpen, match=f"can be read by others: chmod 600 {key}"):
        reopened(used, key)


def test_a_key_file_that_holds_no_key_is_refused_by_name(used: str, tmp_path: Path) -> None:
    key = tmp_path / "service.key"
    key.write_text("not a key\n")
    with pytest.raises(CannotOpen, match=str(key)):
        reopened(used, key)


@pytest.mark.parametrize("made", [NO_TRIAL, TRIAL], ids=["real", "trial"])
def test_a_trial_never_opens_a_real_database_nor_the_other_way(
    made: dict[str, str], empty_storage_url: str, tmp_path: Path
) -> None:
    key = tmp_path / "service.key"
    reopened(empty_storage_url, key, made)
    other = TRIAL if made == NO_TRIAL else NO_TRIAL
    expected = f"stamped trial = {made['trial']}, not {other['trial']}"
    with pytest.raises(CannotOpen, match=expected):
        reopened(empty_storage_url, key, other)
    reopened(empty_storage_url, key, made)


def test_a_refused_opening_leaves_no_connection_and_no_thread(used: str, tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(CannotOpen):
        reopened(used, tmp_path / "service.key", TRIAL)
    assert set(os.listdir("/proc/self/fd")) == before


def test_opening_leaves_the_program_its_own_logging(empty_storage_url: str, tmp_path: Path) -> None:
    """Migrations come with a logging set-up of their own that silences what was configured before."""
    loggers = [logging.getLogger("hoshobin.storage"), logging.getLogger()]
    before = [(one.level, one.disabled, list(one.handlers)) for one in loggers]
    reopened(empty_storage_url, tmp_path / "service.key")
    assert [(one.level, one.disabled, list(one.handlers)) for one in loggers] == before


def test_on_sqlite_there_is_one_serve_whatever_its_name(sqlite_url: str, key_file: Path) -> None:
    storage = open_storage(sqlite_url, key_file, stamps=NO_TRIAL)
    let_go = hold_node(storage.database, "a")
    try:
        for node in ("a", "b"):
            with pytest.raises(CannotOpen, match="another `hoshobin serve` has this database open"):
                hold_node(storage.database, node)
    finally:
        let_go()
    hold_node(storage.database, "b")()
    storage.database.close()


def test_the_command_line_may_write_while_serve_runs(fresh: Opened, key_file: Path) -> None:
    let_go = hold_node(fresh.database, "a")
    beside = open_storage(fresh.database.url, key_file, stamps=NO_TRIAL)
    assert accept(beside) == accept(fresh)
    beside.database.close()
    let_go()


@pytest.fixture
def nodes(postgres_url: str) -> Iterator[list[Database]]:
    """Two nodes of one service."""
    made = [Database(postgres_url) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_on_postgresql_two_nodes_need_two_names(nodes: list[Database]) -> None:
    let_go = hold_node(nodes[0], "a")
    with pytest.raises(CannotOpen, match=r"is node 'a': give each node its own \[service\] node"):
        hold_node(nodes[1], "a")
    hold_node(nodes[1], "b")()
    let_go()


def test_a_name_that_was_let_go_can_be_taken_at_once(nodes: list[Database]) -> None:
    """The lock belongs to its connection: given back to the pool that would hold the name for ever."""
    hold_node(nodes[0], "a")()
    let_go = hold_node(nodes[1], "a")
    let_go()


def test_the_name_of_a_node_is_held_through_a_failed_commit(nodes: list[Database]) -> None:
    let_go = hold_node(nodes[0], "a")
    nodes[0].engine.dispose()  # what the writer does when a commit fails
    with pytest.raises(CannotOpen):
        hold_node(nodes[1], "a")
    let_go()


def test_a_key_file_beside_no_database_yet_is_used(empty_storage_url: str, key_file: Path) -> None:
    """A start that was killed between key and first migration leaves just the key."""
    before = load_key_file(key_file).root_id
    storage = open_storage(empty_storage_url, key_file, stamps=NO_TRIAL)
    assert storage.sealer.root_id == before
    storage.database.close()
