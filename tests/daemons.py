"""Start and stop a real `hoshobin serve` process, as its owner would, in a directory of the test's own."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0  # seconds until something that hangs is given up
_LISTENING = re.compile(r"\('([\d.]+)', (\d+)\)|SMTP on ([\d.]+):(\d+)")

SURETY = {
    "name": "〇〇建設業保証株式会社",
    "address": "伊予灘市港町一丁目1番1号",
    "signatory": "取締役社長　保証　太郎",
    "branch": "松山支店",
    "branch_address": "松山市一番町一丁目1番1号",
    "contact": "渡部",
    "phone": "089-000-0000",
    "fax": "089-000-0001",
    "hours": "平日9:00〜17:00",
    "guarantee_numbers_from": 2080001234,
}
SERVICE = {"domain": "hoshobin.example", "desk": "hosho@hoshobin.example"}
IDENTITY = {"authserv_id": "border.hoshobin.example", "trusted_peers": ["127.0.0.1"]}


@dataclass(frozen=True)
class Daemon:
    """A running daemon: where it listens, which process it is, and where it writes its log."""

    host: str
    port: int
    process_id: int
    log: Path


def write_config(directory: Path, relay_url: str, **tables: Mapping[str, object]) -> Path:
    """Write a config.toml with all it needs in `directory`; `tables` are laid over the usual ones."""
    content: dict[str, dict[str, object]] = {
        "service": dict(SERVICE),
        "surety": dict(SURETY),
        "smtp": {"listen": "127.0.0.1:0"},
        "relay": {"url": relay_url},
        "storage": {
            "url": f"sqlite:///{directory / 'hoshobin.db'}",
            "key_file": str(directory / "service.key"),
        },
        "identity": dict(IDENTITY),
        "work": {"sweep_seconds": 2},
    }
    for name, table in tables.items():
        content.setdefault(name, {}).update(table)
    path = directory / "config.toml"
    path.write_text("\n".join(_toml(name, table) for name, table in content.items()), encoding="utf-8")
    return path


def _toml(name: str, table: Mapping[str, object]) -> str:
    # A JSON string, number, boolean or list of strings is TOML as well.
    return f"[{name}]\n" + "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in table.items())


@contextmanager
def serving(
    directory: Path,
    arguments: list[str],
    environment: Mapping[str, str] | None = None,
    program: tuple[str, ...] = (sys.executable, "-m", "bot", "serve"),
) -> Iterator[Daemon]:
    """Run `hoshobin serve` until the block ends; its log is `serve.log`. Fails where it does not start."""
    log = directory / "serve.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **(environment or {})},
            text=True,
        )
        try:
            host, port = _listens(process, log)
            yield Daemon(host, port, process.pid, log)
        finally:
            stop(process)


def _listens(process: subprocess.Popen[str], log: Path) -> tuple[str, int]:
    """Wait for the line that says where it listens; a daemon that never says so is killed."""
    assert process.stdout is not None
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            if found := _LISTENING.search(line):
                return found[1] or found[3], int(found[2] or found[4])
    finally:
        watchdog.cancel()
    raise AssertionError(f"the daemon did not start:\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: subprocess.Popen[str]) -> None:
    """End a process gently; one that does not end in time is killed."""
    process.terminate()
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Look again and again until something that another process does is so. Fails when time is over."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.02)
