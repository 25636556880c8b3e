"""Who wrote: a registered mailbox, a registered domain, or a stranger."""

from collections.abc import Iterator

import pytest

from bot.identity.authentication import Judgement
from bot.identity.sender import identify
from bot.surety.party import Proof, Role, Sender, Stranger
from storage.directory import DirectoryView
from tests.desk import CITY, CITY_CLERK, DECIDER, IYO, IYO_SITE, STRANGER, Desk

PROVEN = Judgement(proof=Proof.FULL, how="test")


@pytest.fixture
def directory(desk: Desk) -> Iterator[DirectoryView]:
    with desk.opened.database.reading() as session:
        yield DirectoryView(session)


def known(address: str, directory: DirectoryView) -> Sender:
    found = identify(address, PROVEN, directory)
    assert isinstance(found, Sender)
    return found


def test_a_registered_mailbox_is_known_with_its_roles(directory: DirectoryView) -> None:
    sender = known(IYO, directory)
    assert (sender.party.name, sender.answer_to, sender.person) == ("株式会社いよ建設", IYO, "高橋")
    assert sender.may(Role.APPLY)
    assert not known(IYO_SITE, directory).may(Role.APPLY)


def test_the_visible_from_is_folded_before_it_is_looked_up(directory: DirectoryView) -> None:
    assert known("Soumu@IYO-Kensetsu.Example", directory).mailbox is not None


def test_a_domain_writer_belongs_to_the_party_and_is_answered_at_its_registered_box(
    directory: DirectoryView,
) -> None:
    sender = known(CITY_CLERK, directory)
    assert sender.mailbox is None
    assert (sender.party.name, sender.answer_to, sender.person) == ("伊予灘市", CITY, "")
    assert sender.address == CITY_CLERK


def test_a_domain_writer_may_verify_and_nothing_else(directory: DirectoryView) -> None:
    sender = known(CITY_CLERK, directory)
    assert [role for role in Role if sender.may(role)] == [Role.VERIFY]


@pytest.mark.parametrize(
    "address",
    [STRANGER, "other@iyo-kensetsu.example", f"x@sub.{CITY.partition('@')[2]}", "x@surety.example", "nobody"],
)
def test_whom_the_directory_does_not_name_is_a_stranger(address: str, directory: DirectoryView) -> None:
    """A contractor and the surety registered mailboxes, no domain; a city's sub-domain is not the city."""
    assert isinstance(identify(address, PROVEN, directory), Stranger)


def test_a_from_that_fails_dmarc_is_a_stranger_whatever_it_says(directory: DirectoryView) -> None:
    refused = Judgement(proof=Proof.NONE, how="test", refused_by_dmarc=True)
    for address in (IYO, CITY_CLERK, DECIDER):
        found = identify(address, refused, directory)
        assert isinstance(found, Stranger)
        assert found.refused_by_dmarc


def test_a_mail_without_one_from_is_a_stranger_without_address(directory: DirectoryView) -> None:
    found = identify(None, PROVEN, directory)
    assert isinstance(found, Stranger)
    assert found.address is None


def test_the_proof_goes_with_the_sender(directory: DirectoryView) -> None:
    for proof in (Proof.NONE, Proof.READER, Proof.FULL):
        found = identify(IYO, Judgement(proof=proof, how="why"), directory)
        assert (found.proof, found.how) == (proof, "why")
