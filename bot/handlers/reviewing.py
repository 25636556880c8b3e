"""What staff are shown of an application: the review page, with a code for each thing they may answer."""

from bot.handlers.casework import code_for, work_name, write_to
from bot.outcome import Desk, Letter
from bot.surety.application import Application
from bot.surety.form_text import read_back
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.surety.party import Role

EXAMINER_ACTIONS = ("審査済", "差戻し", "謝絶")
DECIDER_ACTIONS = ("承認", "契約のみ承認", "差戻し", "謝絶")


def review_letters(desk: Desk, application: Application) -> tuple[Letter, ...]:
    """Ask everybody of 審査 to examine an application; each gets codes of their own."""
    return _letters(desk, application, Role.EXAMINE, "staff_review", EXAMINER_ACTIONS)


def decision_letters(desk: Desk, application: Application) -> tuple[Letter, ...]:
    """Ask everybody of 決裁, except who examined it, to decide."""
    return _letters(desk, application, Role.DECIDE, "staff_decision", DECIDER_ACTIONS)


def _letters(
    desk: Desk, application: Application, role: Role, template: str, actions: tuple[str, ...]
) -> tuple[Letter, ...]:
    letters = []
    for box in desk.directory.staff(role):
        if box.address == application.examined_by:
            continue
        codes = {action: code_for(desk, action, application, box.address) for action in actions}
        values = {**page(desk, application), "codes": codes}
        letters.append(write_to(box.address, template, values, application.case_code))
    return tuple(letters)


def page(desk: Desk, application: Application) -> dict[str, object]:
    """Return everything on one page: rows as read back, amounts, remarks, the contractor's other works."""
    form = application.form
    assert form is not None
    others = [a for a in desk.ledger.applications_of(application.contractor_id) if a.id != application.id]
    return {
        "work_name": work_name(application),
        "contractor": desk.directory.party(application.contractor_id).name,
        "needed_on": form.needed_on.isoformat(),
        "applied_at": application.agreement.at.isoformat() if application.agreement else None,
        "rows": [{"label": row.label, "text": row.text} for row in read_back(form)],
        "amounts": [
            {"kind": KIND_NAMES[kind], "amount_yen": amount}
            for kind, amount in sorted(application.amounts_yen.items(), reverse=True)
        ],
        "remarks": list(application.remarks),
        "premium_yen": application.premium_yen,
        "examined_by": application.examined_by,
        "both": {GuaranteeKind.ADVANCE, GuaranteeKind.PERFORMANCE} <= form.kinds,
        "contract_planned": form.contract_planned,
        "others": [
            {"code": a.case_code, "work_name": work_name(a), "state": a.state.value} for a in others[:5]
        ],
    }
