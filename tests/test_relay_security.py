"""The way to the relay: TLS as it is asked for, a login that leaves only over it, letters that wait."""

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from bot.relay import Deferred, Refused, Security, SmtpRelay, make_relay
from bot.relay.security import BadSecurity
from tests.certificates import Authority
from tests.postfix import free_port
from tests.relays import ScriptedRelay

DESK, TO = "hosho@hosho.example.jp", "jimu@kensetsu.example.jp"
LETTER = b"Subject: x\r\n\r\nhonbun\r\n"
USER, PASSWORD = "desk", "合言葉 hunter2"
NEVER_LEAVES = "a password leaves only over proven TLS"


class Peer:
    """A relay on loopback that keeps letters, and what it saw of whom they came from."""

    def __init__(self, **options: Any) -> None:
        self.letters: list[bytes] = []
        self.encrypted: list[bool] = []
        self.logins: list[tuple[str, str, str]] = []
        context = options.pop("implicit", None)
        options.setdefault("authenticator", self._authenticate)
        self.port = free_port()
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ssl_context=context, ready_timeout=30, **options
        )

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.letters.append(envelope.content)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def _authenticate(
        self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append((mechanism, data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


@contextmanager
def peer(**options: Any) -> Iterator[Peer]:
    """Run a peer until the block ends."""
    running = Peer(**options)
    running.controller.start()
    try:
        yield running
    finally:
        running.controller.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("relay"))


def server_side(authority: Authority, *names: str, days: int = 3650) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue(*(names or ("127.0.0.1",)), days=days))
    return context


def send(port: int, security: Security, host: str = "127.0.0.1", **options: Any) -> None:
    with closing(SmtpRelay(host, port, "hosho.example.jp", 10, security, **options)) as ours:
        ours.transmit(DESK, TO, LETTER)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "relay.password"
    file.touch(mode=0o600)
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(("tls", "encrypted"), [("none", False), ("opportunistic", True)])
def test_tls_is_used_where_it_is_offered_unless_it_is_told_not_to(
    authority: Authority, tls: Any, encrypted: bool
) -> None:
    """Opportunistic asks for no proof: the certificate here is for nobody that we trust."""
    with peer(tls_context=server_side(authority, "elsewhere.example")) as relay:
        send(relay.port, Security(tls=tls))
    assert relay.encrypted == [encrypted]


def test_opportunistic_goes_without_where_none_is_offered_or_it_fails(authority: Authority) -> None:
    with closing(ScriptedRelay(extensions=("STARTTLS",))) as relay:
        relay.next("STAR", "454 TLS not available due to temporary reason")
        send(relay.port, Security())
        assert len(relay.taken) == 1
        relay.next("STAR", "220 go ahead")  # and then it speaks no TLS
        send(relay.port, Security())
        assert len(relay.taken) == 2
    with peer() as plain:
        send(plain.port, Security())
    assert plain.encrypted == [False]


def test_required_goes_to_a_relay_that_the_authority_proves(authority: Authority) -> None:
    with peer(tls_context=server_side(authority)) as relay:
        send(relay.port, Security(tls="required", ca_file=authority.file))
    assert relay.encrypted == [True]


def test_letters_share_one_connection_over_tls_too(authority: Authority) -> None:
    with peer(tls_context=server_side(authority)) as relay:
        security = Security(tls="required", ca_file=authority.file)
        with closing(SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", 10, security)) as ours:
            for _ in range(3):
                ours.transmit(DESK, TO, LETTER)
            assert relay.encrypted == [True] * 3


@pytest.mark.parametrize(
    ("names", "days", "fault"),
    [
        (("127.0.0.1",), 3650, "unable to get local issuer certificate"),
        (("elsewhere.example",), 3650, "IP address mismatch"),
        (("127.0.0.1",), -1, "certificate has expired"),
    ],
)
def test_a_certificate_that_proves_nothing_puts_the_letter_off_and_is_named(
    authority: Authority, tmp_path: Path, names: tuple[str, ...], days: int, fault: str
) -> None:
    trusted = Authority(tmp_path, "other") if "issuer" in fault else authority
    with peer(tls_context=server_side(authority, *names, days=days)) as relay:
        security = Security(tls="required", ca_file=trusted.file)
        with pytest.raises(Deferred, match=f"its certificate is not proven: .*{fault}"):
            send(relay.port, security)
    assert relay.letters == []


def test_required_sends_nothing_to_a_relay_without_tls() -> None:
    """Whoever sits on the wire can take STARTTLS out of the offer."""
    with closing(ScriptedRelay()) as relay:
        with pytest.raises(Deferred, match=r"the relay offers no STARTTLS, which relay\.tls requires"):
            send(relay.port, Security(tls="required"))
        assert relay.taken == []
        assert not any(line.upper().startswith(("MAIL", "AUTH")) for line in relay.heard)


def test_smtps_speaks_tls_from_the_first_byte_and_wants_proof(authority: Authority, tmp_path: Path) -> None:
    with peer(implicit=server_side(authority)) as relay:
        send(relay.port, Security(ca_file=authority.file), tls_at_once=True)
        with pytest.raises(Deferred, match="its certificate is not proven"):
            send(relay.port, Security(ca_file=Authority(tmp_path, "other").file), tls_at_once=True)
    assert relay.encrypted == [True]


def test_a_url_of_smtps_makes_such_a_relay(authority: Authority) -> None:
    with peer(implicit=server_side(authority)) as relay:
        url = f"smtps://127.0.0.1:{relay.port}"
        with closing(make_relay(url, "x.example", 10, Security(ca_file=authority.file))) as ours:
            ours.transmit(DESK, TO, LETTER)
    assert relay.encrypted == [True]


@pytest.mark.parametrize(("left_out", "mechanism"), [((), "PLAIN"), (("PLAIN",), "LOGIN")])
def test_the_login_is_given_once_in_utf_8(
    authority: Authority, password_file: Path, left_out: tuple[str, ...], mechanism: str
) -> None:
    """smtplib encodes a password as ASCII only, and would try it by every mechanism."""
    context = server_side(authority)
    with peer(tls_context=context, auth_required=True, auth_exclude_mechanism=left_out) as relay:
        security = Security("required", authority.file, USER, password_file)
        send(relay.port, security)
    assert relay.logins == [(mechanism, USER, PASSWORD)]
    assert len(relay.letters) == 1


def test_a_refused_login_condemns_no_letter_and_is_said_loudly(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with peer(tls_context=server_side(authority), auth_required=True) as relay:
        security = Security("required", authority.file, USER, given_password="hunter2")
        with pytest.raises(Deferred, match="the relay refuses our login: 535"):
            send(relay.port, security)
    assert relay.letters == []
    assert len(relay.logins) == 1
    [loud] = [record for record in caplog.records if record.name == "bot.relay.smtp"]
    assert loud.levelname == "ERROR"
    assert "hunter2" not in caplog.text


def test_a_corrected_password_file_needs_no_restart(authority: Authority, password_file: Path) -> None:
    password_file.write_text("wrong")
    with peer(tls_context=server_side(authority), auth_required=True) as relay:
        security = Security("required", authority.file, USER, password_file)
        with closing(SmtpRelay("127.0.0.1", relay.port, "hosho.example.jp", 10, security)) as ours:
            with pytest.raises(Deferred):
                ours.transmit(DESK, TO, LETTER)
            password_file.write_text(PASSWORD, encoding="utf-8")
            ours.transmit(DESK, TO, LETTER)
    assert len(relay.letters) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "message"])
@pytest.mark.parametrize("code", ["530 5.7.0", "535 5.7.8", "538 5.7.11"])
def test_a_relay_that_wants_a_login_we_have_not_puts_the_letter_off(stage: str, code: str) -> None:
    with closing(ScriptedRelay()) as relay:
        relay.next(stage, f"{code} Authentication required")
        with pytest.raises(Deferred, match=code.replace(".", r"\.")):
            send(relay.port, Security())


def test_a_relay_that_offers_no_login_we_know_puts_the_letter_off() -> None:
    with closing(ScriptedRelay(extensions=("AUTH CRAM-MD5 DIGEST-MD5",))) as relay:
        with pytest.raises(Deferred, match="neither AUTH PLAIN nor LOGIN"):
            send(relay.port, Security(user=USER, given_password=PASSWORD))
        assert not any(line.startswith("AUTH") for line in relay.heard)


def test_on_this_machine_a_password_needs_no_tls() -> None:
    with closing(ScriptedRelay(extensions=("AUTH PLAIN",))) as relay:
        relay.next("AUTH", "235 2.7.0 in")
        send(relay.port, Security(user=USER, given_password=PASSWORD))
        assert len(relay.taken) == 1


def test_elsewhere_a_password_never_leaves_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration refuses this already; the connection looks at the address it has really reached."""
    monkeypatch.setattr("bot.relay.smtp.is_loopback_address", lambda address: False)
    with closing(ScriptedRelay(extensions=("AUTH PLAIN",))) as relay:
        with pytest.raises(Deferred, match=NEVER_LEAVES):
            send(relay.port, Security(user=USER, given_password=PASSWORD))
        assert not any(line.startswith("AUTH") for line in relay.heard)


def test_elsewhere_a_password_never_leaves_over_unproven_tls(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.relay.smtp.is_loopback_address", lambda address: False)
    with peer(tls_context=server_side(authority)) as relay:
        with pytest.raises(Deferred, match=NEVER_LEAVES):
            send(relay.port, Security(user=USER, given_password=PASSWORD))
        assert relay.logins == []


@pytest.mark.parametrize(
    ("content", "mode", "fault"),
    [
        (b"x", 0o604, "others can read it: chmod 600"),
        (b"", 0o600, "does not hold one line, the password"),
        (b"a\nb\n", 0o600, "does not hold one line, the password"),
        (b"\xff\n", 0o600, "is not UTF-8"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes, mode: int, fault: str
) -> None:
    file = tmp_path / "relay.password"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(BadSecurity, match=rf"relay\.password_file = '.*relay\.password': {fault}"):
        Security(user=USER, password_file=file).check()


def test_a_password_file_that_is_not_there_is_named_and_later_puts_letters_off(tmp_path: Path) -> None:
    security = Security(user=USER, password_file=tmp_path / "relay.password")
    with pytest.raises(BadSecurity, match="No such file"):
        security.check()
    with (
        closing(ScriptedRelay(extensions=("AUTH PLAIN",))) as relay,
        pytest.raises(Deferred, match="No such file"),
    ):
        send(relay.port, security)


def test_an_authority_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSecurity, match=r"relay\.ca_file = '.*ca\.pem': No such file"):
        Security(ca_file=tmp_path / "ca.pem").check()
    (tmp_path / "ca.pem").write_text("a letter")
    with pytest.raises(BadSecurity, match=r"relay\.ca_file = '.*ca\.pem': no PEM certificates"):
        Security(ca_file=tmp_path / "ca.pem").check()


def test_the_password_is_in_no_repr() -> None:
    assert "hunter2" not in repr(Security(user=USER, given_password="hunter2"))


def test_a_refusal_of_the_letter_stays_one() -> None:
    with closing(ScriptedRelay()) as relay:
        relay.next("RCPT", "554 5.7.1 Relay access denied")
        with pytest.raises(Refused):
            send(relay.port, Security())
