"""Run the command line as people do: in this process, or in one of its own where it must be."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from bot import cli


@dataclass(frozen=True)
class Ran:
    """What a command ended with."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:
        """What it printed, as a program reads it."""
        return json.loads(self.out)


class _Output(io.TextIOWrapper):
    """Text with the bytes beneath, as standard output has them."""

    def __init__(self) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding="utf-8", write_through=True)


def hoshobin(*arguments: object, environment: Mapping[str, str] | None = None) -> Ran:
    """Run one command in this process."""
    out, err = _Output(), _Output()
    argv = ["hoshobin", *(str(one) for one in arguments)]
    code: int | str | None = 0
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.dict(os.environ, environment or {}),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    raw = out.bytes.getvalue()
    shown = err.bytes.getvalue().decode()
    return Ran(int(code or 0), raw.decode("utf-8", "replace"), shown, raw)


def hoshobin_process(*arguments: object, environment: Mapping[str, str] | None = None, **how: Any) -> Ran:
    """Run one command in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "bot", *(str(one) for one in arguments)],
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=120,
        **how,
    )
    return Ran(run.returncode, run.stdout.decode("utf-8", "replace"), run.stderr.decode(), run.stdout)


def trial_environment(directory: Path, url: str, **more: str) -> dict[str, str]:
    """Return the environment that points the trial's configuration at a directory and a database."""
    return {
        "HOSHOBIN__STORAGE__URL": url,
        "HOSHOBIN__STORAGE__KEY_FILE": str(directory / "service.key"),
        "HOSHOBIN__RELAY__URL": f"maildir:{directory / 'letters'}",
        "HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0",
        **{f"HOSHOBIN__{name}": value for name, value in more.items()},
    }
