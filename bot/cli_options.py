"""What the commands share: options, opening configuration and storage, printing for people or programs."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.config import Config
    from storage.opening import Opened

ConfigFile = Annotated[Path, typer.Option("--config", help="The configuration file.")]
ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
Trial = Annotated[bool, typer.Option("--trial", help="Use the built-in trial configuration.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DEFAULT_CONFIG = Path("config.toml")


def read_config(path: Path, trial: bool) -> "Config":
    """Read the configuration, or build that of the trial. Raises BadConfig."""
    from bot.config import load
    from bot.operations.trial import trial_config

    return trial_config() if trial else load(path)


def stamps_of(trial: bool) -> dict[str, str]:
    """Return what the database must be stamped with."""
    from bot.app import LIVE_STAMPS
    from bot.operations.trial import STAMPS

    return STAMPS if trial else LIVE_STAMPS


def tokyo_moment(text: str) -> datetime:
    """Read a moment from an option; one that names no time zone is Tokyo's."""
    from bot.clock import TOKYO

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment such as 2026-11-10T10:58") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=TOKYO)


def open_storage_of(path: Path, trial: bool) -> "tuple[Config, Opened]":
    """Open the database for writing. Raises CannotOpen."""
    from storage.opening import open_storage

    config = read_config(path, trial)
    return config, open_storage(config.storage.url, config.storage.key_file, stamps=stamps_of(trial))


def print_result(value: Any, as_json: bool, text: str) -> None:
    """Print for programs or for people."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else text)
