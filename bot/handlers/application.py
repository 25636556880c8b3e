"""保証申込: read an application form, send every fault back at once, or read everything back."""

from bot.folding import squash
from bot.handlers.casework import open_application, require, to_staff, work_name, write_to
from bot.ledger import Change, Put
from bot.mail import Mail
from bot.outcome import Desk, Outcome, today
from bot.reading.keys_in_text import without_keys
from bot.requests import Kind, Request, Word
from bot.surety.application import (
    OPEN_TO_CHANGE,
    Application,
    ApplicationState,
    Outside,
    guaranteed_amounts,
    orderer_faults,
    outside_electronic,
)
from bot.surety.form import FormFault, FormReading, merge, read_form, read_given
from bot.surety.form_text import filled_form, read_back
from bot.surety.money import yen
from bot.surety.orderer import Orderer
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.surety.party import PartyKind, Role
from bot.surety.work import Case, case_code

FEWEST_LABELS = 3  # a mail with fewer is no application form
_UNNAMED = "工事名未記入"

WORDS = (
    Word(
        "apply",
        "保証申込",
        Kind.BINDING,
        (),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
    ),
)


def find(mail: Mail, desk: Desk) -> Request | None:
    """Recognise a form: a new one by its labels, or changed labels in the thread of an open application."""
    if desk.sender.party.kind != PartyKind.CONTRACTOR:
        return None
    given = read_form(mail.new_text, today(desk)).given
    enough = 1 if _open(desk) is not None else FEWEST_LABELS
    return Request(word="apply", sentence="保証申込") if len(given) >= enough else None


def _open(desk: Desk) -> Application | None:
    application = desk.ledger.application(desk.case.id) if desk.case else None
    return application if application is not None and application.state in OPEN_TO_CHANGE else None


def handle(request: Request, desk: Desk) -> Outcome:
    """Read the form, over what was given before in this thread, and answer with faults or the read-back.

    Raises Refusal where the mailbox may not apply, or the application is past changing.
    """
    require(desk, Role.APPLY)
    assert desk.mail is not None
    fresh = read_form(desk.mail.new_text, today(desk))
    earlier = _earlier(desk, fresh)
    given = merge(earlier.given, fresh.given) if earlier else fresh.given
    reading = read_given(given, today(desk), fresh.unknown)
    orderer = desk.directory.orderer_named(given.get("orderer", ""))
    outside = _outside(reading, orderer, given)
    application, changes = _put(desk, earlier, reading, orderer)
    if outside is not None:
        return _on_paper(desk, application, changes, outside)
    faults = list(reading.faults)
    if reading.form is not None and orderer is not None:
        faults += orderer_faults(reading.form, orderer)
    if faults or reading.form is None or orderer is None:
        return _faults(desk, application, changes, faults)
    return _read_back(desk, application, changes, reading, orderer)


def _earlier(desk: Desk, fresh: FormReading) -> Application | None:
    """Return the application that this form changes; None for a new one.

    Builders answer an old mail to apply for another work: a whole form with another name is a new case.
    Raises Refusal where it is the same work, past changing.
    """
    if desk.case is None:
        return None
    named = fresh.given.get("work_name", "")
    another = bool(named) and squash(named) != squash(desk.case.work_name)
    if _open(desk) is None and another and len(fresh.given) >= FEWEST_LABELS:
        return None
    return open_application(desk, OPEN_TO_CHANGE)


def _outside(reading: FormReading, orderer: Orderer | None, given: dict[str, str]) -> Outside | None:
    if reading.reservation:
        return Outside(reason="reservation")
    if orderer is None and given.get("orderer"):
        return Outside(reason="orderer", orderer=given["orderer"])
    if reading.form is not None and orderer is not None:
        return outside_electronic(reading.form, orderer)
    return None


def _put(
    desk: Desk, earlier: Application | None, reading: FormReading, orderer: Orderer | None
) -> tuple[Application, tuple[Change, ...]]:
    """Make or renew case and application; the changes store them."""
    name = reading.given.get("work_name", _UNNAMED)
    orderer_id = orderer.id if orderer else None
    case = desk.case
    if case is None or earlier is None:
        serial = desk.next_number("case")
        code = case_code(today(desk), serial, desk.suffix("case", serial))
        contractor = desk.sender.party.id
        case = Case(id=serial, code=code, contractor_id=contractor, work_name=name, orderer_id=orderer_id)
    else:
        case = case.but(work_name=name, orderer_id=orderer_id)
    remarks = (*(earlier.remarks if earlier else ()), *reading.unknown, *reading.notes)
    application = Application(
        id=earlier.id if earlier else desk.next_number("application"),
        case_id=case.id,
        case_code=case.code,
        contractor_id=desk.sender.party.id,
        orderer_id=orderer_id,
        applicant=desk.sender.answer_to,
        state=ApplicationState.INCOMPLETE,
        version=earlier.version + 1 if earlier else 1,
        revision=earlier.revision if earlier else 0,
        given=reading.given,
        remarks=tuple(dict.fromkeys(map(without_keys, remarks))),
    )
    return application, (Put(value=case),)


def _faults(
    desk: Desk, application: Application, changes: tuple[Change, ...], faults: list[FormFault]
) -> Outcome:
    """Send every fault back, with the form filled in with what could be read."""
    values = {
        "faults": [{"label": fault.label, "problem": fault.problem_ja} for fault in faults],
        "form": filled_form(application.given, {fault.field for fault in faults}),
        "work_name": work_name(application),
    }
    letter = write_to(desk.sender.answer_to, "faults", values, application.case_code, answers=True)
    note = f"application {application.case_code}: {len(faults)} fault(s)"
    changes = (*changes, Put(value=application))
    return Outcome(note=note, changes=changes, letters=(letter,), refused=True)


def _read_back(
    desk: Desk,
    application: Application,
    changes: tuple[Change, ...],
    reading: FormReading,
    orderer: Orderer,
) -> Outcome:
    """Show everything as understood, with the terms; nothing is applied for until it is answered."""
    assert reading.form is not None
    form = reading.form
    amounts = guaranteed_amounts(form, orderer)
    application = application.but(
        state=ApplicationState.READ_BACK, form=form, amounts_yen=amounts, shown_terms=desk.office.terms
    )
    replaced = _replaced(reading, orderer, amounts)
    rows = read_back(form, reading.interpreted, replaced)
    values = {
        "rows": [{"label": r.label, "text": r.text, "interpreted": r.interpreted} for r in rows],
        "amounts": [{"kind": KIND_NAMES[k], "amount_yen": v} for k, v in sorted(amounts.items())],
        "terms": [
            {"name": t.name, "version": t.version, "dated_on": t.dated_on.isoformat()}
            for t in desk.office.terms
        ],
        "work_name": form.work_name,
        "advance_waits": GuaranteeKind.ADVANCE in form.kinds and form.contract_planned,
        "remarks": list(application.remarks),
        "needed_on": form.needed_on.isoformat(),
        "version": application.version,
    }
    letter = write_to(desk.sender.answer_to, "read_back", values, application.case_code, answers=True)
    note = f"application {application.case_code}: read back"
    return Outcome(note=note, changes=(*changes, Put(value=application)), letters=(letter,))


def _replaced(reading: FormReading, orderer: Orderer, amounts: dict[GuaranteeKind, int]) -> dict[str, str]:
    """Name what we put in place of the written words: the registered title, the yen of a rate."""
    assert reading.form is not None
    replaced = {}
    if reading.form.orderer.strip() != orderer.addressee:
        replaced["orderer"] = orderer.addressee
    for kind, field in ((GuaranteeKind.ADVANCE, "advance"), (GuaranteeKind.PERFORMANCE, "performance")):
        request = reading.form.performance if kind == GuaranteeKind.PERFORMANCE else reading.form.advance
        if kind in amounts and request is not None and request.amount_yen != amounts[kind]:
            replaced[field] = yen(amounts[kind])
    return replaced


def _on_paper(desk: Desk, application: Application, changes: tuple[Change, ...], outside: Outside) -> Outcome:
    """What is outside electronic delivery is served on paper: the contractor is told, staff take it over."""
    values = {"outside": outside.model_dump(mode="json"), "work_name": work_name(application)}
    letter = write_to(desk.sender.answer_to, "on_paper", values, application.case_code, answers=True)
    form = filled_form(application.given)
    staff_values = {**values, "contractor": desk.sender.party.name, "form": form}
    letters = (
        letter,
        *to_staff(desk, Role.EXAMINE, "staff_on_paper", staff_values, application.case_code),
    )
    note = f"application {application.case_code}: on paper ({outside.reason})"
    changes = (*changes, Put(value=application))
    return Outcome(note=note, changes=changes, letters=letters, refused=True)
