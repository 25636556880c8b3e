"""When the source must be confirmed: every proof, with every kind of word and of sender."""

import itertools

import pytest

from bot.handlers import WORDS
from bot.identity.confirmation import needed
from bot.requests import Kind, Request
from bot.surety.party import Mailbox, Party, PartyKind, Proof, Sender
from tests.test_handlers_table import ONLY_SAYS

SHOWS, CHANGES, CODE, NOTED = "certificate", "submit", "confirm", "copy"
PARTY = Party(
    id=1,
    number="O-1",
    kind=PartyKind.ORDERER,
    name="市",
    domain="city.example",
    registered_box="a@city.example",
)


def sender(proof: Proof, *, mailbox: bool) -> Sender:
    box = Mailbox(address="a@city.example", party_id=1) if mailbox else None
    return Sender(address="b@city.example", party=PARTY, mailbox=box, proof=proof)


def asked(*words: str) -> list[Request]:
    return [Request(word=word) for word in words]


# proof: (mailbox, shows), (mailbox, changes), (domain, shows), (domain, changes)
TABLE = {
    Proof.NONE: (False, True, True, True),
    Proof.READER: (False, True, False, True),
    Proof.FULL: (False, False, False, False),
    Proof.CONFIRMED: (False, False, False, False),
    Proof.COMMAND_LINE: (False, False, False, False),
}


@pytest.mark.parametrize("proof", list(Proof))
def test_every_proof_with_every_kind_of_word_and_sender(proof: Proof) -> None:
    found = tuple(
        needed(sender(proof, mailbox=mailbox), asked(word), WORDS)
        for mailbox, word in itertools.product((True, False), (SHOWS, CHANGES))
    )
    assert found == TABLE[proof]


PROOFS_AND_SENDERS = list(itertools.product(Proof, (True, False)))


@pytest.mark.parametrize(("proof", "mailbox"), PROOFS_AND_SENDERS)
def test_a_typed_code_is_itself_the_proof(proof: Proof, mailbox: bool) -> None:
    assert not needed(sender(proof, mailbox=mailbox), asked(CODE), WORDS)


@pytest.mark.parametrize(("proof", "mailbox"), PROOFS_AND_SENDERS)
def test_what_is_only_noted_down_needs_none(proof: Proof, mailbox: bool) -> None:
    assert not needed(sender(proof, mailbox=mailbox), asked(NOTED), WORDS)


def test_one_change_among_harmless_words_is_enough() -> None:
    assert needed(sender(Proof.NONE, mailbox=True), asked(SHOWS, CHANGES), WORDS)
    assert needed(sender(Proof.NONE, mailbox=True), asked(CODE, CHANGES), WORDS)


def test_every_binding_word_needs_proof_or_is_one() -> None:
    """Whatever changes state; 確認 by an orderer only shows, and its journal says how it was proven."""
    for word in WORDS.values():
        changes = word.kind == Kind.BINDING and word.name not in ONLY_SAYS
        assert changes == (word.needs_proof or word.proves), word.name
