"""The command line: one short function per command; the work is done by the modules they call."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import cli_enrolment, cli_office
from bot.cli_directory import directory_app
from bot.cli_imap import imap_app
from bot.cli_options import (
    DEFAULT_CONFIG,
    ConfigFile,
    ExistingFile,
    Json,
    Trial,
    open_storage_of,
    print_result,
    read_config,
    stamps_of,
    tokyo_moment,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Hoshobin (保証便): electronic construction guarantees, served by e-mail alone.",
)
inbox_app = typer.Typer(no_args_is_help=True, help="Received mails and what became of them.")
letters_app = typer.Typer(no_args_is_help=True, help="Outgoing letters.")
storage_app = typer.Typer(no_args_is_help=True, help="The database and its key.")
trial_app = typer.Typer(no_args_is_help=True, help="Play the people of the trial.")
app.add_typer(inbox_app, name="inbox")
app.add_typer(letters_app, name="letters")
app.add_typer(directory_app, name="directory")
app.add_typer(imap_app, name="imap")
app.add_typer(storage_app, name="storage")
app.add_typer(trial_app, name="trial")
cli_office.add_to(app)
cli_enrolment.add_to(app)


def main() -> None:
    """Run the command line; faults that people can mend are one clear text and exit code 2."""
    try:
        app()
    except Exception as error:
        if not _mendable(error):
            raise
        typer.echo(_as_text(error), err=True)
        sys.exit(2)


def _mendable(error: Exception) -> bool:
    """Say whether people can mend this fault. Storage is loaded only now: `--help` must be quick."""
    from sqlalchemy.exc import OperationalError

    from bot.config import BadConfig
    from bot.operations.office import BadKeys
    from storage.directory import BadDirectory
    from storage.opening import CannotOpen
    from storage.sealed import KeyMissing
    from storage.steps import LostClaim

    ours = (BadConfig, CannotOpen, KeyMissing, BadDirectory, BadKeys, LostClaim, KeyError)
    return isinstance(error, (*ours, OperationalError)) or _is_about_a_file(error)


def _is_about_a_file(error: Exception) -> bool:
    return isinstance(error, OSError) and error.filename is not None


def _as_text(error: Exception) -> str:
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        return f"the database cannot be used: {error.orig}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return str(error.args[0]) if isinstance(error, KeyError) else str(error)


@app.command()
def serve(config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False) -> None:
    """Run the service until SIGTERM or Ctrl-C."""
    import asyncio

    from bot.app import Running, Service
    from bot.operations.trial import greeting

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("alembic", "apscheduler", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    settings = read_config(config, trial)
    service = Service(settings, stamps=stamps_of(trial))

    def started(running: Running) -> None:
        shown = greeting(settings, running.smtp) if trial else f"listening on {running.smtp}"
        typer.echo(shown)
        sys.stdout.flush()

    asyncio.run(service.run(started))


@app.command()
def check(
    border: Annotated[bool, typer.Option("--border", help="Send a probe through the border MTA.")] = False,
    probe_from: Annotated[str, typer.Option(help="The probe's From; the desk by default.")] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for the probe.", min=1)] = 120,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Check configuration, keys, schema, templates and journal; exit 1 where anything is wrong.

    With --border, a mail with forged Authentication-Results goes through the border to the running daemon,
    and must come back without them.
    """
    from bot.operations.border import probe_border
    from bot.operations.check import run_checks

    settings = read_config(config, trial)
    results = run_checks(settings, stamps_of(trial))
    if border:

        def say(line: str) -> None:
            typer.echo(line, err=True)

        results += probe_border(settings, say, sender=probe_from, wait_seconds=wait)
    lines = [f"{'ok  ' if one.ok else 'FAIL'} {one.name}: {one.found}" for one in results]
    print_result([one.__dict__ for one in results], as_json, "\n".join(lines))
    raise typer.Exit(0 if all(one.ok for one in results) else 1)


@app.command("dkim-key")
def dkim_key(
    new_file: Annotated[Path, typer.Argument(help="Where the key is written, mode 0600.")],
    ed25519: Annotated[bool, typer.Option("--ed25519", help="An Ed25519 key instead of RSA.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
) -> None:
    """Make a DKIM key, and print the DNS record that publishes it."""
    from bot.writing.signing_keys import make_signing_key, zone_line

    kind = "ed25519" if ed25519 else "rsa"
    try:
        key = make_signing_key(read_config(config, trial), new_file, kind)
    except OSError as error:
        typer.echo(f"{new_file}: {error.strerror}", err=True)
        raise typer.Exit(2) from error
    typer.echo(zone_line(key))
    typer.echo(f'publish this record, then set [signing] {kind}_key_file = "{new_file}"', err=True)


@app.command()
def explain(
    file: ExistingFile,
    at: Annotated[str, typer.Option(help="The moment, ISO 8601, in Tokyo's time; now by default.")] = "",
    peer: Annotated[str, typer.Option(help="The address of the peer that hands it over.")] = "127.0.0.1",
    mail_from: Annotated[str | None, typer.Option(help="The envelope sender; the From by default.")] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Show what a mail would cause. The database is opened read-only; nothing is written."""
    from bot.operations.explain import as_text, as_values
    from bot.operations.explaining import explain_file

    moment = tokyo_moment(at) if at else None
    found = explain_file(read_config(config, trial), file, moment, peer, mail_from)
    print_result(as_values(found) if as_json else None, as_json, as_text(found).rstrip("\n"))


@app.command()
def status(config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False) -> None:
    """Count mails and letters by state."""
    from bot.operations.lists import count_states, states_as_text

    counted = count_states(read_config(config, trial).storage.url)
    print_result(counted, as_json, states_as_text(counted))


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Where mails (.eml) and PDFs are left.")] = Path(
        "demo-out"
    ),
    as_json: Json = False,
) -> None:
    """Play the story of two cities against a daemon of its own; exit 1 where an outcome differs."""
    from bot.operations.demo import run_demo

    shown = run_demo(directory, lambda line: typer.echo(line, err=as_json))
    print_result(shown.as_plain(), as_json, f"{shown.as_text()}\nmails and papers: {directory}/")
    raise typer.Exit(0 if shown.ok else 1)


@app.command()
def preview(
    out: Annotated[Path, typer.Option(help="Where .eml, .html, .txt and index.html are left.")] = Path(
        "preview-out"
    ),
    only: Annotated[str, typer.Option(help="One template, e.g. premium.")] = "",
    as_json: Json = False,
) -> None:
    """Render every letter with sample values, to look at."""
    from bot.operations.preview import write_previews

    shown = write_previews(out, only, lambda line: typer.echo(line, err=as_json))
    result = {"index": str(out / "index.html"), "letters": [one.model_dump() for one in shown]}
    print_result(result, as_json, f"{len(shown)} letters: {out / 'index.html'}")


@inbox_app.command("list")
def inbox_list(
    state: str = "",
    automatic: bool = False,
    limit: int = 50,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """List the newest mails, of one state where one is given; with --automatic what programs sent."""
    from bot.operations.lists import as_table, inbox_rows

    rows = inbox_rows(read_config(config, trial).storage.url, state, limit, automatic=automatic)
    print_result(rows, as_json, as_table(rows))


@inbox_app.command("show")
def inbox_show(
    inbox_id: int,
    raw: bool = False,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Show one mail's state, or with --raw its bytes."""
    from bot.operations.lists import as_fields, inbox_bytes, inbox_row

    settings = read_config(config, trial)
    if raw:
        sys.stdout.buffer.write(inbox_bytes(settings, inbox_id))
        return
    row = inbox_row(settings.storage.url, inbox_id)
    print_result(row, as_json, as_fields(row))


@inbox_app.command("retry")
def inbox_retry(
    inbox_id: int, config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False
) -> None:
    """Bring a parked mail back to be decided again."""
    from bot.operations.commands import retry_mail

    retry_mail(*open_storage_of(config, trial), inbox_id)
    print_result({"inbox": inbox_id, "state": "waiting"}, as_json, f"inbox {inbox_id} waits again")


@inbox_app.command("park")
def inbox_park(
    inbox_id: int,
    reason: str = "parked by staff",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Set a waiting mail aside."""
    from bot.operations.commands import park_mail

    park_mail(*open_storage_of(config, trial), inbox_id, reason)
    print_result({"inbox": inbox_id, "state": "parked"}, as_json, f"inbox {inbox_id} is parked")


@app.command("new-test")
def new_test(
    inbox_id: int,
    name: str,
    folder: Annotated[Path, typer.Option(help="The corpus.")] = Path("tests/mails"),
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
) -> None:
    """Turn a received mail into a test of the corpus; `make accept` then writes what is expected."""
    from bot.operations.lists import inbox_bytes

    file = folder / f"{name}.eml"
    with file.open("xb") as target:
        target.write(inbox_bytes(read_config(config, trial), inbox_id))
    typer.echo(f"{file} written: take personal data out of it, then run make accept")


@letters_app.command("list")
def letters_list(
    state: str = "",
    bounced: bool = False,
    limit: int = 50,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """List the newest letters, of one state where one is given; with --bounced those that came back."""
    from bot.operations.lists import as_table, letter_rows

    rows = letter_rows(read_config(config, trial).storage.url, state, limit, bounced=bounced)
    print_result(rows, as_json, as_table(rows))


@letters_app.command("show")
def letters_show(
    letter_id: int,
    raw: bool = False,
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Show one letter's state, or with --raw its bytes."""
    from bot.operations.lists import as_fields, letter_bytes, letter_row

    settings = read_config(config, trial)
    if raw:
        sys.stdout.buffer.write(letter_bytes(settings, letter_id))
        return
    row = letter_row(settings.storage.url, letter_id)
    print_result(row, as_json, as_fields(row))


@letters_app.command("retry")
def letters_retry(
    letter_id: int, config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False, as_json: Json = False
) -> None:
    """Send a parked, failed or uncertain letter again."""
    from bot.operations.commands import retry_letter

    retry_letter(*open_storage_of(config, trial), letter_id)
    print_result({"letter": letter_id, "state": "waiting"}, as_json, f"letter {letter_id} waits again")


@letters_app.command("withdraw")
def letters_withdraw(
    letter_id: int,
    reason: str = "withdrawn by staff",
    config: ConfigFile = DEFAULT_CONFIG,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """Withdraw a letter of which nothing has left."""
    from bot.operations.commands import withdraw_letter

    withdraw_letter(*open_storage_of(config, trial), letter_id, reason)
    print_result({"letter": letter_id, "state": "withdrawn"}, as_json, f"letter {letter_id} is withdrawn")


@storage_app.command("rotate-key")
def storage_rotate_key(config: ConfigFile = DEFAULT_CONFIG, trial: Trial = False) -> None:
    """Put a new service key before the old ones and seal every column with it."""
    from bot.operations.rotation import rotate

    settings = read_config(config, trial)
    for done, total in rotate(settings):
        typer.echo(f"\rsealed again {done} of {total}", nl=done == total)


@trial_app.command("send")
def trial_send(
    file: Annotated[
        Path | None, typer.Argument(help="A text file for the body; a sample by default.")
    ] = None,
    sender: Annotated[str, typer.Option("--from")] = "soumu@iyo-kensetsu.example",
    subject: str = "保証申込 市道中央線舗装補修工事",
    body: Annotated[str, typer.Option(help="The body, instead of a file.")] = "",
    proof: Annotated[bool, typer.Option(help="As our border hands it on after a good signature.")] = False,
) -> None:
    """Send a mail to the running trial; without arguments, the sample application."""
    from bot.clock import SystemClock, tokyo_date
    from bot.operations import trial

    settings = trial.trial_config()
    sample = trial.sample_application(tokyo_date(SystemClock().now()))
    text = body or (file.read_text(encoding="utf-8") if file else sample)
    data = trial.trial_mail(settings, sender=sender, subject=subject, body=text, proof=proof)
    trial.send(settings, sender, data)
    typer.echo(f"sent to {settings.service.desk} as {sender}; look at: hoshobin trial letters")


@trial_app.command("letters")
def trial_letters(newest: int = 3) -> None:
    """Print the newest letters of the trial's Maildirs."""
    from bot.operations import trial
    from bot.operations.lists import letter_as_text

    for path in trial.letters(trial.trial_config())[-newest:]:
        typer.echo(letter_as_text(path.read_bytes()))


if __name__ == "__main__":
    main()
