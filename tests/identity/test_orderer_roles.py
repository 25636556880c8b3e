"""Who may do what: a guarantee is verified by its own orderer and by nobody else."""

import pytest

from tests.casework import issue, refused, reply
from tests.desk import CITY, CITY_CLERK, EXAMINER, IYO, OTHER_CITY, TOKUYAMA, Answered, Desk


def enquiry(desk: Desk, sender: str, *, key: str | None = None, proof: str = "dkim") -> Answered:
    """Type the number of the newest guarantee and its key, or another one."""
    number = desk.guarantees()[0].number or ""
    says = f"保証契約番号 {number}\n認証キー {key or desk.key_of(number)}\n確認をお願いします。"
    return desk.write(sender, says, proof=proof)


@pytest.mark.parametrize("sender", [CITY, CITY_CLERK])
def test_a_guarantee_is_verified_by_its_own_orderer(desk: Desk, sender: str) -> None:
    issue(desk)
    answered = enquiry(desk, sender)
    assert answered.templates[0] == "verified"
    assert answered.letters[0].recipient == CITY


def test_another_orderer_hears_what_a_wrong_key_hears(desk: Desk) -> None:
    issue(desk)
    other = enquiry(desk, OTHER_CITY)
    wrong = enquiry(desk, CITY, key="K7M4P-3XHW3")
    assert other.templates == wrong.templates == ["not_confirmed"]
    kept = [
        {k: v for k, v in one.letters[0].sections[0].values.items() if k not in ("enquiry", "at")}
        for one in (other, wrong)
    ]
    assert kept[0] == kept[1]


def test_an_unproven_look_is_not_the_contractors_news(desk: Desk) -> None:
    issue(desk)
    assert enquiry(desk, CITY, proof="none").templates == ["verified"]
    assert desk.guarantees()[0].verified_at is None
    assert enquiry(desk, CITY).templates == ["verified", "verified_news"]
    assert desk.guarantees()[0].verified_at is not None


@pytest.mark.parametrize("sender", [IYO, TOKUYAMA, EXAMINER])
def test_number_and_key_open_nothing_for_anybody_else(desk: Desk, sender: str) -> None:
    issue(desk)
    answered = enquiry(desk, sender)
    assert not {"verified", "not_confirmed", "differences"} & set(answered.templates)


def test_one_word_answers_a_submission_of_ours(desk: Desk) -> None:
    code = issue(desk)
    reply(desk, IYO, "提出", code)
    reference, _ = desk.newest_letter(CITY, "submission")
    answered = desk.write(CITY, "確認", subject="Re: 【電子保証】", references=(reference,))
    assert answered.templates[0] == "verified"
    stranger = desk.write(OTHER_CITY, "確認", subject="Re: 【電子保証】", references=(reference,))
    assert refused(stranger, "nothing_to_verify")


def test_a_letter_of_the_orderer_says_nothing_of_premium_or_other_works(desk: Desk) -> None:
    issue(desk)
    (letter,) = [one for one in enquiry(desk, CITY).letters if one.recipient == CITY]
    text = letter.model_dump_json()
    assert "premium" not in text
    assert "61200" not in text
    assert "089-000-1234" not in text
