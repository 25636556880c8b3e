"""Two nodes on one database: nothing twice, nothing lost, nobody waits who need not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event, Lock
from typing import TypeVar

import pytest
from sqlmodel import Session

from storage import inbox, letters
from storage.database import Database
from storage.inbox import Claim
from storage.opening import Opened
from storage.states import InboxState

from .rows import KENSETSU, KOMUTEN, LEASE, NOW, PATIENCE, accept, arrival, hold, mail, queue, ready, taken

T = TypeVar("T")


@pytest.fixture
def nodes(opened: Opened) -> Iterator[list[Opened]]:
    """Two programs that have the same database open, each with a writer of its own."""
    made = [Opened(Database(opened.database.url), opened.sealer) for _ in range(2)]
    yield made
    for node in made:
        node.database.close()


def at_once(nodes: list[Opened], work: Callable[[Opened], T]) -> list[T]:
    """Do the same work on both nodes at once."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, nodes))


def test_a_mail_that_two_nodes_accept_at_once_is_one_mail(opened: Opened, nodes: list[Opened]) -> None:
    """A client that lost its 250 tries again at the other node while the first still commits."""
    arrivals = [arrival(opened.sealer, b"%d" % n) for n in range(20)]
    together = Barrier(2)

    def accept_all(node: Opened) -> list[int]:
        got = []
        for new in arrivals:
            together.wait(PATIENCE)
            got.append(node.database.write(partial(inbox.accept, new=new)))
        return got

    one, two = at_once(nodes, accept_all)
    assert one == two


def test_two_workers_share_the_mails_and_never_hold_one_together(opened: Opened, nodes: list[Opened]) -> None:
    """On PostgreSQL these are two connections with SKIP LOCKED, on SQLite two that wait for each other."""
    senders = [KENSETSU, KOMUTEN, ""]
    for n in range(30):
        accept(opened, b"%d" % n, sender=senders[n % 3])
    held: set[int] = set()
    decided: list[tuple[str, int]] = []
    guard = Lock()

    def work(node: Opened) -> None:
        idle = 0
        while idle < 50 and len(decided) < 30:
            claim = partial(inbox.claim, node=str(nodes.index(node)), now=NOW, lease=LEASE)
            mine = node.database.write(claim)
            if mine is None:
                idle += 1
                continue
            with guard:
                assert mine.inbox_id not in held
                held.add(mine.inbox_id)
            node.database.write(partial(inbox.still_mine, claim=mine))
            with guard:
                held.discard(mine.inbox_id)
                decided.append((mine.envelope["mail_from"], mine.inbox_id))
            node.database.write(partial(inbox.finish, claim=mine, target=InboxState.DONE, now=NOW))

    at_once(nodes, work)
    assert len(set(decided)) == len(decided) == 30
    for sender in (KENSETSU, KOMUTEN):
        of_sender = [inbox_id for who, inbox_id in decided if who == sender]
        assert of_sender == sorted(of_sender)


@pytest.mark.parametrize("opened", ["postgresql"], indirect=True)
def test_a_node_does_not_wait_for_a_mail_that_another_is_just_claiming(
    opened: Opened, nodes: list[Opened]
) -> None:
    first, second = accept(opened, b"1", sender=""), accept(opened, b"2", sender="")
    claiming, go_on = Event(), Event()

    def slow(session: Session) -> Claim | None:
        found = inbox.claim(session, "two", NOW, LEASE)
        claiming.set()
        assert go_on.wait(PATIENCE)
        return found

    theirs = nodes[1].database.submit(slow)
    try:
        assert claiming.wait(PATIENCE)
        ours = nodes[0].database.submit(partial(inbox.claim, node="one", now=NOW, lease=LEASE))
        mine = ours.result(PATIENCE / 2)
    finally:
        go_on.set()
    got = theirs.result(PATIENCE)
    assert mine is not None
    assert got is not None
    assert (got.inbox_id, mine.inbox_id) == (first, second)


def test_wrong_codes_that_two_nodes_see_at_once_each_take_a_try(opened: Opened, nodes: list[Opened]) -> None:
    inbox_id = accept(opened)
    hold(opened, taken(opened), tries=21)

    def ten_times(node: Opened) -> None:
        for _ in range(10):
            node.database.write(lambda s: inbox.wrong_code(s, inbox_id, NOW))

    at_once(nodes, ten_times)
    assert mail(opened, inbox_id).held["tries_left"] == 1


def test_one_cause_that_two_nodes_see_at_once_writes_once(nodes: list[Opened]) -> None:
    """A letter of which there may be one a day can be caused by mails that two nodes decide together."""
    together = Barrier(2)

    def queue_all(node: Opened) -> list[int | None]:
        got = []
        for n in range(20):
            together.wait(PATIENCE)
            got.append(queue(node, f"digest:{n}"))
        return got

    one, two = at_once(nodes, queue_all)
    assert all((a is None) != (b is None) for a, b in zip(one, two, strict=True))


def test_two_senders_share_the_letters_and_never_hold_one_together(
    opened: Opened, nodes: list[Opened]
) -> None:
    recipients = [KENSETSU, KOMUTEN, "c@komuten.example.jp"]
    for n in range(24):
        ready(opened, f"inbox:{n}:0:0", recipients[n % 3])
    sent: list[tuple[str, int]] = []

    def work(node: Opened) -> None:
        idle = 0
        while idle < 50 and len(sent) < 24:
            claim = partial(letters.claim_to_send, node=str(nodes.index(node)), now=NOW, lease=LEASE)
            mine = node.database.write(claim)
            if mine is None:
                idle += 1
                continue
            node.database.write(partial(letters.sending, claim=mine))
            sent.append((mine.recipient, mine.letter_id))
            node.database.write(partial(letters.sent, claim=mine, now=NOW))

    at_once(nodes, work)
    assert len(set(sent)) == len(sent) == 24
    for recipient in recipients:
        to_one = [letter_id for who, letter_id in sent if who == recipient]
        assert to_one == sorted(to_one)
