"""The real reading helper with readers that misbehave on demand, run as a program by the sandbox tests."""

import os
import resource
import signal
import socket
import time
from collections.abc import Callable

from bot.mail import Attachment, PaperReading, Unreadable
from bot.reading.mail import OpenedMail, read_mail
from bot.reading.papers import read_paper
from bot.reading.sandbox import main as serve


def tried(act: Callable[[], object]) -> str:
    """Return what came of it: 'done' or the name of the exception."""
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return "done"


def look_around() -> str:
    """Return what a child can reach, as lines of `what: outcome`."""
    limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    outcomes = {
        "socket": tried(socket.socket),
        "open": tried(lambda: open("/etc/hostname", "rb")),  # noqa: SIM115
        "write": tried(lambda: open("/tmp/hoshobin-probe", "wb")),  # noqa: SIM115
        "fork": tried(lambda: os.fork() or os._exit(0)),
        "duplicate": tried(lambda: os.dup(1)),
        "raise the limits": tried(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))),
        "raise memory": tried(lambda: resource.setrlimit(resource.RLIMIT_AS, limits)),
        "become root": tried(lambda: os.setuid(0)) if os.getuid() else "PermissionError is owed",
        "signal the helper": tried(lambda: os.kill(os.getppid(), 0)),
        "control socket": tried(lambda: os.fstat(0)),
        "environment": " ".join(sorted(set(os.environ) - {"LC_CTYPE"})),
    }
    return "\n".join(f"{what}: {outcome}" for what, outcome in outcomes.items())


def spin() -> None:
    while True:
        pass


def spin_without_alarm() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def use_memory() -> None:
    bytes(2 << 30)


ACTS: dict[bytes, Callable[[], object]] = {
    b"spin\n": spin,
    b"stubborn\n": spin_without_alarm,
    b"abort\n": os.abort,
    b"memory\n": use_memory,
    b"slow\n": lambda: time.sleep(0.5),
}


def probing_mail_reader(data: bytes, null_sender: bool) -> OpenedMail | Unreadable:
    body = data.partition(b"\n\n")[2]
    if body == b"look around\n":
        return Unreadable(reason=look_around())
    if body == b"flood\n":
        return Unreadable(reason="x" * (9 << 20))
    ACTS.get(body, lambda: None)()
    return read_mail(data, null_sender=null_sender)


def probing_paper_reader(attachment: Attachment, data: bytes) -> PaperReading:
    ACTS.get(data, lambda: None)()
    return read_paper(attachment, data)


def main() -> None:
    serve(probing_mail_reader, probing_paper_reader)
