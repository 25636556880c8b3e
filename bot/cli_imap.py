"""The command line's part for mailboxes at providers."""

import typer

from bot.cli_options import DEFAULT_CONFIG, ConfigFile, Json, print_result, read_config

imap_app = typer.Typer(no_args_is_help=True, help="Mailboxes at providers that mails are fetched from.")


@imap_app.command("status")
def imap_status(config: ConfigFile = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Say when each mailbox was last passed and what was left in it; exit 1 where one needs looking after."""
    from bot.clock import SystemClock
    from bot.operations.mailboxes import mailbox_rows, mailboxes_as_text

    rows = mailbox_rows(read_config(config, False), SystemClock().now())
    print_result(rows, as_json, mailboxes_as_text(rows))
    raise typer.Exit(0 if all(row["ok"] for row in rows) else 1)


@imap_app.callback()
def _group() -> None:
    """Keep `status` a command of its own while it is the only one."""
