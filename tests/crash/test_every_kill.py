"""One mail that changes something, and its letter: killed at every moment that matters, it ends the same.

Each job of the writer has a commit of its own here, so that no moment hides in the commit of another.
"""

from itertools import count

import pytest

from tests.crash.conftest import FreshStorage
from tests.crash.ending import End
from tests.crash.fork_server import ForkServer
from tests.crash.points import Kill, Kind, When
from tests.crash.story import Mail, Story

SENDER = "soumu@iyo-kensetsu.example"
STORY = (Mail(SENDER, "停止"),)
NOTE = f"stop for {SENDER}"
PROOF = {"note": NOTE, "proof": "full", "how": "DKIM of iyo-kensetsu.example, aligned, by our border"}
STORED = {"address": SENDER, "roles": ["申込できる"], "stopped": True}
END = End(
    mails=((SENDER, "停止", "done", NOTE, 0),),
    letters=(("stopped", SENDER, "【保証便】ご案内メールを停止しました", "sent", ""),),
    stopped=(SENDER,),
    journal=(
        ("service", "mail done", SENDER, (SENDER, "停止"), PROOF),
        ("service", "mailbox stored", SENDER, (SENDER, "停止"), STORED),
    ),
    faults=(),
)
COMMITS = [  # what each changes, among other things
    "migrate",
    "insert stamp",
    "insert party",
    "insert inbox",  # accepted
    "update inbox",  # claimed
    "update mailbox",  # decided
    "update letter",  # claimed to be written
    "insert letter_blob",  # written
    "update letter",  # claimed to be sent
    "update letter",  # about to be sent
    "update letter",  # sent
]
RELAY_WRITES = ["ehlo", "mail", "rcpt", "data", "body", "quit"]
POINTS: dict[Kind, list[str]] = {"commit": COMMITS, "relay": RELAY_WRITES}
CLAIMED, WRITING, SENDING = 5, 7, 10

pytestmark = pytest.mark.slow


def tell(server: ForkServer, storage: FreshStorage, *kills: Kill) -> tuple[int, int]:
    """Tell the story and look at its end; return how many lives died and how many letters came again."""
    with Story(server, *storage(), STORY, jobs_in_a_commit=1) as story:
        died = story.tell(kills)
        assert story.end() == END, story.trail
        return died, story.repeats().total()


def test_the_moments_of_the_story_are_known(fork_server: ForkServer, fresh_storage: FreshStorage) -> None:
    with Story(fork_server, *fresh_storage(), STORY, jobs_in_a_commit=1) as story:
        story.tell([])
        passed = story.lives.trails[0]
    for kind, points in POINTS.items():
        for when in ("before", "after"):
            mine = [one for one in passed if one.startswith(f"{when} {kind}")]
            assert len(mine) == len(points)
            assert all(what in one for one, what in zip(mine, points, strict=True)), mine


@pytest.mark.parametrize(
    ("kind", "when", "repeats"),
    [
        ("commit", "before", 1),  # before the mark that it was sent
        ("commit", "after", 0),
    ],
)
def test_a_death_at_any_commit_changes_nothing_of_the_end(
    fork_server: ForkServer, fresh_storage: FreshStorage, kind: Kind, when: When, repeats: int
) -> None:
    """For N = 1, 2, 3 … until the story has no N-th commit left to die at.

    A letter comes again only where the death fell between its last byte and our mark.
    """
    _die_everywhere(fork_server, fresh_storage, kind, when, repeats)


@pytest.mark.parametrize(
    ("fresh_storage", "when", "repeats"),
    [("sqlite", "before", 0), ("postgresql", "after", 1)],  # 1: after its last dot
    indirect=["fresh_storage"],
)
def test_a_death_at_any_write_to_the_relay_changes_nothing_of_the_end(
    fork_server: ForkServer, fresh_storage: FreshStorage, when: When, repeats: int
) -> None:
    """No transaction is open while the relay is written to: which database it is makes no difference."""
    _die_everywhere(fork_server, fresh_storage, "relay", when, repeats)


def _die_everywhere(
    fork_server: ForkServer, fresh_storage: FreshStorage, kind: Kind, when: When, repeats: int
) -> None:
    repeated = 0
    for n in count(1):
        died, again = tell(fork_server, fresh_storage, Kill(kind=kind, when=when, n=n))
        repeated += again
        if not died:
            break
    assert n - 1 == len(POINTS[kind])
    assert repeated == repeats


@pytest.mark.parametrize("n", [CLAIMED, WRITING, SENDING])
def test_a_second_death_on_the_way_back_changes_nothing(
    fork_server: ForkServer, fresh_storage: FreshStorage, n: int
) -> None:
    """The first dies with something in hand, the second where it has just let go of that."""
    first, second = Kill(kind="commit", when="after", n=n), Kill(kind="commit", when="after", n=1)
    assert tell(fork_server, fresh_storage, first, second) == (2, 0)


def test_three_deaths_after_the_last_dot_give_three_repeats(
    fork_server: ForkServer, fresh_storage: FreshStorage
) -> None:
    kill = Kill(kind="relay", when="after", n=RELAY_WRITES.index("body") + 1)
    assert tell(fork_server, fresh_storage, kill, kill, kill) == (3, 3)
