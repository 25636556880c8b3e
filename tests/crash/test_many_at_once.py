"""Many mails at once, whose jobs share commits: killed from outside again and again, they end the same."""

import random

import pytest

from tests.crash.conftest import FreshStorage
from tests.crash.fork_server import ForkServer
from tests.crash.story import Mail, Story, Strike

SENDERS = (
    "soumu@iyo-kensetsu.example",
    "genba@iyo-kensetsu.example",
    "saeki@tokuyama-sekkei.example",
    "keiyaku@city.iyonada.lg.example",
    "kensetsu@city.iyonada.lg.example",
    "keiyaku@city.matsuyama.lg.example",
    "shinsa@surety.example",
    "kessai@surety.example",
)
DEATHS = 4


@pytest.mark.slow
def test_deaths_amid_shared_commits_change_nothing_of_the_end(
    fork_server: ForkServer, fresh_storage: FreshStorage
) -> None:
    """The moments are drawn, then blurred by the time a signal takes; what must hold is the same for all."""
    drawn = random.Random(20261122)
    with Story(fork_server, *fresh_storage(), [Mail(one, "停止") for one in SENDERS]) as story:
        assert story.tell([Strike(drawn.randint(5, 25)) for _ in range(DEATHS)]) == DEATHS
        end = story.end()
        assert [one[:3] for one in end.mails] == sorted((one, "停止", "done") for one in SENDERS), story.trail
        assert [one[1] for one in end.letters if one[3] == "sent"] == sorted(SENDERS), story.trail
        assert end.stopped == tuple(sorted(SENDERS))
        assert len(end.journal) == 2 * len(SENDERS), "each mail, and each mailbox that it stopped"
        assert not end.faults
        story.repeats()
