"""The demo's own daemon: a configuration in a directory of its own, and a separate process that serves it."""

import json
import os
import re
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path
from typing import Any

from bot.config import PREFIX, Config, load

_HERE = resources.files("bot.operations")
_SECONDS = 60.0
_SECTION = re.compile(r"^\[(\w+)\]$")
_LISTENING = re.compile(r"listening on \('[^']+', (\d+)\)")


class DidNotStart(Exception):
    """The daemon ended, or said nothing, before it listened; the text is what it wrote."""


def write_config(directory: Path, relay_port: int, storage_url: str) -> Path:
    """Write the trial's invented facts with the demo's own door, relay and database; return the file."""
    laid_over = {
        ("service", "subject_prefix"): "",
        ("service", "directory"): str(_HERE / "trial_directory.toml"),
        ("smtp", "listen"): "127.0.0.1:0",
        ("relay", "url"): f"smtp://127.0.0.1:{relay_port}",
        ("storage", "url"): storage_url,
        ("storage", "key_file"): str(directory / "service.key"),
    }
    file = directory / "config.toml"
    file.write_text(_laid_over((_HERE / "trial.toml").read_text(encoding="utf-8"), laid_over), "utf-8")
    return file


def _laid_over(text: str, values: dict[tuple[str, str], str]) -> str:
    """Put values into TOML text: below their section's head, instead of the line that set them."""
    section, lines = "", []
    for line in text.splitlines():
        if (section, line.partition("=")[0].strip()) in values:
            continue
        lines.append(line)
        if found := _SECTION.match(line):
            section = found.group(1)
            lines += [f"{k} = {json.dumps(v)}" for (of, k), v in values.items() if of == section]
    return "\n".join(lines) + "\n"


class House:
    """One daemon in a process of its own."""

    def __init__(self, directory: Path, relay_port: int, storage_url: str = "") -> None:
        url = storage_url or f"sqlite:///{directory / 'demo.db'}"
        self.config_file = write_config(directory, relay_port, url)
        self.config: Config = load(self.config_file, {})
        self.log_file = directory / "daemon.log"
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        # Settings of the person who runs the demo are not the demo's.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}

    def start(self) -> None:
        """Start the daemon and wait until it listens. Raises DidNotStart."""
        with self.log_file.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve", "--config", str(self.config_file)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment,
            )
        assert self._process.stdout is not None
        too_late = threading.Timer(_SECONDS, self._process.kill)
        too_late.start()
        try:
            heard = _LISTENING.search(self._process.stdout.readline())
        finally:
            too_late.cancel()
        if heard is None:
            self.stop()
            raise DidNotStart(self.log_file.read_text(encoding="utf-8"))
        self.port = int(heard.group(1))

    def command(self, *words: str) -> Any:
        """Run one command of `hoshobin` against this daemon's database and return its JSON."""
        run = [sys.executable, "-m", "bot", *words, "--json", "--config", str(self.config_file)]
        done = subprocess.run(run, capture_output=True, text=True, check=False, env=self.environment)
        return json.loads(done.stdout)

    def stop(self) -> None:
        """Ask the daemon to end, and wait for it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
