"""利用登録 on the command line: what waits to be enrolled; registrations under the same rules as by mail."""

from typing import Annotated

import typer

from bot.cli_office import Person, decide_as
from bot.cli_options import DEFAULT_CONFIG, ConfigFile, Json, Trial, print_result, read_config

enrolments_app = typer.Typer(no_args_is_help=True, help="利用登録: companies and mailboxes to be enrolled.")
mailboxes_app = typer.Typer(no_args_is_help=True, help="Registered mailboxes.")
orderers_app = typer.Typer(no_args_is_help=True, help="Orderers' mailboxes and domains.")

Number = Annotated[str, typer.Argument(help="The number of the enrolment, such as E8-00456.")]
Checked = Annotated[
    str,
    typer.Option(help="The check outside mail, such as 「電話: 11/10 14:20 高橋様 許可業者名簿の番号」."),
]
CheckedMain = Annotated[
    str, typer.Option(help="The call, such as 「代表電話: 11/10 14:20 契約課 山田様 089-000-2000」.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(enrolments_app, name="enrolments")
    app.add_typer(mailboxes_app, name="mailboxes")
    app.add_typer(orderers_app, name="orderers")


@enrolments_app.command("list")
def enrolments_list(
    state: Annotated[str, typer.Option(help="asked, confirmed, approved, declined, expired; all: ''.")] = "",
    limit: int = 50,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """List enrolments, newest first."""
    from bot.operations.enrolling import enrolment_rows
    from bot.operations.lists import as_table

    rows = enrolment_rows(read_config(config, trial).storage.url, state, limit)
    print_result(rows, as_json, as_table(rows))


@enrolments_app.command("show")
def enrolments_show(
    number: Number, config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False
) -> None:
    """Show one enrolment: what was stated, and the check behind its decision."""
    from bot.operations.enrolling import enrolment_page
    from bot.operations.lists import as_fields

    page = enrolment_page(read_config(config, trial).storage.url, number)
    print_result(page, as_json, as_fields(page))


@enrolments_app.command("approve")
def enrolments_approve(
    number: Number,
    person: Person,
    checked: Checked = "",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Enrol what waits (審査); without a recorded check outside mail it is refused."""
    arguments = {"number": number, "text": checked}
    decide_as(config, trial, as_json, "enrol_approve", arguments, person, None)


@enrolments_app.command("decline")
def enrolments_decline(
    number: Number,
    person: Person,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Decline an enrolment (審査); the applicant gets neutral words."""
    decide_as(config, trial, as_json, "enrol_decline", {"number": number}, person, None)


@mailboxes_app.command("register")
def mailboxes_register(
    address: str,
    customer: Annotated[str, typer.Argument(help="The customer number, such as C-10001.")],
    person: Person,
    role: Annotated[str, typer.Option(help="申込できる or 閲覧のみ.")] = "申込できる",
    reader: Annotated[str, typer.Option(help="Who reads it, for the salutation.")] = "",
    checked: Checked = "",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Register a contractor's mailbox after a call-back (審査): the first mailbox is gone."""
    text = f"{address} {customer} {role} {reader} {checked}"
    decide_as(config, trial, as_json, "register_mailbox", {"text": text}, person, None)


@mailboxes_app.command("remove")
def mailboxes_remove(
    address: str,
    person: Person,
    checked: Checked = "",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Take a mailbox out of the directory: contractors' by 審査, orderers' and our own by 管理."""
    decide_as(config, trial, as_json, "staff_remove_mailbox", {"text": f"{address} {checked}"}, person, None)


@orderers_app.command("register")
def orderers_register(
    what: Annotated[str, typer.Argument(help="A mailbox, or a whole domain as @city.example.lg.jp.")],
    orderer: Annotated[str, typer.Argument(help="The orderer's name as the directory has it.")],
    person: Person,
    checked: CheckedMain = "",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Register an orderer's mailbox or domain after calling its main number (管理)."""
    text = f"{what} {orderer} {checked}"
    decide_as(config, trial, as_json, "register_orderer", {"text": text}, person, None)
