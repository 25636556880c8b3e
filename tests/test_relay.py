"""The relay: what it says of each letter is what it knows, by SMTP and into a Maildir."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.relay import Deferred, MaildirRelay, Refused, SmtpRelay, Unknown, make_relay
from tests.relays import STAGES, ScriptedRelay, Taken, Turn

DESK, TO = "hosho@hosho.example.jp", "jimu@kensetsu.example.jp"
LETTER = b"From: hosho@hosho.example.jp\r\nSubject: x\r\n\r\nhonbun\r\n"
BIG = LETTER + (b"A" * 76 + b"\r\n") * 400_000  # more than any socket buffers


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with closing(ScriptedRelay()) as scripted:
        yield scripted


@pytest.fixture
def sender(relay: ScriptedRelay) -> Iterator[SmtpRelay]:
    with closing(SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", 10)) as ours:
        yield ours


def test_a_letter_goes_to_its_one_recipient_from_the_desk(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    sender.transmit(DESK, TO, LETTER)
    [taken] = relay.taken
    assert taken.data == LETTER
    assert taken.envelope == [f"mail FROM:<{DESK}>", f"rcpt TO:<{TO}>"]
    assert relay.heard[0] == "ehlo hosho.example.jp"


def test_letters_share_one_connection(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    for number in range(5):
        sender.transmit(DESK, TO, LETTER + b"%d\r\n" % number)
    assert relay.connections == 1
    assert [one.data for one in relay.taken] == [LETTER + b"%d\r\n" % number for number in range(5)]


def test_a_connection_that_the_relay_closed_meanwhile_is_made_anew(
    relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    sender.transmit(DESK, TO, LETTER)
    relay.cut_idle()
    sender.transmit(DESK, TO, LETTER)
    assert relay.connections == 2
    assert len(relay.taken) == 2


def test_after_a_refusal_the_next_letter_starts_with_a_clean_envelope(
    relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    relay.next("RCPT", "550 no such user")
    with pytest.raises(Refused):
        sender.transmit(DESK, "nobody@kensetsu.example.jp", LETTER)
    sender.transmit(DESK, TO, LETTER)
    assert relay.connections == 1
    assert relay.taken[0].envelope == [f"mail FROM:<{DESK}>", f"rcpt TO:<{TO}>"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_4xx_anywhere_puts_the_letter_off(stage: str, relay: ScriptedRelay, sender: SmtpRelay) -> None:
    relay.next(stage, "450 greylisted")
    relay.next("HELO", *(["450 greylisted"] if stage == "EHLO" else []))
    with pytest.raises(Deferred):
        sender.transmit(DESK, TO, LETTER)
    assert relay.taken == []
    sender.transmit(DESK, TO, LETTER)
    assert len(relay.taken) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "message"])
def test_a_5xx_about_the_letter_refuses_it_for_good(
    stage: str, relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    relay.next(stage, "554 5.7.1 not from here")
    with pytest.raises(Refused, match=r"554 5\.7\.1 not from here"):
        sender.transmit(DESK, TO, LETTER)
    assert relay.taken == []


@pytest.mark.parametrize("stage", ["connect", "EHLO"])
def test_a_5xx_about_ourselves_condemns_no_letter(
    stage: str, relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    relay.next(stage, "554 go away")
    relay.next("HELO", *(["554 go away"] if stage == "EHLO" else []))
    with pytest.raises(Deferred, match="the relay cannot be reached"):
        sender.transmit(DESK, TO, LETTER)


def test_a_relay_that_knows_only_helo_is_used(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    relay.next("EHLO", "502 what")
    sender.transmit(DESK, TO, LETTER)
    assert len(relay.taken) == 1


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_connection_that_breaks_before_the_letter_left_puts_it_off(
    stage: str, relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    relay.next(stage, Turn.CUT)
    with pytest.raises(Deferred):
        sender.transmit(DESK, TO, LETTER)
    sender.transmit(DESK, TO, LETTER)
    assert len(relay.taken) == 1


def test_a_connection_that_breaks_before_the_last_dot_left_puts_the_letter_off(
    relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    """The last dot had not left, so that no relay can have taken the letter."""
    relay.cut_after = 100_000
    with pytest.raises(Deferred):
        sender.transmit(DESK, TO, BIG)
    assert relay.taken == []


def test_a_connection_that_breaks_after_the_last_dot_leaves_nobody_knowing(
    relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    """Between the relay's 250 and our mark nobody can know: the relay here has kept the letter."""
    relay.next("message", Turn.CUT)
    with pytest.raises(Unknown, match="no answer after the last dot"):
        sender.transmit(DESK, TO, LETTER)
    assert [one.data for one in relay.taken] == [LETTER]
    sender.transmit(DESK, TO, LETTER)
    assert [one.data for one in relay.taken] == [LETTER, LETTER]


@pytest.mark.parametrize("stage", STAGES)
def test_a_relay_that_falls_silent_is_given_up_in_time(stage: str, relay: ScriptedRelay) -> None:
    relay.next(stage, Turn.HANG)
    relay.next("HELO", *([Turn.HANG] if stage == "EHLO" else []))
    started = time.monotonic()
    with closing(SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", 0.2)) as ours:
        with pytest.raises(Unknown if stage == "message" else Deferred):
            ours.transmit(DESK, TO, LETTER)
        assert time.monotonic() - started < 2


def test_a_relay_that_is_not_there_puts_the_letter_off() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        ours = SmtpRelay("127.0.0.1", unused.getsockname()[1], "hosho.example.jp", 5)
        with pytest.raises(Deferred, match="cannot be reached: ConnectionRefusedError"):
            ours.transmit(DESK, TO, LETTER)
        ours.close()


@pytest.fixture(scope="module")
def patient_relay() -> Iterator[ScriptedRelay]:
    with closing(ScriptedRelay()) as scripted:
        yield scripted


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.text("ab.\x7f", max_size=4).map(str.encode), max_size=8))
def test_whatever_lines_a_letter_has_it_arrives_as_it_left(
    patient_relay: ScriptedRelay, lines: list[bytes]
) -> None:
    """RFC 5321 §4.5.2: a line that begins with a dot gets another, whichever line it is."""
    data = b"".join(line + b"\r\n" for line in lines) or b"\r\n"
    with closing(SmtpRelay("127.0.0.1", patient_relay.port, "hosho.example.jp", 10)) as ours:
        ours.transmit(DESK, TO, data)
    assert patient_relay.taken.pop().data == data


def test_a_letter_without_a_last_line_end_gets_one(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    sender.transmit(DESK, TO, b"Subject: x\r\n\r\nowari")
    assert relay.taken[0].wire == b"Subject: x\r\n\r\nowari\r\n"


def test_only_a_dot_at_the_start_of_a_line_is_doubled(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    sender.transmit(DESK, TO, b".\r\n..a\r\na.b\r\n.\r\n")
    assert relay.taken[0].wire == b"..\r\n...a\r\na.b\r\n..\r\n"
    assert Taken([], relay.taken[0].wire).data == b".\r\n..a\r\na.b\r\n.\r\n"


def test_an_address_that_is_not_ascii_goes_by_smtputf8() -> None:
    with (
        closing(ScriptedRelay(extensions=("8BITMIME", "SMTPUTF8"))) as relay,
        closing(SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", 10)) as ours,
    ):
        ours.transmit(DESK, "総務@kensetsu.example.jp", LETTER)
        ours.transmit(DESK, TO, LETTER)
    assert relay.taken[0].envelope == [f"mail FROM:<{DESK}> SMTPUTF8", "rcpt TO:<総務@kensetsu.example.jp>"]
    assert relay.taken[1].envelope == [f"mail FROM:<{DESK}>", f"rcpt TO:<{TO}>"]


def test_an_address_that_the_relay_cannot_carry_is_refused_and_the_connection_lives(
    relay: ScriptedRelay, sender: SmtpRelay
) -> None:
    with pytest.raises(Refused, match="SMTPUTF8"):
        sender.transmit(DESK, "総務@kensetsu.example.jp", LETTER)
    sender.transmit(DESK, TO, LETTER)
    assert relay.connections == 1


def test_an_answer_that_is_not_ascii_is_quoted_and_cut(relay: ScriptedRelay, sender: SmtpRelay) -> None:
    relay.next("RCPT", "550 宛先不明" + "x" * 400)
    with pytest.raises(Refused) as refused:
        sender.transmit(DESK, TO, LETTER)
    assert str(refused.value).startswith("550 ")
    assert len(str(refused.value)) == 300


def test_a_url_makes_the_relay_it_names(tmp_path: Path) -> None:
    assert isinstance(make_relay("smtp://[::1]:25", "x", 1), SmtpRelay)
    maildir = make_relay(f"maildir:{tmp_path}", "x", 1)
    maildir.transmit(DESK, TO, LETTER)
    assert (tmp_path / TO / "new").is_dir()


def test_a_maildir_holds_the_very_bytes_once_they_are_there(tmp_path: Path) -> None:
    MaildirRelay(tmp_path).transmit(DESK, "Jimu@Kensetsu.example.jp", LETTER)
    box = tmp_path / TO
    [found] = (box / "new").iterdir()
    assert found.read_bytes() == LETTER
    assert sorted(part.name for part in box.iterdir()) == ["cur", "new", "tmp"]
    assert list((box / "tmp").iterdir()) == []


def test_letters_of_many_threads_never_overwrite_one_another(tmp_path: Path) -> None:
    maildir, together = MaildirRelay(tmp_path), threading.Barrier(8)

    def send(number: int) -> None:
        together.wait(10)
        for serial in range(25):
            maildir.transmit(DESK, TO, b"%d/%d" % (number, serial))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.read_bytes() for path in (tmp_path / TO / "new").iterdir()}) == 200


@pytest.mark.parametrize("address", ["../../x@evil.example", "a/b@evil.example", "総務@evil.example"])
def test_no_address_leads_out_of_the_maildirs(address: str, tmp_path: Path) -> None:
    root = tmp_path / "letters"
    MaildirRelay(root).transmit(DESK, address, LETTER)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
    [box] = root.iterdir()
    assert len(list((box / "new").iterdir())) == 1


def test_two_addresses_never_share_a_maildir(tmp_path: Path) -> None:
    for address in ("a'b@x.example", "a_b@x.example", "a%27b@x.example"):
        MaildirRelay(tmp_path).transmit(DESK, address, LETTER)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_maildir_that_cannot_be_written_puts_the_letter_off_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / TO / "new").mkdir(parents=True)
    (tmp_path / TO / "tmp").write_text("a file where a directory should be")
    with pytest.raises(Deferred, match="the Maildir cannot be written"):
        MaildirRelay(tmp_path).transmit(DESK, TO, LETTER)
    assert list((tmp_path / TO / "new").iterdir()) == []


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from bot.relay import Deferred, MaildirRelay
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    MaildirRelay(Path(sys.argv[1])).transmit("a@b.example", "jimu@kensetsu.example.jp", b"x" * 5000)
except Deferred as error:
    print(error)
"""


def test_a_disk_that_is_full_leaves_no_half_letter(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert "the Maildir cannot be written" in run.stdout, run.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
