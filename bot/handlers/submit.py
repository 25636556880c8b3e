"""提出 / 提出済: send the key notice where the orderer allows it, or record that it went."""

from bot.handlers.casework import body_of, require, shown, to_staff, write_to
from bot.handlers.choosing import chosen
from bot.ledger import Put
from bot.outcome import Desk, DocumentRef, KeyRef, Outcome, add_up
from bot.requests import Kind, Request, Word
from bot.surety.guarantee import Guarantee, SubmissionRecord
from bot.surety.party import PartyKind, Role
from bot.surety.submitting import (
    how_to_submit,
    invoice_note,
    may_send,
    only_reference,
    subject_for,
    submission_of,
)

WORDS = (
    Word(
        "submit",
        "提出",
        Kind.BINDING,
        # 「送付します」「発注者へ提出いたします」 say that the writer does it: only what asks us counts.
        (
            "提出",
            "提出する",
            "提出します",
            "提出^",
            "提出<number>",
            "提出<number>^",
            "発注者へ提出^",
            "発注者への提出^",
            "発注者に提出^",
            "送付^",
            "発注者へ送付^",
            "発注者への送付^",
        ),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
        against=("submitted",),
    ),
    Word(
        "submitted",
        "提出済",
        Kind.BINDING,
        (
            "提出済~",
            "提出済み~",
            "提出済<number>~",
            "提出済み<number>~",
            "提出ずみ~",
            "提出しました",
            "提出いたしました",
            "提出致しました",
            "提出したよ",
            "提出完了",
            "提出完了しました",
            "提出が完了しました",
            "発注者へ提出しました",
            "発注者に提出しました",
            "発注者へ提出済みです",
        ),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
        against=("submit",),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Send or record, for each guarantee the answered letter named. Raises Refusal without the role."""
    require(desk, Role.APPLY)
    guarantees = chosen(request, desk)
    if request.word == "submitted":
        return add_up([record(one, "told", desk) for one in guarantees])
    return add_up([_submit(one, desk) for one in guarantees])


def record(guarantee: Guarantee, how: str, desk: Desk) -> Outcome:
    """Record a submission once, and thank the contractor for telling us."""
    orderer = desk.directory.orderer(guarantee.orderer_id)
    submission = submission_of(guarantee, orderer)
    values = {
        "guarantee": shown(guarantee),
        "work_name": guarantee.work_name,
        "submission": how_to_submit(guarantee, orderer),
        "again": guarantee.submission is not None,
        "how": how,
    }
    letter = write_to(desk.sender.answer_to, "submitted", values, guarantee.case_code, answers=True)
    if guarantee.submission is not None:
        return Outcome(note=f"{guarantee.number} was submitted before", letters=(letter,))
    done = SubmissionRecord(how=how, at=desk.received_at, by=desk.sender.address, to=submission.department)
    changed = Put(value=guarantee.but(submission=done))
    return Outcome(note=f"submitted {guarantee.number} ({how})", changes=(changed,), letters=(letter,))


def _submit(guarantee: Guarantee, desk: Desk) -> Outcome:
    """Send one key notice to the orderer's own registered mailbox, or say how the contractor sends it."""
    orderer = desk.directory.orderer(guarantee.orderer_id)
    submission = submission_of(guarantee, orderer)
    values = {
        "guarantee": shown(guarantee),
        "work_name": guarantee.work_name,
        "submission": how_to_submit(guarantee, orderer),
        "body": body_of(desk, orderer),
        "sent_before": guarantee.submission is not None,
    }
    if not may_send(orderer, submission):
        letter = write_to(desk.sender.answer_to, "submit_yourself", values, guarantee.case_code, answers=True)
        return Outcome(note=f"{guarantee.number} goes by the contractor", letters=(letter,), refused=True)
    box = desk.directory.mailbox(submission.address)
    if box is None or box.party_id != orderer.party_id:
        staff = to_staff(desk, Role.MANAGE, "staff_orderer_box", values, guarantee.case_code)
        letter = write_to(desk.sender.answer_to, "submit_yourself", values, guarantee.case_code, answers=True)
        note = f"{guarantee.number}: {submission.address} is not registered for {orderer.addressee}"
        return Outcome(note=note, letters=(letter, *staff), refused=True)
    assert guarantee.number is not None
    key = KeyRef(guarantee_number=guarantee.number, version=guarantee.key_version)
    to_orderer = write_to(
        box.address,
        "submission",
        {
            "guarantee": shown(guarantee),
            "department": submission.department,
            "contact": guarantee.contact,
            "with_invoice": invoice_note(guarantee, orderer),
            "only_reference": only_reference(orderer),
        },
        guarantee.case_code,
        documents=(DocumentRef(of=guarantee.of, version=guarantee.key_version, kind="key_notice"),),
        key=key,
    ).but(subject=subject_for(guarantee, submission))
    told = write_to(desk.sender.answer_to, "sent_to_orderer", values, guarantee.case_code, answers=True)
    done = SubmissionRecord(how="surety", at=desk.now, by=desk.sender.address, to=submission.department)
    return Outcome(
        note=f"submitted {guarantee.number} to {submission.department}",
        changes=(Put(value=guarantee.but(submission=done)),),
        letters=(told, to_orderer),
    )
