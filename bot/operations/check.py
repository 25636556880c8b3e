"""Check that the service could run as configured: keys, schema, stamps, directory, wording, journal."""

from sqlalchemy import func
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.config import BadConfig, Config
from bot.operations.check_wires import check_wires
from bot.operations.checked import CheckResult
from bot.operations.mailboxes import check_mailboxes
from bot.surety.party import Role
from bot.writing.letters import make_templates
from bot.writing.signing_keys import load_signing_keys, zone_line
from storage import journal, migrations
from storage.database import make_engine
from storage.directory import DirectoryView
from storage.sealed import KeyMissing, load_key_file
from storage.tables import MailboxRow, StampRow


def run_checks(config: Config, stamps: dict[str, str]) -> list[CheckResult]:
    """Look at everything; a missing database is reported, not made."""
    key, root = _key(config)
    results = [CheckResult("configuration", True, "sound"), _templates(), key, _signing(config)]
    results += [*check_wires(config), *check_mailboxes(config)]
    engine = make_engine(config.storage.url, read_only=True)
    try:
        with Session(engine) as session:
            results.append(_schema(session))
            if results[-1].ok:
                expected = {**stamps, "service key": root} if root else stamps
                results += [_stamps(session, expected), _directory(session)]
                results += [_staff(session), _journal(session)]
    except Exception as error:
        why = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
        results.append(CheckResult("database", False, f"{why} (the first start of the service makes it)"))
    finally:
        engine.dispose()
    return results


def _templates() -> CheckResult:
    templates = make_templates()
    names = templates.list_templates(["txt"])
    for name in names:
        templates.get_template(name)
    return CheckResult("templates", len(names) > 1, f"{len(names)} compile")


def _key(config: Config) -> tuple[CheckResult, str]:
    """Look at the key file; return also the id that the database is stamped with, '' where there is none."""
    file = config.storage.key_file
    try:
        sealer = load_key_file(file)
    except KeyMissing as error:
        return CheckResult("service key", False, str(error)), ""
    if file.stat().st_mode & 0o077:
        return CheckResult("service key", False, f"others can read it: chmod 600 {file}"), sealer.root_id
    return CheckResult("service key", True, sealer.current_id), sealer.root_id


def _signing(config: Config) -> CheckResult:
    """Look at the DKIM keys; show the records that must stand in DNS."""
    try:
        keys = load_signing_keys(config)
    except BadConfig as error:
        return CheckResult("signing", False, str(error))
    if not keys:
        return CheckResult("signing", True, "off: [signing] names no key")
    records = "\n".join(f"     {zone_line(key)}" for key in keys)
    return CheckResult("signing", True, f"on; DNS must have\n{records}")


def _schema(session: Session) -> CheckResult:
    current, head = migrations.current(session.connection()), migrations.head()
    return CheckResult("schema", current == head, f"{current} (newest: {head})")


def _stamps(session: Session, stamps: dict[str, str]) -> CheckResult:
    held = {row.name: row.value for row in session.exec(select(StampRow))}
    wrong = [f"{name} = {held.get(name)}" for name, value in stamps.items() if held.get(name) != value]
    return CheckResult("stamps", not wrong, ", ".join(wrong) or "as expected")


def _directory(session: Session) -> CheckResult:
    count = session.exec(select(func.count()).select_from(MailboxRow)).one()
    return CheckResult("directory", count > 0, f"{count} registered mailboxes")


def _staff(session: Session) -> CheckResult:
    directory = DirectoryView(session)
    needed = (Role.EXAMINE, Role.DECIDE, Role.COLLECT, Role.MANAGE)
    missing = [role.value for role in needed if not directory.staff(role)]
    return CheckResult("staff", not missing, f"nobody for {', '.join(missing)}" if missing else "complete")


def _journal(session: Session) -> CheckResult:
    faults = journal.faults(session)
    return CheckResult("journal", not faults, "; ".join(faults[:3]) or "every chain is whole")
