"""登録削除: staff take a mailbox out of the directory; what staff begin by themselves is always confirmed."""

import pytest

from tests.casework import apply_for, refused
from tests.desk import CITY, EXAMINER, IYO, MANAGER, TOKUYAMA, Desk
from tests.directory.people import CALLED, CALLED_CITY, journal_lines, mailbox

KENSETSU = "kensetsu@city.iyonada.lg.example"


def test_the_examiners_remove_a_contractors_mailbox_even_its_last(desk: Desk) -> None:
    """Somebody has left, and nobody is there who could write 「メール削除」."""
    done = desk.confirmed(EXAMINER, f"登録削除 {TOKUYAMA} {CALLED}")
    assert [(one.recipient, one.sections[0].template) for one in done.letters] == [
        (EXAMINER, "staff_done"),
        (TOKUYAMA, "mailbox_lost"),
    ]
    assert mailbox(desk, TOKUYAMA) is None
    assert desk.write(TOKUYAMA, "一覧").decision.state == "ignored"
    removed = [detail for event, _, detail in journal_lines(desk) if event == "mailbox removed"]
    assert [(one["address"], one["check"]) for one in removed] == [(TOKUYAMA, CALLED)]


def test_its_works_go_on_to_a_mailbox_that_may_apply(desk: Desk) -> None:
    desk.confirmed(EXAMINER, f"メール登録 keiri@iyo-kensetsu.example C-10001 申込できる {CALLED}")
    apply_for(desk)
    desk.confirmed(EXAMINER, f"登録削除 {IYO} {CALLED}")
    assert desk.application().applicant == "keiri@iyo-kensetsu.example"


def test_the_managers_remove_an_orderers_mailbox(desk: Desk) -> None:
    assert desk.confirmed(MANAGER, f"登録削除 {KENSETSU} {CALLED_CITY}").decision.state == "done"
    assert mailbox(desk, KENSETSU) is None


def test_the_last_of_a_role_of_ours_stays(desk: Desk) -> None:
    refused_last = desk.confirmed(MANAGER, f"登録削除 {EXAMINER}")
    assert refused(refused_last, "mailbox_needed"), "the only one of 審査"


@pytest.mark.parametrize(
    ("writer", "says", "template"),
    [
        (EXAMINER, f"登録削除 {TOKUYAMA}", "enrolment_unchecked"),
        (EXAMINER, f"登録削除 nobody@elsewhere.example {CALLED}", "register_how"),
        (EXAMINER, f"登録削除 {KENSETSU} {CALLED}", "may_not"),
        (MANAGER, f"登録削除 {TOKUYAMA} {CALLED}", "may_not"),
        (MANAGER, f"登録削除 {CITY} {CALLED_CITY}", "mailbox_needed"),
        (MANAGER, f"登録削除 {MANAGER} をお願いできますでしょうか", "register_how"),
    ],
)
def test_what_may_not_be_removed_is_explained_before_any_code_is_asked(
    desk: Desk, writer: str, says: str, template: str
) -> None:
    answered = desk.write(writer, says)
    assert answered.templates[:1] == [template]
    assert answered.changes == ()


@pytest.mark.parametrize(
    ("writer", "says"),
    [
        (EXAMINER, f"メール登録 keiri@iyo-kensetsu.example C-10001 申込できる {CALLED}"),
        (MANAGER, f"発注者登録 keiyaku@town.nagahama.lg.example 松山市 {CALLED_CITY}"),
        (EXAMINER, f"登録削除 {TOKUYAMA} {CALLED}"),
    ],
)
def test_what_staff_begin_by_themselves_wants_a_code_though_the_mail_is_proven(
    desk: Desk, writer: str, says: str
) -> None:
    """Decisions of staff need proof and a code; here there is no letter of ours that could carry one."""
    first = desk.write(writer, says)
    assert (first.decision.state, first.templates) == ("held", ["confirmation"])
    assert first.letter_to(writer).sections[0].values["proven"] is True
    assert desk.confirmed(writer, says, subject="again").decision.state == "done"


def test_the_command_line_removes_under_the_same_rules(desk: Desk) -> None:
    assert refused(desk.command(EXAMINER, "staff_remove_mailbox", text=TOKUYAMA), "enrolment_unchecked")
    done = desk.command(EXAMINER, "staff_remove_mailbox", text=f"{TOKUYAMA} 電話: 11/10 14:20 徳山様")
    assert done.decision.state == "done"
    assert mailbox(desk, TOKUYAMA) is None
