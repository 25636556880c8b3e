"""A private Postfix of a test: an instance of its own on loopback, and Postfix's own test programs."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.daemons import PATIENCE, until

DOMAIN = "hoshobin.example"
_SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{domain}
mydestination = {domain}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
"""
# No chroot: a private instance has no copies of the system's files. `hold` needs no delivery agent.
_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
error     unix - - n - - error
retry     unix - - n - - error
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running instance that accepts everything for its domain and holds it in its queue."""

    port: int
    root: Path
    process_id: int  # of its master

    def held(self) -> int:
        """Count the mails in its hold queue."""
        return sum(1 for path in (self.root / "queue" / "hold").rglob("*") if path.is_file())

    def empty(self) -> None:
        """Throw away what it holds."""
        for path in (self.root / "queue" / "hold").rglob("*"):
            if path.is_file():
                path.unlink()


def program(name: str) -> str:
    """Return where a program is. Fails by name where it is not installed: nothing is skipped."""
    found = shutil.which(name, path=_SBIN)
    assert found is not None, f"the program {name} is missing: run `make interop-setup` (as root)"
    return found


def postfix_version() -> str:
    """Return which Postfix is installed."""
    done = subprocess.run(
        [program("postconf"), "-dh", "mail_version"], capture_output=True, text=True, timeout=10
    )
    return done.stdout.strip()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _room(owner: str) -> Iterator[Path]:
    """Make a directory that others can reach: below pytest's own only root can look."""
    with tempfile.TemporaryDirectory(prefix="hoshobin-peer-") as name:
        os.chmod(name, 0o755)
        shutil.chown(name, owner)
        yield Path(name)


@contextmanager
def receive_only() -> Iterator[Postfix]:
    """Run a Postfix that queues on disk and delivers nothing, until the block ends. Needs root."""
    with _room("root") as root:
        yield from _receive_only(root)


def _receive_only(root: Path) -> Iterator[Postfix]:
    port = free_port()
    etc = _lay_out(root, port)
    postfix = [program("postfix"), "-c", str(etc)]
    environment = {"PATH": _SBIN, "LANG": "C"}
    with (root / "start.log").open("wb") as log:
        subprocess.run([*postfix, "start"], env=environment, stdout=log, stderr=log, timeout=PATIENCE)
    master = root / "queue" / "pid" / "master.pid"
    try:
        until(lambda: _answers(port), f"Postfix does not start:\n{(root / 'start.log').read_text()}", 20)
        yield Postfix(port, root, int(master.read_text()))
    finally:
        subprocess.run([*postfix, "stop"], env=environment, capture_output=True, timeout=PATIENCE)


def _lay_out(root: Path, port: int) -> Path:
    """Make the directories with the owners that Postfix insists on."""
    etc = root / "etc"
    for name in ("etc", "queue", "data"):
        (root / name).mkdir(mode=0o755)
    shutil.chown(root / "data", "postfix")
    (etc / "main.cf").write_text(_MAIN.format(root=root, domain=DOMAIN))
    (etc / "master.cf").write_text(_MASTER.format(port=port))
    return etc


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        return connection.recv(4) == b"220 "
    return False


def smtp_source(
    port: int, *, sessions: int, mails: int, length: int, recipient: str, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Send mails with Postfix's own load generator, a new connection a mail; any reply but 2xx ends it."""
    command = [program("smtp-source"), "-4", "-s", str(sessions), "-m", str(mails), "-l", str(length)]
    command += ["-f", "load@peer.example", "-t", recipient, f"127.0.0.1:{port}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


@contextmanager
def smtp_sink() -> Iterator[tuple[int, Path]]:
    """Run Postfix's smtp-sink; give its port, and the directory where each letter becomes a file."""
    port = free_port()
    with _room("nobody") as directory:
        # It gives root up, as whom nobody should listen.
        command = [program("smtp-sink"), "-4", "-u", "nobody", "-d", f"{directory}/letter."]
        command += [f"127.0.0.1:{port}", "100"]
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        reaper = threading.Timer(10 * PATIENCE, process.kill)  # bounded, whatever becomes of the test
        reaper.start()
        try:
            until(lambda: _answers(port), "smtp-sink does not start", 20)
            yield port, directory
        finally:
            reaper.cancel()
            process.terminate()
            process.wait(PATIENCE)
