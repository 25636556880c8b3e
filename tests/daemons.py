"""Start and stop a real `hoshobin serve` process, as its owner would, in a directory of the test's own."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot import operations

PATIENCE = 60.0  # seconds until something that hangs is given up
_LISTENING = re.compile(r"\('([\d.]+)', (\d+)\)|SMTP on ([\d.]+):(\d+)")

TRIAL = Path(operations.__file__).with_name("trial.toml")


@dataclass(frozen=True)
class Daemon:
    """A running daemon: where it listens, which process it is, and where it writes its log."""

    host: str
    port: int
    process_id: int
    log: Path


def write_config(directory: Path, relay_url: str, **tables: Mapping[str, object]) -> Path:
    """Write a config.toml in `directory`: the trial's office as a live service; `tables` are laid over it."""
    content = tomllib.loads(TRIAL.read_text(encoding="utf-8"))
    del content["service"]["subject_prefix"]
    content["smtp"]["listen"] = "127.0.0.1:0"
    content["relay"]["url"] = relay_url
    content["storage"]["url"] = f"sqlite:///{directory / 'hoshobin.db'}"
    content["storage"]["key_file"] = str(directory / "service.key")
    for name, table in tables.items():
        content.setdefault(name, {}).update(table)
    terms = [_toml("[terms]", one) for one in content.pop("terms")]
    path = directory / "config.toml"
    path.write_text("\n".join([*(_toml(*one) for one in content.items()), *terms]), encoding="utf-8")
    return path


def _toml(name: str, table: Mapping[str, object]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {_literal(value)}\n" for key, value in table.items())


def _literal(value: object) -> str:
    """Write a value down; what JSON makes of a string, number, truth or list of strings is TOML as well."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


@contextmanager
def serving(
    directory: Path,
    arguments: list[str],
    environment: Mapping[str, str] | None = None,
    program: tuple[str, ...] = (sys.executable, "-m", "bot", "serve"),
    cwd: Path | None = None,
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
            cwd=cwd,
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
