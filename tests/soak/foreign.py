"""Send a directory of foreign mails to a daemon that knows all their writers, and report what became of each.

`make foreign MAILS=DIRECTORY`. Every From address is registered, so that whatever can be answered is; a mail
whose path says bounce, auto or list must not be. What is wrong is listed by file, and the exit code says so.
"""

import csv
import email.policy
import json
import re
import smtplib
import socket
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.operations.directory_columns import ROLL_COLUMNS
from bot.surety.address import fold_address
from tests.command_line import hoshobin
from tests.daemons import serving, write_config

REPORTS = Path(__file__).parents[2] / "reports"
SENDERS = 8
QUIET_SECONDS = 300.0  # without any progress: something stalled
_FROM = re.compile(rb"^from:[ \t]*((?:[^\n]*\n[ \t])*[^\n]*)", re.I | re.M)
_RETURN_PATH = re.compile(rb"^return-path:[ \t]*<([^>\n]*)>", re.I | re.M)
_UNANSWERABLE = re.compile(r"bounce|auto|list|dsn|mdn|vacation|arf|feedback", re.I)
_CODE = re.compile(r"\A[245]\d\d\Z")


@dataclass
class Sent:
    """One mail of the corpus and what is known of it."""

    path: Path
    data: bytes
    code: str = ""
    seconds: float = 0.0
    state: str = ""
    reason: str = ""
    letters: list[str] = field(default_factory=list)


def main() -> int:
    """Send, wait, judge, report."""
    root = Path(sys.argv[1])
    mails = [Sent(path, path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        _play(directory, mails)
        faults = _judge(mails, directory / "letters")
    report = _report(mails, faults)
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / "foreign.md").write_text(report, encoding="utf-8")
    print(report)
    return 1 if any(faults.values()) else 0


def _play(directory: Path, mails: list[Sent]) -> None:
    config = write_config(
        directory,
        f"maildir:{directory / 'letters'}",
        service={"letters_an_hour": 1_000_000, "shown_a_day": 1_000_000},
    )
    _register(directory, config, mails)
    with serving(directory, ["--config", str(config)]) as daemon:
        with ThreadPoolExecutor(SENDERS) as pool:
            for number, _ in enumerate(pool.map(lambda one: _send(daemon.port, *one), enumerate(mails)), 1):
                _progress("sent", number, len(mails))
        _wait(directory, len([one for one in mails if one.code == "250"]))
    _look_up(directory, mails)


def _register(directory: Path, config: Path, mails: list[Sent]) -> None:
    """Make every writer a builder who may apply."""
    labels = [column.label for column in ROLL_COLUMNS]
    file = directory / "roll.csv"
    known: set[str] = set()
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, labels)
        table.writeheader()
        for one in mails:
            address = _writer(one.data)
            if address and address not in known:
                known.add(address)
                cells = (f"C-{len(known)}", "受注者", f"株式会社{len(known)}", address, "申込できる")
                names = ("番号", "種別", "名称", "メールアドレス", "権限")
                table.writerow(dict(zip(names, cells, strict=True)))
    run = hoshobin("directory", "import", file, "--config", config, "--json")
    assert run.code == 0, run.err


def _writer(data: bytes) -> str:
    found = _FROM.search(data[:100_000])
    address = parseaddr(found[1].decode("latin-1"))[1] if found else ""
    try:
        return fold_address(address)
    except ValueError:
        return ""


def _send(port: int, numbered: int, one: Sent) -> None:
    """Hand one mail over; its number is the name we greet with, by which its row is found again."""
    returned = _RETURN_PATH.search(one.data[:100_000])
    sender = returned[1].decode("latin-1") if returned else _writer(one.data) or "someone@elsewhere.example"
    started = time.monotonic()
    try:
        with smtplib.SMTP("127.0.0.1", port, f"c{numbered}.example", timeout=120) as relay:
            relay.sendmail(sender if sender.isascii() else "", ["hosho@hoshobin.example"], one.data)
        one.code = "250"
    except smtplib.SMTPResponseException as error:
        one.code = str(error.smtp_code)
    except smtplib.SMTPRecipientsRefused as error:
        one.code = str(next(iter(error.recipients.values()))[0])
    except (OSError, smtplib.SMTPException) as error:
        one.code = type(error).__name__
    one.seconds = time.monotonic() - started


def _wait(directory: Path, accepted: int) -> None:
    """Wait until every mail is decided and every letter sent, or nothing moves any more."""
    engine = create_engine(f"sqlite:///{directory / 'hoshobin.db'}")
    moving = "SELECT count(*) FROM {} WHERE state IN ('waiting','claimed','writing','ready','sending')"
    before, since = -1, time.monotonic()
    while True:
        with engine.connect() as connection:
            left = sum(
                connection.execute(text(moving.format(name))).scalar_one() for name in ("inbox", "letter")
            )
        _progress("left to do", left, accepted)
        if left == 0:
            break
        if left != before:
            before, since = left, time.monotonic()
        assert time.monotonic() - since < QUIET_SECONDS, f"{left} mails and letters do not move"
        time.sleep(0.2)
    engine.dispose()


def _look_up(directory: Path, mails: list[Sent]) -> None:
    engine = create_engine(f"sqlite:///{directory / 'hoshobin.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, envelope, state, reason FROM inbox")).all()
        letters = connection.execute(text("SELECT inbox_id, recipient, templates FROM letter")).all()
    engine.dispose()
    written = defaultdict(list)
    for inbox_id, recipient, templates in letters:
        if not recipient.endswith("@surety.example"):
            written[inbox_id].append(f"{recipient}: {templates}")
    for inbox_id, envelope, state, reason in rows:
        one = mails[int(json.loads(envelope)["helo"].removeprefix("c").partition(".")[0])]
        one.state, one.reason, one.letters = state, reason, written[inbox_id]


def _judge(mails: list[Sent], letters: Path) -> dict[str, list[str]]:
    """Name every mail and letter that breaks a promise."""
    return {
        "no final code": [_line(one) for one in mails if not _CODE.match(one.code)],
        "accepted, but not decided": [
            _line(one)
            for one in mails
            if one.code == "250" and one.state not in ("done", "refused", "ignored", "held", "parked", "")
        ],
        "parked by a fault of ours": [_line(one) for one in mails if "our fault" in one.reason],
        "automatic by its path, but answered": [
            _line(one) for one in mails if one.letters and _UNANSWERABLE.search(str(one.path))
        ],
        "answered more than once": [_line(one) for one in mails if len(one.letters) > 1],
        "letters that are not well formed": list(_malformed(letters)),
    }


def _malformed(letters: Path) -> Iterator[str]:
    for file in sorted(letters.rglob("new/*")):
        message = message_from_bytes(file.read_bytes(), policy=email.policy.SMTP)
        defects = [repr(defect) for part in message.walk() for defect in part.defects]
        defects += [f"{name}: {value.defects}" for name, value in message.items() if value.defects]
        if defects:
            yield f"{file.parent.parent.name}: {defects[:3]}"


def _line(one: Sent) -> str:
    return f"{one.path} | {one.code} | {one.state} | {one.reason} | {'; '.join(one.letters)}"


def _report(mails: list[Sent], faults: dict[str, list[str]]) -> str:
    slowest = max(mails, key=lambda one: one.seconds)
    states = Counter(f"{one.state or 'the same bytes as another'}: {_kind(one.reason)}" for one in mails)
    lines = ["# Foreign mails", "", f"{len(mails)} mails; codes {dict(Counter(one.code for one in mails))};"]
    lines += [
        f"slowest acceptance {slowest.seconds:.2f} s",
        "",
        "| what became of them | mails |",
        "|---|---|",
    ]
    lines += [f"| {what} | {count} |" for what, count in states.most_common()]
    for fault, found in faults.items():
        lines += ["", f"## {fault}: {len(found)}", *found[:100]]
    answered = [_line(one) for one in mails if one.letters]
    lines += ["", f"## answered: {len(answered)}", *answered]
    lines += ["", "## parked", *(_line(one) for one in mails if one.state == "parked")]
    return "\n".join(lines) + "\n"


def _kind(reason: str) -> str:
    """Group reasons: repeats name their first mail."""
    return re.sub(r"\d+", "N", reason)[:60]


def _progress(what: str, number: int, total: int) -> None:
    if sys.stderr.isatty() or number % 500 == 0:
        print(f"\r{what} {number} of {total}   ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    socket.setdefaulttimeout(120)
    sys.exit(main())
