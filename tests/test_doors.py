"""The doors as configured: what cannot be opened is named, and a Unix socket is a peer of its own."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import relay_security
from bot.clock import FixedClock
from bot.config import BadConfig, Config, build, load
from bot.doors import Doors, load_certificate
from bot.identity.authentication import Border
from bot.intake.lobby import DoorSettings
from bot.operations.check_wires import check_wires
from bot.operations.trial import trial_config
from storage import inbox
from storage.sealed import load_key_file
from tests.certificates import Authority
from tests.intake.callers import MOMENT, SETTINGS, Inbox

CLOCK = FixedClock(MOMENT)


def config(**environment: str) -> Config:
    variables = {f"HOSHOBIN__{name}": value for name, value in environment.items()}
    return load(Path("config.toml"), {"HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0", **variables})


def doors(settings: Config, door_settings: DoorSettings = SETTINGS) -> Doors:
    return Doors(settings, door_settings, Inbox(), CLOCK)


def test_an_lmtp_address_that_cannot_be_had_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(BadConfig, match=rf"lmtp\.listen = '{at}': .*already in use"):
            asyncio.run(doors(config(LMTP__LISTEN=at)).open())


def test_a_socket_in_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    at = f"unix:{tmp_path}/nowhere/lmtp"
    with pytest.raises(BadConfig, match=r"lmtp\.listen = 'unix:.*': No such file or directory"):
        asyncio.run(doors(config(LMTP__LISTEN=at)).open())


def test_over_the_unix_socket_tls_is_neither_offered_nor_required(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("mx.hosho.example.jp")
    settings = config(
        LMTP__LISTEN=f"unix:{tmp_path}/lmtp",
        SMTP__TLS_CERTIFICATE=str(pair[0]),
        SMTP__TLS_KEY=str(pair[1]),
        SMTP__TLS_REQUIRED="true",
    )
    certificate = load_certificate(settings)

    async def story() -> bytes:
        secured = DoorSettings(**{**vars(SETTINGS), "certificate": certificate, "tls_required": True})
        opened = doors(settings, secured)
        await opened.open()
        reader, writer = await asyncio.open_unix_connection(tmp_path / "lmtp")
        writer.write(b"LHLO x\r\nMAIL FROM:<a@example.jp>\r\nQUIT\r\n")
        heard = await reader.read()
        writer.close()
        await writer.wait_closed()
        await opened.close(1)
        return heard

    heard = asyncio.run(story())
    assert b"STARTTLS" not in heard
    assert heard.endswith(b"250 OK\r\n221 Bye\r\n")


def test_a_certificate_that_cannot_be_used_is_named_with_its_key(tmp_path: Path) -> None:
    file, key = Authority(tmp_path).issue("mx.hosho.example.jp")
    key.unlink()
    settings = config(SMTP__TLS_CERTIFICATE=str(file), SMTP__TLS_KEY=str(key))
    with pytest.raises(BadConfig, match=r"^smtp\.tls_certificate, smtp\.tls_key: .*\.key: No such file"):
        load_certificate(settings)


def test_the_check_says_how_long_the_certificate_lasts_and_what_the_relay_is_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    file, key = authority.issue("mx.hosho.example.jp", days=30)
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("hunter2")
    settings = config(
        SMTP__TLS_CERTIFICATE=str(file),
        SMTP__TLS_KEY=str(key),
        RELAY__URL="smtps://relay.example.jp",
        RELAY__USER="desk",
        RELAY__PASSWORD_FILE=str(password),
    )
    door, relay = check_wires(settings)
    assert door.ok
    assert door.found.startswith("certificate valid until 20")
    assert relay.found == "smtps://relay.example.jp, TLS opportunistic, login as desk"
    late = FixedClock(datetime.now(UTC) + timedelta(days=31))
    assert [one.ok for one in check_wires(settings, late)] == [False, True]
    password.chmod(0o644)
    assert [one.ok for one in check_wires(settings)] == [True, False]
    with pytest.raises(BadConfig, match="others can read it"):
        relay_security(settings)


@pytest.mark.parametrize(
    ("peers", "trusted"), [((), False), (("127.0.0.1/32",), False), (("127.0.0.1/32", "unix"), True)]
)
def test_who_comes_over_the_unix_socket_is_trusted_only_by_name(peers: Any, trusted: bool) -> None:
    border = Border(authserv_id="mx.example.jp", trusted_peers=peers)
    assert border.trusts("unix") == trusted
    assert border.trusts("127.0.0.1") == bool(peers)
    assert not border.trusts("192.0.2.1")


def test_unix_may_stand_among_the_trusted_peers() -> None:
    assert config(IDENTITY__TRUSTED_PEERS="unix,192.0.2.7").identity.trusted_peers == ("unix", "192.0.2.7/32")


@pytest.mark.parametrize("at", ["", "127.0.0.1:24", "[::1]:24", "unix:/run/hoshobin/lmtp"])
def test_lmtp_listens_on_a_host_or_a_path(at: str) -> None:
    assert config(LMTP__LISTEN=at).lmtp.listen == at


def test_a_trial_listens_for_lmtp_on_this_machine_only() -> None:
    assert trial_config({"HOSHOBIN__LMTP__LISTEN": "unix:/tmp/lmtp"}).lmtp.listen
    assert trial_config({"HOSHOBIN__LMTP__LISTEN": "127.0.0.1:24"}).lmtp.listen
    with pytest.raises(BadConfig, match=r"lmtp\.listen = '0\.0\.0\.0:24': a trial listens on loopback only"):
        trial_config({"HOSHOBIN__LMTP__LISTEN": "0.0.0.0:24"})


@pytest.mark.parametrize(
    ("url", "tls"),
    [("smtps://relay.example.jp", "opportunistic"), ("smtp://relay.example.jp", "required")]
    + [(f"smtp://{host}:587", "opportunistic") for host in ("localhost", "127.0.0.1", "[::1]")],
)
def test_a_login_is_taken_where_its_password_stays_private(url: str, tls: str) -> None:
    relay = config(RELAY__URL=url, RELAY__TLS=tls, RELAY__USER="desk", RELAY__PASSWORD="hunter2").relay
    assert relay.user == "desk"
    assert "hunter2" not in repr(relay)


def test_a_password_that_is_no_text_is_not_shown() -> None:
    values = {"relay": {"url": "smtps://relay.example.jp", "user": "desk", "password": 4821}}
    with pytest.raises(BadConfig) as refused:
        build(values, {}, "x")
    assert "relay.password: " in str(refused.value)
    assert "4821" not in str(refused.value)


def test_the_same_mail_by_another_door_is_the_same_arrival(key_file: Path) -> None:
    """A mail server that tries again may have been told another way in the meantime."""
    sealer = load_key_file(key_file)
    envelope: dict[str, Any] = {"recipients": ["hosho@hosho.example.jp"]}
    names = {
        inbox.arrival(sealer, source, envelope, b"x\r\n", "a@example.jp", MOMENT).transport_digest
        for source in ("smtp", "lmtp")
    }
    assert len(names) == 1
