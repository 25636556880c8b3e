"""Runs all that verifies once, before there is a mail: what loads at first use could not be opened later."""

from base64 import b64encode
from hashlib import sha256

from bot.mail import DnsAnswer, DnsKind
from bot.reading.limits import MAX_NOTE
from bot.reading.verification import verify
from bot.reading.wire import DnsQuestion, Finding, Verify, Word

_DOMAIN = "b.example"
_RSA = (  # a public key that signs nothing
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC2X/GCl6zdf8XIpaNfjqwTS7Rvd5xEFQAz"
    "D9PZMK9vEQwtkyWguhX+rfYH+sD4wCnyYIvY7QmVSC2UJz2N1iJI7LC2lTQTYfhi8nSS+c8W"
    "PswnzZlpF4vhj6nIrt9qpRPAhhbipl7oFwiyiZSriE408RXgYVLgFeveeW8sEWs/LwIDAQAB"
)
_ED25519 = b64encode(bytes(32)).decode()
_BODY = b"x\r\n"
_HASH = b64encode(sha256(_BODY).digest()).decode()
_SIGNATURE = b64encode(bytes(128)).decode()
_RECORDS = {
    f"rsa._domainkey.{_DOMAIN}": f"v=DKIM1; p={_RSA}",
    f"ed._domainkey.{_DOMAIN}": f"v=DKIM1; k=ed25519; p={_ED25519}",
    f"_dmarc.{_DOMAIN}": "v=DMARC1; p=none",
    _DOMAIN: f"v=spf1 ip6:2001:db8::/32 a mx ptr exists:%{{ir}}.{_DOMAIN} -all",
}


def warm() -> None:
    """Verify a mail that has one of everything; nothing of it passes, and all of it must be reached."""
    wanted = Verify(
        from_domain=_DOMAIN, mail_from=f"a@{_DOMAIN}", peer="192.0.2.1", helo=_DOMAIN, forwarders=(_DOMAIN,)
    )
    found = verify(_mail(), wanted, _answer)
    results = [one.result for one in found.signatures]
    if (
        results != ["fail", "fail"]
        or found.arc is None
        or found.arc.problem != f"what {_DOMAIN} sealed was changed"
    ):
        raise RuntimeError(f"the warming mail: {found}")
    Word.model_validate_json(Word(verify=wanted).model_dump_json())
    Finding.model_validate_json(Finding(verification=found).model_dump_json())
    question = DnsQuestion(name=_DOMAIN, kind="TXT")
    Finding.model_validate_json(Finding(question=question).model_dump_json())
    answer = DnsAnswer(name=_DOMAIN, kind="TXT", outcome="found", values=("x",))
    DnsAnswer.model_validate_json(answer.model_dump_json()[:MAX_NOTE])


def _answer(name: str, kind: DnsKind) -> DnsAnswer:
    values = {"A": "192.0.2.2", "AAAA": "2001:db8::1", "MX": f"10 {_DOMAIN}", "PTR": _DOMAIN, "TXT": ""}
    text = _RECORDS.get(name, "") if kind == "TXT" else values[kind]
    return DnsAnswer(
        name=name, kind=kind, outcome="found" if text else "no name", values=(text,) if text else ()
    )


def _mail() -> bytes:
    tags = f"c=relaxed/relaxed; d={_DOMAIN}; h=from; bh={_HASH}; b={_SIGNATURE}"
    head = [
        f"ARC-Seal: i=1; cv=none; a=rsa-sha256; d={_DOMAIN}; s=rsa; b={_SIGNATURE}",
        f"ARC-Message-Signature: i=1; a=rsa-sha256; s=rsa; {tags}",
        f"ARC-Authentication-Results: i=1; {_DOMAIN}; dkim=pass header.d={_DOMAIN}",
        f"DKIM-Signature: v=1; a=rsa-sha256; s=rsa; t=1; {tags}",
        f"DKIM-Signature: v=1; a=ed25519-sha256; s=ed; {tags}",
        f"From: a@{_DOMAIN}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + _BODY
