"""Odd recipients, in header and envelope alike: old carrier addresses quoted, domains in ASCII."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.relay.smtp import SmtpRelay
from bot.surety.address import fold_address
from bot.wire_address import on_the_wire
from bot.writing.letters import make_templates, write
from tests.relays import ScriptedRelay
from tests.writing.samples import letter_job

TEMPLATES = make_templates()
DESK = "hosho@hoshobin.example"
WIRE = {
    "soumu@iyo-kensetsu.example": "soumu@iyo-kensetsu.example",
    "a..b@docomo.ne.jp": '"a..b"@docomo.ne.jp',
    "x.@docomo.ne.jp": '"x."@docomo.ne.jp',
    ".x@ezweb.ne.jp": '".x"@ezweb.ne.jp',
    "a-b_c@docomo.ne.jp": "a-b_c@docomo.ne.jp",
    "info@日本語.jp": "info@xn--wgv71a119e.jp",
    "総務@iyo-kensetsu.example": "総務@iyo-kensetsu.example",
    "総務@日本語.jp": "総務@日本語.jp",
}
each_address = pytest.mark.parametrize(("address", "wire"), WIRE.items(), ids=WIRE)


@each_address
def test_an_address_has_one_form_on_the_wire(address: str, wire: str) -> None:
    assert on_the_wire(address) == wire
    assert on_the_wire(wire) == wire


def test_what_is_no_address_stays_as_it_is() -> None:
    assert on_the_wire("") == ""
    assert on_the_wire("postmaster") == "postmaster"
    assert on_the_wire("a@日本_語.jp") == "a@日本_語.jp"


@pytest.mark.parametrize("address", ["a..b@docomo.ne.jp", "x.@docomo.ne.jp", ".x@ezweb.ne.jp"])
def test_the_directory_keeps_an_old_carrier_address_as_its_owner_writes_it(address: str) -> None:
    assert fold_address(address) == address
    assert fold_address(on_the_wire(address)) == address


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with closing(ScriptedRelay(extensions=("SMTPUTF8", "8BITMIME"))) as scripted:
        yield scripted


@each_address
def test_header_and_envelope_name_the_same_form(address: str, wire: str, relay: ScriptedRelay) -> None:
    """RFC 5321 §4.1.2: without the quotes a relay may answer 501 to two dots side by side."""
    job = letter_job("applied")
    data = write(job.but(letter=job.letter.but(recipient=address)), TEMPLATES).data
    with closing(SmtpRelay("127.0.0.1", relay.port, "hoshobin.example", 10)) as ours:
        ours.transmit(DESK, address, data)
    [taken] = relay.taken
    assert taken.envelope[1] == f"rcpt TO:<{wire}>"
    assert taken.envelope[0].upper().endswith("SMTPUTF8") == (not wire.isascii())
    assert f"\r\nTo: {wire}\r\n".encode() in taken.data
    assert taken.data == data
