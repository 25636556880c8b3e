"""A real Postfix in front, configured as docs/postfix.md says: by LMTP over either socket, and by SMTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import tokyo_date
from bot.operations.trial import sample_application
from tests.daemons import Daemon, serving, until, write_config
from tests.interop.guide import snippet
from tests.interop.milter import milter
from tests.interop.mta import Mta, mta
from tests.interop.post import BUILDER, DESK, DIRECTORY, envelopes, inbox_states, letters_in, swaks, text_of
from tests.postfix import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]

CHECKS = {"hoshobin_header_checks": snippet("hoshobin_header_checks")}
WAYS = ["lmtp-unix", "lmtp-tcp", "smtp"]
AUTHSERV = "mx.hoshobin.example"
OURS = f"{AUTHSERV}; dkim=pass header.d=iyo-kensetsu.example"


def main_cf(way: str, port: int) -> str:
    """Return the guide's configuration for one way to deliver to us."""
    if way == "lmtp-unix":
        return snippet("main.cf by lmtp")
    transport = f"lmtp:inet:127.0.0.1:{port}" if way == "lmtp-tcp" else f"smtp:[127.0.0.1]:{port}"
    return snippet("main.cf by smtp", transport_maps=f"inline:{{ {{ hoshobin.example = {transport} }} }}")


@contextmanager
def both(way: str, directory: Path, more: str = "", **smtp: object) -> Iterator[tuple[Mta, Daemon]]:
    """Run Postfix in front of a daemon."""
    port = free_port()
    with mta(main_cf(way, port) + more, CHECKS) as postfix:
        listen = f"unix:{postfix.queue}/hoshobin/lmtp" if way == "lmtp-unix" else f"127.0.0.1:{port}"
        tables: dict[str, dict[str, object]] = {
            "service": {"directory": DIRECTORY},
            "smtp": {"listen": listen if way == "smtp" else "127.0.0.1:0", **smtp},
            "lmtp": {"listen": "" if way == "smtp" else listen},
            "identity": {"authserv_id": AUTHSERV, "trusted_peers": ["unix", "127.0.0.1"]},
        }
        config = write_config(directory, f"maildir:{directory / 'letters'}", **tables)
        with serving(directory, ["--config", str(config)]) as daemon:
            yield postfix, daemon


@pytest.mark.parametrize("way", WAYS)
def test_what_postfix_takes_is_in_the_inbox_exactly_once(way: str, tmp_path: Path) -> None:
    with both(way, tmp_path) as (postfix, _):
        swaks(postfix, "--header", "Subject: 状況", "--body", "状況")
        postfix.sendmail(
            BUILDER,
            DESK,
            f"From: {BUILDER}\nTo: {DESK}\nSubject: =?utf-8?B?54q25rOB?=\n"
            "Message-ID: <a@iyo-kensetsu.example>\nContent-Type: text/plain; charset=utf-8\n\n状況です\n",
        )
        until(lambda: postfix.count("sent") == 2, f"two deliveries:\n{postfix.log()}")
        letters = letters_in(tmp_path / "letters", BUILDER)
        until(lambda: postfix.waiting() == 0, "an empty queue")
        found = envelopes(tmp_path)
    assert [one["source"] for one in found] == [way.partition("-")[0]] * 2
    assert {one["peer"] for one in found} == {"unix" if way == "lmtp-unix" else "127.0.0.1"}
    assert "株式会社いよ建設" in text_of(letters[0])


def test_the_socket_is_of_the_group_that_the_guide_gives_its_directory(tmp_path: Path) -> None:
    with both("lmtp-unix", tmp_path) as (postfix, _):
        socket = postfix.queue / "hoshobin" / "lmtp"
        assert (socket.group(), oct(socket.stat().st_mode & 0o777)) == ("postfix", "0o660")
    assert not socket.exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_451_for_each_recipient_is_tried_again_and_is_there_once(way: str, tmp_path: Path) -> None:
    """One reply too few would have Postfix wait for minutes; a nested MAIL would have it stall."""
    with both(way, tmp_path, total_seconds=2) as (postfix, _):
        with locked(tmp_path / "hoshobin.db"):
            swaks(postfix, "--to", f"{DESK},postmaster@hoshobin.example", "--header", "Subject: 状況")
            until(lambda: postfix.count("deferred") == 2, f"two deferrals:\n{postfix.log()}")
        assert "451 4.3.0 Temporary failure" in postfix.log()
        assert "conversation with" not in postfix.log()
        postfix.flush()
        until(lambda: postfix.count("sent") == 2, f"two deliveries:\n{postfix.log()}")
        assert len(inbox_states(tmp_path)) == 1


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Keep everybody else from writing."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.parametrize("way", ["lmtp-unix", "smtp"])
def test_mail_that_comes_while_we_are_down_waits_in_postfix(way: str, tmp_path: Path) -> None:
    port = free_port()
    with mta(main_cf(way, port), CHECKS) as postfix:
        swaks(postfix, "--header", "Subject: 状況")
        until(lambda: postfix.count("deferred") == 1, f"a deferral:\n{postfix.log()}")
        listen = f"unix:{postfix.queue}/hoshobin/lmtp" if way == "lmtp-unix" else ""
        config = write_config(
            tmp_path,
            f"maildir:{tmp_path / 'letters'}",
            smtp={"listen": f"127.0.0.1:{port}"},
            lmtp={"listen": listen},
        )
        with serving(tmp_path, ["--config", str(config)]):
            postfix.flush()
            until(lambda: postfix.count("sent") == 1, f"a delivery:\n{postfix.log()}")
            assert len(inbox_states(tmp_path)) == 1


def test_who_is_not_ours_is_refused_before_postfix_takes_it_and_sub_addresses_are_taken(
    tmp_path: Path,
) -> None:
    with both("lmtp-unix", tmp_path) as (postfix, _):
        with pytest.raises(AssertionError, match=r"550 5\.1\.1"):
            swaks(postfix, "--to", "nobody@hoshobin.example")
        swaks(postfix, "--to", "hosho+b1-0-x@hoshobin.example", "--quit-after", "RCPT")


@pytest.mark.parametrize(
    ("index", "forged", "proven"),
    [
        (1, "", True),
        (0, f"Authentication-Results: {OURS}", True),
        (None, f"Authentication-Results: {OURS}", False),
        (
            None,
            f"Authentication-Results: (x) {AUTHSERV} (y) ;\n dkim=pass header.d=iyo-kensetsu.example",
            False,
        ),
    ],
)
def test_only_what_postfixs_own_filter_writes_is_proof(
    index: int | None, forged: str, proven: bool, tmp_path: Path
) -> None:
    """The guide's header_checks take out what comes from outside, and see nothing of what filters add."""
    verdict = OURS if index is not None else ""
    with milter("Authentication-Results", verdict or "none.example; none", index or 0) as port:
        more = f"smtpd_milters = inet:127.0.0.1:{port}\nmilter_default_action = tempfail\n"
        with both("lmtp-unix", tmp_path, more) as (postfix, _):
            path = tmp_path / "mail.eml"
            head = f"{forged}\n" if forged else ""
            head += f"From: {BUILDER}\nTo: {DESK}\nSubject: 保証申込\nMessage-ID: <b@iyo-kensetsu.example>\n"
            head += "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
            form = sample_application(tokyo_date(datetime.now(UTC)))
            path.write_text(f"{head}\n{form}", encoding="utf-8")
            swaks(postfix, "--data", f"@{path}")
            [letter] = letters_in(tmp_path / "letters", BUILDER)
    assert ("この内容で申し込みます" in text_of(letter)) == proven, text_of(letter)
    assert ("確認コード" in text_of(letter)) != proven
