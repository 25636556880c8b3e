"""確認: does a key notice agree with our record? By PDF, typed, or as an answer to a letter of ours."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.folding import squash
from bot.handlers.casework import shown, to_staff, write_to
from bot.ledger import Change, Put
from bot.mail import Mail, PaperReading
from bot.outcome import Desk, DocumentRef, Letter, Outcome, Refusal, add_up, answer, once_each, today
from bot.reading.fields import COMPARED_AGAIN, said_again
from bot.reading.keys_in_text import numbers_and_keys
from bot.requests import Kind, Request, Word
from bot.surety import authkey
from bot.surety.enquiry import Asked, Difference, Enquiry, Verdict, differences
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.party import PartyKind, Role
from bot.surety.submitting import only_reference

DAY = timedelta(days=1)
MOST = 20  # guarantees in one mail

WORDS = (
    Word(
        "verify",
        "確認",
        Kind.HARMLESS,
        (
            "確認",
            "内容確認",
            "内容の確認",
            "照会",
            "保証内容の確認",
            "ご確認をお願い",
            "ご確認お願い",
            "検証",
        ),
        frozenset({PartyKind.ORDERER}),
    ),
)
_REQUEST = re.compile(r"確認|照会|検証|お願い|願います|転送")


def find(mail: Mail, desk: Desk) -> Request | None:
    """Recognise an enquiry: a paper, or number and key typed; quoted ones only under a fresh request."""
    if desk.sender.party.kind != PartyKind.ORDERER:
        return None
    papers = any(paper.what != "text_only" for paper in desk.papers)
    typed = any(one.complete for one in numbers_and_keys(mail.new_text))
    return Request(word="verify", sentence="確認") if papers or typed or _quoted(mail) else None


def _quoted(mail: Mail) -> bool:
    fresh = bool(_REQUEST.search(squash(mail.new_text)))
    return fresh and any(one.complete for one in numbers_and_keys(mail.quoted_text))


def handle(request: Request, desk: Desk) -> Outcome:
    """Compare everything that was asked with the record; one letter, verdict first.

    Unknown number, wrong key, and right key from the wrong party get one and the same answer. Raises Refusal
    where nothing to compare was found.
    """
    asked = _asked(desk)
    if not asked:
        return _nothing_to_compare(desk)
    outcome = add_up([_one(one, desk) for one in asked])
    return outcome.but(letters=(*outcome.letters, *_run_of_guesses(outcome, desk)))


def _asked(desk: Desk) -> list[Asked]:
    """Gather what is asked about: what the mail itself holds, or else the letter of ours that it answers."""
    assert desk.mail is not None
    found = asked_about(desk.mail, desk.papers)
    return found or [Asked(number=number, how="reply") for number in _answered(desk)][:MOST]


def asked_about(mail: Mail, papers: Sequence[PaperReading]) -> list[Asked]:
    """Gather the numbers and keys a mail holds, each pair once: those of its papers, then typed ones."""
    found: dict[tuple[str, str], Asked] = {}
    for paper in papers:
        number, key = paper.fields.get("number", ""), paper.fields.get("auth_key", "")
        if paper.what == "key_notice" and (number or key):
            pairs = [one for one in numbers_and_keys(paper.text) if one.complete]
            again = said_again(paper.text) if len(pairs) < 2 else {}  # of several, no label says whose it is
            asked = Asked(number=number, key=key, how="pdf", fields=paper.fields, again=again)
            found[(number, key)] = asked
            for one in pairs:
                more = Asked(number=one.number, key=one.key, how="pdf")
                found.setdefault((one.number, one.key), more)
    text = mail.new_text + ("\n" + mail.quoted_text if _quoted(mail) else "")
    for typed in numbers_and_keys(text):
        if typed.complete:
            asked = Asked(number=typed.number, key=typed.key, how="typed")
            found.setdefault((typed.number, typed.key), asked)
    return [_beside_certificates(one, papers) for one in found.values()][:MOST]


def _beside_certificates(asked: Asked, papers: Sequence[PaperReading]) -> Asked:
    """Compare a certificate that came along too: a right key beside an altered one must not cover it."""
    again = dict(asked.again)
    for paper in papers:
        if paper.what == "certificate" and paper.fields.get("number") == asked.number:
            for name in COMPARED_AGAIN:
                again[name] = (*again.get(name, ()), *filter(None, [paper.fields.get(name)]))
    return asked.but(again=again)


def _answered(desk: Desk) -> list[str]:
    """Return the numbers of the submissions of ours that this party answers: they reached its own box."""
    assert desk.mail is not None
    numbers = []
    for letter in desk.ledger.our_letters(desk.mail.references):
        box = desk.directory.mailbox(letter.recipient)
        if box is None or box.party_id != desk.sender.party.id:
            continue
        for template, values in zip(letter.templates, letter.values, strict=True):
            one = values.get("guarantee")
            if template == "submission" and isinstance(one, dict):
                numbers.append(str(one["number"]))
    if not numbers and desk.case is not None:
        submitted = [g for g in desk.ledger.guarantees(desk.case.id) if _sent_by_us(g)]
        numbers = [str(g.number) for g in submitted]
    return list(dict.fromkeys(numbers))


def _sent_by_us(guarantee: Guarantee) -> bool:
    return guarantee.submission is not None and guarantee.submission.how == "surety"


def _one(asked: Asked, desk: Desk) -> Outcome:
    guarantee = desk.ledger.guarantee(asked.number) if asked.number else None
    if guarantee is None or not _opens(asked, guarantee, desk):
        return _not_confirmed(asked, desk)
    found = differences(asked, guarantee)
    verdict = Verdict.DIFFERENCES if found else Verdict.MATCH
    enquiry = _enquiry(asked, desk, verdict, guarantee, found)
    changes: tuple[Change, ...] = (Put(value=enquiry),)
    letters: tuple[Letter, ...] = (_verdict_letter(enquiry, guarantee, desk),)
    if found:
        values = {**_news(enquiry, guarantee, desk), "differences": _plain(found)}
        letters += to_staff(desk, Role.EXAMINE, "staff_differences", values, guarantee.case_code)
    elif enquiry.proven and guarantee.verified_at is None:
        changes += (Put(value=guarantee.but(verified_at=desk.now)),)
        letters += _tell_contractor(guarantee, desk)
    return Outcome(note=f"enquiry {enquiry.number}: {verdict}", changes=changes, letters=letters)


def _opens(asked: Asked, guarantee: Guarantee, desk: Desk) -> bool:
    """A right key opens for that guarantee's own orderer, always and for nobody else."""
    orderer = desk.directory.orderer(guarantee.orderer_id)
    mine = orderer.party_id == desk.sender.party.id and guarantee.state == GuaranteeState.REGISTERED
    right = asked.how == "reply" or desk.ledger.key_opens(asked.number, asked.key)
    return mine and right


def _enquiry(
    asked: Asked,
    desk: Desk,
    verdict: Verdict,
    guarantee: Guarantee | None,
    found: tuple[Difference, ...] = (),
    *,
    guess: bool = False,
) -> Enquiry:
    serial = desk.next_number("enquiry")
    year = desk.now.year - 2018
    return Enquiry(
        number=f"K{year}-{serial:05d}",
        mailbox=desk.sender.address,
        party_id=desk.sender.party.id,
        at=desk.now,
        guarantee_id=guarantee.id if guarantee else None,
        guarantee_number=asked.number,
        verdict=verdict,
        differences=found,
        guess=guess,
        proven=desk.sender.proof.may_change,
        how=asked.how,
    )


def _not_confirmed(asked: Asked, desk: Desk) -> Outcome:
    """A guess is a well-formed wrong key that was typed: read from a paper, it is the paper's fault."""
    guess = asked.how == "typed" and authkey.is_well_formed(asked.key)
    enquiry = _enquiry(asked, desk, Verdict.NOT_CONFIRMED, None, guess=guess)
    values = {"enquiry": enquiry.number, "number": asked.number, "at": desk.now.isoformat()}
    letter = answer(desk, "not_confirmed", values)
    note = f"enquiry {enquiry.number}: {Verdict.NOT_CONFIRMED}"
    return Outcome(note=note, changes=(Put(value=enquiry),), letters=(letter,), refused=True)


def _verdict_letter(enquiry: Enquiry, guarantee: Guarantee, desk: Desk) -> Letter:
    orderer = desk.directory.orderer(guarantee.orderer_id)
    before = [one for one in desk.ledger.verified_by(guarantee.id) if one.proven]
    values = {
        "enquiry": enquiry.number,
        "at": enquiry.at.isoformat(),
        "asked_by": enquiry.mailbox,
        "guarantee": shown(guarantee),
        "work_name": guarantee.work_name,
        "differences": _plain(enquiry.differences),
        "only_reference": only_reference(orderer),
        "attached": orderer.certificate_to_orderer and not enquiry.differences,
        "seen_before": [{"at": one.at.isoformat(), "mailbox": one.mailbox} for one in before[-3:]],
    }
    template = "differences" if enquiry.differences else "verified"
    certificate = DocumentRef(of=guarantee.of, version=guarantee.version, kind="certificate_orderer")
    documents = (certificate,) if values["attached"] else ()
    letter = answer(desk, template, values)
    return letter.but(documents=documents, case_code=guarantee.case_code)


def _plain(found: tuple[Difference, ...]) -> list[dict[str, str]]:
    return [one.model_dump() for one in found]


def _news(enquiry: Enquiry, guarantee: Guarantee, desk: Desk) -> dict[str, object]:
    return {
        "enquiry": enquiry.number,
        "asked_by": enquiry.mailbox,
        "party": desk.sender.party.name,
        "guarantee": shown(guarantee),
        "work_name": guarantee.work_name,
    }


def _tell_contractor(guarantee: Guarantee, desk: Desk) -> tuple[Letter, ...]:
    """The first proven look is news for the contractor: the day and the body, no person's name."""
    application = desk.ledger.application(guarantee.case_id)
    if application is None:
        return ()
    values = {
        "guarantee": shown(guarantee),
        "work_name": guarantee.work_name,
        "orderer": guarantee.orderer,
        "at": desk.now.isoformat(),
    }
    return (write_to(application.applicant, "verified_news", values, guarantee.case_code),)


def _run_of_guesses(outcome: Outcome, desk: Desk) -> tuple[Letter, ...]:
    """Tell staff, once a day, when one sender types wrong key after wrong key."""
    new = sum(isinstance(c, Put) and isinstance(c.value, Enquiry) and c.value.guess for c in outcome.changes)
    if not new:
        return ()
    count = desk.ledger.guesses_since(desk.sender.party.id, desk.now - DAY) + new
    if count < desk.office.guesses_a_day:
        return ()
    values = {"party": desk.sender.party.name, "asked_by": desk.sender.address, "count": count}
    day = today(desk).isoformat()
    once = f"guesses:{desk.sender.party.id}:{day}"
    told = to_staff(desk, Role.EXAMINE, "staff_guesses", values, None)
    return once_each(told, once)


def _nothing_to_compare(desk: Desk) -> Outcome:
    """Say what is missing: the certificate came instead, another's paper, an unreadable one, nothing."""
    whats = {paper.what for paper in desk.papers}
    for what, template in (
        ("certificate", "certificate_instead"),
        ("lookalike", "lookalike"),
        ("encrypted", "encrypted_paper"),
        ("no_text", "unreadable_paper"),
        ("damaged", "unreadable_paper"),
    ):
        if what in whats:
            raise Refusal(template)
    raise Refusal("nothing_to_verify")
