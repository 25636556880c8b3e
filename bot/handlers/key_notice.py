"""認証キー: the key notice to submit, number and key in the body too, and a ready mail to copy (STEP 4)."""

from bot.handlers.casework import body_of, require, shown, write_to
from bot.handlers.choosing import chosen
from bot.ledger import Put
from bot.outcome import Desk, DocumentRef, KeyRef, Outcome, add_up
from bot.requests import Kind, Request, Word
from bot.surety.guarantee import Guarantee
from bot.surety.party import PartyKind, Role
from bot.surety.submitting import how_to_submit, invoice_note

WORDS = (
    Word(
        "key_notice",
        "認証キー",
        Kind.HARMLESS,
        ("認証キー<number>", "認証キー", "認証きー", "にんしょうキー", "キーのお知らせ", "キーください"),
        frozenset({PartyKind.CONTRACTOR}),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Send each key notice of the case to a mailbox that may apply; only a proven request counts as fetched.

    Raises Refusal without the role, or where it cannot be told which guarantee is meant.
    """
    require(desk, Role.APPLY)
    return add_up([_one(guarantee, desk) for guarantee in chosen(request, desk)])


def _one(guarantee: Guarantee, desk: Desk) -> Outcome:
    assert guarantee.number is not None
    orderer = desk.directory.orderer(guarantee.orderer_id)
    letter = write_to(
        desk.sender.answer_to,
        "key_notice",
        {
            "guarantee": shown(guarantee),
            "work_name": guarantee.work_name,
            "submission": how_to_submit(guarantee, orderer),
            "body": body_of(desk, orderer),
            "with_invoice": invoice_note(guarantee, orderer),
            "contact": guarantee.contact,
            "certificate_too": "certificate_print" in orderer.required_papers,
        },
        guarantee.case_code,
        documents=(DocumentRef(of=guarantee.of, version=guarantee.key_version, kind="key_notice"),),
        key=KeyRef(guarantee_number=guarantee.number, version=guarantee.key_version),
        answers=True,
    )
    first = desk.sender.proof.may_change and guarantee.fetched_at is None
    changes = (Put(value=guarantee.but(fetched_at=desk.now)),) if first else ()
    return Outcome(note=f"key notice {guarantee.number}", changes=changes, letters=(letter,))
