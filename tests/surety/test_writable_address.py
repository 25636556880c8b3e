"""An address that no letter can be written to is none: the directory and the writing of letters agree."""

import pytest

from bot.surety.address import can_be_written_to, fold_address, without_tag
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates, write
from bot.writing.wellformed import Malformed
from tests.writing.samples import letter_job

TEMPLATES = make_templates()


def job_to(address: str) -> LetterJob:
    job = letter_job("enquiry_received")
    return job.but(letter=job.letter.but(recipient=address))


@pytest.mark.parametrize(
    "address", ["a@localhost", "a@b.-c.example", "a@b--.example", "a@xn--.example", "a@b"]
)
def test_what_no_letter_can_be_written_to_is_no_address(address: str) -> None:
    assert not can_be_written_to(address)
    with pytest.raises(Malformed):
        write(job_to(address), TEMPLATES)


@pytest.mark.parametrize(
    "address", ["a@b.example", "山田@例え.jp", "a..b@docomo.ne.jp", "a@xn--r8jz45g.jp", "a@1b.example"]
)
def test_what_is_an_address_can_be_written_to(address: str) -> None:
    assert write(job_to(fold_address(address)), TEMPLATES)


def test_a_tag_does_not_make_another_mailbox() -> None:
    assert without_tag("victim+x+y@b.example") == "victim@b.example"
    assert without_tag("+x@b.example") == "+x@b.example"
