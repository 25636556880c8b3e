"""The mailbox door in bad weather: servers that vanish, fall silent, refuse, lie or say half of it."""

import base64
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bot.intake import imap
from storage.opening import Opened
from tests.daemons import until
from tests.intake.imap_door import door, inbox, mail, noted, settings_for, state
from tests.intake.imap_stand_in import (
    EVERYTHING,
    Conversation,
    Gone,
    Provider,
    closes,
    provider,
    says_bad,
    says_bye,
    says_no,
    silent,
)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


@pytest.fixture
def server() -> Iterator[Provider]:
    with provider(*EVERYTHING) as running:
        yield running


def test_a_connection_closed_while_idling_is_noticed_and_made_anew(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """imapclient's idle_check answers a closed connection with [] 88,450 times a second, without an error."""
    with door(opened, settings_for(server, tmp_path)):
        until(server.idling, "IDLE")
        began = time.process_time()
        server.kick()
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail that came meanwhile", 5)
        until(server.idling, "IDLE again")
        assert time.process_time() - began < 2
    assert server.connections == 2


def test_a_peer_that_falls_silent_while_idling_is_left_after_the_read_timeout(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """imapclient's idle_done waits for a silent peer for ever where no SocketTimeout is set."""

    def idle_and_forget(conversation: Conversation, tag: str, _: str) -> None:
        conversation.say("+ idling")
        conversation.silence()

    server.faults.append(("IDLE", idle_and_forget))
    with door(opened, settings_for(server, tmp_path, idle_seconds=0.1, read_seconds=0.3)):
        until(lambda: server.connections == 2, "a second connection", 10)
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)


def test_idle_is_begun_anew_before_anybody_drops_it(server: Provider, opened: Opened, tmp_path: Path) -> None:
    with door(opened, settings_for(server, tmp_path, idle_seconds=0.1)):
        until(lambda: len(server.said("IDLE")) >= 3, "IDLE again and again", 5)
    assert server.connections == 1


@pytest.mark.slow
@pytest.mark.parametrize("what", [closes, says_bye, says_no, says_bad, silent])
@pytest.mark.parametrize(
    "command", ["GREETING", "SELECT", "UID SEARCH", "UID FETCH 1,2 (RFC822", "UID FETCH 1,2 (INTERNALDATE"]
)
def test_whatever_fails_once_is_done_at_the_next_try(
    server: Provider, opened: Opened, tmp_path: Path, command: str, what: object
) -> None:
    for number in (1, 2):
        server.deliver(mail(number))
    server.faults.append((command, what))  # type: ignore[arg-type]
    with door(opened, settings_for(server, tmp_path, connect_seconds=0.3, read_seconds=0.3)):
        until(lambda: [one[1:] for one in noted(opened)] == [(1, True), (2, True)], "both mails", 10)
    assert len(inbox(opened)) == 2
    assert server.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("what", [closes, silent, says_no])
def test_what_was_accepted_but_not_flagged_is_flagged_at_the_next_pass(
    server: Provider, opened: Opened, tmp_path: Path, what: object
) -> None:
    """Peers lose mail by flagging before they have it; so we may stumble between our commit and the flag."""
    server.deliver(mail(1))
    server.faults += [("UID STORE", what), ("UID STORE", what)]  # type: ignore[list-item]
    with door(opened, settings_for(server, tmp_path, full_pass_seconds=0.1, read_seconds=0.3)):
        until(lambda: len(noted(opened)) == 1, "our commit")
        until(lambda: noted(opened) == [(1, 1, True)], "the flag", 10)
    assert r"\Seen" in server.mail(1).flags
    assert len(inbox(opened)) == 1
    assert len([one for one in server.said("UID FETCH") if "BODY" in one]) == 1


def test_a_mail_that_was_moved_before_we_noted_it_counts_as_filed(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1))

    def move_and_close(conversation: Conversation, tag: str, arguments: str) -> None:
        server.remove(1)
        raise Gone

    server.faults.append(("UID MOVE", move_and_close))
    with door(opened, settings_for(server, tmp_path, after="move", processed_folder="done")):
        until(lambda: noted(opened) == [(1, 1, True)], "the note", 5)


def test_half_a_mail_is_no_mail(server: Provider, opened: Opened, tmp_path: Path) -> None:
    """imaplib hands out a literal that ended early without a word; only the line behind it is missed."""
    server.deliver(mail(1))

    def half(conversation: Conversation, tag: str, arguments: str) -> None:
        data = mail(1)
        head = f'* 1 FETCH (UID 1 INTERNALDATE " 1-Oct-2026 00:30:00 +0000" BODY[] {{{len(data)}}}\r\n'
        conversation.send(head.encode() + data[: len(data) // 2])
        raise Gone

    server.faults.append(("UID FETCH 1 (INTERNALDATE", half))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(noted(opened)) == 1, "the whole mail", 5)
        [row] = inbox(opened)
    assert len([one for one in server.said("UID FETCH") if "BODY" in one]) == 2
    assert row.id == 1


def test_a_mail_that_breaks_each_connection_holds_up_no_other(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (1, 2, 3):
        server.deliver(mail(number))
    server.faults += [("UID FETCH 1,2,3 (INTERNALDATE", closes)]
    server.faults += [("UID FETCH 2 (INTERNALDATE", closes) for _ in range(5)]
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 2, "the other two", 10)
        until(server.idling, "life to go on", 10)
        server.deliver(mail(4))
        until(lambda: len(inbox(opened)) == 3, "a later one", 10)
    assert "mail UID 2 cannot be fetched" in caplog.text
    assert state(opened) is None, "a pass that left a mail behind is none for health"


def test_a_mail_that_the_server_does_not_give_out_holds_up_no_other(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        server.deliver(mail(number))
    server.faults += [("UID FETCH 1,2,3 (INTERNALDATE", says_no)]
    server.faults += [("UID FETCH 2 (INTERNALDATE", says_no) for _ in range(9)]
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 2, "the other two", 10)
        until(server.idling, "life to go on")
    assert server.connections == 1


@pytest.mark.parametrize("data", [b"", mail(1)[:100]])
def test_a_mail_of_which_less_came_than_was_announced_stays_and_is_fetched_again(
    server: Provider, opened: Opened, tmp_path: Path, data: bytes
) -> None:
    """Taken and moved away it would be gone for everybody."""
    uid = server.deliver(data, said=len(mail(1)))
    server.deliver(mail(2))
    with door(opened, settings_for(server, tmp_path, after="move")):
        until(server.idling, "IDLE")
        assert [one for _, one, _ in noted(opened)] == [uid + 1]
        assert server.mail(uid).data == data
        server.mail(uid).data = mail(1)
        server.kick()
        until(lambda: len(inbox(opened)) == 2, "the mail as a whole", 5)


def test_a_server_that_counts_line_ends_otherwise_is_believed(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1), said=len(mail(1)) + 10)
    server.deliver(mail(2), said=len(mail(2)) - 10)
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 2, "both", 5)


def test_a_mail_that_was_removed_under_our_hands_is_passed_by(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        server.deliver(mail(number))

    def found_then_removed(conversation: Conversation, tag: str, arguments: str) -> None:
        conversation.say("* SEARCH 1 2 3", f"{tag} OK done")
        server.remove(2)

    server.faults.append(("UID SEARCH", found_then_removed))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 2 and state(opened) is not None, "the two that are left", 5)


def test_a_mail_told_of_with_the_plus_of_idle_is_noticed_at_once(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """Both lines in one packet: the second lies in a buffer that no poll of the socket looks at."""

    def in_one_packet(conversation: Conversation, tag: str, _: str) -> None:
        server.deliver(mail(1))
        conversation.told = 1
        conversation.say("+ idling", "* 1 EXISTS")
        conversation.idle(tag)

    server.faults.append(("IDLE", in_one_packet))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)
    assert server.connections == 1


def test_a_mail_told_of_with_another_answer_is_noticed_at_once(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """What was told once, before IDLE, no server tells again while we idle."""
    server.deliver(mail(1))

    def stored_and_told(conversation: Conversation, tag: str, arguments: str) -> None:
        server.deliver(mail(2))
        conversation.done(tag)

    server.faults.append(("UID STORE", stored_and_told))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 2, "the second mail", 5)


@pytest.mark.slow
def test_a_server_that_always_tells_of_new_mails_is_not_asked_all_the_time(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    def always(conversation: Conversation, tag: str, arguments: str) -> None:
        conversation.say("* SEARCH", "* 1 EXISTS", f"{tag} OK done")
        server.faults.append(("UID SEARCH", always))

    server.faults.append(("UID SEARCH", always))
    server.deliver(mail(1))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(server.said("UID SEARCH")) >= 4, "false alarms")
        asked = len(server.said("UID SEARCH"))
        time.sleep(1.5)
        assert len(server.said("UID SEARCH")) - asked <= 4


@pytest.mark.slow
def test_a_server_that_refuses_idle_is_polled_in_the_end(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.faults += [("IDLE", says_bad)] * 3
    with door(opened, settings_for(server, tmp_path, poll_seconds=0.1)):
        until(lambda: len(server.said("NOOP")) >= 1, "polling", 10)
        server.deliver(mail(1))
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)


def test_a_mail_longer_than_the_server_says_is_not_read_and_stays(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    """A literal has the size that the server declares: without a limit it fills the memory."""
    server.deliver(mail(1, 50_000), said=100)
    server.deliver(mail(2))
    with door(opened, settings_for(server, tmp_path, max_bytes=10_000)):
        until(lambda: len(inbox(opened)) == 1 and state(opened) is not None, "the other mail", 10)
    found = state(opened)
    assert found is not None
    assert found.left == (1,)
    assert r"\Flagged" in server.mail(1).flags


@pytest.mark.slow
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each byte resets the read timeout: only the watch over the whole command ends it."""
    over = threading.Event()

    def drip(conversation: Conversation, tag: str, _: str) -> None:
        while not over.wait(0.1):
            conversation.send(b" ")
        raise Gone

    server.faults.append(("UID SEARCH", drip))
    server.deliver(mail(1))
    try:
        with door(opened, settings_for(server, tmp_path, work_seconds=0.5)):
            until(lambda: len(inbox(opened)) == 1, "the mail", 10)
    finally:
        over.set()
    assert "no progress; its connection is cut" in caplog.text


@pytest.mark.parametrize("command", ["AUTHENTICATE", "UID SEARCH"])
def test_stopping_takes_less_than_two_seconds_while_the_server_is_silent(
    server: Provider, opened: Opened, tmp_path: Path, command: str
) -> None:
    server.deliver(mail(1))
    server.faults.append((command, silent))
    with door(opened, settings_for(server, tmp_path, read_seconds=60)) as running:
        until(lambda: bool(server.said(command)), "the silence")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 2


def test_stopping_takes_less_than_two_seconds_while_waiting_for_the_next_try(
    opened: Opened, tmp_path: Path, server: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.password = "another"
    with door(opened, settings_for(server, tmp_path)) as running:
        until(lambda: server.connections >= 1, "a try")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 2


def test_a_folder_whose_uids_mean_nothing_is_not_read(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Under a UIDVALIDITY of our own a reused UID would hide a new mail."""
    server.inbox.uidvalidity = 0
    server.deliver(mail(1))
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: "no UIDVALIDITY" in caplog.text, "a complaint", 5)
    assert inbox(opened) == []


def test_a_folder_that_is_read_only_is_read_all_the_same(
    server: Provider, opened: Opened, tmp_path: Path
) -> None:
    server.deliver(mail(1))

    def read_only(conversation: Conversation, tag: str, arguments: str) -> None:
        conversation.folder = server.inbox
        lines = ("* 1 EXISTS", "* OK [UIDVALIDITY 1] ok", f"{tag} OK [READ-ONLY] selected")
        conversation.say(*lines)

    server.faults += [("SELECT", read_only), ("EXAMINE", read_only)]
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: len(inbox(opened)) == 1, "the mail", 5)
        until(server.idling, "IDLE")
    assert not server.said("UID STORE")


def test_pauses_double_from_a_second_to_five_minutes_and_never_beat_in_time() -> None:
    pauses = [imap.pause_after(failures, 1.0, 300.0, Random(failures)) for failures in range(1, 100)]
    for failures, pause in enumerate(pauses, 1):
        full = min(300.0, 2.0 ** (failures - 1))
        assert full / 2 <= pause <= full
    assert len(set(pauses[20:])) > 70


def test_a_server_that_is_not_there_is_tried_until_it_is(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with door(opened, settings_for(server, tmp_path, port=port)):
        until(lambda: caplog.text.count("Connection refused") >= 5, "a few tries")
        assert server.connections == 0


@pytest.mark.slow
def test_a_flood_of_faults_is_logged_a_line_each_and_never_the_secret(
    server: Provider, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A server may repeat what it was given, as this one does with each login that it refuses."""
    caplog.set_level(logging.DEBUG)
    secret = server.password
    server.password = secret + "changed"
    with door(opened, settings_for(server, tmp_path)):
        until(lambda: server.connections >= 3, "a few refusals")
        server.password = secret
        until(server.idling, "the login")
    assert "the server refuses the login" in caplog.text
    for one in (secret, "hunter2", base64.b64encode(f"\0hosho\0{secret}".encode()).decode()):
        assert one not in caplog.text
