"""審査: a person of 審査 examines an application and types the premium; or sends it back, or declines."""

from bot.handlers.casework import check_code, open_application, require, work_name, write_to
from bot.handlers.reviewing import decision_letters
from bot.ledger import Put
from bot.outcome import Desk, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.application import Application, ApplicationState
from bot.surety.form_text import filled_form
from bot.surety.money import AmountFault, parse_yen
from bot.surety.party import PartyKind, Role

_STAFF = frozenset({PartyKind.SURETY})
_UNDECIDED = (ApplicationState.APPLIED, ApplicationState.EXAMINED)

WORDS = (
    Word(
        "examined",
        "審査済",
        Kind.BINDING,
        (
            "審査済<code>保証料<yen>",
            "審査済み<code>保証料<yen>",
            "審査済<code>、保証料<yen>",
            "審査済<code>保証料は<yen>",
        ),
        _STAFF,
        needs_proof=True,
        against=("return", "decline"),
    ),
    Word(
        "return",
        "差戻し",
        Kind.BINDING,
        ("差戻し<code><text>", "差し戻し<code><text>", "差戻<code><text>"),
        _STAFF,
        needs_proof=True,
        against=("examined", "approve", "approve_performance", "decline"),
    ),
    Word(
        "decline",
        "謝絶",
        Kind.BINDING,
        ("謝絶<code>~",),
        _STAFF,
        needs_proof=True,
        against=("examined", "approve", "approve_performance", "return"),
    ),
    Word("ask", "質問", Kind.BINDING, ("質問<text>", "質問:<text>"), _STAFF, needs_proof=True),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Take one step of the examination. Raises Refusal without the role or the code of this very version."""
    application = open_application(desk, _UNDECIDED)
    match request.word:
        case "examined":
            return _examined(request, desk, application)
        case "return":
            return _returned(request, desk, application)
        case "decline":
            return _declined(request, desk, application)
        case _:
            return _asked(request, desk, application)


def _examined(request: Request, desk: Desk, application: Application) -> Outcome:
    require(desk, Role.EXAMINE)
    if application.state != ApplicationState.APPLIED:
        raise Refusal("not_now", state=application.state.value, work_name=work_name(application))
    check_code(desk, request, "審査済", application)
    try:
        premium = parse_yen(request.arguments["yen"]).yen
    except AmountFault as fault:
        raise Refusal("bad_premium", written=request.arguments["yen"]) from fault
    application = application.but(
        state=ApplicationState.EXAMINED,
        version=application.version + 1,
        examined_by=desk.sender.address,
        premium_yen=premium,
    )
    values = {"action": "審査済", "work_name": work_name(application)}
    letters = (answer(desk, "staff_done", values, case=desk.case), *decision_letters(desk, application))
    note = f"examined {application.case_code}, premium {premium} yen"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)


def _may_decide(request: Request, desk: Desk, application: Application, action: str) -> None:
    """Examination and approval are different hands; each may send back or decline on its own turn."""
    examining = application.state == ApplicationState.APPLIED
    require(desk, Role.EXAMINE if examining else Role.DECIDE)
    if not examining and desk.sender.address == application.examined_by:
        raise Refusal("same_person", work_name=work_name(application))
    check_code(desk, request, action, application)


def _returned(request: Request, desk: Desk, application: Application) -> Outcome:
    _may_decide(request, desk, application, "差戻し")
    reason = request.arguments["text"]
    application = application.but(
        state=ApplicationState.INCOMPLETE,
        version=application.version + 1,
        examined_by="",
        premium_yen=None,
        agreement=None,
    )
    values = {
        "reason": reason,
        "work_name": work_name(application),
        "form": filled_form(application.given),
    }
    letters = (
        answer(desk, "staff_done", {"action": "差戻し", "work_name": work_name(application)}, case=desk.case),
        write_to(application.applicant, "returned", values, application.case_code),
    )
    note = f"returned {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)


def _declined(request: Request, desk: Desk, application: Application) -> Outcome:
    """The contractor gets neutral words; the reason is told by a person."""
    _may_decide(request, desk, application, "謝絶")
    application = application.but(state=ApplicationState.DECLINED, version=application.version + 1)
    letters = (
        answer(desk, "staff_done", {"action": "謝絶", "work_name": work_name(application)}, case=desk.case),
        write_to(
            application.applicant, "declined", {"work_name": work_name(application)}, application.case_code
        ),
    )
    note = f"declined {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)


def _asked(request: Request, desk: Desk, application: Application) -> Outcome:
    """Pass a question on to the contractor; the answer comes back to 審査."""
    if not (desk.sender.may(Role.EXAMINE) or desk.sender.may(Role.DECIDE)):
        raise Refusal("may_not", role=Role.EXAMINE.value)
    question = request.arguments["text"]
    application = application.but(question=question)
    values = {"question": question, "work_name": work_name(application)}
    letters = (
        answer(desk, "staff_done", {"action": "質問", "work_name": work_name(application)}, case=desk.case),
        write_to(application.applicant, "question", values, application.case_code),
    )
    return Outcome(
        note=f"asked about {application.case_code}", changes=(Put(value=application),), letters=letters
    )
