"""Issue what is approved and paid: number, key, certificate, and the notice; 前払 waits for the contract."""

from bot.handlers.casework import shown, to_staff, work_name, write_to
from bot.ledger import Change, Put, RegisterKey
from bot.outcome import Desk, Letter, today
from bot.surety.application import Application, ApplicationState
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.papers import GuaranteeKind
from bot.surety.party import Role
from bot.surety.submitting import how_to_submit, invoice_note


def issue(desk: Desk, application: Application) -> tuple[tuple[Change, ...], tuple[Letter, ...]]:
    """Make a guarantee of each approved kind and register it, or let 前払 wait for the contract's copy."""
    made = [_guarantee(desk, application, kind) for kind in sorted(application.approved_kinds, reverse=True)]
    ready = [one for one in made if one.state != GuaranteeState.AWAITING_CONTRACT]
    waiting = [one for one in made if one.state == GuaranteeState.AWAITING_CONTRACT]
    application = application.but(state=ApplicationState.ISSUED, version=application.version + 1)
    changes: tuple[Change, ...] = (Put(value=application),)
    changes += tuple(Put(value=one) for one in waiting)
    more_changes, letters = register(desk, application.applicant, ready)
    if waiting:
        values = {"work_name": work_name(application), "orderer": waiting[0].orderer}
        letters += (write_to(application.applicant, "awaiting_contract", values, application.case_code),)
    return changes + more_changes, letters


def _guarantee(desk: Desk, application: Application, kind: GuaranteeKind) -> Guarantee:
    form = application.form
    assert form is not None
    assert application.orderer_id is not None
    contractor = desk.directory.party(application.contractor_id)
    orderer = desk.directory.orderer(application.orderer_id)
    waits = kind != GuaranteeKind.PERFORMANCE and form.contract_planned
    bank = form.bank if kind != GuaranteeKind.PERFORMANCE else None
    name = f"{contractor.name}　{contractor.representative}" if contractor.representative else contractor.name
    return Guarantee(
        id=desk.next_number("guarantee row"),
        case_id=application.case_id,
        case_code=application.case_code,
        application_id=application.id,
        contractor_id=application.contractor_id,
        orderer_id=application.orderer_id,
        kind=kind,
        state=GuaranteeState.AWAITING_CONTRACT if waits else GuaranteeState.REGISTERING,
        amount_yen=application.amounts_yen[kind],
        contract_price_yen=form.contract_price_yen,
        covered_price_yen=form.covered_price_yen,
        work_from=form.work_from,
        work_to=form.work_to,
        known_work_to=form.work_to,
        work_name=form.work_name,
        work_number=form.work_number,
        contractor_name=name,
        contractor_address=contractor.address,
        orderer=orderer.addressee,
        bank=f"{bank.name}　{bank.branch}" if bank else "",
        contact=f"{form.contact_name}　{form.contact_phone}",
        issuer=orderer.key_issuer,
    )


def register(
    desk: Desk, applicant: str, guarantees: list[Guarantee]
) -> tuple[tuple[Change, ...], tuple[Letter, ...]]:
    """Give numbers out and register. Our own keys register at once; an outside registry's come as a file."""
    changes: tuple[Change, ...] = ()
    done: list[Guarantee] = []
    for guarantee in guarantees:
        number = str(desk.next_number("guarantee"))
        numbered = guarantee.but(number=number, state=GuaranteeState.REGISTERING, issued_on=today(desk))
        if guarantee.issuer == "own":
            numbered = numbered.but(state=GuaranteeState.REGISTERED, key_version=1)
            changes += (RegisterKey(guarantee_number=number, version=1, issuer="own", key=desk.new_key()),)
            done.append(numbered)
        changes += (Put(value=numbered),)
    waiting = [one for one in guarantees if one.issuer != "own"]
    letters: tuple[Letter, ...] = (registered_letter(desk, applicant, done),) if done else ()
    if waiting:
        values = {"work_name": waiting[0].work_name, "count": len(waiting)}
        letters += (write_to(applicant, "registering", values, waiting[0].case_code),)
        letters += to_staff(desk, Role.MANAGE, "staff_registering", values, waiting[0].case_code)
    return changes, letters


def registered_letter(desk: Desk, applicant: str, guarantees: list[Guarantee]) -> Letter:
    """Make 「電子証書・認証キー登録のお知らせ」 (leaflet STEP 2): what to do next, never the key."""
    orderer = desk.directory.orderer(guarantees[0].orderer_id)
    notes = [invoice_note(one, orderer) for one in guarantees]
    values = {
        "guarantees": [shown(one) for one in guarantees],
        "work_name": guarantees[0].work_name,
        "orderer": orderer.addressee,
        "submission": [how_to_submit(one, orderer) for one in guarantees],
        "with_invoice": next(filter(None, notes), ""),
    }
    return write_to(applicant, "registered", values, guarantees[0].case_code)
