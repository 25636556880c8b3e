"""Old carrier addresses and a real Postfix: the quoted form is taken, and means the very same mailbox."""

from contextlib import closing

import pytest

from bot.relay.smtp import SmtpRelay
from tests.daemons import until
from tests.postfix import DOMAIN, program, receive_only

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("local", ["a..b", "x.", ".x"])
def test_postfix_takes_a_letter_to_an_old_carrier_address(local: str) -> None:
    data = f'From: hosho@{DOMAIN}\r\nTo: "{local}"@{DOMAIN}\r\nSubject: x\r\n\r\nx\r\n'.encode()
    assert program("postfix")
    with receive_only() as peer, closing(SmtpRelay("127.0.0.1", peer.port, DOMAIN, 10)) as ours:
        ours.transmit(f"hosho@{DOMAIN}", f"{local}@{DOMAIN}", data)
        until(lambda: peer.held() == 1, "one mail in the hold queue", 20)
        [queued] = [path for path in (peer.root / "queue" / "hold").rglob("*") if path.is_file()]
        assert f"{local}@{DOMAIN}".encode() in queued.read_bytes()
