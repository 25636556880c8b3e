"""Two nodes read one mailbox at once: every mail is taken in once, whoever is quicker. On both databases."""

from pathlib import Path

import pytest

from storage.opening import Opened
from tests.daemons import until
from tests.intake.imap_door import door, inbox, mail, noted, settings_for
from tests.intake.imap_stand_in import EVERYTHING, provider

MAILS = 40


@pytest.mark.parametrize("after", ["flag", "move"])
def test_two_nodes_take_each_mail_in_once(opened: Opened, tmp_path: Path, after: str) -> None:
    """No lock is needed: the inbox is keyed by the bytes, the record by (folder, UIDVALIDITY, UID)."""
    changes = {"after": after, "processed_folder": "done" if after == "move" else ""}
    with provider(*EVERYTHING) as server:
        for number in range(MAILS):
            server.deliver(mail(number))
        settings = settings_for(server, tmp_path, full_pass_seconds=0.2, **changes)
        with door(opened, settings), door(opened, settings):
            until(lambda: len(noted(opened)) == MAILS and all(one[2] for one in noted(opened)), "all", 20)
            for number in range(MAILS, MAILS + 5):
                server.deliver(mail(number))
            until(lambda: len(noted(opened)) == MAILS + 5, "what came later", 20)
        assert len(inbox(opened)) == MAILS + 5
        assert sorted(one[1] for one in noted(opened)) == list(range(1, MAILS + 6))
        if after == "move":
            kept = server.folders["done"].mails + server.inbox.mails
            assert {one.data for one in kept} == {mail(number) for number in range(MAILS + 5)}
