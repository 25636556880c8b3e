"""Machines that write to us: bots that answer each other without end, and runs of guessed keys."""

import random
import re
import smtplib
import time
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from bot.ledger import Put
from bot.outcome import TryLater
from bot.surety import authkey
from bot.surety.enquiry import Enquiry, Verdict
from tests.casework import issue
from tests.daemons import serving, until, write_config
from tests.desk import (
    CITY,
    CITY_CLERK,
    EXAMINER,
    IYO,
    OTHER_CITY,
    STRANGER,
    TOKUYAMA,
    Answered,
    Desk,
)

TRIAL_DIRECTORY = Path(__file__).parents[2] / "bot" / "operations" / "trial_directory.toml"
QUIET = 1.0  # seconds without a new letter: nobody answers any more


def verdicts(answered: Answered) -> list[Verdict]:
    stored = [one.value for one in answered.changes if isinstance(one, Put)]
    return [one.verdict for one in stored if isinstance(one, Enquiry)]


@pytest.fixture
def issued(desk: Desk) -> tuple[str, str]:
    """Register one guarantee; return its number and key."""
    issue(desk)
    number = desk.guarantees()[0].number
    assert number is not None
    return number, desk.key_of(number)


@pytest.mark.parametrize("guesser", [STRANGER, TOKUYAMA, OTHER_CITY, CITY, CITY_CLERK])
@pytest.mark.parametrize("proof", ["none", "dkim"])
def test_a_run_of_guessed_keys_never_locks_a_city_out(
    desk: Desk, issued: tuple[str, str], guesser: str, proof: str
) -> None:
    """Whoever guesses, in whosever name: on the day of payment the right key of its own orderer opens."""
    number, key = issued
    for guess in range(15):
        wrong = authkey.display(authkey.new_key(random.Random(guess)))
        with suppress(TryLater):
            desk.write(guesser, f"確認\n{number}　{wrong}", subject=f"照会 {guess}", proof=proof)
    assert verdicts(desk.write(CITY, f"確認\n{number}　{key}", subject="照会 本物")) == [Verdict.MATCH]


def test_staff_hear_of_a_run_of_guesses_once_a_day(desk: Desk, issued: tuple[str, str]) -> None:
    number, _ = issued
    before = desk.letters_to(EXAMINER)
    for guess in range(8):
        wrong = authkey.display(authkey.new_key(random.Random(guess)))
        desk.write(OTHER_CITY, f"確認\n{number}　{wrong}", subject=f"照会 {guess}")
    assert desk.letters_to(EXAMINER) == before + 1


class Bot:
    """A program at a registered mailbox that answers every letter and marks nothing as automatic."""

    def __init__(self, letters: Path, port: int, answer: str, *, new_address: bool = False) -> None:
        self._box = letters
        self._port = port
        self._answer = answer
        self._new_address = new_address
        self._seen: set[Path] = set()

    def answer_all(self) -> int:
        """Answer until nothing comes any more; return how many letters came."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET:
            for file in sorted(self._box.glob("*/new/*")):
                if file not in self._seen and not file.parent.parent.name.endswith("surety.example"):
                    self._seen.add(file)
                    self._reply(file.read_bytes())
                    quiet_since = time.monotonic()
            assert len(self._seen) < 60, "the two go on for ever"
            time.sleep(0.02)
        return len(self._seen)

    def _reply(self, letter: bytes) -> None:
        message = message_from_bytes(letter, policy=policy.default)
        number = len(self._seen)
        sender = f"auto{number}@city.iyonada.lg.example" if self._new_address else IYO
        self.send(sender, f"Re: {message['Subject']}", self._answer.format(number), number)

    def send(self, sender: str, subject: str, text: str, number: int) -> None:
        """Send a mail without any mark of a machine."""
        one_line = re.sub(r"\s+", " ", subject)
        mail = f"From: {sender}\nTo: hosho@hoshobin.example\nSubject: {one_line}\n"
        mail += f"Message-ID: <{number}@bot.example>\nDate: Fri, 13 Nov 2026 10:00:00 +0900\n"
        mail += f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as door:
            data = mail.replace("\n", "\r\n").encode()
            door.sendmail(
                sender, ["hosho@hoshobin.example"], data, mail_options=["SMTPUTF8", "BODY=8BITMIME"]
            )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "new_address", "most"),
    [
        pytest.param(
            "お問い合わせありがとうございます。受付番号 {} です。担当者が確認します。", False, 3, id="tickets"
        ),
        pytest.param("状況", False, 21, id="one of our words"),
        pytest.param("状況\n受付番号 {}", False, 21, id="one of our words and a number"),
        pytest.param("状況", True, 21, id="a responder that changes its address"),
    ],
)
def test_two_programs_that_answer_each_other_come_to_an_end(
    tmp_path: Path, answer: str, new_address: bool, most: int
) -> None:
    letters = tmp_path / "letters"
    config = write_config(tmp_path, f"maildir:{letters}", service={"directory": str(TRIAL_DIRECTORY)})
    with serving(tmp_path, ["--config", str(config)]) as daemon:
        bot = Bot(letters, daemon.port, answer, new_address=new_address)
        bot.send(IYO, "はじめまして", "状況", 0)
        until(lambda: any(letters.glob("*/new/*")), "a first letter")
        assert bot.answer_all() <= most
