"""What becomes of mails whose source we verify: decided, put off, kept, replayed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import tokyo_date
from bot.identity.direct import DirectRules
from bot.mail import Envelope
from bot.operations.explain import as_text, explain
from bot.operations.trial import sample_application
from bot.reading.client import ReadingHelper
from bot.writing.client import WritingHelper
from tests.verification.cases import DESK, DOMAIN, IYO, IYO_SIGNS, PEER
from tests.verification.dns_server import DnsServer, txt
from tests.verification.house import RELAY, House, zone
from tests.verification.signing import Signer, rsa_key, written

KEY = f"s._domainkey.{DOMAIN}"


def application(house: House) -> str:
    return sample_application(tokyo_date(house.clock.now()))


def apply_for(house: House, *signers: Signer, **changed: str) -> int:
    return house.receive(house.mail(application(house), *signers, subject="apply", **changed))


def test_a_signed_application_needs_no_confirmation(house: House) -> None:
    row = house.row(apply_for(house))
    assert (row.state, row.proof) == ("done", "full")
    assert "confirmation" not in house.templates()


def test_an_unsigned_one_does(house: House) -> None:
    data = house.mail(application(house), subject="apply")
    row = house.row(house.receive(data.split(b"\r\n", 1)[1]))
    assert (row.state, row.proof, row.held_for) == ("held", "none", "confirmation")


def test_spf_alone_is_a_reader_and_never_changes_anything(house: House, dns_server: DnsServer) -> None:
    dns_server.records |= {(DOMAIN, "TXT"): [txt(f"v=spf1 ip4:{PEER} -all")]}
    data = house.mail(application(house), subject="apply").split(b"\r\n", 1)[1]
    row = house.row(house.receive(data))
    assert (row.state, row.proof) == ("held", "reader")


def test_staff_are_not_proven_by_spf(house: House, dns_server: DnsServer) -> None:
    dns_server.records |= {("surety.example", "TXT"): [txt(f"v=spf1 ip4:{PEER} -all")]}
    data = house.mail("承認 4821", **{"from": "kessai@surety.example"}).split(b"\r\n", 1)[1]
    row = house.row(house.receive(data, mail_from="kessai@surety.example"))
    assert row.proof == "reader"
    assert row.state != "done"


def test_a_from_that_dmarc_refuses_is_a_strangers(house: House, dns_server: DnsServer) -> None:
    dns_server.records |= {(f"_dmarc.{DOMAIN}", "TXT"): [txt("v=DMARC1; p=reject")]}
    data = house.mail(application(house), subject="apply").split(b"\r\n", 1)[1]
    row = house.row(house.receive(data))
    assert row.state == "ignored"
    assert house.templates() == []


def test_a_signed_mail_that_was_written_to_somebody_else_proves_a_reader(house: House) -> None:
    row = house.row(apply_for(house, to="friend@elsewhere.example"))
    assert row.proof == "reader"
    assert row.state != "done"


def test_behind_a_trusted_relay_only_its_own_word_counts(house: House, dns_server: DnsServer) -> None:
    """Border and direct are never mixed: what the relay found broken is not looked at again."""
    row = house.row(house.receive(house.mail(application(house), subject="apply"), peer=RELAY))
    assert row.proof == "none"
    assert dns_server.asked == []


def test_a_relays_results_do_not_count_from_anybody_else(house: House) -> None:
    data = house.mail(application(house), subject="apply").split(b"\r\n", 1)[1]
    word = f"Authentication-Results: border.hoshobin.example; dkim=pass header.d={DOMAIN}\r\n".encode()
    assert house.row(house.receive(word + data)).proof == "none"


# The verdict is found once.


def test_the_verdict_and_its_dns_answers_are_kept(house: House) -> None:
    kept = house.kept(apply_for(house))
    assert kept is not None
    assert [one.result for one in kept.signatures] == ["pass"]
    assert {one.name for one in kept.dns} >= {KEY, f"_dmarc.{DOMAIN}"}


def test_later_rounds_use_the_first_verdict(house: House, dns_server: DnsServer) -> None:
    dns_server.records |= {(DOMAIN, "TXT"): [txt(f"v=spf1 ip4:{PEER} -all")]}
    data = house.mail(application(house), subject="apply").split(b"\r\n", 1)[1]
    inbox_id = house.receive(data)
    first, asked = house.kept(inbox_id), len(dns_server.asked)
    assert house.row(inbox_id).state == "held"
    dns_server.records.clear()
    house.use(house.settings)
    house.resume(inbox_id, confirmed_by=IYO)
    assert (house.row(inbox_id).round, house.row(inbox_id).state) == (1, "done")
    assert house.kept(inbox_id) == first
    assert len(dns_server.asked) == asked


def test_a_verdict_outlives_a_mail_that_is_put_off_for_another_reason(
    house: House, dns_server: DnsServer
) -> None:
    house.use(replace(house.settings, office=house.settings.office.but(letters_an_hour=1)))
    house.receive(house.mail("一覧", subject="list", message_id="<1@x.example>"))
    put_off = house.receive(house.mail("状況", subject="state", message_id="<2@x.example>"))
    assert house.row(put_off).state == "waiting"
    assert house.kept(put_off) is not None
    dns_server.records.clear()
    house.use(house.settings)
    house.clock.advance(timedelta(hours=2))
    house.run()
    assert house.row(put_off).proof == "full"


# The DNS is silent.


def test_a_silent_dns_puts_a_mail_off_and_never_makes_it_unproven(
    house: House, dns_server: DnsServer
) -> None:
    dns_server.silent.add(KEY)
    inbox_id = apply_for(house)
    row = house.row(inbox_id)
    assert (row.state, row.reason) == ("waiting", f"the DNS gives no answer for {KEY}")
    assert house.kept(inbox_id) is None
    assert house.templates() == []
    dns_server.silent.clear()
    house.use(house.settings)  # which has forgotten the failure, as an hour would make it
    house.clock.advance(timedelta(hours=1))
    house.run()
    assert (house.row(inbox_id).state, house.row(inbox_id).proof) == ("done", "full")


@pytest.mark.parametrize("how", ["silent", "failing"])
def test_after_the_patience_it_is_decided_as_unproven_and_says_why(
    house: House, dns_server: DnsServer, how: str
) -> None:
    getattr(dns_server, how).add(KEY)
    inbox_id = apply_for(house)
    house.clock.advance(timedelta(hours=23))
    house.run()
    assert house.row(inbox_id).state == "waiting"
    house.clock.advance(timedelta(hours=1))
    house.run()
    row = house.row(inbox_id)
    assert (row.state, row.proof) == ("held", "none")
    assert f"the DNS gave no answer for {KEY}" in row.reason


@pytest.mark.slow
def test_the_pauses_grow_with_the_age_of_the_mail(house: House, dns_server: DnsServer) -> None:
    dns_server.silent.add(KEY)
    inbox_id = apply_for(house)
    pauses = []
    for _ in range(8):
        row = house.row(inbox_id)
        pauses.append(row.due_at - house.clock.now())
        house.clock.advance(pauses[-1])
        house.run()
    assert pauses == sorted(pauses)
    assert pauses[0] == house.settings.retry
    assert pauses[-1] <= timedelta(hours=1)


def test_nothing_waits_behind_a_mail_that_waits_for_the_dns(house: House, dns_server: DnsServer) -> None:
    """A forger could hold up a customer's mails with a domain of his own that never answers."""
    dns_server.silent.add("_dmarc.tarpit.test")
    forged = house.receive(house.mail("一覧", **{"from": "a@tarpit.test"}))
    assert house.row(forged).state == "waiting"
    assert house.row(apply_for(house)).state == "done"


def test_what_cannot_change_the_outcome_is_not_waited_for(house: House, dns_server: DnsServer) -> None:
    dns_server.silent |= {DOMAIN, f"_dmarc.{DOMAIN}"}
    assert house.row(apply_for(house)).proof == "full"


def test_automatic_mail_is_not_verified(house: House, dns_server: DnsServer) -> None:
    data = b"Auto-Submitted: auto-replied\r\n" + house.mail("不在です")
    inbox_id = house.receive(data)
    assert house.row(inbox_id).state == "ignored"
    assert dns_server.asked == []
    assert house.kept(inbox_id) is None


# Replays.


def test_a_signed_mail_passed_on_with_a_reply_to_is_told_as_sent_again(house: House) -> None:
    data = house.mail(application(house), subject="apply")
    first = house.receive(data)
    again = house.receive(b"Reply-To: thief@evil.test\r\n" + data, mail_from="thief@evil.test")
    assert house.row(again).state == "ignored"
    assert house.row(again).reason == f"repeats inbox {first}"
    assert house.row(first).signed_digest == house.row(again).signed_digest


def test_a_signed_mail_whose_unsigned_parts_make_it_read_otherwise_is_a_replay(house: House) -> None:
    """The relaxed form forgives blanks: the same signature covers a body that reads a little otherwise."""
    data = house.mail("一覧  お願いします\n", subject="list")
    first = house.receive(data)
    other = data.replace("一覧  お願い".encode(), "一覧 \t お願い".encode())
    assert other != data
    again = house.receive(other)
    assert (house.row(again).state, house.row(again).reason) == ("ignored", f"replay of inbox {first}")
    assert house.row(again).proof == "full"


def test_taking_one_of_two_signatures_away_makes_no_new_mail(house: House, dns_server: DnsServer) -> None:
    """Two signatures over one body may have two hashes of it: what is compared is our own."""
    simple = Signer(DOMAIN, selector="two", key=rsa_key(1024), relaxed=False)
    dns_server.records |= zone(IYO_SIGNS, simple)
    data = house.mail("一覧  お願いします\n", simple, IYO_SIGNS, subject="list")
    first = house.receive(data)
    relaxed_alone = data.split(b"\r\n", 1)[1].replace("一覧  お願い".encode(), "一覧 \t お願い".encode())
    again = house.receive(relaxed_alone)
    assert (house.row(again).proof, house.row(again).reason) == ("full", f"replay of inbox {first}")


def test_a_mail_that_came_to_nothing_because_unproven_may_come_again_proven(house: House) -> None:
    data = house.mail(application(house), subject="apply")
    forged = house.receive(data.split(b"\r\n", 1)[1], mail_from="thief@evil.test")
    assert house.row(forged).state == "held"
    good = house.receive(data)
    assert house.row(good).reason == f"repeats inbox {forged}"
    assert house.row(forged).state == "done", "the proven copy confirms it"


def test_a_forwarders_copy_of_a_mail_that_acted_is_a_replay(house: House, dns_server: DnsServer) -> None:
    forwarder = Signer("list.example", selector="arc", key=rsa_key(1024))
    dns_server.records |= zone(IYO_SIGNS, forwarder)
    rules = DirectRules(trusted_forwarders=("list.example",))
    house.use(replace(house.settings, direct=rules))
    data = house.mail("一覧お願いします\n", subject="list")
    first = house.receive(data)
    body = "一覧お願いします\r\n-- \r\nfooter\r\n"
    lines = data.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    mail = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    sealed = [*forwarder.seal(mail, body, f"dkim=pass header.d={DOMAIN}"), *mail]
    again = house.receive(written(sealed, body), mail_from="bounces@list.example")
    assert house.row(again).proof == "full"
    assert (house.row(again).state, house.row(again).reason) == ("ignored", f"replay of inbox {first}")


# What people see.


def test_explain_shows_what_was_found(house: House, helper: ReadingHelper) -> None:
    writing = WritingHelper()
    envelope = Envelope(
        mail_from=IYO, recipients=(DESK,), peer=PEER, source="file", received_at=house.clock.now()
    )
    with house.opened.database.reading() as session:
        explained = explain(
            house.mail("一覧"),
            envelope,
            session,
            house.settings,
            house.opened.sealer,
            helper,
            writing,
            house.clock.now(),
            house.resolver,
        )
    writing.close()
    text = as_text(explained)
    shown = "DKIM pass by iyo-kensetsu.example (selector s, rsa-sha256, 2048 bits) over from to subject"
    assert f"\nSource\n  {shown}" in text
    assert f"  DNS TXT {KEY}: found v=DKIM1; k=rsa; p=" in text
    assert "proof: full (DKIM of iyo-kensetsu.example (selector s), aligned, verified by ourselves)" in text
