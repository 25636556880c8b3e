"""What was found of a mail's source is kept once, on both databases."""

from datetime import UTC, datetime

from bot.mail import DnsAnswer, Envelope, SignatureResult, Verification
from storage import inbox, verification
from storage.opening import Opened

NOW = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
FOUND = Verification(
    signatures=(SignatureResult(domain="a.example", result="pass", covered={"from": 2}, signed_at=NOW),),
    dns=(DnsAnswer(name="a.example", kind="TXT", outcome="found", values=("\x00 \xff 保",)),),
)


def arrived(opened: Opened) -> int:
    envelope = Envelope(mail_from="", recipients=(), peer="", received_at=NOW).model_dump(mode="json")
    new = inbox.arrival(opened.sealer, "smtp", envelope, b"x", "", NOW)
    return opened.database.write(lambda session: inbox.accept(session, new))


def test_what_was_found_comes_back_as_it_was(opened: Opened) -> None:
    inbox_id = arrived(opened)
    with opened.database.reading() as session:
        assert verification.find(session, inbox_id) is None
    opened.database.write(lambda session: verification.keep(session, inbox_id, FOUND, NOW))
    with opened.database.reading() as session:
        assert verification.find(session, inbox_id) == FOUND


def test_what_was_kept_first_stays(opened: Opened) -> None:
    inbox_id = arrived(opened)
    for found in (FOUND, Verification(problem="another")):
        opened.database.write(lambda session, one=found: verification.keep(session, inbox_id, one, NOW))  # type: ignore[misc]
    with opened.database.reading() as session:
        assert verification.find(session, inbox_id) == FOUND
