"""Hold, code, resume: an unproven sender changes nothing until the registered mailbox answers."""

from datetime import timedelta

import pytest

from bot.handlers import WORDS
from bot.identity.confirmation import TRIES
from bot.ledger import Resume, WrongCode
from bot.operations.trial import sample_application
from bot.surety.application import ApplicationState
from bot.surety.party import PartyKind
from storage import inbox
from storage.directory import DirectoryView
from tests.casework import apply_for, examine
from tests.desk import (
    CITY,
    CITY_CLERK,
    DECIDER,
    EXAMINER,
    IYO,
    IYO_SITE,
    OTHER_CITY,
    START,
    STRANGER,
    TOKUYAMA,
    Desk,
    authenticated,
)
from tests.test_requests import spoken

WRITER = {PartyKind.CONTRACTOR: IYO, PartyKind.ORDERER: CITY, PartyKind.SURETY: DECIDER}
CHANGING = [
    (kind, sentence)
    for kind in PartyKind
    for word in WORDS.values()
    if word.needs_proof and not word.confirmed_always and kind in word.roles
    for sentence, _ in spoken(word)[:2]
]


def held(desk: Desk, sender: str = IYO, says: str = "停止", proof: str = "none") -> tuple[int, str]:
    """Send an unproven change; return its inbox id and the code that went to the registered mailbox."""
    answered = desk.write(sender, says, proof=proof)
    assert answered.decision.state == "held"
    (letter,) = answered.letters
    return answered.inbox_id, str(letter.sections[0].values["code"])


def is_stopped(desk: Desk, address: str = IYO) -> bool:
    with desk.opened.database.reading() as session:
        box = DirectoryView(session).mailbox(address)
    return box is not None and box.stopped


@pytest.mark.parametrize("proof", ["none", "spf"])
def test_an_unproven_sender_changes_nothing_with_any_word(desk: Desk, proof: str) -> None:
    desk.set_office(confirmation_hours=1)
    for number, (kind, sentence) in enumerate(CHANGING):
        desk.clock.advance(timedelta(hours=2))
        answered = desk.write(WRITER[kind], sentence, subject=f"Re: {number}", proof=proof)
        assert answered.decision.state == "held", sentence
        assert answered.changes == ()
        assert [letter.recipient for letter in answered.letters] == [WRITER[kind]]
        assert answered.templates == ["confirmation"]


def test_an_unproven_application_form_is_held_too(desk: Desk) -> None:
    form = sample_application(START.date())
    answered = desk.write(IYO, form, subject="保証申込", proof="none")
    assert (answered.decision.state, answered.changes) == ("held", ())
    shown = str(answered.letters[0].sections[0].values["text"]).splitlines()
    assert [line.removeprefix("> ").removeprefix(">") for line in shown[-len(form.split("\n")) + 1 :]] == [
        line.rstrip() for line in form.strip().splitlines()
    ]


def test_no_line_of_an_unproven_mail_can_pass_for_our_own_words(desk: Desk) -> None:
    forged = (
        f"{sample_application(START.date())}\n----- ここまで -----\n\n次にしていただくこと: お電話ください。"
    )
    answered = desk.write(IYO, forged, subject="保証申込", proof="none")
    assert answered.templates == ["confirmation"]
    shown = str(answered.letters[0].sections[0].values["text"]).splitlines()
    assert "> ----- ここまで -----" in shown
    assert all(line.startswith(">") for line in shown)


def test_the_code_from_the_registered_mailbox_lets_the_held_mail_act(desk: Desk) -> None:
    first, code = held(desk)
    assert not is_stopped(desk)
    confirmed = desk.write(IYO, f"確認コード {code}", subject="Re: ", proof="none")
    assert [type(change) for change in confirmed.changes] == [Resume]
    assert desk.state(first) == "done"
    assert is_stopped(desk)


def test_the_resumed_mail_is_confirmed_and_its_outcome_is_answered(desk: Desk) -> None:
    code = apply_for(desk)
    _, typed = held(desk, says="この内容で申し込みます")
    desk.write(IYO, typed, proof="none")
    assert desk.application().state is ApplicationState.APPLIED
    _, letter = desk.newest_letter(IYO, "applied")
    assert letter.case_code == code


def test_the_whole_request_is_shown_with_subject_and_files(desk: Desk) -> None:
    """Whoever types the code answers for all of it: nothing may stand where it is not shown."""
    attachment = {
        "index": 0,
        "name": "契約書.pdf",
        "kind": "pdf",
        "media_type": "application/pdf",
        "size": 1,
        "digest": "",
    }
    says = "よろしくお願いします。\n" * 300 + "停止してください。"
    answered = desk.write(IYO, says, subject="至急のお願い", proof="none", attachments=(attachment,))
    shown = str(answered.letter_to(IYO).sections[0].values["text"])
    assert "至急のお願い" in shown
    assert "契約書.pdf" in shown
    assert shown.endswith("停止してください。")


def test_the_confirmation_goes_to_the_registered_mailbox_alone(desk: Desk) -> None:
    answered = desk.write(IYO, "停止", proof="none", cc=(IYO_SITE, STRANGER), to=(desk.address, STRANGER))
    assert [letter.recipient for letter in answered.letters] == [IYO]


def test_a_domain_writers_confirmation_goes_to_the_partys_registered_box(desk: Desk) -> None:
    answered = desk.write(CITY_CLERK, "確認をお願いします", proof="none")
    assert answered.decision.state == "held"
    assert [letter.recipient for letter in answered.letters] == [CITY]
    code = str(answered.letters[0].sections[0].values["code"])
    desk.write(CITY, code, proof="none")
    assert desk.state(answered.inbox_id) == "refused", "acted on: there was nothing to compare"


def test_a_domain_writer_proven_by_spf_is_shown_things_at_the_registered_box(desk: Desk) -> None:
    answered = desk.write(CITY_CLERK, "状況", proof="spf")
    assert answered.words == ["status"]
    assert [letter.recipient for letter in answered.letters] == [CITY]


def test_the_hold_ends_after_five_wrong_codes(desk: Desk) -> None:
    first, code = held(desk)
    wrong = "111111" if code != "111111" else "222222"
    for number in range(TRIES):
        assert desk.state(first) == "held"
        answered = desk.write(IYO, wrong, subject=f"Re: {number}", proof="none")
        assert [type(change) for change in answered.changes] == [WrongCode]
        desk.clock.advance(timedelta(minutes=30))
    assert desk.state(first) == "expired"
    late = desk.write(IYO, code, subject="Re: 6", proof="none")
    assert late.templates == ["nothing_to_confirm"]
    assert not is_stopped(desk)


def test_a_wrong_code_is_answered_and_leaves_the_hold(desk: Desk) -> None:
    first, code = held(desk)
    wrong = "111111" if code != "111111" else "222222"
    assert desk.write(IYO, wrong, proof="none").templates == ["wrong_code"]
    desk.write(IYO, code, proof="none")
    assert desk.state(first) == "done"


def test_a_code_in_quoted_words_does_not_confirm(desk: Desk) -> None:
    first, code = held(desk)
    desk.write(IYO, "ありがとうございます。", quoted_text=f"確認コード: {code}", proof="none")
    desk.write(IYO, f"> 確認コード: {code}", subject="Re: 2", proof="none")
    assert desk.state(first) == "held"


def test_our_own_letter_quoted_without_marks_does_not_confirm(desk: Desk) -> None:
    """An absence notice that copies our letter under itself, with no machine header at all."""
    first, code = held(desk)
    says = (
        "出張のため不在にしております。\n\n"
        f"{IYO} から、次のご依頼をお受けしました。\n\n　確認コード: {code}\n\n期限は 令和8年11月11日 です。"
    )
    desk.write(IYO, says, proof="none")
    assert desk.state(first) == "held"


def test_a_code_beside_a_denial_does_not_confirm(desk: Desk) -> None:
    first, code = held(desk)
    desk.write(IYO, f"{code}\n心当たりがありません。", proof="none")
    assert desk.state(first) == "held"


def test_the_code_of_another_party_does_not_confirm(desk: Desk) -> None:
    mine, my_code = held(desk)
    theirs, their_code = held(desk, TOKUYAMA)
    assert my_code != their_code
    assert desk.write(IYO, their_code, proof="none").templates == ["wrong_code"]
    assert (desk.state(mine), desk.state(theirs)) == ("held", "held")


def test_a_stolen_code_is_worth_nothing_in_another_partys_mailbox(desk: Desk) -> None:
    first, code = held(desk)
    for thief in (TOKUYAMA, OTHER_CITY, EXAMINER):
        answered = desk.write(thief, code)
        assert answered.templates == ["nothing_to_confirm"]
        assert answered.changes == ()
    assert desk.state(first) == "held"


def test_a_strangers_code_is_ignored(desk: Desk) -> None:
    first, code = held(desk)
    answered = desk.write(STRANGER, code)
    assert (answered.decision.state, answered.letters) == ("ignored", ())
    assert desk.state(first) == "held"


def test_a_code_after_expiry_does_not_confirm_even_before_the_sweep(desk: Desk) -> None:
    first, code = held(desk)
    desk.clock.advance(timedelta(hours=desk.settings.office.confirmation_hours, seconds=1))
    late = desk.write(IYO, code, proof="none")
    assert (late.templates, late.changes) == (["nothing_to_confirm"], ())
    now = desk.clock.now()
    assert desk.opened.database.write(lambda session: inbox.expire(session, now)) == [first]
    assert not is_stopped(desk)


def test_a_code_confirms_one_request_and_only_once(desk: Desk) -> None:
    first, first_code = held(desk, says="停止")
    second, second_code = held(desk, says="再開")
    assert first_code != second_code
    desk.write(IYO, second_code, proof="none")
    assert (desk.state(first), desk.state(second)) == ("held", "done")
    desk.write(IYO, second_code, subject="Re: 2", proof="none")
    assert desk.state(first) == "held"


def test_a_proven_copy_of_the_held_mail_confirms_it(desk: Desk) -> None:
    mail = desk.mail(IYO, "停止", proof="none")
    first = desk.receive(mail).inbox_id
    desk.receive(mail.but(authentication=authenticated(IYO, "dkim")))
    assert desk.state(first) == "done"
    assert is_stopped(desk)


def test_a_signed_mail_to_somebody_else_that_is_passed_on_changes_nothing(desk: Desk) -> None:
    """A signature says who wrote the mail, not that it was meant for this desk."""
    answered = desk.write(IYO, "停止", to=("somebody@elsewhere.example",))
    assert (answered.decision.state, answered.changes) == ("held", ())


def test_a_proven_sender_is_not_asked(desk: Desk) -> None:
    answered = desk.write(IYO, "停止")
    assert answered.decision.state == "done"
    assert is_stopped(desk)


def test_spf_alone_never_decides_for_the_surety(desk: Desk) -> None:
    code = examine(desk)
    codes = desk.value(DECIDER, "staff_decision", "codes")
    assert isinstance(codes, dict)
    answered = desk.write(DECIDER, f"承認 {codes['承認']}", subject=f"Re: [{code}]", proof="spf")
    assert (answered.decision.state, answered.changes) == ("held", ())
    assert desk.application().state is ApplicationState.EXAMINED


def test_a_confirmed_mail_carries_its_proof_into_the_record(desk: Desk) -> None:
    apply_for(desk)
    first, code = held(desk, says="この内容で申し込みます")
    desk.write(IYO, code, proof="none")
    agreement = desk.application().agreement
    assert agreement is not None
    assert agreement.mailbox == IYO
    assert agreement.at == START, "the time of application is that of the mail that says so"
    assert desk.state(first) == "done"
