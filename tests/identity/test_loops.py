"""The loop guard: what is slowed down, what is broken, who is told, and who is never silenced."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.deciding import LOOP_REPEATS, SAME_WORDS
from bot.outcome import TryLater
from tests.casework import agree, apply_for, issue
from tests.desk import CITY, CITY_CLERK, EXAMINER, IYO, IYO_SITE, MANAGER, STRANGER, TOKUYAMA, Answered, Desk

TICKET = "お問い合わせを受け付けました。受付番号は {} です。"


def outside(answered: Answered) -> list[str]:
    """Return who is written to, apart from the surety's own people."""
    return [one.recipient for one in answered.letters if not one.recipient.endswith("@surety.example")]


def test_identical_bodies_break_a_loop_and_another_hour_is_another_matter(desk: Desk) -> None:
    for _ in range(LOOP_REPEATS):
        assert desk.write(IYO, "使い方").decision.state == "done"
    looping = desk.write(IYO, "使い方")
    assert (looping.decision.state, outside(looping)) == ("ignored", [])
    desk.clock.advance(timedelta(hours=1, seconds=1))
    assert desk.write(IYO, "使い方").decision.state == "done"


def test_staff_are_told_of_a_loop_once_a_day(desk: Desk) -> None:
    for _ in range(LOOP_REPEATS + 4):
        desk.write(IYO, "使い方")
    assert desk.letters_to(MANAGER) == 1
    desk.clock.advance(timedelta(days=1))
    for _ in range(LOOP_REPEATS + 1):
        desk.write(IYO, "使い方")
    assert desk.letters_to(MANAGER) == 2


def test_a_program_that_quotes_something_new_each_time_is_known_by_its_own_words(desk: Desk) -> None:
    answers = [
        desk.write(IYO, "状況", subject="Re: 状況", quoted_text=f"> {n}", content_digest=f"{n:064}")
        for n in range(SAME_WORDS + 2)
    ]
    assert [one.decision.state for one in answers] == ["done"] * SAME_WORDS + ["ignored"] * 2


def test_each_further_re_of_a_thread_is_the_same_thread(desk: Desk) -> None:
    for number in range(SAME_WORDS):
        desk.write(IYO, "状況", subject="Re: " * number + "ご案内")
    looping = desk.write(IYO, "状況", subject="【無害化済】RE[9]: 返信： ご案内")
    assert looping.decision.state == "ignored"


def test_a_responder_that_changes_its_address_is_one_sender_where_only_the_domain_is_known(
    desk: Desk,
) -> None:
    domain = CITY.rpartition("@")[2]
    answers = [desk.write(f"auto{n}@{domain}", "状況", subject="Re: 状況") for n in range(SAME_WORDS + 3)]
    assert [one.decision.state for one in answers[SAME_WORDS:]] == ["ignored"] * 3


def test_its_addresses_share_one_hour_too(desk: Desk) -> None:
    desk.set_office(letters_an_hour=4)
    domain = CITY.rpartition("@")[2]
    for number in range(4):
        desk.write(f"auto{number}@{domain}", "状況", subject=f"{number}件目")
    with pytest.raises(TryLater):
        desk.write(f"auto9@{domain}", "状況", subject="9件目")


def test_a_clerk_who_says_the_same_word_about_many_guarantees_is_no_loop(desk: Desk) -> None:
    subjects = [f"Re: 【電子保証】第{number}号 市道中央線舗装補修工事" for number in range(3 * SAME_WORDS)]
    states = {desk.write(CITY, "状況", subject=subject).decision.state for subject in subjects}
    assert states == {"done"}


def test_the_first_unclear_mail_gets_help_the_second_a_person_and_the_third_nothing_more(desk: Desk) -> None:
    """Two programs that thank each other with a new ticket number each time would never end otherwise."""
    answers = [desk.write(IYO, TICKET.format(n), subject=f"受付 {n}") for n in range(6)]
    assert [outside(one) for one in answers] == [[IYO], [IYO], [], [], [], []]
    assert answers[0].templates == ["unclear"]
    assert answers[1].templates == ["unclear_again", "staff_unclear"]


def test_what_a_person_adds_after_that_still_reaches_staff_each_new_word_of_it(desk: Desk) -> None:
    for number in range(2):
        desk.write(IYO, TICKET.format(number))
    before = desk.letters_to(EXAMINER)
    desk.write(IYO, "例の件はどうすればよいか相談したい")
    desk.write(IYO, "例の件はどうすればよいか相談したい")
    assert desk.letters_to(EXAMINER) == before + 1
    desk.write(IYO, "別の件も相談したい")
    assert desk.letters_to(EXAMINER) == before + 2


def test_a_clear_word_after_unclear_ones_is_answered_as_ever(desk: Desk) -> None:
    for number in range(4):
        desk.write(IYO, TICKET.format(number))
    assert desk.write(IYO, "状況").words == ["status"]


def test_one_case_is_slowed_down_before_its_sender_is(desk: Desk) -> None:
    desk.set_office(letters_an_hour_in_a_thread=4)
    code = apply_for(desk)
    for number in range(4):
        desk.write(IYO, "状況", subject=f"Re: {number} [{code}]")
    with pytest.raises(TryLater):
        desk.write(IYO, "状況", subject=f"Re: 9 [{code}]")
    assert desk.write(TOKUYAMA, "状況").words == ["status"]


def test_what_was_slowed_down_is_answered_when_its_hour_comes(desk: Desk) -> None:
    desk.set_office(letters_an_hour=1)
    desk.write(IYO, "状況")
    with pytest.raises(TryLater):
        desk.write(IYO, "一覧")
    desk.clock.advance(timedelta(hours=1, seconds=1))
    assert [one.words for one in desk.resume()] == [["list"]]


def test_a_thread_that_goes_on_all_day_is_a_loop_whatever_it_says(desk: Desk) -> None:
    desk.set_office(letters_an_hour_in_a_thread=3)
    code = apply_for(desk)
    states = []
    for number in range(20):
        states.append(desk.write(IYO, "状況", subject=f"Re: {number} [{code}]").decision.state)
        desk.clock.advance(timedelta(minutes=25))
    assert states[:13] == ["done"] * 13
    assert states[16:] == ["ignored"] * 4


def test_forged_words_neither_break_nor_slow_what_is_proven(desk: Desk) -> None:
    desk.set_office(letters_an_hour=50, letters_an_hour_in_a_thread=10)
    code = apply_for(desk)
    for number in range(SAME_WORDS + 5):
        with suppress(TryLater):
            desk.write(IYO, "状況", subject=f"Re: [{code}]", proof="none", content_digest=f"{number:064}")
    assert desk.write(IYO, "状況", subject=f"Re: [{code}]").words == ["status"]


def test_another_mailbox_of_the_party_may_say_the_same_once_more(desk: Desk) -> None:
    desk.write(IYO, "一覧")
    assert desk.write(IYO_SITE, "一覧").decision.state == "done"


def test_a_strangers_loop_is_ignored_and_told_to_nobody(desk: Desk) -> None:
    answers = [desk.write(STRANGER, "こんにちは") for _ in range(LOOP_REPEATS + 2)]
    assert {one.decision.state for one in answers} == {"ignored"}
    assert all(one.letters == () for one in answers)


def test_a_city_that_asks_for_the_same_guarantee_again_and_again_within_reason_is_answered(
    desk: Desk,
) -> None:
    issue(desk, agree(desk))
    number = desk.guarantees()[0].number
    assert number is not None
    for _ in range(LOOP_REPEATS):
        says = f"確認\n{number}　{desk.key_of(number)}"
        assert desk.write(CITY_CLERK, says, subject="照会").decision.state == "done"
