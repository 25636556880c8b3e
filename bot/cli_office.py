"""The surety's staff on the command line: lists of cases, and decisions under the same roles as by mail."""

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

applications_app = typer.Typer(no_args_is_help=True, help="Applications.")
guarantees_app = typer.Typer(no_args_is_help=True, help="Guarantees.")
keys_app = typer.Typer(no_args_is_help=True, help="Keys of an outside registry.")

Person = Annotated[str, typer.Option("--as", help="The registered mailbox of the member of staff.")]
CaseCode = Annotated[str, typer.Argument(help="The case code, such as R8-01234-7KQ4.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(applications_app, name="applications")
    app.add_typer(guarantees_app, name="guarantees")
    app.add_typer(keys_app, name="keys")
    for command in (examine, approve, send_back, decline, pay):
        name = "return" if command is send_back else None
        app.command(name)(command)


@applications_app.command("list")
def applications_list(
    state: str = "",
    limit: int = 50,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """List applications by the day their certificate is needed."""
    from bot.operations.lists import as_table
    from bot.operations.office import application_rows

    rows = application_rows(read_config(config, trial).storage.url, state, limit)
    print_result(rows, as_json, as_table(rows))


@applications_app.command("show")
def applications_show(
    case: CaseCode, config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False
) -> None:
    """Show one case: application, guarantees, and its journal as a timeline."""
    from bot.operations.office import case_page, page_as_text

    page = case_page(read_config(config, trial).storage.url, case)
    print_result(page, as_json, page_as_text(page))


@guarantees_app.command("list")
def guarantees_list(
    state: str = "",
    limit: int = 50,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """List guarantees, newest first."""
    from bot.operations.lists import as_table
    from bot.operations.office import guarantee_rows

    rows = guarantee_rows(read_config(config, trial).storage.url, state, limit)
    print_result(rows, as_json, as_table(rows))


@guarantees_app.command("show")
def guarantees_show(
    number: Annotated[str, typer.Argument(help="保証契約番号, ten digits.")],
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Show the case of one guarantee with its timeline."""
    from bot.operations.office import case_of_guarantee, case_page, page_as_text

    url = read_config(config, trial).storage.url
    page = case_page(url, case_of_guarantee(url, number))
    print_result(page, as_json, page_as_text(page))


def decide_as(
    config: Path,
    trial: bool,
    as_json: bool,
    word: str,
    arguments: dict[str, str],
    person: str,
    case: str | None,
) -> None:
    """Hand a decision in, print what became of it, and exit 1 where it was not done."""
    from bot.deciding import Command
    from bot.operations.office import hand_in, results_of

    settings, opened = open_storage_of(config, trial)
    command = Command(word=word, arguments=arguments, person=person, case_code=case)
    handed = hand_in(settings, opened, [command])
    opened.database.close()
    [inbox_id] = handed.inbox_ids
    [(state, reason)] = results_of(settings.storage.url, handed)
    if state in ("waiting", "claimed"):
        reason = "handed in; the daemon decides it when it runs"
    shown = {"inbox": inbox_id, "state": state, "reason": reason}
    print_result(shown, as_json, f"inbox {inbox_id}: {state}: {reason}")
    raise typer.Exit(1 if state in ("refused", "parked", "ignored") else 0)


def examine(
    case: CaseCode,
    premium: Annotated[str, typer.Option(help="The premium, such as 61,200円.")],
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Examine an application and set its premium (審査)."""
    decide_as(config, trial, as_json, "examined", {"yen": premium}, person, case)


def approve(
    case: CaseCode,
    person: Person,
    only_performance: Annotated[bool, typer.Option(help="契約保証 only.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Approve what another examined (決裁)."""
    word = "approve_performance" if only_performance else "approve"
    decide_as(config, trial, as_json, word, {}, person, case)


def send_back(
    case: CaseCode,
    reason: str,
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Send an application back to the contractor with a reason (差戻し)."""
    decide_as(config, trial, as_json, "return", {"text": reason}, person, case)


def decline(
    case: CaseCode,
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Decline an application (謝絶); the contractor gets neutral words."""
    decide_as(config, trial, as_json, "decline", {}, person, case)


def pay(
    case: CaseCode,
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Book the payment of the premium and issue (収納)."""
    decide_as(config, trial, as_json, "pay", {}, person, case)


@keys_app.command("import")
def keys_import(
    file: ExistingFile,
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Import an outside registry's keys (CSV: 保証契約番号, 認証キー); each registers its guarantee."""
    from bot.deciding import Command
    from bot.operations.office import hand_in, read_keys, results_of

    keys = read_keys(file)
    settings, opened = open_storage_of(config, trial)
    commands = [Command("register_key", {"number": number, "key": key}, person) for number, key in keys]
    handed = hand_in(settings, opened, commands)
    opened.database.close()
    states = [state for state, _ in results_of(settings.storage.url, handed)]
    rows = [
        {"number": number, "inbox": inbox_id, "state": state}
        for (number, _), inbox_id, state in zip(keys, handed.inbox_ids, states, strict=True)
    ]
    lines = [f"{row['number']}: {row['state']} (inbox {row['inbox']})" for row in rows]
    print_result(rows, as_json, "\n".join(lines) or "no keys in the file")
    raise typer.Exit(1 if any(state in ("refused", "parked", "ignored") for state in states) else 0)
