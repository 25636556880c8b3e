"""Staff on the command line while a real daemon runs: through the inbox, at once, under the same roles."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from bot.ledger import Put
from bot.surety.application import Agreement, ApplicationState
from bot.surety.guarantee import GuaranteeState
from storage import changes
from storage.ledger import LedgerView
from storage.opening import Opened
from storage.tables import AuthKeyRow, CounterRow, table
from tests.command_line import Ran, hoshobin, hoshobin_process, trial_environment
from tests.daemons import Daemon, serving, until
from tests.mails.ledger import AT, DONE_CASE, OPEN_CASE, build

pytestmark = pytest.mark.slow

EXAMINER, DECIDER, COLLECTOR = "shinsa@surety.example", "kessai@surety.example", "shuno@surety.example"
BOTH_HANDS = "futari@surety.example"
CONTRACTOR = "soumu@iyo-kensetsu.example"
EXAMINE = ("examine", OPEN_CASE, "--premium", "61,200円")
NEVER = "600"  # seconds between sweeps: whatever happens in this test, a wake-up made it happen
_DIRECTORY = """
[[party]]
number = "S-1"
kind = "surety"
name = "〇〇建設業保証株式会社 松山支店"

[[party.mailbox]]
address = "futari@surety.example"
person = "兼務"
roles = ["審査", "決裁", "収納", "管理"]
"""


class Office:
    """The trial's directory with one applied and one registering case, and how to run commands there."""

    def __init__(self, directory: Path, url: str = "") -> None:
        self.directory = directory
        opened = build(directory, url)
        self.url = url or f"sqlite:///{directory / 'ledger.db'}"
        self.environment = trial_environment(
            directory,
            self.url,
            WORK__SWEEP_SECONDS=NEVER,
            SURETY__GUARANTEE_NUMBERS_FROM="2080002000",
        )
        self._apply(opened)
        opened.database.close()
        (directory / "people.toml").write_text(_DIRECTORY, encoding="utf-8")
        assert self.run("directory", "import", directory / "people.toml").code == 0

    def _apply(self, opened: Opened) -> None:
        """Bring the open application under examination, and the other work back to waiting for its key."""
        with opened.database.reading() as session:
            view = LedgerView(session, opened.sealer)
            application, guarantee = view.application(1), view.guarantee("2080001234")
        assert application is not None
        assert guarantee is not None
        agreement = Agreement(terms=(), at=AT, mailbox=application.applicant)
        applied = application.but(state=ApplicationState.APPLIED, agreement=agreement)
        waiting = guarantee.but(state=GuaranteeState.REGISTERING, key_version=0, issuer="external")
        done = (Put(value=applied), Put(value=waiting))

        def job(session: Session) -> None:
            """The fixed ledger takes no numbers from the counters and holds the key already."""
            session.execute(delete(table(AuthKeyRow)))
            session.add(CounterRow(name="guarantee row", value=guarantee.id))
            changes.apply(session, opened.sealer, done, AT)

        opened.database.write(job)

    def run(self, *arguments: object) -> Ran:
        return hoshobin(*arguments, "--trial", environment=self.environment)

    def decide(self, *arguments: object, person: str) -> tuple[int, str, str, float]:
        """Run a decision; return exit code, state, reason and seconds."""
        started = time.monotonic()
        run = self.run(*arguments, "--as", person, "--json")
        assert run.out, run.err
        return run.code, run.json["state"], run.json["reason"], time.monotonic() - started

    @contextmanager
    def open(self) -> Iterator[Daemon]:
        """Run the daemon."""
        with serving(self.directory, ["--trial"], self.environment) as daemon:
            yield daemon

    def letters_to(self, address: str) -> list[str]:
        rows = self.run("letters", "list", "--json").json
        return [row["subject"] for row in rows if row["to"] == address]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def state_of(office: Office, case: str) -> str:
    return str(office.run("applications", "show", case, "--json").json["applications"][0]["state"])


def examine_approve_pay(office: Office) -> None:
    code, state, reason, seconds = office.decide(*EXAMINE, person=EXAMINER)
    assert (code, state) == (0, "done"), reason
    assert seconds < 12
    for word, person in (("approve", DECIDER), ("pay", COLLECTOR)):
        code, state, reason, seconds = office.decide(word, OPEN_CASE, person=person)
        assert (code, state) == (0, "done"), reason
        assert seconds < 12


def test_a_case_is_examined_approved_and_paid_by_three_people_at_once(office: Office) -> None:
    with office.open():
        examine_approve_pay(office)
        page = office.run("applications", "show", OPEN_CASE, "--json").json
        [performance] = [one for one in page["guarantees"] if one["kind"] == "契約保証"]
        assert performance["state"] == "registered"
        assert performance["number"].isdigit()
        box = office.directory / "letters" / "soumu@iyo-kensetsu.example" / "new"
        until(lambda: len(list(box.glob("*"))) >= 2, "premium notice and registration notice")
    events = [line["actor"] for line in page["timeline"]]
    assert [one for one in events if one in (EXAMINER, DECIDER, COLLECTOR)] == [EXAMINER, DECIDER, COLLECTOR]
    assert all(line["proof"] == "command line" for line in page["timeline"] if line["actor"] == DECIDER)


def test_one_person_never_decides_alone_on_the_command_line_either(office: Office) -> None:
    with office.open():
        assert office.decide("examine", OPEN_CASE, "--premium", "61200", person=BOTH_HANDS)[1] == "done"
        code, state, reason, _ = office.decide("approve", OPEN_CASE, person=BOTH_HANDS)
        assert (code, state) == (1, "refused")
        assert "same_person" in reason
        assert state_of(office, OPEN_CASE) == "examined"
        assert office.decide("approve", OPEN_CASE, person=DECIDER)[1] == "done"
        code, state, reason, _ = office.decide("pay", OPEN_CASE, person=DECIDER)
        assert (code, state) == (1, "refused")


@pytest.mark.parametrize(
    ("arguments", "person", "said"),
    [
        (("examine", OPEN_CASE, "--premium", "1円"), COLLECTOR, "may_not"),
        (("examine", OPEN_CASE, "--premium", "いくらか"), EXAMINER, "bad_premium"),
        (("approve", OPEN_CASE), DECIDER, "not_now"),
        (("pay", OPEN_CASE), COLLECTOR, "not_now"),
        (("approve", OPEN_CASE), "nobody@surety.example", "no registered mailbox"),
        (("approve", "R8-99999-AAAA"), DECIDER, "which_case"),
    ],
    ids=["wrong role", "no amount", "too early", "not approved", "a stranger", "no such case"],
)
def test_the_command_line_obeys_the_same_rules_as_mail(
    arguments: tuple[str, ...], person: str, said: str, daemon_of_all: Office
) -> None:
    code, state, reason, _ = daemon_of_all.decide(*arguments, person=person)
    assert (code, state) == (1, "refused")
    assert said in reason
    assert state_of(daemon_of_all, OPEN_CASE) == "applied"


@pytest.fixture(scope="module")
def daemon_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    with office.open():
        yield office


def test_the_contractor_cannot_decide_on_the_command_line(daemon_of_all: Office) -> None:
    code, state, _, _ = daemon_of_all.decide("approve", OPEN_CASE, person="soumu@iyo-kensetsu.example")
    assert (code, state) == (1, "refused")


def test_returning_and_declining_reach_the_contractor(office: Office) -> None:
    with office.open():
        assert office.decide("return", OPEN_CASE, "工期をご確認ください", person=EXAMINER)[1] == "done"
        until(lambda: any("見直し" in one for one in office.letters_to(CONTRACTOR)), "the letter")
        assert state_of(office, OPEN_CASE) != "applied"


def test_keys_of_an_outside_registry_register_their_guarantees(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    file.write_text("保証契約番号,認証キー\n2080001234,K7M4P3XHW3\n2080009999,K7M4P3XHW3\n", encoding="cp932")
    with office.open() as daemon:
        run = office.run("keys", "import", file, "--as", "kanri@surety.example", "--json")
        assert run.code == 1
        assert [row["state"] for row in run.json] == ["done", "refused"]
        page = office.run("applications", "show", DONE_CASE, "--json").json
        assert page["guarantees"][0]["state"] == "registered"
        assert "K7M4P" not in daemon.log.read_text()
    assert "K7M4P" not in str(page)


def test_an_order_that_waited_for_the_daemon_is_decided_when_it_starts(office: Office) -> None:
    run = office.run("examine", OPEN_CASE, "--premium", "61,200円", "--as", EXAMINER, "--json")
    assert run.json["state"] == "waiting"
    with office.open():
        until(lambda: state_of(office, OPEN_CASE) == "examined", "the decision")


def test_after_a_rotation_the_service_starts_and_reads_old_and_new(office: Office) -> None:
    with office.open():
        assert office.decide(*EXAMINE, person=EXAMINER)[1] == "done"
        sent = office.directory / "letters" / DECIDER / "new"
        until(lambda: any(sent.glob("*")), "the decision mail")
    before = office.run("letters", "show", 1, "--raw").raw
    assert office.run("storage", "rotate-key").code == 0
    with office.open():
        assert office.decide("approve", OPEN_CASE, person=DECIDER)[1] == "done"
        assert office.run("letters", "show", 1, "--raw").raw == before
        assert office.run("check").code == 0


def test_a_second_daemon_on_one_database_is_refused_in_words(office: Office) -> None:
    with office.open():
        run = office.run("serve")
        assert run.code == 2
        assert "another `hoshobin serve` has this database open" in run.err
        assert "Traceback" not in run.err


def test_an_address_in_use_is_refused_in_words(office: Office, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with office.open() as daemon:
        environment = trial_environment(other, f"sqlite:///{other / 'x.db'}")
        environment["HOSHOBIN__SMTP__LISTEN"] = f"{daemon.host}:{daemon.port}"
        run = hoshobin_process("serve", "--trial", environment=environment)
    assert run.code == 2
    assert run.err.splitlines()[-1].startswith(f"smtp.listen = '{daemon.host}:{daemon.port}': ")
    assert "Traceback" not in run.err


def test_on_postgresql_a_notify_wakes_the_daemon(postgres_url: str, tmp_path: Path) -> None:
    office = Office(tmp_path, postgres_url)
    with office.open():
        examine_approve_pay(office)


def test_a_database_in_a_path_too_long_for_a_socket_is_served_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    office = Office(deep)
    with office.open() as daemon:
        assert "no wake-ups by" in daemon.log.read_text()
