"""A mailbox on holiday: Postfix between us and a Dovecot whose Sieve answers by itself; no loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemons import serving, until, write_config
from tests.dovecot import Dovecot, dovecot
from tests.interop.guide import snippet
from tests.interop.mta import Mta, mta
from tests.interop.post import BUILDER, DESK, DIRECTORY, inbox_states, letter_states, swaks
from tests.postfix import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]

VACATION = """\
require ["vacation"];
vacation :days 1 :subject "休暇中です" :addresses ["{address}"] "ただいま休暇中です。状況\\n一覧\\n";
"""


@dataclass(frozen=True)
class World:
    """Everybody between whom a mail can go round."""

    postfix: Mta
    dovecot: Dovecot
    directory: Path

    def mails(self) -> list[bytes]:
        """Return what is in the builder's mailbox."""
        box = self.dovecot.root / "mail" / BUILDER / "Maildir"
        return [path.read_bytes() for name in ("new", "cur") for path in (box / name).glob("*")]

    def settle(self) -> None:
        """Wait until nobody has anything in hand: each mail decided, each letter sent, the queue empty."""
        until(self._is_settled, f"everything to come to rest:\n{self.postfix.log()}")

    def _is_settled(self) -> bool:
        decided = set(inbox_states(self.directory)) <= {"done", "ignored", "refused", "held", "parked"}
        return decided and set(letter_states(self.directory)) <= {"sent"} and self.postfix.waiting() == 0


@contextmanager
def world(directory: Path) -> Iterator[World]:
    """Connect all: Postfix knows the way to the desk (us, by SMTP) and to the builder (Dovecot, by LMTP)."""
    ours, hub = free_port(), free_port()
    with dovecot(submission=f"127.0.0.1:{hub}") as boxes:
        ways = f"{{ hoshobin.example = smtp:[127.0.0.1]:{ours} }}"
        ways += f" {{ iyo-kensetsu.example = lmtp:inet:127.0.0.1:{boxes.lmtp_port} }}"
        main = snippet("main.cf by smtp", transport_maps=f"inline:{{ {ways} }}")
        main = main.replace("relay_domains =", "relay_domains = iyo-kensetsu.example")
        main = main.replace("relay_recipient_maps = ", "unused_recipient_maps = ")
        with mta(main, {"hoshobin_header_checks": snippet("hoshobin_header_checks")}, port=hub) as postfix:
            boxes.sieve(BUILDER, VACATION.format(address=BUILDER))
            config = write_config(
                directory,
                f"smtp://127.0.0.1:{postfix.port}",
                service={"directory": DIRECTORY},
                smtp={"listen": f"127.0.0.1:{ours}"},
            )
            with serving(directory, ["--config", str(config)]):
                yield World(postfix, boxes, directory)


def test_a_letter_of_ours_is_not_answered_by_a_mailbox_on_holiday(tmp_path: Path) -> None:
    """Our letters say Auto-Submitted: Pigeonhole keeps quiet (RFC 5230 §4.6)."""
    with world(tmp_path) as around:
        swaks(around.postfix, "--header", "Subject: 状況", "--body", "状況")
        until(lambda: len(around.mails()) == 1, f"our letter in the mailbox:\n{around.postfix.log()}")
        around.settle()
        assert b"Auto-Submitted: auto-replied" in around.mails()[0]
        assert "discarding vacation response to auto-submitted message" in around.dovecot.log()
        assert len(inbox_states(tmp_path)) == 1
        assert letter_states(tmp_path) == ["sent"]


def test_an_automatic_answer_that_does_come_is_not_answered_by_us(tmp_path: Path) -> None:
    """A mail in our name without Auto-Submitted has the responder write to the desk, commands and all."""
    with world(tmp_path) as around:
        head = ["--header", "Subject: お知らせ", "--h-From", DESK, "--body", "お知らせです"]
        swaks(around.postfix, "--to", BUILDER, *head, sender=DESK)
        until(lambda: len(inbox_states(tmp_path)) == 1, f"the answer at our door:\n{around.postfix.log()}")
        around.settle()
        assert inbox_states(tmp_path) == ["ignored"]
        assert letter_states(tmp_path) == []
        assert len(around.mails()) == 1
        assert around.postfix.count("sent") == 2
