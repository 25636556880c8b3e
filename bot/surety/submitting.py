"""How an orderer wants a key notice, as plain values for letters and papers."""

import unicodedata

from bot.surety.guarantee import Guarantee
from bot.surety.orderer import Channel, Measure, Orderer, Submission, SubmissionBy
from bot.surety.papers import KIND_NAMES, GuaranteeKind


def submission_of(guarantee: Guarantee, orderer: Orderer) -> Submission:
    """Return where this kind goes, in words that fit even where the profile names nobody."""
    return named_submission(orderer, guarantee.kind) or Submission(department="担当課")


def named_submission(orderer: Orderer, kind: GuaranteeKind) -> Submission | None:
    """Return what the profile names for a kind: 中間前払金 goes with 前払金; one office may serve all."""
    given = orderer.submissions
    if kind == GuaranteeKind.INTERIM and kind not in given:
        kind = GuaranteeKind.ADVANCE
    return given.get(kind) or (next(iter(given.values())) if len(given) == 1 else None)


def how_to_submit(guarantee: Guarantee, orderer: Orderer) -> dict[str, object]:
    """Return channel, place, subject and time as this orderer has them."""
    submission = submission_of(guarantee, orderer)
    return {
        "kind": KIND_NAMES[guarantee.kind],
        "number": guarantee.number,
        "channel": orderer.channel.value,
        "department": submission.department,
        "address": submission.address,
        "subject": subject_for(guarantee, submission),
        "web_form": submission.web_form,
        "phone": submission.phone,
        "when": submission.when,
        "surety_may_send": may_send(orderer, submission),
        "measure": orderer.accepted_measure.value,
    }


def invoice_note(guarantee: Guarantee, orderer: Orderer) -> str:
    """Return what this orderer says about the 請求書 of an advance payment; '' for a 契約保証."""
    return "" if guarantee.kind == GuaranteeKind.PERFORMANCE else orderer.with_invoice


def may_send(orderer: Orderer, submission: Submission) -> bool:
    """Say whether we may send the key notice where the contractor asks for it."""
    by_us = orderer.submission_by == SubmissionBy.SURETY_ON_REQUEST
    return by_us and orderer.channel == Channel.MAIL and bool(submission.address)


def subject_for(guarantee: Guarantee, submission: Submission) -> str:
    """Fill the orderer's own subject pattern; without one, name kind and work.

    The work's number gets plain digits: people search their mail for 第123号, however it was typed.
    """
    pattern = submission.subject or "【電子保証({kind})】{work_name}"
    values = {
        "work_number": unicodedata.normalize("NFKC", guarantee.work_number),
        "work_name": guarantee.work_name,
        "contractor": guarantee.contractor_name.partition("　")[0],
        "kind": KIND_NAMES[guarantee.kind],
    }
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", value)
    return " ".join(pattern.split())


def only_reference(orderer: Orderer) -> bool:
    """Say whether this orderer has accepted D-Sure alone, so that our reply is for reference."""
    return orderer.accepted_measure == Measure.DSURE
