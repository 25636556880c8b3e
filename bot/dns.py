"""The daemon's resolver: cached, with time-outs, answering in plain values. Nothing else asks the DNS."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from bot.endpoints import host_and_port
from bot.mail import DnsAnswer, DnsKind

MAX_BYTES = 8192  # of all values of one answer; what is longer is no mail's record
MAX_VALUES = 100
_MAX_CACHED = 10_000  # answers
_MAX_SECONDS = 3600.0  # an answer is kept, whatever its owner says
_NOTHING_SECONDS = 60.0  # that there is nothing is kept
_FAILED_SECONDS = 60.0  # that nobody answered in full time is kept: to ask again costs as long again
_PORT = 53
_PATIENCE = 3  # questions' worth of waiting for one mail in all
_FAILURES = 2  # of one mail: then it asks no more, for whoever writes chooses which servers we wait for


class NoNameservers(Exception):
    """No name server is configured, and the system names none."""


class Resolver:
    """Asks name servers; many threads may ask at the same time."""

    def __init__(
        self, nameservers: Sequence[str], seconds: float, failures_last: float = _FAILED_SECONDS
    ) -> None:
        """Take name servers (address or address:port; none: the system's) and the time for one question.

        Raises NoNameservers.
        """
        self._seconds = seconds
        self._failures_last = failures_last
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, DnsKind], tuple[float, DnsAnswer]] = OrderedDict()
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.exception.DNSException as error:
            raise NoNameservers(str(error)) from error
        if nameservers:
            self._resolver.nameservers = [_nameserver(one) for one in nameservers]
        self._resolver.timeout = max(0.1, seconds / 2)
        self._resolver.use_edns(0, 0, 1232)

    def for_one_mail(self) -> Callable[[str, DnsKind], DnsAnswer]:
        """Return what answers the questions of one mail, within its time in all."""
        return _Inquiry(self, self._seconds * _PATIENCE).answer

    def answer(self, name: str, kind: DnsKind, seconds: float | None = None) -> DnsAnswer:
        """Answer one question from the cache or the DNS, within the given seconds; never raises."""
        name = name.rstrip(".").lower()
        known = self._known(name, kind)
        if known is not None:
            return known
        seconds = min(self._seconds, seconds or self._seconds)
        found, lasts = self._ask(name, kind, seconds)
        # One that had less time says nothing of the name: a mail that used its own up would speak for others.
        if found.outcome != "failed" or seconds == self._seconds:
            self._keep(found, lasts)
        return found

    def _known(self, name: str, kind: DnsKind) -> DnsAnswer | None:
        with self._lock:
            held = self._cache.get((name, kind))
            if held is None or held[0] <= time.monotonic():
                return None
            self._cache.move_to_end((name, kind))
            return held[1]

    def _keep(self, answer: DnsAnswer, seconds: float) -> None:
        with self._lock:
            self._cache[answer.name, answer.kind] = (time.monotonic() + seconds, answer)
            while len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)

    def _ask(self, name: str, kind: DnsKind, seconds: float) -> tuple[DnsAnswer, float]:
        try:
            # Labels as they are: no search list, no escapes, no IDNA.
            asked = dns.name.Name([*(label.encode("ascii") for label in name.split(".")), b""])
        except (dns.exception.DNSException, UnicodeError):
            return DnsAnswer(name=name, kind=kind, outcome="no name", problem="no domain name"), 0.0
        try:
            answer = self._resolver.resolve(asked, kind, search=False, lifetime=seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN):
            return DnsAnswer(name=name, kind=kind, outcome="no name"), _NOTHING_SECONDS
        except dns.resolver.NoAnswer:
            return DnsAnswer(name=name, kind=kind, outcome="no data"), _NOTHING_SECONDS
        except (dns.exception.DNSException, OSError, ValueError) as error:
            problem = type(error).__name__
            return DnsAnswer(name=name, kind=kind, outcome="failed", problem=problem), self._failures_last
        return _found(name, kind, answer)


def _found(name: str, kind: DnsKind, answer: dns.resolver.Answer) -> tuple[DnsAnswer, float]:
    values = tuple(map(_value, answer))
    lasts = min(_MAX_SECONDS, answer.chaining_result.minimum_ttl)
    if len(values) > MAX_VALUES or sum(map(len, values)) > MAX_BYTES:
        problem = f"an answer of more than {MAX_BYTES} bytes or {MAX_VALUES} records"
        return DnsAnswer(name=name, kind=kind, outcome="no data", problem=problem), lasts
    return DnsAnswer(name=name, kind=kind, outcome="found", values=values), lasts


def _value(record: dns.rdata.Rdata) -> str:
    match record.rdtype:
        case dns.rdatatype.TXT:
            return b"".join(record.strings).decode("latin-1")  # type: ignore[attr-defined]
        case dns.rdatatype.MX:
            exchange = record.exchange.to_text(omit_final_dot=True)  # type: ignore[attr-defined]
            return f"{record.preference} {exchange}"  # type: ignore[attr-defined]
        case dns.rdatatype.PTR:
            return str(record.target.to_text(omit_final_dot=True))  # type: ignore[attr-defined]
        case _:
            return str(record.address)  # type: ignore[attr-defined]


def _nameserver(written: str) -> dns.nameserver.Nameserver:
    host, port = host_and_port(written)
    return dns.nameserver.Do53Nameserver(*(host, port) if host else (written, _PORT))


class _Inquiry:
    """The questions of one mail. When its time or its failures are used up, all else fails at once."""

    def __init__(self, resolver: Resolver, seconds: float) -> None:
        self._resolver = resolver
        self._seconds = seconds
        self._failures = 0

    def answer(self, name: str, kind: DnsKind) -> DnsAnswer:
        if self._failures >= _FAILURES or self._seconds <= 0:
            return DnsAnswer(name=name, kind=kind, outcome="failed", problem="the time for this mail is over")
        began = time.monotonic()
        found = self._resolver.answer(name, kind, self._seconds)
        self._seconds -= time.monotonic() - began
        self._failures += found.outcome == "failed"
        return found
