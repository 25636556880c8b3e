"""A private Postfix that delivers: main.cf of the test's own over a base, its log, and its queue."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.daemons import PATIENCE, until
from tests.postfix import _SBIN, _answers, _room, free_port, program

_ENVIRONMENT = {"PATH": _SBIN, "LANG": "C"}
_BASE = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
sendmail_path = /usr/sbin/sendmail
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.hoshobin.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
default_transport = error:nobody else is served here
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_host_lookup = native
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
"""
# No chroot: a private instance has no copies of the system's files.
_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
showq     unix n - n - - showq
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Mta:
    """A running instance."""

    port: int
    root: Path

    @property
    def queue(self) -> Path:
        """Its queue directory."""
        return self.root / "queue"

    def log(self) -> str:
        """Return its log so far."""
        path = self.root / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def count(self, status: str) -> int:
        """Count deliveries to one recipient that ended so: sent, deferred, bounced."""
        return len(re.findall(rf"\bto=<[^>]*>.*\bstatus={status}\b", self.log()))

    def waiting(self) -> int:
        """Count the mails in all its queues."""
        queues = ("maildrop", "incoming", "active", "deferred", "hold")
        return sum(1 for name in queues for path in (self.queue / name).rglob("*") if path.is_file())

    def flush(self) -> None:
        """Try everything that waits, now."""
        self._run("postqueue", "-f")

    def reload(self) -> None:
        """Read the configuration anew."""
        self._run("postfix", "reload")

    def sendmail(self, sender: str, recipient: str, mail: str) -> None:
        """Hand a mail in on the command line, as a program on its machine does."""
        command = [program("sendmail"), "-C", str(self.root / "etc"), "-i", "-f", sender, recipient]
        done = subprocess.run(command, input=mail.encode(), capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr.decode()

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name), "-c", str(self.root / "etc"), *arguments]
        done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def mta(main: str, files: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Mta]:
    """Run Postfix with lines of main.cf laid over the base, until the block ends. Needs root.

    It listens on a free port where none is named. `files` stand beside main.cf; in both, /etc/postfix/
    stands for that directory, as in our guide.
    """
    with _room("root") as root:
        port = port or free_port()
        etc = _lay_out(root, port, main, files or {})
        postfix = [program("postfix"), "-c", str(etc)]
        with (root / "start.log").open("wb") as log:
            subprocess.run([*postfix, "start"], env=_ENVIRONMENT, stdout=log, stderr=log, timeout=PATIENCE)
        try:
            until(lambda: _answers(port), f"Postfix does not start:\n{(root / 'start.log').read_text()}", 20)
            yield Mta(port, root)
        finally:
            subprocess.run([*postfix, "stop"], env=_ENVIRONMENT, capture_output=True, timeout=PATIENCE)


def _lay_out(root: Path, port: int, main: str, files: Mapping[str, str]) -> Path:
    etc = root / "etc"
    for name in ("etc", "queue", "data"):
        (root / name).mkdir(mode=0o755)
    shutil.chown(root / "data", "postfix")
    (etc / "master.cf").write_text(_MASTER.format(port=port))
    for name, text in {"main.cf": _BASE.format(root=root) + main, **files}.items():
        (etc / name).write_text(text.replace("/etc/postfix/", f"{etc}/"))
        os.chmod(etc / name, 0o644)
    # What daemons of other users put sockets into, as Debian has it below /var/spool/postfix.
    hoshobin = root / "queue" / "hoshobin"
    hoshobin.mkdir()
    shutil.chown(hoshobin, "nobody", "postfix")
    hoshobin.chmod(0o2750)
    return etc
