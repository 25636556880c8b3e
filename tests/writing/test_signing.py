"""DKIM signatures: dkimpy finds them good for both kinds of key, and bad once anything shown is changed."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bot.writing.client import WritingFault, WritingHelper
from bot.writing.jobs import Job, SigningJob, SigningKey
from bot.writing.letters import make_templates, write
from bot.writing.signing import OVERSIGNED, make_signers, relaxed_body, signed
from tests.writing.keys import DOMAIN, ed25519_key, rsa_key, verdicts
from tests.writing.samples import LETTER_TEMPLATES, LONG_WORK, letter_job, with_papers

TEMPLATES = make_templates()
AT = datetime(2026, 11, 10, 1, 58, tzinfo=UTC)
HEAD = (
    b"From: hosho@hoshobin.example\r\nTo: a@b.example\r\nSubject: =?utf-8?b?5L+d6Ki8?=\r\n"
    b"Message-ID: <1@hoshobin.example>\r\nDate: Tue, 10 Nov 2026 10:58:00 +0900\r\n\r\n"
)
BODIES = {
    "none": b"",
    "one empty line": b"\r\n",
    "empty lines alone": b"\r\n\r\n\r\n",
    "empty lines at the end": b"a\r\n\r\n\r\n",
    "spaces at line ends": b"a  \t\r\nb \r\n \r\n",
    "runs of space": b"a  b\tc \t d\r\n",
    "no end of line": b"a b",
    "dots": b".\r\n..\r\n.a\r\n",
    "utf-8": "保証　便\r\n".encode(),
}
each_key = pytest.mark.parametrize("key", [rsa_key, ed25519_key], ids=["rsa", "ed25519"])


def with_both(data: bytes) -> bytes:
    return signed(data, make_signers([rsa_key(), ed25519_key()]), AT)


def judged(data: bytes) -> list[bool]:
    return verdicts(data, rsa_key(), ed25519_key())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_both_signatures_are_good_whatever_the_body_looks_like(body: bytes) -> None:
    assert judged(with_both(HEAD + body)) == [True, True]


@pytest.mark.parametrize("template", LETTER_TEMPLATES)
def test_every_letter_is_signed_well_by_both_keys(template: str) -> None:
    job = with_papers(letter_job(template))
    signers = make_signers([rsa_key(), ed25519_key()])
    assert judged(write(job, TEMPLATES, signers).data) == [True, True]


def test_a_long_japanese_subject_over_many_lines_is_covered() -> None:
    job = letter_job("submission")
    job = job.but(letter=job.letter.but(subject=LONG_WORK * 5))
    data = write(job, TEMPLATES, make_signers([rsa_key()])).data
    assert judged(data) == [True]
    assert judged(data.replace(b"\r\nSubject: =?utf-8?b?", b"\r\nSubject: x =?utf-8?b?", 1)) == [False]


def test_a_letter_to_an_address_that_is_not_ascii_is_signed_too() -> None:
    job = letter_job("applied")
    job = job.but(letter=job.letter.but(recipient="総務@iyo-kensetsu.example"))
    data = write(job, TEMPLATES, make_signers([rsa_key(), ed25519_key()])).data
    assert "To: 総務@".encode() in data
    assert judged(data) == [True, True]


@each_key
def test_one_key_alone_signs_alone(key: object) -> None:
    mine: SigningKey = key()  # type: ignore[operator]
    data = signed(HEAD + b"a\r\n", make_signers([mine]), AT)
    assert verdicts(data, mine) == [True]


def test_without_a_key_a_letter_stays_as_it_is() -> None:
    assert signed(HEAD, (), AT) is HEAD


@pytest.mark.parametrize("name", OVERSIGNED)
def test_a_header_that_somebody_adds_breaks_the_signature(name: str) -> None:
    """RFC 6376 §8.15: without oversigning, a second From or Subject would be shown under our signature."""
    data = with_both(HEAD + b"a\r\n")
    added = f"{name}: thief@evil.example\r\n".encode()
    assert judged(added + data) == [False, False]
    assert judged(data.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)) == [False, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To: a@b.example", b"To: c@b.example"),
        (b"Message-ID: <1@", b"Message-ID: <2@"),
        (b"10:58", b"10:59"),
        (b"48,400,000", b"48,400,001"),
        (b"\r\n\r\n48", b"\r\n\r\nx48"),
    ],
)
def test_what_is_changed_on_the_way_breaks_the_signature(old: bytes, new: bytes) -> None:
    data = with_both(HEAD + b"48,400,000\r\n")
    assert old in data
    assert judged(data.replace(old, new)) == [False, False]


def test_words_added_below_break_the_signature() -> None:
    """There is no l=, under which anybody could go on writing (RFC 6376 §8.2)."""
    data = with_both(HEAD + b"a\r\n")
    assert b" l=" not in data
    assert judged(data + b"b\r\n") == [False, False]


def test_what_relays_do_to_a_mail_leaves_the_signature_good() -> None:
    data = with_both(HEAD + b"a b\r\n")
    refolded = data.replace(b"Subject: ", b"Subject:\r\n\t ").replace(b"a b\r\n", b"a  b \r\n\r\n")
    assert judged(b"Received: from a by b\r\nAuthentication-Results: b; none\r\n" + refolded) == [True, True]


def test_a_letter_that_is_signed_again_is_the_same_to_the_last_byte() -> None:
    assert with_both(HEAD + b"a\r\n") == with_both(HEAD + b"a\r\n")


def test_the_time_of_a_signature_is_that_of_the_letter() -> None:
    assert f" t={int(AT.timestamp())};".encode() in with_both(HEAD)
    job = letter_job("applied")
    data = write(job, TEMPLATES, make_signers([rsa_key()])).data
    assert f" t={int(job.written_at.timestamp())};".encode() in data


def test_the_lines_of_a_signature_are_short_however_long_its_domain() -> None:
    long = rsa_key().but(domain=f"{'a' * 30}.{'b' * 20}.example", selector="s" * 40)
    data = signed(HEAD, make_signers([long]), AT)
    assert all(len(line) <= 78 for line in data.split(b"\r\n"))
    assert verdicts(data, long) == [True]


def test_a_body_in_canonical_form_has_no_end_to_hide_in() -> None:
    """RFC 6376 §3.4.4, §3.4.5: the examples given there."""
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert relaxed_body(b"") == b""
    assert relaxed_body(b"\r\n\r\n") == b""


@pytest.fixture
def helper() -> Iterator[WritingHelper]:
    with closing(WritingHelper([rsa_key(), ed25519_key()])) as ours:
        yield ours


def test_the_helper_signs_with_the_keys_it_was_handed_when_it_started(helper: WritingHelper) -> None:
    signers = make_signers([rsa_key(), ed25519_key()])
    here = write(letter_job("applied"), TEMPLATES, signers)
    assert helper.letter(letter_job("applied")) == here
    assert judged(here.data) == [True, True]


def test_a_helper_that_is_started_again_signs_again(helper: WritingHelper) -> None:
    first = helper.letter(letter_job("applied"))
    helper.close()
    assert helper.letter(letter_job("applied")) == first


def test_with_keys_that_cannot_be_used_no_letter_is_written_at_all() -> None:
    bad = rsa_key().but(private=b"no key")
    with closing(WritingHelper([bad])) as helper:
        for _ in range(2):
            with pytest.raises(WritingFault, match="the signing keys cannot be used"):
                helper.letter(letter_job("applied"))


def test_no_job_shows_a_private_key_in_its_repr() -> None:
    key = rsa_key()
    shown = repr((key, SigningJob(keys=(key,)), Job(signing=SigningJob(keys=(key,)))))
    assert "private" not in shown
    assert re.search(r"\\x[0-9a-f]{2}", shown) is None


def test_signatures_name_the_desks_domain() -> None:
    data = write(letter_job("applied"), TEMPLATES, make_signers([rsa_key(), ed25519_key()])).data
    assert data.count(f"d={DOMAIN};".encode()) == 2
