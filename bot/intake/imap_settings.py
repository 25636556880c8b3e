"""What one mailbox at a provider is told, and where its secret comes from: never logged, never shown."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_MOST = 16_384  # bytes of a password or token
_TOKEN_SECONDS = 30.0  # as long as the token command may take


class NoSecret(Exception):
    """There is no password or token; the text says why and never what was found instead."""


@dataclass(frozen=True)
class MailboxSettings:
    """One mailbox. Exactly one of password_file, password_env and token_command says how it is opened."""

    name: str
    host: str
    port: int
    user: str
    desk: str  # our own address: to whom its mails are
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    password_file: Path | None = None
    password_env: str = ""
    token_command: tuple[str, ...] = ()
    folder: str = "INBOX"
    after: Literal["flag", "move", "keep"] = "flag"
    processed_folder: str = ""
    idle_seconds: float = 540.0  # of one IDLE; servers and routers drop what is quiet for longer
    poll_seconds: float = 60.0  # between two looks where the server knows no IDLE
    full_pass_seconds: float = 900.0  # between two looks at everything
    max_bytes: int = 30_000_000  # of one mail
    connect_seconds: float = 15.0
    read_seconds: float = 60.0  # without a byte
    work_seconds: float = 600.0  # of one command: a peer that sends a byte a minute is cut off too


@dataclass(frozen=True)
class Secret:
    """A password, or an OAuth access token."""

    kind: Literal["password", "token"]
    value: str = field(repr=False)


def read_secret(settings: MailboxSettings, environment: Mapping[str, str] | None = None) -> Secret:
    """Read the secret anew for each connection: passwords are changed, tokens age. Raises NoSecret."""
    if settings.token_command:
        return Secret("token", _clean(_run(settings.token_command), "the token command"))
    if settings.password_env:
        value = (os.environ if environment is None else environment).get(settings.password_env, "")
        return Secret("password", _clean(value, f"the environment variable {settings.password_env}"))
    return Secret("password", _clean(_read(settings.password_file), str(settings.password_file)))


def _read(path: Path | None) -> str:
    if path is None:
        raise NoSecret("no password_file, password_env or token_command is given")
    try:
        if path.stat().st_mode & 0o077:
            raise NoSecret(f"others can read the password file: chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(_MOST + 1).decode("utf-8")
    except OSError as error:
        raise NoSecret(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{path}: not UTF-8") from None


def _run(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may repeat what it was given
            timeout=_TOKEN_SECONDS,
        )
    except OSError as error:
        raise NoSecret(f"the token command {command[0]!r} does not start: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise NoSecret(f"the token command gave no answer in {_TOKEN_SECONDS:.0f} s") from None
    if done.returncode != 0:
        raise NoSecret(f"the token command ended with code {done.returncode}")
    try:
        return done.stdout.decode("ascii")
    except UnicodeDecodeError:
        raise NoSecret("the token command printed something that is no token") from None


def _clean(value: str, source: str) -> str:
    """Take the line end away that editors and commands put behind a secret."""
    value = value.rstrip("\r\n")
    if not value:
        raise NoSecret(f"{source} gives nothing")
    if len(value) > _MOST or any(c in value for c in "\0\r\n\1"):
        raise NoSecret(f"{source} gives something that is no password or token")
    return value
