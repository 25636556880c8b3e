"""Where a mail comes from, found out on its stored bytes: DKIM, SPF, the DMARC record and ARC.

Loaded only by a helper that is to verify; nothing here judges, and a question to the DNS is asked through the
daemon.
"""

import re
from hashlib import sha256

from bot.mail import ArcResult, DnsAnswer, SignatureResult, SpfResult, Verification
from bot.reading.arc_result import arc_result
from bot.reading.dkim_results import MAX_SIGNATURES, related, signature_results
from bot.reading.dmarc_record import DnsSilent, dmarc_record, organization_of
from bot.reading.mime import MAX_HEAD, TooMuch
from bot.reading.questions import Ask, Questions
from bot.reading.signed_bytes import SignedBytes, Unclear
from bot.reading.spf_result import spf_result
from bot.reading.wire import Verify

_KEPT = 2000  # characters of one record, for the files

# What says who, to whom, when and what, and how the body is to be read.
COUNTED = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
)
_SIGNATURE = re.compile(rb"^dkim-signature[ \t]*:", re.I | re.M)
_TELLING = ("subject", "date")  # beside From and Message-ID, what tells two signed mails with one body apart


def verify(data: bytes, wanted: Verify, ask: Ask) -> Verification:
    """Verify the message of a mail with one From address; total: whatever is odd is a problem in words.

    Where the header block is not clear no signature counts; SPF and DMARC know nothing of it and hold, unless
    a signature stands there that might have passed.
    """
    questions = Questions(ask)
    domain = wanted.from_domain
    message, problem = _taken_apart(data)
    signatures = signature_results(message, domain, questions) if message else ()
    arc = arc_result(message, questions, wanted.forwarders) if message else None
    spf = _spf(wanted, questions)
    silent = _silent(signatures, arc, spf)
    dmarc, organizations = None, {}
    try:
        dmarc = dmarc_record(domain, questions)
        organizations = {one: organization_of(one, questions) for one in _aligning(signatures, spf, domain)}
    except DnsSilent as one:
        silent.append(str(one))
    return Verification(
        signatures=signatures,
        spf=spf,
        dmarc=dmarc,
        organizations=organizations,
        arc=arc,
        instances={name: len(message.all(name)) for name in COUNTED} if message else {},
        body_digest=sha256(message.body(True)).hexdigest() if message else "",
        head_digest=_head_digest(message) if message else "",
        dns=_short(questions.answers),
        unsettled=", ".join(silent),
        problem=problem,
        unchecked=bool(problem) and _SIGNATURE.search(data, 0, MAX_HEAD) is not None,
    )


def _taken_apart(data: bytes) -> tuple[SignedBytes | None, str]:
    try:
        message = SignedBytes(data)
    except (Unclear, TooMuch) as unclear:
        return None, str(unclear)
    count = len(message.all("dkim-signature"))
    too_many = f"{count} signatures, of which {MAX_SIGNATURES} were looked at"
    return message, too_many if count > MAX_SIGNATURES else ""


def _head_digest(message: SignedBytes) -> str:
    fields = [one.canonical(True) for name in _TELLING for one in message.all(name)]
    return sha256(b"".join(fields)).hexdigest()


def _silent(
    signatures: tuple[SignatureResult, ...], arc: ArcResult | None, spf: SpfResult | None
) -> list[str]:
    """Name what the DNS did not answer; a signature or an SPF record of others could change nothing."""
    silent = [f"{one.selector}._domainkey.{one.domain}" for one in signatures if one.result == "temperror"]
    silent += [f"SPF of {spf.domain}"] if spf is not None and spf.result == "temperror" else []
    return silent + ([arc.problem] if arc is not None and arc.result == "temperror" else [])


def _aligning(signatures: tuple[SignatureResult, ...], spf: SpfResult | None, domain: str) -> list[str]:
    """Return the other domains that passed and might be of the same organization as the From's."""
    passed = {one.domain for one in signatures if one.result == "pass"}
    passed |= {spf.domain} if spf is not None and spf.result == "pass" else set()
    return sorted(one for one in passed - {domain} if related(one, domain))


def _spf(wanted: Verify, questions: Questions) -> SpfResult | None:
    if not wanted.peer:
        return None
    domain = (wanted.mail_from.rpartition("@")[2] or wanted.helo).lower().rstrip(".")
    if not related(domain, wanted.from_domain):
        problem = "not of the From's domain: it was not asked for"
        return SpfResult(result="none", domain=domain[:255], problem=problem)
    return spf_result(wanted.peer, wanted.mail_from, wanted.helo, questions)


def _short(answers: tuple[DnsAnswer, ...]) -> tuple[DnsAnswer, ...]:
    """Cut what is kept of each answer: whoever writes to us chooses how long his records are."""
    return tuple(one.but(values=tuple(value[:_KEPT] for value in one.values[:20])) for one in answers)
