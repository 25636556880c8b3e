"""`hoshobin check --border`: a probe with forged verdicts goes through a border, and must lose them there."""

import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.identity.probe import is_probe, probe_token
from bot.mail import Mail
from bot.operations.forgeries import forgeries, survivors
from bot.reading.client import ReadingHelper
from bot.reading.keys_in_text import without_keys
from tests.borders import ID, Border, border, lax, naive, strict, vouching
from tests.command_line import Ran, hoshobin
from tests.daemons import serving, write_config

pytestmark = pytest.mark.slow
DIRECTORY = str(Path("bot/operations/trial_directory.toml").resolve())
SECRET = b"s" * 32
SPELLINGS = [one.spelling for one in forgeries(ID, "hoshobin.example", "0" * 16)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One daemon behind one border."""
    directory = tmp_path_factory.mktemp("border")
    with border() as mine:
        config = write_config(
            directory,
            f"maildir:{directory / 'letters'}",
            service={"directory": DIRECTORY},
            identity={"border": f"smtp://127.0.0.1:{mine.port}"},
        )
        with serving(directory, ["--config", str(config)]) as daemon:
            mine.next_port = daemon.port
            yield SimpleNamespace(border=mine, config=config, directory=directory, port=daemon.port)


@pytest.fixture
def home(house: SimpleNamespace) -> SimpleNamespace:
    """The same with the border as it should be."""
    house.border.treat, house.border.reply, house.border.next_port = strict, "250 OK", house.port
    return house


def probed(home: SimpleNamespace, *arguments: str, **changes: str) -> tuple[Ran, dict[str, dict[str, Any]]]:
    environment = {f"HOSHOBIN__IDENTITY__{name.upper()}": value for name, value in changes.items()}
    wait = () if "--wait" in arguments else ("--wait", "30")
    command = ("check", "--border", "--json", "--config", home.config, *wait, *arguments)
    run = hoshobin(*command, environment=environment)
    return run, {one["name"]: one for one in run.json if one["name"].startswith("border")}


def test_a_border_that_takes_forged_results_out_passes(home: SimpleNamespace) -> None:
    run, found = probed(home)
    assert run.code == 0, run.out
    assert found["border: forged results"]["found"] == "all 8 were taken out; 1 of the border's own"
    assert found["border: proof"]["found"] == "the probe was judged none"
    assert found["border: peer"]["found"] == "127.0.0.1 is listed"
    assert "ignored (border probe)" in found["border: probe"]["found"]
    assert "waiting up to 30 s" in run.err


def test_nothing_is_answered_to_a_probe(home: SimpleNamespace) -> None:
    probed(home)
    assert not (home.directory / "letters").exists()
    letters = hoshobin("letters", "list", "--json", "--config", home.config)
    assert letters.json == []


def test_a_border_that_hands_everything_on_fails_with_every_spelling_named(home: SimpleNamespace) -> None:
    home.border.treat = lax
    run, found = probed(home)
    assert run.code == 1
    said = found["border: forged results"]
    assert not said["ok"]
    assert said["found"].startswith("8 of 8 came through, written so: plainly; ")
    assert all(one in said["found"] for one in SPELLINGS)
    assert found["border: proof"]["ok"], "the strict rule holds all the same"


def test_a_border_that_knows_one_spelling_alone_fails_with_the_others(home: SimpleNamespace) -> None:
    home.border.treat = naive
    run, found = probed(home)
    assert run.code == 1
    said = found["border: forged results"]["found"]
    assert "plainly" not in said
    assert "with the id in capitals" in said
    assert "with a space before the colon" in said


def test_a_border_that_vouches_for_the_probe_itself_fails(home: SimpleNamespace) -> None:
    home.border.treat = vouching
    run, found = probed(home)
    assert run.code == 1
    assert found["border: forged results"]["ok"]
    assert "the border vouches for it itself" in found["border: proof"]["found"]


def test_a_border_whose_address_is_not_listed_fails(home: SimpleNamespace) -> None:
    run, found = probed(home, trusted_peers="192.0.2.1")
    assert run.code == 1
    assert "127.0.0.1 is not in trusted_peers" in found["border: peer"]["found"]


def test_a_border_that_refuses_the_probe_fails_with_its_own_words(home: SimpleNamespace) -> None:
    home.border.reply = "550 5.7.1 no mail in our own name"
    run, found = probed(home)
    assert run.code == 1
    said = found["border"]["found"]
    assert "the border refused the probe: 550 5.7.1 no mail in our own name" in said
    assert "--probe-from ADDRESS" in said


def test_a_probe_may_come_from_another_address(home: SimpleNamespace) -> None:
    run, _ = probed(home, "--probe-from", "probe@elsewhere.example")
    assert run.code == 0, run.out
    sent = home.border.taken[-1]
    assert b"From: probe@elsewhere.example\r\n" in sent
    assert b"header.d=elsewhere.example" in sent


def test_a_border_that_is_not_there_is_said_in_words(home: SimpleNamespace) -> None:
    run, found = probed(home, border="smtp://127.0.0.1:1")
    assert run.code == 1
    assert "smtp://127.0.0.1:1 cannot be reached" in found["border"]["found"]


def test_a_probe_that_does_not_come_back_fails_when_its_time_is_over(home: SimpleNamespace) -> None:
    home.border.next_port = 0
    run, found = probed(home, "--wait", "1")
    assert run.code == 1
    assert "did not come back within 1 s" in found["border"]["found"]


@pytest.mark.parametrize("key", ["border", "authserv_id"])
def test_without_a_border_there_is_nothing_to_probe(key: str, home: SimpleNamespace) -> None:
    run, found = probed(home, **{key: ""})
    assert run.code == 1
    assert f"[identity] {key} is empty" in found["border"]["found"]


def test_check_alone_sends_nothing(home: SimpleNamespace) -> None:
    before = len(home.border.taken)
    assert hoshobin("check", "--config", home.config).code == 0
    assert len(home.border.taken) == before


# --- what is sent, and how it is known again


def test_our_own_reader_understands_every_spelling_as_ours() -> None:
    """A spelling that no reader falls for would prove nothing."""
    nonce = "0123456789abcdef"
    forged = forgeries(ID, "hoshobin.example", nonce)
    reading = ReadingHelper()
    try:
        for one in forged:
            data = f"{one.header}\r\nFrom: a@b.example\r\n\r\nx\r\n".encode()
            with reading.read(data, null_sender=True) as conversation:
                mail = conversation.mail
            assert isinstance(mail, Mail)
            [header] = mail.authentication
            assert (header.authserv_id, header.sound) == (ID, True), one.spelling
            assert {result.result for result in header.results} == {"pass"}
            assert survivors(forged, mail.authentication, ID) == [one.spelling]
    finally:
        reading.close()


def nonce() -> str:
    return f"{random.Random(7).getrandbits(64):016x}"


@pytest.mark.parametrize("where", ["message_id", "subject"])
def test_a_probe_is_known_by_its_token(where: str) -> None:
    token = probe_token(SECRET, nonce())
    fields = {"message_id": "x@y.example", "from_address": None, where: f"[外部] {token}@hoshobin.example"}
    assert is_probe(Mail.model_validate(fields), SECRET)


@pytest.mark.parametrize(
    "token",
    [
        probe_token(b"another secret", nonce()),
        f"border-probe.{'1' * 16}.{probe_token(SECRET, nonce()).rpartition('.')[2]}",
        probe_token(SECRET, nonce())[:-1],
        "border-probe",
        "",
    ],
)
def test_nobody_without_the_secret_makes_a_probe(token: str) -> None:
    assert not is_probe(Mail(message_id=token, from_address=None, subject=token), SECRET)


def test_a_token_is_not_taken_for_a_key() -> None:
    token = probe_token(SECRET, nonce())
    assert without_keys(token) == token


def test_borders_of_tests_do_what_their_names_say() -> None:
    data = b"Authentication-Results : x;\r\n a=b\r\nSubject: y\r\n\r\nz\r\n"
    assert b"x;" not in strict(data)
    assert b"x;" in lax(data)
    assert Border().next_port == 0
