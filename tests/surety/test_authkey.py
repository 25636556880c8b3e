"""Our own auth keys, and how a typed key is compared."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.surety.authkey import ALPHABET, display, fold_key, is_well_formed, new_key, same

KEY = SecretStr("K7M4P3XHW3")
KEYS = st.integers(0, 2**32).map(lambda seed: new_key(random.Random(seed)).get_secret_value())


@pytest.mark.parametrize(
    "typed",
    [
        "K7M4P-3XHW3",
        "k7m4p3xhw3",
        "K7M4P―3XHW3",
        "Ｋ７Ｍ４Ｐ－３ＸＨＷ３",
        "K7M4P ー 3XHW3",
        "K7M 4P3 XHW3",
        "K7M4P–3XHW3",
    ],
)
def test_a_key_is_the_same_in_every_writing(typed: str) -> None:
    assert is_well_formed(typed)
    assert same(KEY, typed)


@pytest.mark.parametrize(
    "typed", ["K7M4P-3XHW4", "K7M4P-3XHW", "K7M4P-3XHW33", "", "K7M4P-3XHWO", "2080001234"]
)
def test_another_key_is_neither_well_formed_nor_the_same(typed: str) -> None:
    assert not is_well_formed(typed)
    assert not same(KEY, typed)


def test_a_key_is_printed_in_two_groups_and_masked_in_repr() -> None:
    assert display(KEY) == "K7M4P-3XHW3"
    assert "K7M4P" not in repr(KEY)


def test_a_key_of_an_outside_registry_is_only_folded_and_compared() -> None:
    outside = SecretStr("ab0-OI1 55Z")
    assert same(outside, "ＡＢ０ＯＩ１５５Ｚ")
    assert not is_well_formed("ab0-OI1 55Z")
    assert display(outside) == "ab0-OI1 55Z"


def test_nothing_typed_is_never_the_key() -> None:
    assert not same(SecretStr(""), "")
    assert not same(KEY, " - ")


@given(KEYS)
def test_every_new_key_is_well_formed(key: str) -> None:
    assert is_well_formed(key)
    assert fold_key(display(SecretStr(key))) == key


@given(KEYS)
def test_every_single_substitution_is_detected(key: str) -> None:
    wrong = (
        key[:at] + char + key[at + 1 :] for at in range(len(key)) for char in ALPHABET if char != key[at]
    )
    assert not any(is_well_formed(typed) for typed in wrong)


def test_at_least_99_of_100_transpositions_are_detected() -> None:
    rng = random.Random(20261110)
    swapped = []
    for _ in range(2000):
        key = new_key(rng).get_secret_value()
        pairs = [at for at in range(len(key) - 1) if key[at] != key[at + 1]]
        swapped += [key[:at] + key[at + 1] + key[at] + key[at + 2 :] for at in pairs]
    detected = sum(not is_well_formed(typed) for typed in swapped)
    assert detected / len(swapped) >= 0.99
