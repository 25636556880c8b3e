"""回答: what a contractor writes after staff asked a question goes to staff, whatever its words."""

from bot.handlers.casework import require, to_staff, work_name, write_to
from bot.ledger import Put
from bot.outcome import Desk, Outcome, Refusal
from bot.requests import Kind, Request, Unclear, Word
from bot.surety.application import Application
from bot.surety.party import PartyKind, Role

WORDS = (
    Word(
        "answer",
        "回答",
        Kind.BINDING,
        (),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
        keeps_remarks=True,
    ),
)


def otherwise(unclear: Unclear, desk: Desk) -> Request | None:
    """Take words that are no request for the answer to a question that is still open in their thread."""
    if desk.sender.party.kind != PartyKind.CONTRACTOR or _asked(desk) is None:
        return None
    return Request(word="answer", sentence="回答", more=unclear.doubts)


def _asked(desk: Desk) -> Application | None:
    application = desk.ledger.application(desk.case.id) if desk.case else None
    return application if application is not None and application.question else None


def handle(request: Request, desk: Desk) -> Outcome:
    """Pass the answer on to 審査. Raises Refusal where nothing is asked any more."""
    require(desk, Role.APPLY)
    application = _asked(desk)
    if application is None or desk.mail is None:
        raise Refusal("which_case")
    values = {
        "work_name": work_name(application),
        "contractor": desk.sender.party.name,
        "question": application.question,
        "lines": list(request.more),
        "files": [one.name for one in desk.mail.attachments],
    }
    remarks = tuple(dict.fromkeys((*application.remarks, *request.more)))
    application = application.but(question="", remarks=remarks)
    thanks = {"work_name": work_name(application)}
    letters = (
        write_to(desk.sender.answer_to, "answer_received", thanks, application.case_code, answers=True),
        *to_staff(desk, Role.EXAMINE, "staff_answer", values, application.case_code),
    )
    note = f"answer about {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)
