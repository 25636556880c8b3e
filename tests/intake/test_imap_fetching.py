"""The mailbox door in good weather: what is fetched, in which order, and what is done with it afterwards."""

import hashlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.clock import FixedClock
from bot.intake.imap_pass import moment_of
from bot.mail import Envelope
from storage import inbox as inbox_table
from storage.opening import Opened
from storage.tables import FetchedRow
from tests.daemons import until
from tests.intake.imap_door import DESK, door, inbox, mail, noted, settings_for, state
from tests.intake.imap_stand_in import EVERYTHING, MOMENT, Folder, Provider, provider

NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One kind of database is enough here; two nodes are tested on both."""
    return sqlite_url


@pytest.fixture
def server() -> Iterator[Provider]:
    with provider(*EVERYTHING) as running:
        yield running


def test_what_lies_in_the_folder_is_taken_in_in_order_and_flagged(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    for number in range(3):
        server.deliver(mail(number))
    with door(opened, settings_for(server, tmp_path), clock=FixedClock(NOW)):
        until(lambda: [one[2] for one in noted(opened)] == [True] * 3, "three mails to be filed")
        until(lambda: state(opened) is not None, "a pass")
    rows = inbox(opened)
    with Session(opened.database.readers) as session:
        found = [inbox_table.data_of(session, opened.sealer, row.id or 0) for row in rows]
    assert found == [mail(number) for number in range(3)]
    assert [one.flags for one in server.inbox.mails] == [{r"\Seen", "$HoshobinTaken"}] * 3
    envelope = Envelope.model_validate(rows[0].envelope)
    assert (envelope.source, envelope.account, envelope.mail_from) == ("imap", "main", "")
    assert (envelope.recipients, envelope.received_at) == ((DESK,), MOMENT)
    assert rows[0].order_key is None


def test_a_mail_is_pushed_while_we_idle(server: Provider, opened: Opened, tmp_path: Path) -> None:
    with door(opened, settings_for(server, tmp_path)):
        until(server.idling, "IDLE")
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)
        until(server.idling, "IDLE again")
        server.deliver(mail(2))
        until(lambda: len(inbox(opened)) == 2, "the next mail", 5)
    assert server.connections == 1


def test_a_mail_that_others_have_read_is_taken_in_all_the_same(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """A flag says what people did with a mail, never whether we have it."""
    server.deliver(mail(1), flags={r"\Seen", "$HoshobinTaken"})
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 1, "the mail")


def test_what_is_known_is_not_fetched_again_after_a_restart(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1))
    for _ in range(2):
        with door(opened, settings_for(server, tmp_path)):
            until(server.idling, "IDLE")
    assert len([one for one in server.said("UID FETCH") if "BODY" in one]) == 1
    assert len(server.said("UID STORE")) == 1


def test_with_keep_nothing_is_changed_at_the_provider(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1))
    with door(opened, settings_for(server, tmp_path, after="keep")):
        until(lambda: noted(opened) == [(1, 1, True)], "the mail to be noted")
        until(server.idling, "IDLE")
    assert server.said("EXAMINE")
    assert not server.said("SELECT")
    assert not server.said("UID STORE")


@pytest.mark.parametrize(
    ("capabilities", "command"), [(EVERYTHING, "UID MOVE"), (("IDLE", "UIDPLUS"), "UID EXPUNGE")]
)
def test_mails_are_moved_into_a_folder_that_is_made_where_it_is_missing(
    opened: Opened, tmp_path: Path, capabilities: tuple[str, ...], command: str
) -> None:
    with provider(*capabilities) as server:
        server.deliver(mail(1))
        with door(opened, settings_for(server, tmp_path, after="move", processed_folder="処理済")):
            until(lambda: noted(opened) == [(1, 1, True)], "the mail to be moved")
        assert server.inbox.mails == []
        assert server.said("CREATE") == ['CREATE "&UeZ0Bm4I-"']
        [moved] = next(box for name, box in server.folders.items() if name != "INBOX").mails
        assert moved.data == mail(1)
        assert server.said(command)


def test_a_move_without_move_takes_nobody_elses_deleted_mails(opened: Opened, tmp_path: Path) -> None:
    with provider("IDLE", "UIDPLUS") as server:
        server.deliver(mail(1))
        settings = settings_for(server, tmp_path, after="move", processed_folder="done")
        with door(opened, settings):
            until(lambda: noted(opened) == [(1, 1, True)], "the mail to be moved")
            server.inbox.mails.append(type(server.folders["done"].mails[0])(7, mail(7), flags={r"\Deleted"}))
            server.deliver(mail(2))
            until(lambda: len(inbox(opened)) >= 2, "the second")
        assert server.said("UID EXPUNGE")
        assert not server.said("EXPUNGE")


def test_where_a_server_can_neither_move_nor_expunge_by_uid_mails_are_flagged(
    opened: Opened, tmp_path: Path
) -> None:
    """A plain EXPUNGE would take what other people only marked."""
    with provider("IDLE") as server:
        server.deliver(mail(1))
        with door(opened, settings_for(server, tmp_path, after="move", processed_folder="done")):
            until(lambda: noted(opened) == [(1, 1, True)], "the mail to be filed")
        assert server.mail(1).flags == {r"\Seen", "$HoshobinTaken"}
        assert not server.said("UID COPY")


def test_without_room_for_keywords_a_mail_is_flagged_as_read(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.inbox.permanent = r"\Seen \Flagged"
    server.deliver(mail(1))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: noted(opened) == [(1, 1, True)], "the mail to be filed")
    assert server.mail(1).flags == {r"\Seen"}


def test_without_idle_the_server_is_asked_every_so_often(opened: Opened, tmp_path: Path) -> None:
    with provider() as server, door(opened, settings_for(server, tmp_path, poll_seconds=0.1)):
        until(lambda: len(server.said("NOOP")) >= 2, "questions")
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)
        assert not server.said("IDLE")


def test_after_a_change_of_uidvalidity_all_is_looked_at_and_nothing_acted_on_twice(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """Peers double mail by ignoring UIDVALIDITY, or lose what came under a UID that they knew."""
    for number in (1, 2):
        server.deliver(mail(number))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(noted(opened)) == 2 and server.idling(), "both")
    old = server.inbox
    server.folders["INBOX"] = Folder(uidvalidity=2)
    for data in (mail(3), *(one.data for one in old.mails)):
        server.deliver(data)
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(noted(opened)) == 5, "all to be looked at again")
    assert len(inbox(opened)) == 3
    assert [one[:2] for one in noted(opened)] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)]


def test_a_mail_in_two_of_our_mailboxes_is_one_mail(server: Provider, opened: Opened, tmp_path: Path) -> None:
    server.folders["info"] = Folder(uidvalidity=9)
    server.deliver(mail(1))
    server.deliver(mail(1), "info")
    both = [settings_for(server, tmp_path), settings_for(server, tmp_path, name="second", folder="info")]
    with door(opened, *both):
        until(lambda: len(noted(opened)) == 2, "both mailboxes")
    assert len(inbox(opened)) == 1


def test_a_mail_that_is_too_big_stays_is_marked_and_is_seen(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.deliver(mail(1, 20_000))
    server.deliver(mail(2))
    with door(opened, settings_for(server, tmp_path, max_bytes=10_000)):
        until(lambda: len(inbox(opened)) == 1 and state(opened) is not None, "the small one")
    found = state(opened)
    assert found is not None
    assert found.left == (1,)
    assert server.mail(1).flags == {r"\Flagged", "$HoshobinTooBig"}
    assert "mail UID 1 (20002 bytes) is bigger than smtp.max_bytes" in caplog.text


def test_a_raised_limit_brings_in_what_was_too_big(server: Provider, opened: Opened, tmp_path: Path) -> None:
    server.deliver(mail(1, 20_000))
    with door(opened, settings_for(server, tmp_path, max_bytes=10_000)):
        until(lambda: state(opened) is not None, "a pass")
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 1, "the big one")
        until(server.idling, "the end of the pass")
    found = state(opened)
    assert found is not None
    assert (found.left, found.unfiled) == ((), 0)


def test_what_was_too_big_and_is_taken_away_worries_nobody_any_more(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1, 20_000))
    settings = settings_for(server, tmp_path, max_bytes=10_000)
    with door(opened, settings):
        until(lambda: state(opened) is not None, "a pass")
    server.remove(1)
    with door(opened, settings):
        until(server.idling, "a pass")
    found = state(opened)
    assert found is not None
    assert found.left == ()


def test_the_pass_is_repeated_and_noted_for_health(server: Provider, opened: Opened, tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    with door(opened, settings_for(server, tmp_path, full_pass_seconds=0.1), clock=clock):
        until(lambda: state(opened) is not None, "a first pass")
        clock.advance(timedelta(minutes=5))

        def again() -> bool:
            found = state(opened)
            return found is not None and found.passed_at == NOW + timedelta(minutes=5)

        until(again, "another pass")


def test_stopping_takes_less_than_two_seconds_while_idling(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    with door(opened, settings_for(server, tmp_path)) as running:
        until(server.idling, "IDLE")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 2
    assert server.said("LOGOUT")
    assert not [one.name for one in threading.enumerate() if one.name.startswith("imap-")]


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (NOW - timedelta(hours=5), NOW - timedelta(hours=5)),
        ((NOW - timedelta(hours=5)).astimezone(timezone(timedelta(hours=9))), NOW - timedelta(hours=5)),
        (NOW + timedelta(minutes=1), NOW),
        (NOW - timedelta(days=400), NOW),
        (datetime(2026, 10, 1, 0, 0), NOW),  # noqa: DTZ001 : what a provider without zones would say
        (None, NOW),
    ],
)
def test_a_mail_arrived_when_the_provider_took_it_unless_that_cannot_be(
    said: datetime | None, taken: datetime
) -> None:
    assert moment_of(said, NOW) == taken


def test_the_note_holds_the_digest_of_the_bytes(server: Provider, opened: Opened, tmp_path: Path) -> None:
    server.deliver(mail(1))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(noted(opened)) == 1, "the mail")
    with opened.database.reading() as session:
        row = session.get(FetchedRow, 1)
        assert row is not None
        assert row.digest == hashlib.sha256(mail(1)).hexdigest()
