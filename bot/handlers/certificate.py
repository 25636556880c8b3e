"""証書: the certificate in the contractor's rendition, its content in the body (leaflet STEP 3)."""

from bot.handlers.casework import shown, write_to
from bot.handlers.choosing import chosen
from bot.outcome import Desk, DocumentRef, Outcome, add_up
from bot.requests import Kind, Request, Word
from bot.surety.party import PartyKind

WORDS = (
    Word(
        "certificate",
        "証書",
        Kind.HARMLESS,
        ("証書<number>", "証書", "保証証書", "電子証書", "しょうしょ"),
        frozenset({PartyKind.CONTRACTOR}),
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Show each guarantee of the case. Raises Refusal where none can be told."""
    outcomes = []
    for guarantee in chosen(request, desk):
        document = DocumentRef(of=guarantee.of, version=guarantee.version, kind="certificate_contractor")
        letter = write_to(
            desk.sender.answer_to,
            "certificate",
            {"guarantee": shown(guarantee), "work_name": guarantee.work_name},
            guarantee.case_code,
            documents=(document,),
            answers=True,
        )
        outcomes.append(Outcome(note=f"certificate {guarantee.number}", letters=(letter,)))
    return add_up(outcomes)
