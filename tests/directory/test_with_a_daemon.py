"""Enrolment and registration with a real daemon: by SMTP, on the command line, letters in a Maildir."""

import email
import smtplib
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest

from bot.operations.trial import trial_config, trial_mail
from tests.command_line import Ran, hoshobin_process, trial_environment
from tests.daemons import Daemon, serving, until
from tests.directory.people import CALLED, CALLED_CITY, FORM, NEWCOMER
from tests.mails.ledger import KEY, build

pytestmark = pytest.mark.slow

EXAMINER, MANAGER = "shinsa@surety.example", "kanri@surety.example"
OFFICE, OTHER = "suido@iyonada-suido.example", "gesui@iyonada-gesui.example"
NEVER = "600"  # seconds between sweeps: whatever happens in this test, a wake-up made it happen
_DIRECTORY = """
[[party]]
number = "O-38299"
kind = "orderer"
name = "伊予灘市"
domain = "city.iyonada.lg.example"
registered_box = "keiyaku@city.iyonada.lg.example"

[[party.mailbox]]
address = "gesui@iyonada-gesui.example"
roles = ["照会"]
"""


class Running:
    """A daemon over the fixed ledger, and how to write to it."""

    def __init__(self, directory: Path, environment: dict[str, str], daemon: Daemon) -> None:
        self.directory = directory
        self.environment = environment
        self._daemon = daemon

    def send(self, sender: str, says: str, subject: str, *, proof: bool = False) -> None:
        """Hand a mail to the door."""
        config = trial_config(self.environment)
        data = trial_mail(config, sender=sender, subject=subject, body=says, proof=proof)
        with smtplib.SMTP(self._daemon.host, self._daemon.port, timeout=30) as connection:
            connection.sendmail(sender, [config.service.desk], data)

    def subjects(self, address: str) -> list[str]:
        """Return the subjects of the letters that have arrived at an address."""
        files = (self.directory / "letters" / address / "new").glob("*")
        return [
            str(email.message_from_bytes(f.read_bytes(), policy=default)["Subject"]) for f in sorted(files)
        ]

    def arrived(self, address: str, words: str) -> str:
        """Wait for a letter whose subject has these words; return the subject."""
        until(lambda: any(words in one for one in self.subjects(address)), f"{words} to {address}")
        return next(one for one in self.subjects(address) if words in one)

    def run(self, *arguments: object) -> Ran:
        """Run a command beside the daemon."""
        return hoshobin_process(*arguments, "--trial", "--json", environment=self.environment)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    build(tmp_path).database.close()
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    environment = trial_environment(tmp_path, url, WORK__SWEEP_SECONDS=NEVER)
    with serving(tmp_path, ["--trial"], environment) as daemon:
        yield Running(tmp_path, environment, daemon)


def test_a_company_enrols_by_mail_and_staff_approve_on_the_command_line(running: Running) -> None:
    running.send(NEWCOMER, FORM, "利用登録")
    subject = running.arrived(NEWCOMER, "ご利用登録の確認をお願いします")
    running.send(NEWCOMER, "登録", f"Re: {subject}")
    running.arrived(EXAMINER, "【登録審査】株式会社大洲土木")
    [waiting] = running.run("enrolments", "list", "--state", "confirmed").json
    number = waiting["number"]
    assert running.run("enrolments", "show", number).json["代表者"] == "代表取締役 大野 一郎"
    refused = running.run("enrolments", "approve", number, "--as", EXAMINER)
    assert (refused.code, refused.json["state"]) == (1, "refused")
    assert "enrolment_unchecked" in refused.json["reason"]
    approved = running.run("enrolments", "approve", number, "--checked", CALLED, "--as", EXAMINER)
    assert (approved.code, approved.json["state"]) == (0, "done")
    running.arrived(NEWCOMER, "ご利用登録が完了しました(顧客番号 C-00001)")
    second = "keiri@ozu-doboku.example"
    by_staff = ("mailboxes", "register", second, "C-00001", "--reader", "経理 小野", "--checked", CALLED)
    assert running.run(*by_staff, "--as", EXAMINER).json["state"] == "done"
    running.arrived(second, "このメールアドレスを登録しました")
    running.send(NEWCOMER, "申込書", "お願い")
    running.arrived(NEWCOMER, "保証の申込書をお送りします")


def test_held_enquiries_are_answered_after_registration_and_after_an_import(running: Running) -> None:
    says = f"保証契約番号 2080001234\n認証キー {KEY}\n確認をお願いします。"
    for sender in (OFFICE, OTHER):
        running.send(sender, says, "照会")
        running.arrived(sender, "ご照会を受け付けました")
    running.arrived(MANAGER, "【登録依頼】")
    register = ("orderers", "register", OFFICE, "伊予灘市", "--checked", CALLED_CITY)
    assert running.run(*register, "--as", EXAMINER).json["state"] == "refused"
    assert running.run(*register, "--as", MANAGER).json["state"] == "done"
    running.arrived(OFFICE, "一致しました")
    assert not any("一致" in one for one in running.subjects(OTHER))
    file = running.directory / "directory.toml"
    file.write_text(_DIRECTORY, encoding="utf-8")
    assert running.run("directory", "import", file).code == 0
    running.arrived(OTHER, "一致しました")
