"""The command line: what it prints, what it refuses in clear words, and that looking changes nothing."""

import ctypes
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import text
from sqlmodel import Session

from bot.cli import app
from bot.mail import Envelope
from bot.outcome import Letter, Section
from storage import inbox, letters
from storage.database import make_engine
from storage.opening import Opened, open_storage
from storage.sealed import make_key_file
from storage.states import InboxState
from tests.command_line import hoshobin, hoshobin_process, trial_environment
from tests.mails.ledger import AT, DONE_CASE, OPEN_CASE, build

ROOT = Path(__file__).parents[1]
MAIL = b"From: soumu@iyo-kensetsu.example\r\nSubject: x\r\n\r\n\x00\xff\x80 raw\r\n"
DATA = b"From: hosho@hoshobin.example\r\nSubject: y\r\n\r\n\xe4\xbf\x9d\r\n"
STATES = ["waiting", "parked", "done"]
LEASE = timedelta(minutes=5)


def commands(group: typer.Typer, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk all commands."""
    for one in group.registered_commands:
        assert one.callback is not None
        yield (*path, one.name or one.callback.__name__.replace("_", "-"))
    for below in group.registered_groups:
        assert below.typer_instance is not None
        yield from commands(below.typer_instance, (*path, str(below.name)))


COMMANDS = sorted(commands(app))


class Home:
    """A trial's directory with the fixed ledger, three mails and three letters, no daemon."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.url = f"sqlite:///{directory / 'ledger.db'}"
        self.environment = trial_environment(directory, self.url)
        opened = build(directory)
        self.mails = opened.database.write(lambda session: [self._mail(session, opened, n) for n in range(3)])
        opened.database.write(self._decide)
        self.letters = opened.database.write(
            lambda session: [self._letter(session, opened, n) for n in range(3)]
        )
        opened.database.write(lambda session: self._written(session, opened))
        opened.database.close()

    def _mail(self, session: Session, opened: Opened, number: int) -> int:
        sender = f"writer{number}@iyo-kensetsu.example"
        envelope = Envelope(
            mail_from=sender, recipients=("hosho@hoshobin.example",), peer="", source="smtp", received_at=AT
        )
        fields = envelope.model_dump(mode="json")
        new = inbox.arrival(opened.sealer, "smtp", fields, MAIL + b"%d" % number, sender, AT)
        return inbox.accept(session, new)

    def _decide(self, session: Session) -> None:
        """Leave the first waiting, park the second, finish the third."""
        inbox.park(session, self.mails[1], "set aside")
        inbox.park(session, self.mails[0], "for a moment")
        claim = inbox.claim(session, "one", AT, LEASE)
        assert claim is not None
        inbox.finish(session, claim, InboxState.DONE, AT, reason="courtesy", subject="件名")
        inbox.retry(session, self.mails[0], AT)

    def _letter(self, session: Session, opened: Opened, number: int) -> int:
        to = f"reader{number}@iyo-kensetsu.example"
        letter = Letter(recipient=to, sections=(Section(template="which_case"),))
        body = letter.model_dump(mode="json")
        cause = f"inbox:1:0:{number}"
        letter_id = letters.queue(
            session, opened.sealer, cause_key=cause, recipient=to, body=body, templates="which_case", now=AT
        )
        assert letter_id is not None
        return letter_id

    def _written(self, session: Session, opened: Opened) -> None:
        """Write the first two; the first fails at the relay, the second is sent."""
        for _ in range(2):
            claim = letters.claim_to_write(session, "one", AT, LEASE)
            assert claim is not None
            sealed = letters.seal_letter(opened.sealer, claim.cause_key, DATA)
            letters.written(
                session, claim, message_id="m@x", subject="y", size=len(DATA), sealed=sealed, now=AT
            )
        for end in (letters.failed, letters.sent):
            claim = letters.claim_to_send(session, "one", AT, LEASE)
            assert claim is not None
            letters.sending(session, claim)
            end(session, claim, "550 no" if end is letters.failed else AT)  # type: ignore[arg-type]

    def run(self, *arguments: object) -> Any:
        return hoshobin(*arguments, "--trial", environment=self.environment)

    def state(self, table: str, row_id: int) -> str:
        return str(self.run(table, "show", row_id, "--json").json["state"])


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(_made: Home, tmp_path: Path) -> Home:
    """Give each test a copy of its own."""
    shutil.copytree(_made.directory, tmp_path / "home")
    mine = object.__new__(Home)
    mine.__dict__.update(_made.__dict__)
    mine.directory = tmp_path / "home"
    mine.url = f"sqlite:///{mine.directory / 'ledger.db'}"
    mine.environment = trial_environment(mine.directory, mine.url)
    return mine


# --- what there is


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_helps(command: tuple[str, ...]) -> None:
    run = hoshobin(*command, "--help")
    assert run.code == 0
    assert "Usage:" in run.out
    assert len(run.out.splitlines()) > 5


def documented() -> set[tuple[str, ...]]:
    """Read the commands of README's table: `hoshobin inbox list\\|show` stands for two."""
    found = set()
    for line in re.findall(r"(?m)^\| (`hoshobin .*?) \|", (ROOT / "README.md").read_text(encoding="utf-8")):
        for written in re.findall(r"`hoshobin ([^`]+)`", line):
            words = [word for word in written.replace("\\|", "|").split() if re.fullmatch(r"[a-z|-]+", word)]
            *path, last = [word for word in words if not word.startswith("--")]
            found |= {(*path, name) for name in last.split("|")}
    return found


def test_every_command_stands_in_the_readme_and_the_readme_names_no_other() -> None:
    assert documented() == set(COMMANDS)


def test_a_list_for_people_can_be_had_for_programs() -> None:
    lists = {("status",), ("check",)} | {command for command in COMMANDS if command[-1] in ("list", "show")}
    for command in lists:
        assert "--json" in hoshobin(*command, "--help").out, command


def test_without_a_command_the_help_is_shown() -> None:
    assert "electronic construction guarantees" in hoshobin().out + hoshobin().err


_PROBE = """
import sys
from bot.cli import main
sys.argv = ["hoshobin", "--help"]
try:
    main()
except SystemExit:
    pass
heavy = {"sqlalchemy", "pdfplumber", "reportlab", "jinja2"} & set(sys.modules)
assert not heavy, heavy
"""


@pytest.mark.slow
def test_the_help_is_quick_and_loads_no_database() -> None:
    run = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


# --- lists


def words(shown: str) -> str:
    return re.sub(r"[\s─━]+", "", shown)


@pytest.mark.parametrize("table", ["inbox", "letters", "applications", "guarantees"])
def test_a_list_says_the_same_to_people_and_to_programs(table: str, home: Home) -> None:
    rows = home.run(table, "list", "--json").json
    shown = words(home.run(table, "list").out)
    assert rows
    for row in rows:
        for name, value in row.items():
            assert name in shown
            parts = [f"{key}{one:,}" for key, one in value.items()] if isinstance(value, dict) else [value]
            assert all(words(str(one)) in shown for one in parts if one is not None), name


def test_lists_can_be_cut_and_chosen_by_state(home: Home) -> None:
    assert [row["state"] for row in home.run("inbox", "list", "--json").json] == ["done", "parked", "waiting"]
    assert [row["id"] for row in home.run("inbox", "list", "--state", "parked", "--json").json] == [
        home.mails[1]
    ]
    assert len(home.run("letters", "list", "--limit", "2", "--json").json) == 2
    assert home.run("letters", "list", "--state", "uncertain").out == "nothing\n"


def test_status_counts_every_state_for_programs_and_what_there_is_for_people(home: Home) -> None:
    counted = home.run("status", "--json").json
    assert counted["inbox"]["parked"] == 1
    assert counted["letters"]["uncertain"] == 0
    assert home.run("status").out.splitlines() == [
        "inbox: 1 waiting, 1 done, 1 parked",
        "letters: 1 waiting, 1 sent, 1 failed",
    ]


def test_the_page_of_a_case_says_the_same_to_people_and_to_programs(home: Home) -> None:
    page = home.run("applications", "show", DONE_CASE, "--json").json
    shown = home.run("applications", "show", DONE_CASE).out
    assert page["guarantees"][0]["number"] == "2080001234"
    for one in (*page["applications"], *page["guarantees"]):
        for value in one.values():
            assert str(value) in shown or not value
    assert home.run("guarantees", "show", "2080001234", "--json").json == page


def test_a_row_shows_all_its_columns(home: Home) -> None:
    row = home.run("letters", "show", home.letters[0], "--json").json
    assert (row["state"], row["reason"], row["transmissions"]) == ("failed", "550 no", 1)
    shown = home.run("letters", "show", home.letters[0]).out
    assert "reason: 550 no" in shown


def test_raw_gives_the_very_bytes(home: Home) -> None:
    assert home.run("inbox", "show", home.mails[0], "--raw").raw == MAIL + b"0"
    assert home.run("letters", "show", home.letters[0], "--raw").raw == DATA


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("inbox", "show", 99), "there is no inbox 99"),
        (("inbox", "show", 99, "--raw"), "there is no inbox 99"),
        (("letters", "show", 99), "there is no letter 99"),
        (("letters", "show", 99, "--raw"), "there is no letter 99 that is written"),
        (("applications", "show", "R8-99999-AAAA"), "there is no case R8-99999-AAAA"),
        (("guarantees", "show", "1"), "there is no guarantee 1"),
    ],
    ids=str,
)
def test_what_is_not_there_is_said_in_one_line(arguments: tuple[object, ...], said: str, home: Home) -> None:
    run = home.run(*arguments)
    assert (run.code, run.err, run.out) == (2, said + "\n", "")


# --- what staff do to single rows


def test_a_parked_mail_is_brought_back(home: Home) -> None:
    assert home.run("inbox", "retry", home.mails[1]).code == 0
    assert home.state("inbox", home.mails[1]) == "waiting"


def test_a_waiting_mail_is_set_aside_with_a_reason(home: Home) -> None:
    assert home.run("inbox", "park", home.mails[0], "--reason", "ask first").code == 0
    assert home.run("inbox", "show", home.mails[0], "--json").json["reason"] == "ask first"


def test_a_failed_letter_is_sent_again(home: Home) -> None:
    assert home.run("letters", "retry", home.letters[0]).code == 0
    assert home.state("letters", home.letters[0]) == "ready"


def test_a_waiting_letter_is_withdrawn(home: Home) -> None:
    assert home.run("letters", "withdraw", home.letters[2], "--reason", "moot").code == 0
    assert home.state("letters", home.letters[2]) == "withdrawn"


@pytest.mark.parametrize(
    ("arguments", "row", "said"),
    [
        (("inbox", "retry"), 0, "is not parked"),
        (("inbox", "park"), 2, "is not waiting"),
        (("inbox", "park"), 96, "is not waiting"),
        (("inbox", "retry"), 96, "there is no mail"),
        (("letters", "retry"), 1, "is sent, not"),
        (("letters", "retry"), 96, "there is no letter"),
        (("letters", "withdraw"), 1, "too late to withdraw it"),
        (("letters", "withdraw"), 96, "there is no letter"),
    ],
    ids=str,
)
def test_what_a_row_does_not_allow_is_refused_in_one_line(
    arguments: tuple[str, str], row: int, said: str, home: Home
) -> None:
    before = (home.run("inbox", "list", "--json").out, home.run("letters", "list", "--json").out)
    run = home.run(*arguments, row + 1)
    assert run.code == 2
    assert said in run.err
    assert len(run.err.splitlines()) == 1
    assert before == (home.run("inbox", "list", "--json").out, home.run("letters", "list", "--json").out)


# --- directory


def test_a_directory_with_faults_names_them_all_and_stores_nothing(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "directory.toml"
    file.write_text(
        """
[[partei]]
name = "x"

[[party]]
number = "C-1"
kind = "builder"
name = "一"

[[party]]
number = "C-2"
kind = "contractor"
name = "二"
[[party.mailbox]]
address = "not an address"

[[party]]
number = "C-3"
kind = "contractor"
name = "三"
domain = "san.example"

[[party]]
number = "C-4"
kind = "contractor"
name = "四"
[[party.mailbox]]
address = "soumu@iyo-kensetsu.example"
roles = ["申込できる"]
""",
        encoding="utf-8",
    )
    run = home.run("directory", "import", file)
    assert run.code == 2
    assert run.err.splitlines()[0] == f"{file}: 5 fault(s)"
    begun = ["party C-1: kind", "party C-2: 'not an address'", "party C-3: a party with a domain"]
    begun += ["party C-4: soumu@iyo-kensetsu.example belongs to another", "partei: no such table"]
    for said in begun:
        assert any(line.startswith(said) for line in run.err.splitlines()), said
    engine = make_engine(home.url, read_only=True)
    with Session(engine) as session:
        count = "SELECT count(*) FROM party WHERE number IN ('C-1', 'C-2', 'C-3', 'C-4')"
        assert session.execute(text(count)).scalar() == 0
    engine.dispose()


def test_a_sound_directory_is_counted_and_journalled(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text('[[party]]\nnumber = "C-9"\nkind = "contractor"\nname = "九"\n', encoding="utf-8")
    run = home.run("directory", "import", file)
    assert run.code == 0
    assert "0 mailboxes, 0 orderer profiles" in run.out
    assert "ok   journal" in home.run("check").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("directory", "import", "nothing.toml"),
        ("explain", "nothing.eml"),
        ("keys", "import", "nothing.csv", "--as", "kanri@surety.example"),
    ],
    ids=str,
)
def test_a_file_that_is_not_there_is_named(arguments: tuple[str, ...], home: Home) -> None:
    run = home.run(*arguments)
    assert run.code == 2
    assert "does not exist" in run.err
    assert "Traceback" not in run.err


# --- keys of an outside registry


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("2080001234\n", "line 1: not a 保証契約番号"),
        ("保証契約番号,認証キー\n208000123,ABC\n2080001234,\n", "2 fault(s)"),
        ("2080001234,ABC\n2080001234,ABD\n", "2080001234: stands there more than once"),
        ("2080001234,ＡＢＣ\n", "line 1: not a"),
    ],
)
def test_a_file_of_keys_with_faults_hands_nothing_in_and_repeats_no_key(
    content: str, said: str, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "keys.csv"
    file.write_text(content, encoding="utf-8")
    run = home.run("keys", "import", file, "--as", "kanri@surety.example")
    assert run.code == 2
    assert said in run.err
    assert "ABC" not in run.err
    assert home.run("status", "--json").json["inbox"]["waiting"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_of_keys_may_have_a_heading_in_any_usual_charset(
    encoding: str, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "keys.csv"
    file.write_text("保証契約番号,認証キー\n２０８０００１２３４,ABCDEFGHIJ\n\n", encoding=encoding)
    run = home.run("keys", "import", file, "--as", "kanri@surety.example", "--json")
    assert run.code == 0
    [row] = run.json
    assert (row["number"], row["state"]) == ("2080001234", "waiting")


# --- decisions without a daemon


def test_a_decision_without_a_daemon_is_handed_in_and_not_waited_for(home: Home) -> None:
    run = home.run("approve", OPEN_CASE, "--as", "kessai@surety.example", "--json")
    assert run.code == 0
    assert run.json["state"] == "waiting"
    assert run.json["reason"] == "handed in; the daemon decides it when it runs"


# --- explain


def digest(directory: Path) -> dict[str, tuple[str, int]]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in directory.iterdir()
        if path.is_file()
    }


def test_explain_writes_nothing(home: Home) -> None:
    before = digest(home.directory)
    run = home.run("explain", ROOT / "tests" / "mails" / "verify-typed.eml", "--at", "2026-11-10T10:58")
    assert run.code == 0
    assert "enquiry K8-00001: match" in run.out
    assert digest(home.directory) == before


def test_explain_says_the_same_to_programs(home: Home) -> None:
    mail = ROOT / "tests" / "mails" / "verify-typed.eml"
    found = home.run("explain", mail, "--at", "2026-11-10T10:58", "--json").json
    assert (found["state"], found["requests"]) == ("done", ["verify"])
    assert found["letters"][0]["to"] == "keiyaku@city.iyonada.lg.example"
    assert "一致しました" in found["letters"][0]["text"]


def test_what_was_done_to_a_row_is_said_to_programs_too(home: Home) -> None:
    parked, waiting = home.mails[1], home.mails[0]
    assert home.run("inbox", "retry", parked, "--json").json == {"inbox": parked, "state": "waiting"}
    assert home.run("inbox", "park", waiting, "--json").json == {"inbox": waiting, "state": "parked"}


def test_explain_reads_its_moment_in_tokyos_time_unless_another_is_named(home: Home) -> None:
    mail = ROOT / "tests" / "mails" / "verify-typed.eml"
    tokyo = home.run("explain", mail, "--at", "2026-11-10T10:58").out
    assert tokyo == home.run("explain", mail, "--at", "2026-11-10T01:58+00:00").out
    assert "令和8年11月10日 10時58分" in tokyo
    run = home.run("explain", mail, "--at", "yesterday")
    assert run.code == 2
    assert "is no moment such as" in run.err


def _obey_permissions() -> None:
    """Drop CAP_DAC_OVERRIDE (prctl PR_CAPBSET_DROP): without it root too can write only what it may."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("frozen", ["file", "directory"])
def test_explain_works_on_a_copy_that_cannot_be_written(frozen: str, home: Home) -> None:
    mail = ROOT / "tests" / "mails" / "verify-typed.eml"
    for path in home.directory.iterdir():
        path.chmod(0o400)
    home.directory.chmod(0o500 if frozen == "directory" else 0o700)
    before = digest(home.directory)
    run = hoshobin_process(
        "explain", mail, "--trial", environment=home.environment, preexec_fn=_obey_permissions
    )
    home.directory.chmod(0o700)
    assert run.code == 0, run.err
    assert "enquiry K8-00001: match" in run.out
    assert digest(home.directory) == before


# --- a database that cannot be used


@pytest.mark.parametrize(
    "command", [("status",), ("inbox", "list"), ("applications", "list"), ("check",)], ids=str
)
def test_looking_at_a_database_that_is_not_there_makes_none(command: tuple[str, ...], tmp_path: Path) -> None:
    make_key_file(tmp_path / "service.key")
    url = f"sqlite:///{tmp_path / 'none.db'}"
    run = hoshobin(*command, "--trial", environment=trial_environment(tmp_path, url))
    assert run.code == (1 if command == ("check",) else 2)
    assert "unable to open database file" in run.out + run.err
    assert [path.name for path in tmp_path.iterdir()] == ["service.key"]


def test_a_server_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    run = hoshobin("status", "--trial", environment=trial_environment(tmp_path, url))
    assert run.code == 2
    assert run.err.startswith("the database cannot be used: ")


# --- check


def checked(home: Home, **changes: str) -> dict[str, dict[str, Any]]:
    run = hoshobin("check", "--trial", "--json", environment={**home.environment, **changes})
    found = {one["name"]: one for one in run.json}
    assert run.code == (0 if all(one["ok"] for one in found.values()) else 1)
    return found


def test_check_finds_nothing_wrong_with_a_sound_service(home: Home) -> None:
    names = ["configuration", "templates", "service key", "signing", "door", "relay"]
    names += ["schema", "stamps", "directory", "staff", "journal"]
    found = checked(home)
    assert list(found) == names
    assert all(one["ok"] for one in found.values())
    shown = home.run("check").out
    assert all(f"ok   {name}: {found[name]['found']}" in shown for name in names)


def test_check_finds_a_missing_key(home: Home) -> None:
    (home.directory / "service.key").unlink()
    assert not checked(home)["service key"]["ok"]


def test_check_finds_a_key_that_others_can_read(home: Home) -> None:
    (home.directory / "service.key").chmod(0o644)
    assert "chmod 600" in checked(home)["service key"]["found"]


def test_check_finds_the_key_of_another_database(home: Home) -> None:
    (home.directory / "service.key").unlink()
    make_key_file(home.directory / "service.key")
    found = checked(home)
    assert found["service key"]["ok"]
    assert "service key = " in found["stamps"]["found"]
    assert not found["stamps"]["ok"]


def change(home: Home, statement: str) -> None:
    opened = open_storage(home.url, home.directory / "service.key", stamps={})
    opened.database.write(lambda session: session.execute(text(statement)) and None)
    opened.database.close()


def test_check_finds_a_wrong_stamp(home: Home) -> None:
    change(home, "UPDATE stamp SET value = 'no' WHERE name = 'trial'")
    assert checked(home)["stamps"] == {"name": "stamps", "ok": False, "found": "trial = no"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'somebody else'",
        "UPDATE journal_detail SET detail = '{\"parties\": 0}'",
        "UPDATE journal SET seq = 7",
    ],
)
def test_check_finds_a_journal_that_was_changed(statement: str, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text('[[party]]\nnumber = "C-9"\nkind = "contractor"\nname = "九"\n', encoding="utf-8")
    home.run("directory", "import", file)
    assert checked(home)["journal"]["ok"]
    change(home, statement)
    found = checked(home)["journal"]
    assert not found["ok"]
    assert "journal service #" in found["found"]


def test_check_finds_a_role_that_nobody_has(home: Home) -> None:
    change(home, "DELETE FROM mailbox WHERE address = 'kessai@surety.example'")
    assert checked(home)["staff"] == {"name": "staff", "ok": False, "found": "nobody for 決裁"}


def test_check_finds_an_old_schema(home: Home) -> None:
    change(home, "UPDATE alembic_version SET version_num = '0000'")
    assert not checked(home)["schema"]["ok"]


def test_a_database_of_a_newer_program_is_refused_in_words(home: Home) -> None:
    change(home, "UPDATE alembic_version SET version_num = '9999'")
    run = home.run("inbox", "retry", home.mails[1])
    assert run.code == 2
    assert "it was last used by a newer version" in run.err
    assert "Traceback" not in run.err


# --- rotate-key


def test_after_a_new_service_key_old_and_new_can_be_read(home: Home) -> None:
    key_file = home.directory / "service.key"
    old = key_file.read_text().split()
    run = home.run("storage", "rotate-key")
    assert run.code == 0
    assert "sealed again 9 of 9" in run.out
    keys = key_file.read_text().split()
    assert keys[1:] == old
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert home.run("inbox", "show", home.mails[0], "--raw").raw == MAIL + b"0"
    assert home.run("letters", "show", home.letters[0], "--raw").raw == DATA
    assert all(one["ok"] for one in checked(home).values())
    key_file.write_text(keys[0] + "\n")
    assert home.run("letters", "show", home.letters[0], "--raw").raw == DATA


def test_without_a_key_file_nothing_is_rotated(home: Home) -> None:
    (home.directory / "service.key").unlink()
    run = home.run("storage", "rotate-key")
    assert run.code == 2
    assert "service.key" in run.err


def test_a_mail_becomes_a_test_of_the_corpus_once(home: Home, tmp_path: Path) -> None:
    run = home.run("new-test", home.mails[0], "parked-one", "--folder", tmp_path)
    assert run.code == 0
    assert (tmp_path / "parked-one.eml").read_bytes() == MAIL + b"0"


def test_json_is_readable_japanese(home: Home) -> None:
    assert "市道港線側溝改修工事" in home.run("guarantees", "list", "--json").out
    assert json.loads(home.run("guarantees", "list", "--json").out)
