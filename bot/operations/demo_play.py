"""One step of the demo: a mail goes in by SMTP, and all that happens is compared with what must happen."""

import re
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.operations.demo_house import House
from bot.operations.demo_mails import Mailer, Post
from bot.operations.demo_record import Record
from bot.operations.demo_rules import faults_of
from bot.operations.demo_sink import Arrived, Sink

_SECONDS = 20.0
_USUALLY = 3.0  # seconds within which the foreseen letters arrive; the record is asked afterwards
_OURS = re.compile(r"^\d{3}-.*\.(eml|pdf)$")


class Different(Exception):
    """An outcome differs from what it must be: the story ends here."""


@dataclass(frozen=True)
class Expect:
    """One letter that must arrive: to whom, and what it must and must not say and carry."""

    to: str
    subject: str
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()  # beginnings of file names, in order


@dataclass
class Step:
    """What one step showed."""

    number: int
    step: str
    who: str
    subject: str
    outcome: str
    milliseconds: list[int] = field(default_factory=list)  # from the SMTP 250 to each letter at the sink
    faults: list[str] = field(default_factory=list)


class Play:
    """The stage: one daemon, one sink, and the steps so far."""

    def __init__(
        self, house: House, sink: Sink, record: Record, mailer: Mailer, out: Path, say: Callable[[str], None]
    ) -> None:
        self.house, self.sink, self.record, self.mailer = house, sink, record, mailer
        self.steps: list[Step] = []
        self.keys: set[str] = set()
        self._out = out
        self._say = say
        self._letters = 0
        out.mkdir(parents=True, exist_ok=True)
        for old in out.iterdir():
            if _OURS.match(old.name):
                old.unlink()

    def act(
        self,
        title: str,
        post: Post,
        *expected: Expect,
        state: str = "done",
        changes: bool = True,
        outcome: str = "",
        facts: Callable[[], dict[str, bool]] | None = None,
        hand_in: Callable[[Post], None] | None = None,
    ) -> list[Arrived]:
        """Send one mail; return its letters in the order of `expected`.

        `state` is what must become of the mail, `changes` whether anything else may have moved, `facts`
        what must then hold; `hand_in` brings it in by another way than SMTP. Raises Different with
        everything that is not as it must be.
        """
        step = Step(len(self.steps) + 1, title, post.who.address, post.subject, outcome)
        before, known = self.record.newest_mail(), self.record.fingerprint()
        (self._out / f"{step.number:03}-in.eml").write_bytes(post.data)
        (hand_in or self._send)(post)
        accepted = time.monotonic()
        arrived = self.sink.wait(self._letters + len(expected), _USUALLY)[self._letters :]
        row = self.record.decided(before, _SECONDS)
        arrived = self.sink.wait(self.record.letters(), _SECONDS)[self._letters :]
        self._letters += len(arrived)
        self._keep(step, arrived)
        step.milliseconds = [round((one.at - accepted) * 1000) for one in arrived]
        found, step.faults = _matched(expected, arrived)
        for one in arrived:
            step.faults += faults_of(one, self.house.config.service.desk, self.keys)
        if row is None or row.state != state:
            step.faults.append(f"the mail is {row.state if row else 'undecided'}, not {state}")
        if not changes and self.record.fingerprint() != known:
            step.faults.append("something was changed")
        step.faults += [f"not so: {name}" for name, holds in (facts or dict)().items() if not holds]
        step.outcome = outcome or _told(arrived)
        self._end(step)
        return found

    def check(self, title: str, facts: dict[str, bool]) -> None:
        """Add a step that sends nothing: facts that must hold."""
        step = Step(len(self.steps) + 1, title, "hoshobin", "", "、".join(facts))
        step.faults = [f"not so: {name}" for name, holds in facts.items() if not holds]
        self._end(step)

    def states(self, code: str) -> list[str]:
        """Return the states of 契約保証 and 前払金保証 of a case, as far as there are any."""
        found = self.record.guarantees(code)
        return [found[kind]["state"] for kind in ("performance", "advance") if kind in found]

    def _end(self, step: Step) -> None:
        self.steps.append(step)
        took = f"  {max(step.milliseconds)} ms" if step.milliseconds else ""
        self._say(f"{step.number:3} {'NG' if step.faults else 'ok'} {step.step}: {step.outcome}{took}")
        if step.faults:
            raise Different("\n".join(f"    {fault}" for fault in step.faults))

    def _send(self, post: Post) -> None:
        with smtplib.SMTP("127.0.0.1", self.house.port, timeout=_SECONDS) as connection:
            connection.sendmail(post.mail_from, [self.house.config.service.desk], post.data)

    def _keep(self, step: Step, arrived: list[Arrived]) -> None:
        for number, letter in enumerate(arrived, 1):
            name = f"{step.number:03}-out-{number}-{letter.recipient}"
            (self._out / f"{name}.eml").write_bytes(letter.data)
            for file, data in letter.attachments.items():
                (self._out / f"{step.number:03}-out-{number}-{file}").write_bytes(data)


def _matched(expected: tuple[Expect, ...], arrived: list[Arrived]) -> tuple[list[Arrived], list[str]]:
    """Pair what arrived with what had to arrive; return it in that order, and what differs."""
    left, found, faults = list(arrived), [], []
    for one in expected:
        letter = next((a for a in left if a.recipient == one.to and one.subject in a.subject), None)
        if letter is None:
            faults.append(f"no letter to {one.to} with 「{one.subject}」")
            continue
        left.remove(letter)
        found.append(letter)
        faults += [f"「{letter.subject}」 does not say 「{s}」" for s in one.says if s not in letter.text]
        faults += [f"「{letter.subject}」 says 「{s}」" for s in one.silent if s in letter.text]
        names = list(letter.attachments)
        if [n.startswith(a) for n, a in zip(names, one.attached, strict=False)] != [True] * len(one.attached):
            faults.append(f"「{letter.subject}」 carries {names}, not {list(one.attached)}")
        if len(names) != len(one.attached):
            faults.append(f"「{letter.subject}」 carries {len(names)} files, not {len(one.attached)}")
    faults += [f"unforeseen letter to {a.recipient}: 「{a.subject}」\n{a.text}" for a in left]
    return found, faults


def _told(arrived: list[Arrived]) -> str:
    if not arrived:
        return "返信なし"
    return "; ".join(f"{_short(one.subject)} → {one.recipient.partition('@')[0]}" for one in arrived)


def _short(subject: str) -> str:
    """Cut work and case code off a subject: in the table every line would repeat them."""
    return re.split(r"[:(/ ]", subject)[0]
