"""DKIM keys as files: made and published by one command, every fault named, refused where others can read."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bot.config import BadConfig, Config, build
from bot.operations.trial import trial_config
from bot.writing.jobs import SigningKey
from bot.writing.signing import make_signers, signed
from bot.writing.signing_keys import load_signing_keys, record_name, record_value, zone_line
from tests.command_line import hoshobin
from tests.writing.keys import rsa_pem, verdicts
from tests.writing.test_signing import AT, HEAD


def config_with(**signing: object) -> Config:
    environment = {f"HOSHOBIN__SIGNING__{name.upper()}": str(value) for name, value in signing.items()}
    return trial_config(environment)


def ed25519_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def files(tmp_path: Path) -> SimpleNamespace:
    """Give one good key file of each kind."""
    found = SimpleNamespace(rsa=tmp_path / "rsa.pem", ed25519=tmp_path / "ed25519.pem")
    for path, data in ((found.rsa, rsa_pem()), (found.ed25519, ed25519_pem())):
        path.write_bytes(data)
        path.chmod(0o600)
    return found


def test_without_files_there_are_no_keys() -> None:
    assert load_signing_keys(config_with()) == ()


def test_two_kinds_of_key_have_two_names(files: SimpleNamespace) -> None:
    keys = load_signing_keys(config_with(rsa_key_file=files.rsa, ed25519_key_file=files.ed25519))
    names = [record_name(key) for key in keys]
    assert names == [
        "hoshobin._domainkey.hoshobin.example",
        "hoshobin-ed25519._domainkey.hoshobin.example",
    ]
    assert verdicts(signed(HEAD + b"a\r\n", make_signers(keys), AT), *keys) == [True, True]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(mode: int, files: SimpleNamespace) -> None:
    files.rsa.chmod(mode)
    with pytest.raises(BadConfig, match="can be read by others; accepts a file of mode 0600"):
        load_signing_keys(config_with(rsa_key_file=files.rsa))


def encrypted_pem() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2"))


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("rsa", lambda: rsa_pem(1024), "has 1024 bits; accepts 2048 to 4096"),
        ("rsa", ed25519_pem, "is no RSA key"),
        ("ed25519", rsa_pem, "is no Ed25519 key"),
        ("ed25519", encrypted_pem, "is encrypted; accepts a PEM file without a password"),
        ("rsa", lambda: b"not a key", "is no private key; accepts a PEM file"),
        ("rsa", lambda: b"", "is no private key; accepts a PEM file"),
    ],
    ids=["too short", "Ed25519 for RSA", "RSA for Ed25519", "encrypted", "no PEM", "empty"],
)
def test_a_file_that_holds_no_such_key_is_refused_in_words(
    kind: str, content: object, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content())  # type: ignore[operator]
    file.chmod(0o600)
    with pytest.raises(BadConfig) as refused:
        load_signing_keys(config_with(**{f"{kind}_key_file": file}))
    assert str(refused.value) == f"signing: 1 fault(s)\n  signing.{kind}_key_file = {str(file)!r}: {said}"


def test_every_fault_is_named_at_once(files: SimpleNamespace, tmp_path: Path) -> None:
    files.rsa.chmod(0o644)
    config = config_with(
        domain="elsewhere.example", rsa_key_file=files.rsa, ed25519_key_file=tmp_path / "none.pem"
    )
    with pytest.raises(BadConfig) as refused:
        load_signing_keys(config)
    first, *faults = str(refused.value).splitlines()
    assert first == "signing: 3 fault(s)"
    assert [fault.split(" = ")[0].strip() for fault in faults] == [
        "signing.rsa_key_file",
        "signing.ed25519_key_file",
        "signing.domain",
    ]
    assert "No such file or directory" in faults[1]


@pytest.mark.parametrize(
    ("desk", "domain", "accepted"),
    [
        ("hosho@hoshobin.example", "hoshobin.example", True),
        ("hosho@mail.hoshobin.example", "hoshobin.example", True),
        ("hosho@mail.hoshobin.example", "", True),
        ("hosho@hoshobin.example", "mail.hoshobin.example", False),
        ("hosho@nothoshobin.example", "hoshobin.example", False),
    ],
)
def test_the_signing_domain_is_the_desks_or_one_above_it(
    desk: str, domain: str, accepted: bool, files: SimpleNamespace
) -> None:
    """RFC 7489 §3.1.1: otherwise the signature proves nothing of the visible From."""
    environment = {"HOSHOBIN__SERVICE__DESK": desk, "HOSHOBIN__SIGNING__DOMAIN": domain}
    config = trial_config({**environment, "HOSHOBIN__SIGNING__RSA_KEY_FILE": str(files.rsa)})
    if accepted:
        [key] = load_signing_keys(config)
        assert key.domain == (domain or desk.rpartition("@")[2])
    else:
        with pytest.raises(BadConfig, match="says nothing of a letter from the desk"):
            load_signing_keys(config)


@pytest.mark.parametrize("selector", ["", "a b", "-a", "a_b", "a..b", "保証"])
def test_a_selector_is_a_dns_name(selector: str) -> None:
    with pytest.raises(BadConfig, match="is not a DKIM selector"):
        config_with(selector=selector)


def test_a_border_is_no_maildir() -> None:
    values = {"service": {}, "surety": {}, "identity": {"border": "maildir:x"}}
    with pytest.raises(BadConfig, match=r"identity\.border = 'maildir:x': is not smtp://host:port"):
        build(values, {}, "x")


def test_the_published_ed25519_key_is_that_of_the_standard() -> None:
    """RFC 8463, appendix A.2: the bare public key of RFC 8032's first example."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = SigningKey(domain="football.example.com", selector="brisbane", private=der)
    assert record_name(key) == "brisbane._domainkey.football.example.com"
    assert record_value(key) == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


# --- the commands


def environment_of(tmp_path: Path, **signing: object) -> dict[str, str]:
    url = {"HOSHOBIN__STORAGE__URL": f"sqlite:///{tmp_path / 'none.db'}"}
    return url | {f"HOSHOBIN__SIGNING__{name.upper()}": str(value) for name, value in signing.items()}


@pytest.mark.parametrize(("kind", "option"), [("rsa", ()), ("ed25519", ("--ed25519",))])
def test_dkim_key_makes_a_key_that_check_finds_in_use(
    kind: str, option: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "new.pem"
    run = hoshobin("dkim-key", file, *option, "--trial")
    assert run.code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    [key] = load_signing_keys(config_with(**{f"{kind}_key_file": file}))
    assert run.out == f"{zone_line(key)}\n"
    strings = re.findall(r'"([^"]*)"', run.out)
    assert "".join(strings) == record_value(key)
    assert all(len(one) <= 255 for one in strings)
    assert f'{kind}_key_file = "{file}"' in run.err
    there = environment_of(tmp_path, **{f"{kind}_key_file": file})
    shown = hoshobin("check", "--trial", environment=there).out
    assert "ok   signing: on; DNS must have\n" in shown
    assert zone_line(key) in shown
    assert "PRIVATE" not in shown + run.out


def test_dkim_key_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "old.pem"
    file.write_text("mine")
    run = hoshobin("dkim-key", file, "--trial")
    assert run.code == 2
    assert "File exists" in run.err
    assert file.read_text() == "mine"


def test_check_says_that_signing_is_off_or_cannot_be(tmp_path: Path, files: SimpleNamespace) -> None:
    off = hoshobin("check", "--trial", environment=environment_of(tmp_path)).out
    assert "ok   signing: off: [signing] names no key" in off
    os.chmod(files.rsa, 0o644)
    bad = hoshobin("check", "--trial", environment=environment_of(tmp_path, rsa_key_file=files.rsa))
    assert bad.code == 1
    assert "FAIL signing: signing: 1 fault(s)" in bad.out


def test_serve_refuses_a_key_that_it_cannot_use(tmp_path: Path, files: SimpleNamespace) -> None:
    os.chmod(files.rsa, 0o644)
    there = environment_of(tmp_path, rsa_key_file=files.rsa)
    run = hoshobin("serve", "--trial", environment=there)
    assert run.code == 2
    assert "signing.rsa_key_file" in run.err
    assert not (tmp_path / "none.db").exists()
