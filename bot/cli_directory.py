"""The directory on the command line: import, export, and what is doubtful in it."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_options import (
    DEFAULT_CONFIG,
    ConfigFile,
    ExistingFile,
    Json,
    Trial,
    open_storage_of,
    print_result,
    read_config,
)

directory_app = typer.Typer(no_args_is_help=True, help="Parties and their registered mailboxes.")


@directory_app.command("import")
def directory_import(
    file: ExistingFile,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Import parties, mailboxes and orderer profiles from TOML, CSV or xlsx; what exists is updated."""
    from bot.operations.commands import import_file

    done = import_file(*open_storage_of(config, trial), file)
    text = f"{done.parties} parties, {done.mailboxes} mailboxes, {done.orderers} orderer profiles"
    print_result(dataclasses.asdict(done), as_json, text)


@directory_app.command("export")
def directory_export(
    file: Annotated[Path, typer.Argument(help="A new file, .xlsx (both tables) or .csv (one).")],
    orderers: Annotated[bool, typer.Option("--orderers", help="For .csv: the orderer profiles.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Export the directory as a table that `directory import` takes back. The file is for its owner only."""
    from bot.operations.directory_columns import PROFILES, ROLL
    from bot.operations.directory_files import export_file
    from storage.database import looking

    with looking(read_config(config, trial).storage.url) as session:
        done = export_file(session, file, PROFILES if orderers else ROLL)
    text = "、".join(f"{name} {rows} rows" for name, rows in done.items())
    print_result(done, as_json, f"{file}: {text}")


@directory_app.command("lint")
def directory_lint(config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False) -> None:
    """Name what is doubtful in the directory; exit 1 where something as it stands fails or is unsafe."""
    from bot.app import office_of
    from bot.operations.directory_lint import doubts
    from storage.database import looking
    from storage.directory import DirectoryView

    settings = read_config(config, trial)
    with looking(settings.storage.url) as session:
        found = doubts(DirectoryView(session), office_of(settings).own_domains)
    lines = [f"{'FAULT' if one.is_fault else 'look '}  {one.where}: {one.text}" for one in found]
    print_result(
        [dataclasses.asdict(one) for one in found], as_json, "\n".join(lines) or "nothing is doubtful"
    )
    if any(one.is_fault for one in found):
        raise typer.Exit(1)
