"""The addresses of MAIL and RCPT."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.addresses import printable, read_path, refuse_recipient


@pytest.mark.parametrize(
    "address",
    [
        "taro@example.jp",
        "a..b@docomo.ne.jp",
        "x.@ezweb.ne.jp",
        ".x@ezweb.ne.jp",
        '"a..b"@docomo.ne.jp',
        '"odd > name \\" @"@example.jp',
        "bounce+" + "v" * 90 + "=x@list.example.jp",
        "o'neil/x=y!#$%&*?^`{|}~-_@under_score.example.jp",
        "保証@例え.jp",
        "x@[192.0.2.1]",
        "x@[IPv6:2001:db8::1]",
    ],
)
def test_a_mailbox_is_kept_as_it_was_written(address: str) -> None:
    assert read_path(f"<{address}>") == (address, "")
    assert read_path(f"<{address}> SIZE=10 BODY=8BITMIME") == (address, "SIZE=10 BODY=8BITMIME")
    assert read_path(f"{address} SIZE=10") == (address, "SIZE=10")


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("<>", "<>"),
        ("<Postmaster>", "Postmaster"),
        ("<@relay.example.jp,@b.example.jp:x@example.jp>", "x@example.jp"),
    ],
)
def test_the_null_sender_postmaster_and_source_routes_are_understood(path: str, address: str) -> None:
    assert read_path(path) == (address, "")


@pytest.mark.parametrize(
    "path",
    [
        "<x@example.jp",
        "x@example.jp>",
        "<x>",
        "<x@>",
        "<@example.jp>",
        "<x@y@example.jp>",
        "<x y@example.jp>",
        "<x@example.jp>SIZE=10",
        "<x@example..jp>",
        "<x\r@example.jp>",
        "<x\n@example.jp>",
        "<x\0@example.jp>",
        "<x@exam\u3000ple.jp>",
        "<\udc82\udca0@example.jp>",
        '"\n"@example.jp',
        "<" + "x" * 310 + "@example.jp>",
        "<x@" + "y." * 130 + "jp>",
        "< >",
    ],
)
def test_what_is_no_address_is_refused(path: str) -> None:
    assert read_path(path) is None


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_reading_never_fails_and_lets_no_control_character_through(text: str) -> None:
    for read in (read_path(text), read_path(f"<{text}@example.jp>")):
        if read is not None:
            assert not {unicodedata.category(c) for c in read[0]} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("folded", "code"),
    [
        ("desk@hosho.jp", None),
        ("desk+b-12-fuop-abcdefghijklmnop@hosho.jp", None),
        ("desk+anything+else@hosho.jp", None),
        ("desk+@hosho.jp", None),
        ("other+desk@hosho.jp", "550 5.1.1"),
        ("+desk@hosho.jp", "550 5.1.1"),
        ("desk+b-1@elsewhere.jp", "550 5.7.1"),
        ("postmaster", None),
        ("postmaster@hosho.jp", None),
        ("other@hosho.jp", "550 5.1.1"),
        ("desk@elsewhere.jp", "550 5.7.1"),
        ("postmaster@elsewhere.jp", "550 5.7.1"),
        ("desk@elsewhere.jp@hosho.jp", "550 5.1.1"),
    ],
)
def test_only_our_own_addresses_are_taken(folded: str, code: str | None) -> None:
    refusal = refuse_recipient(folded, frozenset({"hosho.jp"}), frozenset({"desk@hosho.jp"}))
    assert (refusal and refusal[:9]) == code


def test_without_a_list_every_address_at_our_domains_is_ours() -> None:
    assert refuse_recipient("any@hosho.jp", frozenset({"hosho.jp"}), None) is None
    assert refuse_recipient("any@elsewhere.jp", frozenset({"hosho.jp"}), None) is not None


def test_a_helo_name_is_made_printable() -> None:
    assert printable("a\r\n\udce3\x1b[1m保証") == "a????[1m保証"
    assert printable("x" * 300) == "x" * 255
