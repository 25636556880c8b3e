"""A private Postfix as our border: header_checks of the test's own, everything handed on to the daemon."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.daemons import PATIENCE, until
from tests.postfix import _SBIN, DOMAIN, _answers, _room, free_port, program

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = border.{domain}
mydestination =
relay_domains = {domain}
relayhost = [127.0.0.1]:{next_port}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_tls_security_level = none
header_checks = regexp:{root}/etc/header_checks
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix_border(next_port: int, header_checks: str) -> Iterator[int]:
    """Run it until the block ends; give its port. Needs root."""
    with _room("root") as root:
        port = free_port()
        etc = _lay_out(root, port, next_port, header_checks)
        postfix = [program("postfix"), "-c", str(etc)]
        environment = {"PATH": _SBIN, "LANG": "C"}
        with (root / "start.log").open("wb") as log:
            subprocess.run([*postfix, "start"], env=environment, stdout=log, stderr=log, timeout=PATIENCE)
        try:
            until(lambda: _answers(port), f"Postfix does not start:\n{(root / 'start.log').read_text()}", 20)
            yield port
        finally:
            subprocess.run([*postfix, "stop"], env=environment, capture_output=True, timeout=PATIENCE)


def _lay_out(root: Path, port: int, next_port: int, header_checks: str) -> Path:
    etc = root / "etc"
    for name in ("etc", "queue", "data"):
        (root / name).mkdir(mode=0o755)
    shutil.chown(root / "data", "postfix")
    (etc / "main.cf").write_text(_MAIN.format(root=root, domain=DOMAIN, next_port=next_port))
    (etc / "master.cf").write_text(_MASTER.format(port=port))
    (etc / "header_checks").write_text(header_checks)
    os.chmod(etc / "header_checks", 0o644)
    return etc
