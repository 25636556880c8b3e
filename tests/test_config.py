"""The configuration: what is refused, with which words, and that config.toml explains every key."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.config import BadConfig, Config, TermsPart, build, load
from bot.endpoints import host_and_port

ROOT = Path(__file__).parents[1]
CASES = sorted((ROOT / "tests" / "configs").glob("bad-*"))
SHIPPED = ROOT / "config.toml"
SECTIONS: dict[str, type[BaseModel]] = {"terms": TermsPart} | {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}


def environment_of(case: Path) -> dict[str, str]:
    file = case / "environment"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split("=", 1) for line in lines)


def overlaid(environment: Mapping[str, str]) -> Config:
    return load(SHIPPED, environment)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_configuration_is_refused_with_every_fault_at_once(case: Path) -> None:
    with pytest.raises(BadConfig) as refused:
        load(case / "config.toml", environment_of(case))
    shown = str(refused.value).replace(str(case / "config.toml"), "FILE") + "\n"
    assert shown == (case / "expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_refusal_shows_a_password(case: Path) -> None:
    assert "hunter2" not in (case / "expected").read_text(encoding="utf-8")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"nothing\.toml: No such file"):
        load(tmp_path / "nothing.toml", {})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bad-every-fault-at-once", "bad-missing-sections", "bad-not-toml"])
def test_serve_with_a_bad_configuration_ends_with_code_2_and_its_text_alone(name: str) -> None:
    case = ROOT / "tests" / "configs" / name
    run = subprocess.run(
        [sys.executable, "-m", "bot", "serve", "--config", str(case / "config.toml")],
        capture_output=True,
        text=True,
        env={**os.environ, **environment_of(case)},
        timeout=60,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    expected = (case / "expected").read_text(encoding="utf-8")
    assert run.stderr == expected.replace("FILE", str(case / "config.toml"))


def test_the_shipped_configuration_is_sound() -> None:
    config = load(SHIPPED, {})
    assert config.service.desk == "hosho@hosho.example.jp"
    assert config.terms[0].name == "前払金保証約款"


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_key_is_explained_in_the_shipped_configuration(section: str) -> None:
    text = re.search(rf"(?ms)^\[+{section}\]+.*?(?=^\[|\Z)", SHIPPED.read_text(encoding="utf-8"))
    assert text is not None
    explained = set(re.findall(r"(?m)^(?:# )?(\w+) = ", text.group()))
    assert explained == set(SECTIONS[section].model_fields)


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_key_that_may_be_left_out_is_shipped_with_its_default(section: str) -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))[section]
    if section == "terms":
        return
    for key, field in SECTIONS[section].model_fields.items():
        if key in shipped and not field.is_required() and key not in ("terms_url",):
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            assert shipped[key] == (str(default) if isinstance(default, Path) else default), key


def test_every_key_says_what_it_accepts() -> None:
    silent = [
        f"{section}.{key}"
        for section, part in SECTIONS.items()
        for key, field in part.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_the_environment_stands_above_the_file() -> None:
    config = overlaid({"HOSHOBIN__SMTP__LISTEN": "127.0.0.1:2525", "HOSHOBIN__WORK__SENDERS": "7"})
    assert config.smtp.listen == "127.0.0.1:2525"
    assert config.work.senders == 7


@pytest.mark.parametrize(
    ("written", "peers"),
    [
        ("192.0.2.7", ("192.0.2.7/32",)),
        ("192.0.2.7, 2001:db8::1 ,198.51.100.0/24", ("192.0.2.7/32", "2001:db8::1/128", "198.51.100.0/24")),
        ("", ()),
    ],
)
def test_the_environment_names_peers_separated_by_commas(written: str, peers: tuple[str, ...]) -> None:
    assert overlaid({"HOSHOBIN__IDENTITY__TRUSTED_PEERS": written}).identity.trusted_peers == peers


def test_the_environment_names_name_servers_and_forwarders_separated_by_commas() -> None:
    named = overlaid(
        {
            "HOSHOBIN__VERIFICATION__DIRECT": "true",
            "HOSHOBIN__VERIFICATION__NAMESERVERS": "192.0.2.53, [2001:db8::53]:5353",
            "HOSHOBIN__VERIFICATION__TRUSTED_FORWARDERS": "List.example.jp",
        }
    ).verification
    assert named.direct
    assert named.nameservers == ("192.0.2.53", "[2001:db8::53]:5353")
    assert named.trusted_forwarders == ("list.example.jp",)


def test_other_variables_of_the_environment_are_none_of_our_business() -> None:
    assert overlaid({"HOSHOBIN": "x", "HOSHOBIN_SMTP_LISTEN": "x", "PATH": "/bin"}).smtp.listen


def test_a_section_may_come_from_the_environment_alone() -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    del shipped["relay"]
    assert build(shipped, {"HOSHOBIN__RELAY__URL": "maildir:var/letters"}, "x").relay.timeout_seconds == 60


@pytest.mark.parametrize("url", ["smtp://[::1]:25", "smtp://mx.example.jp", "maildir:a", "maildir:/b"])
def test_a_relay_is_a_host_or_a_directory(url: str) -> None:
    assert overlaid({"HOSHOBIN__RELAY__URL": url}).relay.url == url


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("127.0.0.1:8025", ("127.0.0.1", 8025)),
        ("[::1]:8025", ("::1", 8025)),
        ("mx.example.jp:25", ("mx.example.jp", 25)),
        ("127.0.0.1", ("", -1)),
        ("::1:25", ("", 25)),
        ("h:２５", ("h", -1)),
    ],
)
def test_host_and_port_are_told_apart(written: str, parts: tuple[str, int]) -> None:
    assert host_and_port(written) == parts


def test_the_configuration_cannot_be_changed_while_the_service_runs() -> None:
    config = load(SHIPPED, {})
    with pytest.raises(ValueError, match="frozen"):
        config.smtp.listen = "0.0.0.0:25"  # type: ignore[misc]
