"""Between what a signature covers and what we read and do: nothing slips in there, and nothing is lost."""

from dataclasses import replace

import pytest

from bot.clock import tokyo_date
from bot.operations.trial import sample_application
from bot.surety.party import Proof
from tests.verification.cases import (
    BODY,
    DOMAIN,
    IYO_SIGNS,
    Case,
    head,
    judged,
    nothing,
    proves,
    zone,
)
from tests.verification.dns_server import DnsServer, txt
from tests.verification.house import House
from tests.verification.signing import H, Signer, signed

REFUSES = {(f"_dmarc.{DOMAIN}", "TXT"): [txt("v=DMARC1; p=reject")]}
FORWARDER = "198.51.100.99"


def application(house: House) -> bytes:
    return house.mail(sample_application(tokyo_date(house.clock.now())), subject="apply")


def encoded(text: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode())


def with_odd_line(data: bytes) -> bytes:
    return data.replace(b"\r\n\r\n", b"\r\nX-Gateway checked\r\n\r\n", 1)


def with_many_signatures(data: bytes) -> bytes:
    one = "DKIM-Signature: v=1; a=rsa-sha256; d={}; s=x{}; h=from; bh=AAAA; b=AAAA\r\n"
    return "".join(one.format(DOMAIN, n) for n in range(12)).encode() + data


@pytest.mark.parametrize("blanks", [b" ", b"\t", b" \t "])
def test_a_blank_behind_a_soft_line_break_makes_no_new_sentence(blanks: bytes) -> None:
    """The relaxed form forgives it (RFC 6376 §3.4.4), and RFC 2045 §6.7 rule 3 takes it away."""
    signer = Signer(DOMAIN, headers=(*H, "content-transfer-encoding"))
    lines = [*head(), ("Content-Transfer-Encoding", "quoted-printable")]
    body = f"{encoded('昨日の回答のとおり')}=\r\n{encoded('取下げ')}\r\n"
    data = signed(lines, body, signer)
    changed = judged(data.replace(b"=\r\n", b"=" + blanks + b"\r\n"), zone(signer))
    assert proves(changed)
    assert changed.mail.new_text == judged(data, zone(signer)).mail.new_text == "昨日の回答のとおり取下げ"


def test_an_unsigned_disposition_that_makes_a_file_of_the_words_ends_the_proof() -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    nothing(judged(b"Content-Disposition: attachment\r\n" + data, zone()), "does not cover all of content-d")


def test_a_signed_disposition_is_no_fault() -> None:
    signer = Signer(DOMAIN, headers=(*H, "content-disposition"))
    assert proves(judged(signed([*head(), ("Content-Disposition", "inline")], BODY, signer), zone(signer)))


@pytest.mark.parametrize("added", ["Content-Description: x", "Content-ID: <x@y>", "MIME-Version: 2.0"])
def test_what_else_is_added_changes_nothing_that_is_read(added: str) -> None:
    data = signed(head(), BODY, IYO_SIGNS)
    plain, other = judged(data, zone()), judged(f"{added}\r\n".encode() + data, zone())
    assert proves(other)
    assert (other.mail.new_text, other.mail.attachments) == (plain.mail.new_text, plain.mail.attachments)


def test_a_spoilt_first_copy_does_not_swallow_the_mail_itself(house: House) -> None:
    data = application(house)
    house.receive(b"Content-Disposition: attachment\r\n" + data, mail_from="thief@evil.test")
    assert house.row(house.receive(data)).state == "done"


def test_where_the_first_of_two_came_to_nothing_and_reads_otherwise_people_look_at_the_second(
    house: House,
) -> None:
    """To ignore it could lose it, and to decide it could count a wrong code twice."""
    data = house.mail("よく  分からない文", subject="about")
    first = house.receive(data)
    assert house.row(first).reason == "unclear"
    other = house.row(house.receive(data.replace("よく  分".encode(), "よく \t分".encode())))
    assert (other.state, other.proof) == ("parked", "full")
    assert other.reason.startswith(f"replay of inbox {first}, which is refused and reads otherwise")


def test_two_signed_mails_that_differ_in_their_subject_alone_are_two_mails(house: House) -> None:
    first = house.receive(house.mail("", subject="一覧"))
    second = house.receive(house.mail("", subject="状況"))
    assert [house.row(one).state for one in (first, second)] == ["done", "done"]


def test_blanks_in_a_subject_that_the_signature_forgives_make_no_other_mail(house: House) -> None:
    data = house.mail("一覧  お願いします\n", subject="list  please")
    first = house.receive(data)
    again = house.row(house.receive(data.replace(b"list  please", b"list \t please")))
    assert (again.state, again.proof) == ("ignored", "full")
    assert again.reason in (f"replay of inbox {first}", f"repeats inbox {first}")


# What keeps us from verifying is no refusal.


@pytest.mark.parametrize("spoil", [with_odd_line, with_many_signatures])
def test_a_signature_that_we_cannot_check_is_no_refusal_of_somebody_registered(
    house: House, dns_server: DnsServer, spoil: object
) -> None:
    assert callable(spoil)
    dns_server.records |= REFUSES
    row = house.row(house.receive(spoil(application(house)), mail_from="x@forwarder.test", peer=FORWARDER))
    assert (row.state, row.proof, row.held_for) == ("held", "none", "confirmation")


def test_a_stranger_of_whom_that_is_unknown_gets_no_letter(house: House, dns_server: DnsServer) -> None:
    stranger = "somebody@elsewhere.example"
    dns_server.records |= {("_dmarc.elsewhere.example", "TXT"): [txt("v=DMARC1; p=reject")]}
    data = house.mail("利用登録", subject="利用登録", **{"from": stranger})
    row = house.row(house.receive(with_odd_line(data), mail_from=stranger, peer=FORWARDER))
    assert row.state == "ignored"
    assert "could not all be verified" in row.reason
    assert house.templates() == []
    dns_server.records.pop(("_dmarc.elsewhere.example", "TXT"))
    house.use(replace(house.settings))
    house.receive(with_odd_line(data), mail_from="another@elsewhere.example", peer=FORWARDER)
    assert house.templates() == ["enrolment"]


def test_without_any_signature_an_odd_line_hides_no_refusal(house: House, dns_server: DnsServer) -> None:
    dns_server.records |= REFUSES
    data = application(house).split(b"\r\n", 1)[1]
    row = house.row(house.receive(with_odd_line(data), mail_from="thief@evil.test", peer=FORWARDER))
    assert row.state == "ignored"


def test_a_judgement_of_what_could_not_be_checked_refuses_nothing() -> None:
    case: Case = judged(
        with_odd_line(signed(head(), BODY, IYO_SIGNS)), zone(dmarc="v=DMARC1; p=reject"), peer=FORWARDER
    )
    judgement = case.judgement
    assert (judgement.proof, judgement.refused_by_dmarc, judgement.dmarc_unknown) == (Proof.NONE, False, True)


# Strangers whose DNS never answers.


def enrols(house: House, domain: str) -> bytes:
    data = house.mail("利用登録", subject="利用登録", message_id=f"<1@{domain}>", **{"from": f"a@{domain}"})
    return data.split(b"\r\n", 1)[1]


def test_a_stranger_whose_dns_is_silent_is_decided_at_the_second_try_without_a_letter(
    house: House, dns_server: DnsServer
) -> None:
    dns_server.silent |= {"_dmarc.tarpit.test", "tarpit.test"}
    inbox_id = house.receive(enrols(house, "tarpit.test"), mail_from="a@tarpit.test")
    assert house.row(inbox_id).state == "waiting"
    house.clock.advance(house.settings.retry)
    house.run()
    row = house.row(inbox_id)
    assert row.state == "ignored"
    assert "the DNS gave no answer" in row.reason
    assert house.templates() == []


def test_a_short_outage_loses_no_enrolment(house: House, dns_server: DnsServer) -> None:
    dns_server.silent |= {"_dmarc.tarpit.test", "tarpit.test"}
    inbox_id = house.receive(enrols(house, "tarpit.test"), mail_from="a@tarpit.test")
    assert house.row(inbox_id).state == "waiting"
    dns_server.silent.clear()
    house.use(replace(house.settings))  # which has forgotten the failure
    house.clock.advance(house.settings.retry)
    house.run()
    assert house.row(inbox_id).state == "done"
    assert house.templates() == ["enrolment"]


@pytest.mark.slow
def test_mails_of_dead_domains_hold_up_nobody_at_their_second_try(
    house: House, dns_server: DnsServer
) -> None:
    for number in range(5):
        domain = f"tarpit{number}.test"
        dns_server.silent |= {f"_dmarc.{domain}", domain}
        house.accept(enrols(house, domain), mail_from=f"a@{domain}")
    house.run()
    house.clock.advance(house.settings.retry)
    good = house.accept(house.mail("一覧", subject="list"))
    house.worker.step()
    assert house.row(good).state == "done"
