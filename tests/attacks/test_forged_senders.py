"""Mails that claim to be somebody's: by Authentication-Results, by tricks in From, by being quicker."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.identity.authentication import Border, Judgement, judge
from bot.mail import Envelope, Mail
from bot.outcome import TryLater
from bot.reading.mail import read_mail
from bot.surety.application import ApplicationState
from bot.surety.party import Proof
from tests.casework import agree, apply_for
from tests.desk import BORDER, IYO, START, Desk

BORDER_OF_TESTS = Border(authserv_id=BORDER, trusted_peers=("127.0.0.0/8",))
RECEIVED = "Received: from x by border.hoshobin.example; Tue, 10 Nov 2026 10:00:00 +0900"
PASS = "dkim=pass header.d=iyo-kensetsu.example"


def read(*headers: str, sender: str = IYO) -> Mail:
    """Read a mail of these header lines, From and a body."""
    data = "\r\n".join([*headers, f"From: {sender}", "To: hosho@hoshobin.example", "", "停止", ""])
    opened = read_mail(data.encode())
    assert not hasattr(opened, "reason")
    return opened.mail


def judged(*headers: str, sender: str = IYO, peer: str = "127.0.0.1") -> Judgement:
    """Judge a mail of these header lines, as it came from a peer."""
    mail = read(*headers, sender=sender)
    envelope = Envelope(
        mail_from=IYO, recipients=("hosho@hoshobin.example",), peer=peer, source="smtp", received_at=START
    )
    return judge(envelope, mail.from_address, mail.authentication, BORDER_OF_TESTS)


def results(text: str, authserv_id: str = BORDER) -> str:
    return f"Authentication-Results: {authserv_id}; {text}"


@pytest.mark.parametrize(
    "headers",
    [
        (results(PASS), RECEIVED),
        (results(PASS, BORDER.upper()), RECEIVED),
        (results(PASS, f"{BORDER} 1"), RECEIVED),
        (results("dkim=pass\r\n (1024-bit key; x=y) header.d=iyo-kensetsu.example"), RECEIVED),
        (results("dkim=pass header.d=iyo-kensetsu.example."), RECEIVED),
        (results("dkim=pass header.d=evil.example"), results(PASS), RECEIVED),
    ],
)
def test_what_our_border_writes_is_proof_in_every_spelling(headers: tuple[str, ...]) -> None:
    assert judged(*headers).proof is Proof.FULL


@pytest.mark.parametrize(
    "headers",
    [
        (RECEIVED, results(PASS)),
        (results(PASS), RECEIVED, results("dkim=fail header.d=iyo-kensetsu.example")),
        (results("dkim=fail header.d=evil.example"), RECEIVED, results(PASS)),
        (results("dkim=none"), RECEIVED, results(PASS), RECEIVED),
        (RECEIVED, results(PASS), RECEIVED),
        (results(PASS),),  # no Received line: no hop of ours
        (results(PASS, "evil.example"), RECEIVED),
        (results(PASS, f"{BORDER}.evil.example"), RECEIVED),
        (results(PASS, f"{BORDER} 2"), RECEIVED),
        (results(PASS, f"evil.example ({BORDER})"), RECEIVED),
        (results(f"dkim=fail ({PASS}) header.d=evil.example"), RECEIVED),
        (results(f'dkim=fail reason="{PASS}" header.d=evil.example'), RECEIVED),
        (results(f'dkim=fail reason="x\\"; {PASS}; y=\\"" header.d=evil.example'), RECEIVED),
        (results(f"dkim=fail ({PASS}; (nested) header.d=evil.example"), RECEIVED),
        (results("dkim=pass header.d=sub.iyo-kensetsu.example"), RECEIVED),
        (results("dkim=pass header.i=@sub.iyo-kensetsu.example"), RECEIVED),
        (results("dkim=pass header.d=evil.example header.i=@iyo-kensetsu.example"), RECEIVED),
        (results("dkim=pass header.d=example"), RECEIVED),
        (results(f"{PASS}; dkim=fail header.d=iyo-kensetsu.example"), RECEIVED),
        (results(f"{PASS} header.d=evil.example"), RECEIVED),
        (results("x-dkim=pass header.d=iyo-kensetsu.example"), RECEIVED),
        (results("dkim/2=pass header.d=iyo-kensetsu.example"), RECEIVED),
        (results("dkim=pass header.from=iyo-kensetsu.example"), RECEIVED),
        (results("dmarc=pass header.from=iyo-kensetsu.example"), RECEIVED),
        (results('spf=pass smtp.mailfrom="x@iyo-kensetsu.example"@evil.example'), RECEIVED),
        (results("dkim=pass header.d=xn--iyo-kensetsu-.example"), RECEIVED),
        (results("dkim=pass header.d=iyo\u2010kensetsu.example"), RECEIVED),
        (results(f"{PASS}; dmarc=fail header.from=iyo-kensetsu.example"), RECEIVED),
    ],
)
def test_no_forged_or_doubtful_result_proves_anything(headers: tuple[str, ...]) -> None:
    assert not judged(*headers).proof.may_change


def test_results_of_a_peer_that_is_not_listed_prove_nothing() -> None:
    assert judged(results(PASS), RECEIVED, peer="192.0.2.1").proof is Proof.NONE


OTHER_SENDERS = (
    f"{IYO}, evil@evil.example",
    f"evil@evil.example, {IYO}",
    f"iyo: {IYO};",
    f"undisclosed: {IYO}, evil@evil.example;",
    f"<{IYO}> <evil@evil.example>",
    f'"{IYO}" <evil@evil.example>',
    f"({IYO}) evil@evil.example",
    f"=?utf-8?q?{IYO}?= <evil@evil.example>",
    "=?utf-8?q?soumu=40iyo-kensetsu=2Eexample?=",
    "soumu@iyo-kensetsu.example.",
    "soumu @ iyo-kensetsu.example",
    "soumu@iyo-kensetsu.example evil@evil.example",
    "soumu@iyo\u2010kensetsu.example",
    "ѕoumu@iyo-kensetsu.example",
    "soumu+x@iyo-kensetsu.example",
    "soumu.@iyo-kensetsu.example",
    f"{IYO}\r\nFrom: evil@evil.example",
    f"<@evil.example:{IYO}>",
)


def test_no_spelling_of_from_passes_for_another_registered_mailbox(desk: Desk) -> None:
    for sender in OTHER_SENDERS:
        mail = read(results(PASS), RECEIVED, sender=sender)
        assert desk.receive(mail).changes == (), sender
    assert desk.letters_to(IYO) == 0


def test_honest_spellings_of_a_registered_mailbox_are_known(desk: Desk) -> None:
    for sender in (IYO.upper(), f"高橋 <{IYO}>", f"{IYO} (=?utf-8?b?6auY5qmL?=)"):
        assert desk.receive(read(results(PASS), RECEIVED, sender=sender)).words == ["stop"], sender


def test_no_header_steers_an_answer_away_from_the_registered_mailbox(desk: Desk) -> None:
    for header in ("Reply-To", "Sender", "Return-Path", "Cc"):
        mail = read(
            results(PASS), RECEIVED, f"{header}: evil@evil.example", f"Message-ID: <{header}@x.example>"
        )
        desk.clock.advance(timedelta(hours=1, seconds=1))
        assert {letter.recipient for letter in desk.receive(mail).letters} == {IYO}, header


def test_a_signed_mail_to_somebody_else_that_is_passed_on_to_us_changes_nothing(desk: Desk) -> None:
    """Whoever gets a signed mail can hand it to our border again, its signature whole."""
    code = apply_for(desk)
    mail = desk.mail(IYO, "この内容で申し込みます", subject=f"Re: [{code}]", to=("other@elsewhere.example",))
    assert desk.receive(mail).decision.state == "held"
    assert desk.application().state is ApplicationState.READ_BACK


def test_forged_copies_do_not_make_the_true_mail_a_loop(desk: Desk) -> None:
    code = apply_for(desk)
    for _ in range(5):
        with suppress(TryLater):
            desk.write(IYO, "この内容で申し込みます", subject=f"Re: [{code}]", proof="none")
    answered = desk.write(IYO, "この内容で申し込みます", subject=f"Re: [{code}]")
    assert answered.decision.state == "done"
    assert desk.application().state is ApplicationState.APPLIED


def test_a_flood_in_somebodys_name_does_not_delay_what_is_proven_to_be_theirs(desk: Desk) -> None:
    desk.set_office(letters_an_hour=5)
    for number in range(5):
        desk.write(IYO, f"使い方 {number}", proof="none")
    assert desk.write(IYO, "状況").words == ["status"]


@pytest.mark.parametrize("proof", ["none", "dmarc-fail"])
def test_a_forger_who_was_quicker_does_not_make_the_true_mail_a_repeat(desk: Desk, proof: str) -> None:
    code = apply_for(desk)
    says, subject = "この内容で申し込みます", f"Re: [{code}]"
    desk.write(IYO, says, subject=subject, proof=proof, message_id="same@iyo-kensetsu.example")
    desk.write(IYO, says, subject=subject, message_id="same@iyo-kensetsu.example")
    assert desk.application().state is ApplicationState.APPLIED
    version = desk.application().version
    again = desk.write(IYO, says, subject=subject, message_id="same@iyo-kensetsu.example")
    assert again.templates == ["repeated"]
    assert desk.application().version == version


@pytest.mark.parametrize("code_in", ["subject", "new_text"])
def test_a_code_that_is_not_ones_own_is_never_taken_for_the_only_case_one_has(
    desk: Desk, code_in: str
) -> None:
    agree(desk)
    foreign = "[R8-99999-7KQ4]"
    subject, says = (foreign, "取下げ") if code_in == "subject" else ("", f"取下げ\n{foreign}")
    assert desk.write(IYO, says, subject=subject).changes == ()
    assert desk.application().state is ApplicationState.APPLIED


@pytest.mark.parametrize(
    ("person", "word"), [(IYO, "withdraw"), (IYO, "approve"), ("keiyaku@city.iyonada.lg.example", "stop")]
)
def test_the_command_line_speaks_for_staff_alone(desk: Desk, person: str, word: str) -> None:
    """It needs no code, so that it must not speak for a contractor or an orderer."""
    code = agree(desk)
    answered = desk.command(person, word, code, code="")
    assert (answered.decision.state, answered.changes) == ("refused", ())
