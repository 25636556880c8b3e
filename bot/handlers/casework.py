"""What the handlers of one case share: finding it, asking who may, changing it, writing about it."""

import hmac
from collections.abc import Collection, Mapping

from bot.directory import Directory
from bot.mail import Mail
from bot.outcome import Desk, DocumentRef, KeyRef, Letter, Refusal, section
from bot.requests import Request
from bot.surety.application import Application, ApplicationState
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.orderer import Orderer
from bot.surety.papers import KIND_NAMES
from bot.surety.party import Proof, Role
from bot.surety.work import case_codes


def open_application(desk: Desk, states: Collection[ApplicationState]) -> Application:
    """Return the application the mail is about: that of its thread, or the sender's only one in a state.

    Raises Refusal where none can be told, or where it stands elsewhere.
    """
    application = desk.ledger.application(desk.case.id) if desk.case else None
    if application is None:
        fitting = [a for a in desk.ledger.applications_of(desk.sender.party.id) if a.state in states]
        if len(fitting) != 1 or names_another_case(desk):
            raise Refusal("which_case")
        return fitting[0]
    if application.state not in states:
        raise Refusal("not_now", state=application.state.value, work_name=work_name(application))
    return application


def names_another_case(desk: Desk) -> bool:
    """Say whether the mail names a case that is not the sender's: then no other may be meant instead."""
    if desk.case is not None or desk.mail is None:
        return False
    return bool(case_codes(f"{desk.mail.subject}\n{desk.mail.new_text}"))


def codes_of(mail: Mail) -> tuple[str, ...]:
    """Find the codes of cases and enrolments that a mail carries, the likeliest first.

    References last: a signature seldom covers them, and what people see in their mail comes first.
    """
    return case_codes("\n".join([mail.subject, mail.new_text, mail.quoted_text, *mail.references]))


def require(desk: Desk, role: Role) -> None:
    """Raise Refusal where the mailbox does not have a role."""
    if not desk.sender.may(role):
        raise Refusal("may_not", role=role.value)


def work_name(application: Application) -> str:
    """Return the name of the work, as far as it was read."""
    return application.form.work_name if application.form else application.given.get("work_name", "")


def write_to(
    recipient: str,
    template: str,
    values: Mapping[str, object],
    case_code: str,
    *,
    documents: tuple[DocumentRef, ...] = (),
    key: KeyRef | None = None,
    answers: bool = False,
) -> Letter:
    """Make a letter about a case to one mailbox."""
    one = section(template, values, key)
    return Letter(
        recipient=recipient, sections=(one,), documents=documents, case_code=case_code, answers=answers
    )


def to_staff(
    desk: Desk, role: Role, template: str, values: Mapping[str, object], case_code: str | None
) -> tuple[Letter, ...]:
    """Make the same letter to every mailbox of a role."""
    return to_role(desk.directory, role, template, values, case_code)


def to_role(
    directory: Directory,
    role: Role,
    template: str,
    values: Mapping[str, object],
    case_code: str | None = None,
) -> tuple[Letter, ...]:
    """Make the same letter to every mailbox of a role, where no sender stands at the desk."""
    one = section(template, values)
    boxes = directory.staff(role)
    return tuple(Letter(recipient=box.address, sections=(one,), case_code=case_code) for box in boxes)


def code_for(desk: Desk, action: str, application: Application, mailbox: str) -> str:
    """Make the code that lets one mailbox take one action on one version of an application."""
    return desk.code("decision", action, application.id, application.version, mailbox)


def check_code(desk: Desk, request: Request, action: str, application: Application) -> None:
    """Raise Refusal where the typed code is not the one of this action, version and mailbox.

    The command line has no code: it names its person, and obeys the same roles.
    """
    if desk.sender.proof == Proof.COMMAND_LINE:
        return
    expected = code_for(desk, action, application, desk.sender.address)
    if not hmac.compare_digest(expected, request.arguments.get("code", "")):
        raise Refusal("wrong_decision_code", action=action)


def registered(desk: Desk) -> tuple[Guarantee, ...]:
    """Return the registered guarantees of the mail's case. Raises Refusal where there are none."""
    if desk.case is None:
        raise Refusal("which_guarantee")
    found = tuple(
        one for one in desk.ledger.guarantees(desk.case.id) if one.state == GuaranteeState.REGISTERED
    )
    if not found:
        raise Refusal("not_registered_yet", work_name=desk.case.work_name)
    return found


def body_of(desk: Desk, orderer: Orderer) -> str:
    """Return the name of the body whose department a letter names: 松山市 契約課, not 松山市長 契約課."""
    return desk.directory.party(orderer.party_id).name


def shown(guarantee: Guarantee) -> dict[str, object]:
    """Return what letters say of a guarantee, as plain values."""
    performance = guarantee.kind.value == "performance"
    return {
        "kind": KIND_NAMES[guarantee.kind],
        "number": guarantee.number,
        "contractor": guarantee.contractor_name,
        "orderer": guarantee.orderer,
        "work_number": guarantee.work_number,
        "work_name": guarantee.work_name,
        "amount_yen": guarantee.amount_yen,
        "contract_price_yen": guarantee.contract_price_yen,
        "covered_price_yen": guarantee.covered_price_yen,
        "period_from": guarantee.work_from.isoformat() if performance else None,
        "period_to": guarantee.work_to.isoformat(),
        "known_work_to": guarantee.known_work_to.isoformat(),
        "bank": "" if performance else guarantee.bank,
        "issued_on": guarantee.issued_on.isoformat() if guarantee.issued_on else None,
        "version": guarantee.version,
        "amended": guarantee.amended,
        "state": guarantee.state.value,
    }
