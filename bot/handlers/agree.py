"""「この内容で申し込みます」: will, consent and check of our reading; its time is the time of application."""

from bot.handlers.casework import open_application, require, to_staff, work_name, write_to
from bot.handlers.reviewing import review_letters
from bot.ledger import Put
from bot.outcome import Desk, Letter, Outcome, Refusal
from bot.requests import Kind, Request, Word
from bot.surety.application import Agreement, Application, ApplicationState
from bot.surety.party import PartyKind, Role

WORDS = (
    Word(
        "agree",
        "この内容で申し込みます",
        Kind.BINDING,
        (
            "この内容で申し込みます",
            "この内容で申込みます",
            "この内容で申込ます",
            "この内容で申込~",
            "この内容で申し込み~",
            "この内容で申込み~",
            "この内容にて申し込みます",
            "この内容にて申込みます",
            "上記の内容で申し込みます",
            "下記の内容で申し込みます",
            "申し込みます",
            "申込みます",
        ),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
        keeps_remarks=True,
        against=("withdraw",),
        stems=("申し込みは", "申込みは", "申込は", "申し込みます", "申込みます"),
    ),
    Word(
        "withdraw",
        "取下げ",
        Kind.BINDING,
        ("取下げ~", "取り下げ~", "取下~", "申込を取り下げます", "申込みを取り下げます", "申込取下げ~"),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
        against=("agree",),
        stems=("取り下げ", "取下"),
    ),
)
_BEFORE_ISSUE = (
    ApplicationState.INCOMPLETE,
    ApplicationState.READ_BACK,
    ApplicationState.APPLIED,
    ApplicationState.EXAMINED,
    ApplicationState.APPROVED,
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Apply for what was read back, or withdraw an application of which nothing was issued."""
    require(desk, Role.APPLY)
    return _withdraw(desk) if request.word == "withdraw" else _agree(request, desk)


def _agree(request: Request, desk: Desk) -> Outcome:
    """Record terms, versions and time; ask for the examination.

    Raises Refusal where the answer is to an earlier read-back than the newest.
    """
    application = open_application(desk, (ApplicationState.READ_BACK,))
    _check_newest(desk, application)
    agreement = Agreement(terms=application.shown_terms, at=desk.received_at, mailbox=desk.sender.address)
    application = application.but(
        state=ApplicationState.APPLIED,
        version=application.version + 1,
        agreement=agreement,
        remarks=tuple(dict.fromkeys((*application.remarks, *request.more))),
    )
    values = {"work_name": work_name(application), "at": agreement.at.isoformat()}
    receipt = write_to(desk.sender.answer_to, "applied", values, application.case_code, answers=True)
    letters = (receipt, *review_letters(desk, application))
    note = f"applied for {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)


def _check_newest(desk: Desk, application: Application) -> None:
    """Raise Refusal where the mail answers a read-back that has been replaced since."""
    references = desk.mail.references if desk.mail is not None else ()
    for letter in desk.ledger.our_letters(references):
        versions = [
            v.get("version") for t, v in zip(letter.templates, letter.values, strict=True) if t == "read_back"
        ]
        if versions and letter.case_id == application.case_id and application.version not in versions:
            raise Refusal("old_read_back", work_name=work_name(application))
        if versions:
            return


def _withdraw(desk: Desk) -> Outcome:
    application = open_application(desk, _BEFORE_ISSUE)
    was = application.state
    application = application.but(state=ApplicationState.WITHDRAWN, version=application.version + 1)
    values = {"work_name": work_name(application), "contractor": desk.sender.party.name}
    letters: tuple[Letter, ...] = (
        write_to(desk.sender.answer_to, "withdrawn", values, application.case_code, answers=True),
    )
    if was not in (ApplicationState.INCOMPLETE, ApplicationState.READ_BACK):
        letters += to_staff(desk, Role.EXAMINE, "staff_withdrawn", values, application.case_code)
    note = f"withdrew {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)
