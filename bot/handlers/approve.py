"""決裁 and 収納: approve what another examined; book the payment; issue what is approved and paid."""

from bot.handlers.casework import check_code, code_for, open_application, require, work_name, write_to
from bot.handlers.issuing import issue
from bot.ledger import Change, Put
from bot.outcome import Desk, Letter, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.application import Application, ApplicationState
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.surety.party import PartyKind, Role

_STAFF = frozenset({PartyKind.SURETY})

WORDS = (
    Word(
        "approve",
        "承認",
        Kind.BINDING,
        ("承認<code>~",),
        _STAFF,
        needs_proof=True,
        against=("return", "decline", "approve_performance"),
    ),
    Word(
        "approve_performance",
        "契約のみ承認",
        Kind.BINDING,
        ("契約のみ承認<code>~", "契約保証のみ承認<code>~"),
        _STAFF,
        needs_proof=True,
        against=("return", "decline", "approve"),
    ),
    Word(
        "pay",
        "入金",
        Kind.BINDING,
        ("入金<code>~", "入金済<code>~", "入金済み<code>~"),
        _STAFF,
        needs_proof=True,
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Approve, or book the payment. Raises Refusal without role or code, or where one person did both."""
    return _pay(request, desk) if request.word == "pay" else _approve(request, desk)


def _approve(request: Request, desk: Desk) -> Outcome:
    require(desk, Role.DECIDE)
    application = open_application(desk, (ApplicationState.EXAMINED,))
    if desk.sender.address == application.examined_by:
        raise Refusal("same_person", work_name=work_name(application))
    only_performance = request.word == "approve_performance"
    check_code(desk, request, "契約のみ承認" if only_performance else "承認", application)
    assert application.form is not None
    kinds = application.form.kinds
    if only_performance:
        kinds &= {GuaranteeKind.PERFORMANCE}
        if not kinds:
            raise Refusal("no_performance", work_name=work_name(application))
    application = application.but(
        state=ApplicationState.APPROVED,
        version=application.version + 1,
        decided_by=desk.sender.address,
        approved_kinds=kinds,
    )
    done = answer(
        desk,
        "staff_done",
        {"action": "契約のみ承認" if only_performance else "承認", "work_name": work_name(application)},
        case=desk.case,
    )
    if desk.directory.party(application.contractor_id).monthly_billing:
        changes, letters = issue(desk, application)
        note = f"approved {application.case_code}, billed monthly"
        return Outcome(note=note, changes=changes, letters=(done, *letters))
    letters = (done, _premium_notice(desk, application), *_payment_letters(desk, application))
    note = f"approved {application.case_code}"
    return Outcome(note=note, changes=(Put(value=application),), letters=letters)


def _premium_notice(desk: Desk, application: Application) -> Letter:
    assert application.form is not None
    values = {
        "work_name": work_name(application),
        "premium_yen": application.premium_yen,
        "needed_on": application.form.needed_on.isoformat(),
        "kinds": [KIND_NAMES[kind] for kind in sorted(application.approved_kinds, reverse=True)],
        "contractor": desk.directory.party(application.contractor_id).name,
        "customer_number": desk.directory.party(application.contractor_id).number,
        "bank_account": desk.office.bank_account,
    }
    return write_to(application.applicant, "premium", values, application.case_code)


def _payment_letters(desk: Desk, application: Application) -> tuple[Letter, ...]:
    letters = []
    for box in desk.directory.staff(Role.COLLECT):
        if box.address == application.decided_by:
            continue
        values = {
            "work_name": work_name(application),
            "contractor": desk.directory.party(application.contractor_id).name,
            "premium_yen": application.premium_yen,
            "code": code_for(desk, "入金", application, box.address),
        }
        letters.append(write_to(box.address, "staff_payment", values, application.case_code))
    return tuple(letters)


def _pay(request: Request, desk: Desk) -> Outcome:
    """Book the premium and issue at once (standard terms: approved and paid, the certificate follows)."""
    require(desk, Role.COLLECT)
    application = open_application(desk, (ApplicationState.APPROVED,))
    if desk.sender.address == application.decided_by:
        raise Refusal("same_person", work_name=work_name(application))
    check_code(desk, request, "入金", application)
    application = application.but(paid_by=desk.sender.address)
    changes: tuple[Change, ...]
    changes, letters = issue(desk, application)
    values = {"action": "入金", "work_name": work_name(application)}
    done = answer(desk, "staff_done", values, case=desk.case)
    note = f"paid {application.case_code}, premium {application.premium_yen} yen"
    return Outcome(note=note, changes=changes, letters=(done, *letters))
