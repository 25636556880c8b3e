"""What only shows something: to whom it goes, how often, and what counts as seen."""

from datetime import timedelta

import pytest

from bot.handlers import WORDS
from bot.outcome import TryLater
from bot.requests import Kind
from bot.surety.application import ApplicationState
from bot.surety.party import Proof
from tests.casework import apply_for, issue
from tests.desk import (
    CITY,
    IYO,
    STRANGER,
    TOKUYAMA,
    Desk,
)


def test_what_is_shown_goes_to_the_mailbox_that_wrote_and_to_nobody_else(desk: Desk) -> None:
    """Neither CC nor the other addressee nor the envelope sender is ever answered."""
    code = issue(desk)
    for says in ("証書", "認証キー", "一覧", "状況", "使い方", "申込書"):
        answered = desk.write(
            IYO, says, subject=f"Re: [{code}]", proof="none", cc=(STRANGER, TOKUYAMA), to=(desk.address, CITY)
        )
        assert answered.decision.state == "done", says
        assert {letter.recipient for letter in answered.letters} == {IYO}


def test_an_unproven_request_for_the_key_counts_as_sent_and_not_as_fetched(desk: Desk) -> None:
    code = issue(desk)
    unproven = desk.write(IYO, "認証キー", subject=f"Re: [{code}]", proof="none")
    assert unproven.changes == ()
    assert desk.guarantees()[0].fetched_at is None
    desk.write(IYO, "認証キー", subject=f"RE: [{code}]")
    assert desk.guarantees()[0].fetched_at is not None


def test_the_key_stands_in_no_value_of_any_letter(desk: Desk) -> None:
    """Letters carry a reference; writing fetches the key itself."""
    code = issue(desk)
    answered = desk.write(IYO, "認証キー", subject=f"Re: [{code}]")
    (letter,) = answered.letters
    reference = letter.sections[0].key
    assert reference is not None
    key = desk.key_of(reference.guarantee_number)
    assert key not in letter.model_dump_json()
    assert key.replace("-", "") not in letter.model_dump_json()


def test_beyond_a_daily_number_even_showing_wants_a_confirmation(desk: Desk) -> None:
    desk.set_office(shown_a_day=5)
    for number in range(5):
        assert desk.write(IYO, "状況", subject=f"Re: {number}", proof="none").decision.state == "done"
        desk.clock.advance(timedelta(minutes=5))
    assert desk.write(IYO, "状況", subject="Re: one too many", proof="none").decision.state == "held"
    assert desk.write(IYO, "状況", subject="Re: proven").decision.state == "done"


def test_harmless_words_never_need_a_proof_of_a_registered_mailbox() -> None:
    assert not any(word.needs_proof for word in WORDS.values() if word.kind == Kind.HARMLESS)


def test_only_full_proofs_may_change() -> None:
    assert [proof for proof in Proof if proof.may_change] == [Proof.FULL, Proof.CONFIRMED, Proof.COMMAND_LINE]


def test_limits_delay_and_never_silence(desk: Desk) -> None:
    desk.set_office(letters_an_hour=5)
    for number in range(5):
        desk.write(IYO, "状況", subject=f"Re: {number}")
    with pytest.raises(TryLater):
        desk.write(IYO, "状況", subject="Re: one too many")
    desk.clock.advance(timedelta(hours=1, seconds=1))
    (late,) = desk.resume()
    assert late.words == ["status"]


def test_the_limit_of_one_sender_does_not_delay_another(desk: Desk) -> None:
    desk.set_office(letters_an_hour=5)
    for number in range(5):
        desk.write(IYO, "状況", subject=f"Re: {number}")
    assert desk.write(TOKUYAMA, "状況").decision.state == "done"


def test_agreeing_needs_the_newest_read_back(desk: Desk) -> None:
    """A reply to a read-back that has been replaced since is refused, by the letter that it answers."""
    code = apply_for(desk)
    old, _ = desk.newest_letter(IYO, "read_back")
    desk.write(IYO, "工事場所: 伊予灘市中央二丁目地内", subject=f"Re: [{code}]", references=(old,))
    answered = desk.write(IYO, "この内容で申し込みます", subject=f"Re: [{code}]", references=(old,))
    assert answered.templates == ["old_read_back"]
    newest, _ = desk.newest_letter(IYO, "read_back")
    desk.write(IYO, "この内容で申し込みます。", subject=f"Re: [{code}]", references=(newest, old))
    assert desk.application().state is ApplicationState.APPLIED
