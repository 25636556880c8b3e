"""Codes that confirm: not skipped by sending twice, not found by trying, not made cheaper by asking often."""

import pytest

from bot.deciding import LOOP_REPEATS
from bot.handlers.confirm import WRONG_A_DAY
from bot.identity.confirmation import MOST_WAITING
from bot.outcome import TryLater
from storage.directory import DirectoryView
from tests.casework import apply_for, issue, refused
from tests.desk import EXAMINER, IYO, IYO_SITE, MANAGER, Desk
from tests.directory.people import CALLED_CITY

THIEF = "thief@evil.example"
REGISTER = f"発注者登録 {THIEF} 伊予灘市 {CALLED_CITY}"


def is_registered(desk: Desk, address: str) -> bool:
    with desk.opened.database.reading() as session:
        return DirectoryView(session).mailbox(address) is not None


def test_the_same_proven_mail_again_is_no_code(desk: Desk) -> None:
    """A mail server may deliver twice, and whoever saw a signed mail may pass it on."""
    mail = desk.mail(MANAGER, REGISTER)
    assert desk.receive(mail).decision.state == "held"
    again = desk.receive(mail)
    assert (again.decision.state, again.templates, again.changes) == ("ignored", ["repeated"], ())
    assert not is_registered(desk, THIEF)


def test_what_staff_begin_wants_proof_and_code_a_code_alone_is_refused(desk: Desk) -> None:
    for number in range(3):
        answered = desk.write(MANAGER, REGISTER.replace("thief", f"thief{number}"), proof="none")
        assert refused(answered, "needs_proven_mail")
    assert desk.write(MANAGER, "123456", proof="none").templates == ["nothing_to_confirm"]


def test_only_so_many_unproven_mails_of_a_party_wait_for_a_code_at_once(desk: Desk) -> None:
    """Each open one is another code that a guess may hit."""
    for number in range(MOST_WAITING):
        assert desk.write(IYO, "停止", subject=f"{number}", proof="none").decision.state == "held"
    with pytest.raises(TryLater) as later:
        desk.write(IYO, "停止", subject="one more", proof="none")
    assert later.value.gives_way, "nothing waits behind what anybody may have written"
    assert desk.write(IYO, "停止", subject="proven").decision.state == "done"


def test_after_so_many_wrong_codes_a_day_only_a_proven_mail_confirms(desk: Desk) -> None:
    for number in range(2 * WRONG_A_DAY):
        held = desk.write(IYO, "停止", subject=f"{number}", proof="none")
        code = str(held.letter_to(IYO).sections[0].values["code"])
        wrong = "999999" if code != "999999" else "999998"
        answered = desk.write(IYO_SITE, wrong, subject=f"Re: {number}", proof="none")
        if answered.templates == ["codes_spent"]:
            break
        assert answered.templates[0] == "wrong_code"
    assert number == WRONG_A_DAY
    assert desk.write(IYO, code, subject="Re: unproven", proof="none").templates == ["codes_spent"]
    assert desk.value(EXAMINER, "staff_wrong_codes", "writer") == IYO_SITE
    assert desk.write(IYO, code, subject="Re: proven").decision.state == "done"


def test_forged_words_delay_an_unproven_writer_and_silence_nobody(desk: Desk) -> None:
    for _ in range(LOOP_REPEATS):
        desk.write(IYO_SITE, "状況", proof="none")
    with pytest.raises(TryLater):
        desk.write(IYO_SITE, "状況", proof="none")
    assert desk.write(IYO, "状況", proof="none").decision.state == "done", "a colleague is not a forger"


def test_a_references_header_does_not_turn_a_request_to_another_case(desk: Desk) -> None:
    """Signatures seldom cover References; what people see is subject and text."""
    first = apply_for(desk)
    other = issue(desk)
    mail = desk.mail(
        IYO,
        "取下げ",
        subject="Re: お申込み",
        quoted_text=f"> [{first}]",
        references=(f"{other}@hoshobin.example",),
    )
    assert desk.receive(mail).decision.case is not None
    case = desk.receive(mail.but(message_id="again@x.example", content_digest="0" * 64)).decision.case
    assert case is not None
    assert case.code == first
