"""The report of a bench: figures of one machine in one run, each beside its peer's."""

import json
import os
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from tests.bench import acceptance, verification
from tests.postfix import postfix_version

_HEAD = """\
# Bench

{when}, {machine}, Python {python}, SQLite {sqlite}, Postfix {postfix}.
Medians of interleaved rounds. No goals, only what this run measured. Compare the ratios, which are
of one run on one disk: everything else moves with the machine, and so the load at its end
({load}) and the fsync probe before each figure (4 kB appended and fsynced, times a second)
are told.
"""
_ACCEPTANCE = """\
## Durable acceptance ({rounds} rounds)

A 250 only after the mail is on disk. Postfix's smtp-source, a new connection a mail. Ours: group
commit in SQLite (WAL, synchronous=FULL), each mail sealed, digested and kept once. Postfix: receive
only (`hold`), queue files on the same disk. CPU is of all processes of a receiver.

| load | receiver | mails/s | ratio to Postfix | CPU µs a mail | fsyncs/s before |
|---|---|---|---|---|---|
"""
_VERIFICATION = """\
## Forwarded key notice → verification letter at the relay ({rounds} rounds)

{sessions} sessions bring {mails} mails of one mailbox of the orderer, a 46 kB key notice each,
every one of another guarantee. The clock runs from the first byte in to the last letter out at the
same sink; each letter carries the certificate as PDF and is checked. *Alone* is one mail on an idle
receiver. The plain receiver is a stock aiosmtpd hook with pdfplumber, one SQLite commit a mail and
a new SMTP connection a letter; it has no sandbox, proof, journal or sealed columns, and repeats
nothing after a crash. A first look is news for the contractor: ours then writes two letters.

| receiver | mails/s | ratio to plain | alone ms | CPU ms a mail | fsyncs/s before |
|---|---|---|---|---|---|
"""


def write(
    directory: Path,
    when: datetime,
    mails: int,
    accepted: acceptance.Results,
    verified: verification.Results,
) -> Path:
    """Write bench.md and bench.json; return the former."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "bench.md"
    facts = _facts(when)
    intro = _VERIFICATION.format(
        sessions=verification.SESSIONS, mails=mails, rounds=len(verified[verification.PLAIN])
    )
    rounds = len(next(iter(accepted.values()))[acceptance.POSTFIX])
    parts = [_HEAD.format(**facts), _ACCEPTANCE.format(rounds=rounds) + "".join(_acceptance_lines(accepted))]
    parts.append(intro + "".join(_verification_lines(verified)))
    path.write_text("\n".join(parts), encoding="utf-8")
    content = {
        **facts,
        "acceptance": {
            str(load): {name: [asdict(one) for one in measured] for name, measured in by_name.items()}
            for load, by_name in accepted.items()
        },
        "verification": {name: [asdict(one) for one in measured] for name, measured in verified.items()},
    }
    path.with_suffix(".json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    return path


def _facts(when: datetime) -> dict[str, str]:
    return {
        "when": when.isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postfix": postfix_version(),
        "load": ", ".join(f"{one:.1f}" for one in os.getloadavg()),
    }


def _acceptance_lines(results: acceptance.Results) -> Iterator[str]:
    for load, by_name in results.items():
        middles = {name: acceptance.middle(measured) for name, measured in by_name.items()}
        peer = middles[acceptance.POSTFIX].mails_a_second
        for name, one in middles.items():
            yield (
                f"| {load} | {name} | {one.mails_a_second:.0f} | {one.mails_a_second / peer:.2f} "
                f"| {one.cpu_microseconds:.0f} | {one.fsyncs_a_second:.0f} |\n"
            )


def _verification_lines(results: verification.Results) -> Iterator[str]:
    middles = {name: verification.middle(measured) for name, measured in results.items()}
    peer = middles[verification.PLAIN].mails_a_second
    for name, one in middles.items():
        cpu = " + ".join(f"{role} {spent:.1f}" for role, spent in one.cpu_ms.items())
        yield (
            f"| {name} | {one.mails_a_second:.1f} | {one.mails_a_second / peer:.2f} | {one.alone_ms:.0f} "
            f"| {cpu} = {sum(one.cpu_ms.values()):.1f} | {one.fsyncs_a_second:.0f} |\n"
        )
