"""契約書の写し: the contractor sends it, staff look at it, and the waiting 前払金保証 is issued."""

from bot.handlers.casework import check_code, code_for, require, write_to
from bot.handlers.issuing import register
from bot.ledger import Put
from bot.outcome import Desk, Letter, Outcome, Refusal, answer
from bot.requests import Kind, Request, Word
from bot.surety.application import Application
from bot.surety.guarantee import Guarantee, GuaranteeState
from bot.surety.party import PartyKind, Role

WORDS = (
    Word(
        "contract",
        "契約書の送付",
        Kind.BINDING,
        (
            "契約書の写し~",
            "契約書の写しを送ります",
            "契約書の写しをお送りします",
            "契約書の写しをお送りいたします",
            "契約書の写しを送付します",
            "契約書の写しを送付いたします",
            "請負契約書の写しを送ります",
            "請負契約書の写しをお送りします",
            "請負契約書の写しをお送りいたします",
            "契約書の写しを添付します",
            "契約書の写しを添付いたします",
            "請負契約書の写しを送付します",
            "請負契約書の写しを送付いたします",
            "請負契約書の写しを添付します",
            "契約書を送ります",
            "契約書をお送りします",
            "契約書をお送りいたします",
            "契約書を送付します",
            "契約書を送付いたします",
            "契約書を添付します",
            "契約書を添付いたします",
            "契約書~",
            "契約締結済~",
            "契約を締結しました",
            "契約しました",
        ),
        frozenset({PartyKind.CONTRACTOR}),
        needs_proof=True,
    ),
    Word(
        "contract_seen",
        "契約確認",
        Kind.BINDING,
        ("契約確認<code>~", "契約確認済<code>~", "契約書確認<code>~"),
        frozenset({PartyKind.SURETY}),
        needs_proof=True,
    ),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Pass the contract on to 審査, or issue what waited for it. Raises Refusal where nothing waits."""
    if desk.case is None:
        raise Refusal("which_case")
    application = desk.ledger.application(desk.case.id)
    waiting = [
        one for one in desk.ledger.guarantees(desk.case.id) if one.state == GuaranteeState.AWAITING_CONTRACT
    ]
    if application is None or not waiting:
        raise Refusal("no_contract_awaited", work_name=desk.case.work_name)
    if request.word == "contract_seen":
        return _seen(request, desk, application, waiting)
    return _received(desk, application)


def _received(desk: Desk, application: Application) -> Outcome:
    require(desk, Role.APPLY)
    assert desk.mail is not None
    assert desk.case is not None
    files = [f"{one.name or '(名前なし)'}({one.size:,}バイト)" for one in desk.mail.attachments]
    letters: list[Letter] = [
        answer(desk, "contract_received", {"files": files, "work_name": desk.case.work_name}, case=desk.case)
    ]
    for box in desk.directory.staff(Role.EXAMINE):
        values = {
            "work_name": desk.case.work_name,
            "contractor": desk.sender.party.name,
            "files": files,
            "code": code_for(desk, "契約確認", application, box.address),
        }
        letters.append(write_to(box.address, "staff_contract", values, application.case_code))
    return Outcome(note=f"contract of {application.case_code} received", letters=tuple(letters))


def _seen(request: Request, desk: Desk, application: Application, waiting: list[Guarantee]) -> Outcome:
    require(desk, Role.EXAMINE)
    check_code(desk, request, "契約確認", application)
    assert desk.case is not None
    changes, letters = register(desk, application.applicant, waiting)
    application = application.but(version=application.version + 1)
    values = {"action": "契約確認", "work_name": desk.case.work_name}
    done = answer(desk, "staff_done", values, case=desk.case)
    note = f"contract of {application.case_code} seen, issued"
    return Outcome(note=note, changes=(*changes, Put(value=application)), letters=(done, *letters))
