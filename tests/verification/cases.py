"""Mails from a contractor's own server to the desk, read, verified and judged in this process."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from bot.identity.authentication import Judgement
from bot.identity.direct import DirectRules, judge_direct, what_to_verify
from bot.mail import DnsAnswer, DnsKind, Envelope, Mail, Verification
from bot.reading.mail import OpenedMail, read_mail
from bot.reading.verification import verify
from bot.surety.party import Proof
from tests.verification.signing import Head, Signer

IYO = "soumu@iyo-kensetsu.example"
DOMAIN = "iyo-kensetsu.example"
DESK = "hosho@hoshobin.example"
PEER = "192.0.2.25"
NOW = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
BODY = "承認 4821\r\n"
IYO_SIGNS = Signer(DOMAIN)


def head(**changed: str) -> Head:
    """Return the headers of a mail; `message_id="..."` sets Message-ID, '' leaves a header out."""
    fields = {
        "from": IYO,
        "to": DESK,
        "subject": "hello",
        "date": format_datetime(NOW),
        "message_id": f"<1@{DOMAIN}>",
        "content_type": "text/plain; charset=utf-8",
    }
    fields |= changed
    names = {"message_id": "Message-ID", "content_type": "Content-Type", "reply_to": "Reply-To"}
    return [(names.get(name, name.capitalize()), value) for name, value in fields.items() if value]


@dataclass
class Zone:
    """What the DNS says, and what it does not answer."""

    texts: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str, kind: DnsKind) -> DnsAnswer:
        """Answer one question."""
        self.asked.append(name)
        if name in self.silent:
            return DnsAnswer(name=name, kind=kind, outcome="failed")
        values = (self.texts[name],) if kind == "TXT" and name in self.texts else ()
        return DnsAnswer(name=name, kind=kind, outcome="found" if values else "no name", values=values)


def zone(*signers: Signer, **texts: str) -> Zone:
    """Return a zone with the keys of all signers; `spf` and `dmarc` are the From's domain's."""
    known = dict(one.published() for one in (signers or (IYO_SIGNS,)))
    known |= {DOMAIN: texts["spf"]} if "spf" in texts else {}
    known |= {f"_dmarc.{DOMAIN}": texts["dmarc"]} if "dmarc" in texts else {}
    return Zone(known)


@dataclass(frozen=True)
class Case:
    """What was found, and what it proves."""

    mail: Mail
    found: Verification
    judgement: Judgement


def judged(
    data: bytes,
    dns: Zone,
    *,
    mail_from: str = IYO,
    peer: str = PEER,
    source: str = "smtp",
    rules: DirectRules | None = None,
    received_at: datetime = NOW,
) -> Case:
    """Read, verify and judge one mail as the daemon and its child do."""
    opened = read_mail(data)
    assert isinstance(opened, OpenedMail), opened
    rules = rules or DirectRules()
    envelope = Envelope.model_validate(
        {
            "mail_from": mail_from,
            "recipients": (DESK,),
            "peer": peer,
            "helo": f"mx.{DOMAIN}",
            "source": source,
            "received_at": received_at,
        }
    )
    found = Verification()
    if opened.mail.from_address is not None:
        found = verify(data, what_to_verify(envelope, opened.mail, rules), dns.ask)
    mail = opened.mail.but(verification=found)
    return Case(mail, found, judge_direct(envelope, mail, rules))


def proves(case: Case) -> bool:
    """Say whether the From is proven for changes."""
    return case.judgement.proof is Proof.FULL


def nothing(case: Case, why: str) -> None:
    """Check that nothing is proven, and that the words say why."""
    assert case.judgement.proof is Proof.NONE, case.judgement
    assert why in case.judgement.how, case.judgement.how
