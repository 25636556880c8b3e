"""A real Postfix behind, as docs/postfix.md says: TLS proven by an authority, a login that Dovecot checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage.database import make_engine
from storage.tables import LetterRow
from tests.certificates import Authority
from tests.daemons import serving, until, write_config
from tests.dovecot import PASSWORD, dovecot
from tests.interop.guide import snippet
from tests.interop.mta import Mta, mta
from tests.interop.post import BUILDER, DIRECTORY, swaks
from tests.postfix import free_port, smtp_sink

pytestmark = [pytest.mark.interop, pytest.mark.slow]

USER = "hoshobin"
_AUTH = """\
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("smarthost"))


@pytest.fixture(scope="module")
def smarthost(authority: Authority) -> Iterator[tuple[Mta, Path]]:
    """Run it with a sink behind it; give it, and the directory where each letter becomes a file."""
    sasl = free_port()
    certificate, key = authority.issue("127.0.0.1", into="server")
    main = snippet("main.cf of the smarthost", smtpd_sasl_path=f"inet:127.0.0.1:{sasl}")
    files = {"server.pem": certificate.read_text(), "server.key": key.read_text()}
    with smtp_sink() as (port, sink), dovecot(extra=_AUTH.format(port=sasl)):
        main += f"relayhost = [127.0.0.1]:{port}\ndefault_transport = smtp\n"
        with mta(main, files) as postfix:
            yield postfix, sink


@contextmanager
def asked(directory: Path, smarthost: Mta, **relay: object) -> Iterator[None]:
    """Run a daemon that answers one mail by that smarthost."""
    relay = {"tls": "required", "user": USER, **relay}
    config = write_config(
        directory,
        f"smtp://127.0.0.1:{smarthost.port}",
        service={"directory": DIRECTORY},
        relay=relay,
        work={"retry_seconds": 0.5, "sweep_seconds": 0.5},
    )
    with serving(directory, ["--config", str(config)]) as daemon:
        swaks(daemon, "--header", "Subject: 状況", "--body", "状況")
        yield


def letter(directory: Path) -> tuple[str, str]:
    """Return state and reason of the one letter; both empty where there is none yet."""
    engine = make_engine(f"sqlite:///{directory / 'hoshobin.db'}", read_only=True)
    with Session(engine) as session:
        found = [(str(row.state), row.reason) for row in session.exec(select(LetterRow))]
    engine.dispose()
    return found[0] if found else ("", "")


def password_file(directory: Path, password: str) -> Path:
    file = directory / "relay.password"
    file.touch(mode=0o600)
    file.write_text(f"{password}\n", encoding="utf-8")
    return file


def test_a_letter_leaves_over_proven_tls_with_our_login(
    smarthost: tuple[Mta, Path], authority: Authority, tmp_path: Path
) -> None:
    postfix, sink = smarthost
    secret = password_file(tmp_path, PASSWORD)
    with asked(tmp_path, postfix, ca_file=str(authority.file), password_file=str(secret)):
        until(lambda: letter(tmp_path)[0] == "sent", "the letter to be sent")
    until(lambda: list(sink.glob("letter.*")) != [], f"the letter to arrive:\n{postfix.log()}")
    [arrived] = [path.read_bytes() for path in sink.glob("letter.*")]
    assert f"X-Rcpt-Args: <{BUILDER}>".encode() in arrived
    assert b"ESMTPSA" in arrived  # Postfix's word for TLS and a login (RFC 3848)
    assert f"sasl_method=PLAIN, sasl_username={USER}" in postfix.log()
    assert PASSWORD not in (tmp_path / "serve.log").read_text(encoding="utf-8")


def test_a_wrong_password_leaves_the_letter_waiting_until_it_is_put_right(
    smarthost: tuple[Mta, Path], authority: Authority, tmp_path: Path
) -> None:
    postfix, _ = smarthost
    secret = password_file(tmp_path, "wrong")
    with asked(tmp_path, postfix, ca_file=str(authority.file), password_file=str(secret)):
        until(lambda: "refuses our login: 535" in letter(tmp_path)[1], "the letter to be put off")
        secret.write_text(PASSWORD, encoding="utf-8")
        until(lambda: letter(tmp_path)[0] == "sent", "the letter to be sent")
    assert "ERROR the relay refuses our login as hoshobin" in (tmp_path / "serve.log").read_text()


def test_a_relay_that_another_authority_proves_gets_neither_letter_nor_password(
    smarthost: tuple[Mta, Path], tmp_path: Path
) -> None:
    postfix, sink = smarthost
    before = len(list(sink.glob("letter.*")))
    other = Authority(tmp_path, "other")
    secret = password_file(tmp_path, PASSWORD)
    with asked(tmp_path, postfix, ca_file=str(other.file), password_file=str(secret)):
        until(lambda: "its certificate is not proven" in letter(tmp_path)[1], "the letter to be put off")
        assert letter(tmp_path)[0] in ("deferred", "ready", "claimed", "sending")
    assert len(list(sink.glob("letter.*"))) == before


def test_without_a_login_the_letter_waits_too(
    smarthost: tuple[Mta, Path], authority: Authority, tmp_path: Path
) -> None:
    """What the relay says of us condemns no letter."""
    postfix, _ = smarthost
    with asked(tmp_path, postfix, tls="none", user=""):
        until(lambda: letter(tmp_path)[1].startswith("530 5.7.0"), "the letter to be put off")
        assert letter(tmp_path)[0] != "failed"
