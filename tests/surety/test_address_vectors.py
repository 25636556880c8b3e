"""The address suite of isemail: what may be registered, and that reading any of them comes to an end."""

import json
from pathlib import Path

import pytest

from bot.intake.addresses import read_path
from bot.reading.mailboxes import mailboxes
from bot.surety.address import compared, fold_address

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "isemail.json").read_text(encoding="utf-8"))
# What isemail calls valid and we do not register: nobody can be reached at a top level domain by itself.
REFUSED = {"test@io"}
# Whether a domain has a mail server is not asked when an address is registered.
VALID = ("valid", "dnsWarn")


def is_valid(diagnosis: str) -> bool:
    return diagnosis.startswith(VALID)


PLAIN = {address for address, diagnosis in VECTORS if is_valid(diagnosis)}


@pytest.mark.parametrize(("address", "diagnosis"), VECTORS)
def test_only_a_plain_valid_address_can_be_registered(address: str, diagnosis: str) -> None:
    """Quoted local parts, literals, comments and folding are legal in places, but nobody's mailbox here."""
    if (is_valid(diagnosis) and address not in REFUSED) or address.strip() in PLAIN - {address}:
        assert fold_address(address) == address.strip().lower()
    else:
        with pytest.raises(ValueError, match="is not a mail address"):
            fold_address(address)


@pytest.mark.parametrize(("address", "diagnosis"), VECTORS)
def test_each_of_them_is_read_without_harm_wherever_it_stands(address: str, diagnosis: str) -> None:
    for entry in mailboxes(address.encode()):
        assert "\n" not in entry.address
        assert "\r" not in entry.address
    assert compared(address) == compared(compared(address))
    read_path(f"<{address}>")


@pytest.mark.parametrize("address", sorted(PLAIN - REFUSED))
def test_a_valid_one_is_what_a_header_and_an_envelope_say(address: str) -> None:
    assert [entry.address for entry in mailboxes(address.encode())] == [address]
    assert read_path(f"<{address}>") == (address, "")
