"""Starts services quickly: a process that has loaded the program once forks a fresh one for each life.

A forked process has no thread, connection or open file of its predecessor; its two helpers are exec'd as
ever. Whatever a killed service leaves behind becomes a child of this process, so that a life is over only
when nothing of it runs any more.
"""

import asyncio
import ctypes
import faulthandler
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel
from sqlalchemy.orm import configure_mappers

from bot.app import Running, Service
from bot.config import load
from storage import database
from tests.crash.points import Kill, KillAtMoment, Points, watch_commits, watch_relay

PATIENCE = 60  # seconds until what hangs counts as hanging
_ORPHAN_SECONDS = 10
_ROOT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_prctl = ctypes.CDLL(None).prctl


class Job(BaseModel):
    """One life that is wanted."""

    config_file: Path
    log_file: Path
    kill: Kill | KillAtMoment | None
    jobs_in_a_commit: int  # at most


class ForkServer:
    """The test's side: one server, one life at a time."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.fork_server"], stdin=theirs.fileno(), cwd=_ROOT
            )
        self._control.settimeout(PATIENCE)

    def start(self, job: Job) -> "Life":
        """Start a life."""
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        with theirs:
            socket.send_fds(self._control, [job.model_dump_json().encode()], [theirs.fileno()])
        return Life(ours, self._control)

    def close(self) -> None:
        """End the server."""
        self._control.close()
        self._process.wait(PATIENCE)


class Life:
    """One process of the service, from its start until nothing of it runs any more."""

    def __init__(self, report: socket.socket, control: socket.socket) -> None:
        self._report = report
        self._control = control
        self._process: int | None = None  # a descriptor: it never means another process
        self.trail: list[str] = []

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what the process tells, until it is dead. Raises TimeoutError where it hangs."""
        with self._report, self._report.makefile("r") as lines:
            for line in lines:
                told: dict[str, Any] = json.loads(line)
                if told["event"] == "born":
                    with suppress(ProcessLookupError):
                        self._process = os.pidfd_open(told["pid"])
                    continue
                if "when" in told:
                    self.trail.append(f"{told['when']} {told['event']} {told['n']}: {told['what']}")
                yield told

    def signal(self, number: int) -> None:
        """Send a signal, if it lives."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)

    def was_killed(self) -> bool:
        """Wait for the end. Raises ChildProcessError where it fell by itself or left a process behind."""
        end = json.loads(self._control.recv(4096))
        if self._process is not None:
            os.close(self._process)
        if end["orphans"]:
            raise ChildProcessError(f"left behind: {end['orphans']}")
        if end["status"] not in (0, -signal.SIGKILL):
            raise ChildProcessError(f"ended with {end['status']}")
        return bool(end["status"])


def main() -> None:
    """Fork for each job on standard input until the test closes it."""
    control = socket.socket(fileno=0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    configure_mappers()
    while True:
        note, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not note:
            return
        with socket.socket(fileno=descriptors[0]) as report:
            child = os.fork()
            if child == 0:
                _live(Job.model_validate_json(note), report)
        _, status = os.waitpid(child, 0)
        end = {"status": os.waitstatus_to_exitcode(status), "orphans": _orphans()}
        control.send(json.dumps(end).encode())


def _live(job: Job, report: socket.socket) -> NoReturn:
    """Be one service; never returns."""
    status = 1
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        log = os.open(job.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # nor does it hold the control socket
        faulthandler.dump_traceback_later(PATIENCE - 5)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        _serve(job, report)
        status = 0
    except BaseException:
        logging.exception("the service fell")
    finally:
        os._exit(status)


def _serve(job: Job, report: socket.socket) -> None:
    database.BATCH = job.jobs_in_a_commit
    points = Points(report, job.kill)
    points.tell(event="born", pid=os.getpid())
    watch_commits(points)
    watch_relay(points)

    def started(running: Running) -> None:
        points.tell(event="started", port=running.smtp[1])

    asyncio.run(Service(load(job.config_file, {})).run(started))


class _Late(Exception):
    """The orphans do not end."""


def _orphans() -> list[str]:
    """Wait until every process that the dead service left behind has ended; name those that do not."""

    def late(*_: object) -> NoReturn:
        raise _Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(_ORPHAN_SECONDS)
    try:
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
    except _Late:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        return [Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in children]
    finally:
        signal.alarm(0)
    return []


if __name__ == "__main__":
    main()
