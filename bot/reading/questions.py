"""The DNS as a reading child has it: a few questions to the daemon, each answer kept for the record."""

from collections.abc import Callable

from bot.mail import DnsAnswer, DnsKind
from bot.reading.limits import MAX_DNS_QUESTIONS

Ask = Callable[[str, DnsKind], DnsAnswer]


class Questions:
    """What one mail made us ask. The same question is asked once; past the cap nothing is found any more."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answers: dict[tuple[str, DnsKind], DnsAnswer] = {}

    @property
    def answers(self) -> tuple[DnsAnswer, ...]:
        """All answers so far, in order."""
        return tuple(self._answers.values())

    def answer(self, name: str, kind: DnsKind) -> DnsAnswer:
        """Ask the daemon, or remember what it said."""
        name = name.rstrip(".").lower()
        known = self._answers.get((name, kind))
        if known is not None:
            return known
        if len(self._answers) >= MAX_DNS_QUESTIONS:
            problem = f"more than {MAX_DNS_QUESTIONS} questions for one mail"
            return DnsAnswer(name=name[:255], kind=kind, outcome="no data", problem=problem)
        found = self._ask(name, kind)
        self._answers[name, kind] = found
        return found
