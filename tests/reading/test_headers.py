"""Header values: encoded-words, names, addresses, parameters."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.headers import decode_header, file_name, identifiers, moment, parameters
from bot.reading.mailboxes import Mailbox, mailboxes
from tests.reading.builders import encoded_word, windows_jis


def percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


NAME = "認証キー①等のお知らせ.pdf"


def test_an_encoded_word_of_windows_characters_decodes() -> None:
    """Trap: the standard library leaves this very word undecoded."""
    assert decode_header(b"=?ISO-2022-JP?B?GyRCLSEtahsoQg==?=") == "①㈱"


@pytest.mark.parametrize("cut", range(1, 12))
def test_words_cut_inside_a_character_are_joined(cut: int) -> None:
    data = "工事名①".encode()
    raw = b"\r\n ".join(b"=?utf-8?B?" + base64.b64encode(piece) + b"?=" for piece in (data[:cut], data[cut:]))
    assert decode_header(b"Re: " + raw + b" x") == "Re: 工事名① x"


@pytest.mark.parametrize("cut", range(1, 16))
def test_words_cut_inside_a_base64_group_are_joined(cut: int) -> None:
    text = base64.b64encode("工事名①".encode())
    raw = b"=?UTF-8?B?" + text[:cut] + b"?= =?utf-8?b?" + text[cut:] + b"?="
    assert decode_header(raw) == "工事名①"


def test_iso_2022_jp_words_cut_between_bytes_are_joined() -> None:
    data = windows_jis("髙橋工務店")
    raw = b" ".join(b"=?ISO-2022-JP?B?" + base64.b64encode(piece) + b"?=" for piece in (data[:6], data[6:]))
    assert decode_header(raw) == "髙橋工務店"


def test_q_words_and_plain_text_keep_their_blanks() -> None:
    assert (
        decode_header(b"Re: =?utf-8?Q?=E5=B7=A5_a?= =?utf-8?Q?b?= c =?iso-8859-1*de?q?=FC?=")
        == "Re: 工 ab c ü"
    )


def test_a_question_mark_that_should_have_been_encoded_is_forgiven() -> None:
    assert decode_header(b"=?utf-8?Q?ok?a?= =?utf-8?B?broken") == "ok?a =?utf-8?B?broken"


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp"])
def test_raw_eight_bit_headers_decode(codec: str) -> None:
    """Trap: the standard library makes U+FFFD of raw CP932."""
    assert decode_header("Re: 保証のお申込み".encode(codec)) == "Re: 保証のお申込み"
    assert decode_header(b"Re: " + windows_jis("保証①")) == "Re: 保証①"


@pytest.mark.parametrize(
    "unit",
    [
        b"=?utf-8?B?5L+d?= ",
        b"=?utf-8?B?5L+d?=\r\n ",
        b"=?utf-8?Q?=E4?= ",
        b"=?a?q?",
        b"=?a?b?",
        b"=?a?q?b?c",
        b"=?",
        b"\x1b$B",
    ],
)
def test_a_subject_of_448_kilobytes_is_decoded_at_once(unit: bytes) -> None:
    """Trap: 448 kB of encoded-words take the standard library 12.5 s."""
    began = time.process_time()
    decode_header(unit * (448_000 // len(unit)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "unit", [b"a@b.example, ", b'"', b'"\\', b"(", b"<", b"<a@b.example> ", b"a:", b"=?a?b?,"]
)
def test_an_address_list_of_233_kilobytes_is_read_at_once(unit: bytes) -> None:
    """Trap: 233 kB of To take the standard library 2.9 s; an open quote tried at every quote, minutes."""
    began = time.process_time()
    mailboxes(unit * (233_000 // len(unit)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize("unit", [b"; a=b", b'; a="', b'; a="\\', b"=", b'"', b"; a*0*=%E5"])
def test_parameters_are_read_at_once(unit: bytes) -> None:
    began = time.process_time()
    file_name(b"attachment" + unit * (128_000 // len(unit)), b"")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("disposition", "content_type"),
    [
        (b"attachment; filename*=iso-2022-jp''" + percent(windows_jis(NAME)), b""),
        (
            b"attachment; filename*0*=utf-8''%b;\r\n filename*1*=%b"
            % (percent(NAME.encode()[:7]), percent(NAME.encode()[7:])),
            b"",
        ),
        (b'attachment; filename="' + encoded_word(NAME, "iso-2022-jp") + b'"', b""),
        (b"attachment; filename==?ISO-2022-JP?B?" + base64.b64encode(windows_jis(NAME)) + b"?=", b""),
        (
            b"attachment; filename=" + encoded_word(NAME[:4]) + b"\r\n " + encoded_word(NAME[4:]) + b"; x=3",
            b"",
        ),
        (b'attachment; filename="' + NAME.encode("cp932") + b'"', b""),
        (b'attachment; filename="' + NAME.encode() + b'"', b""),
        (b"attachment", b'application/pdf; name="' + encoded_word(NAME) + b'"'),
        (b"attachment; filename=", b"application/pdf; name=" + encoded_word(NAME)),
    ],
    ids=[
        "2231 with NEC row 13",
        "2231 in sections",
        "quoted word",
        "bare word",
        "bare words, folded",
        "raw cp932",
        "raw utf-8",
        "name only",
        "empty filename",
    ],
)
def test_file_names_of_every_mail_program_are_read(disposition: bytes, content_type: bytes) -> None:
    """Trap: get_filename() raises UnicodeDecodeError on the RFC 2231 name in iso-2022-jp."""
    assert file_name(disposition, content_type) == NAME


def test_a_backslash_inside_a_kanji_of_cp932_escapes_nothing() -> None:
    assert file_name('attachment; filename="契約表"; x=y'.encode("cp932"), b"") == "契約表"


def test_a_file_name_shows_no_control_and_no_direction_characters() -> None:
    assert file_name('attachment; filename="a\u202efdp.exe\x07"'.encode(), b"") == "afdp.exe"


def test_the_first_of_two_equal_parameters_counts() -> None:
    assert parameters(b'Text/Plain (x); Charset="utf-8"; charset=x') == ("text/plain", {"charset": b"utf-8"})


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a@B.Example", [("", "a@b.example")]),
        (b'"a, b" <x@y.example>', [("a, b", "x@y.example")]),
        (b"a@b.example, <c@d.example>", [("", "a@b.example"), ("", "c@d.example")]),
        (b"a@b.example <a@b.example>", [("a@b.example", "a@b.example")]),
        (b"a@b.example (\xe5\xb7\xa5 (x))", [("工 (x)", "a@b.example")]),
        (b'"hosho@x.example" <evil@y.example>', [("hosho@x.example", "evil@y.example")]),
        (b"=?utf-8?q?a=40b=2Eexample=2C?= <x@y.example>", [("a@b.example,", "x@y.example")]),
        ("髙橋 <a@b.example>".encode("cp932"), [("髙橋", "a@b.example")]),
        (b"a..b.@docomo.example", [("", "a..b.@docomo.example")]),
        (b'"a..b."@docomo.example', [("", '"a..b."@docomo.example')]),
        (b"<", [("", "")]),
        (b"<a@b.example> <c@d.example>", [("", "")]),
        (b"<a@b.example> tail", [("", "")]),
        (b"a@b.example c@d.example", [("", "")]),
        (b"a(<x@y.example>)b@c.example", [("<x@y.example>", "")]),
        (b"<@a.example,@b.example:c@d.example>", [("", "")]),
        (b"team: a@b.example;", [("", "")]),
        (b"a@[127.0.0.1]", [("", "")]),
        ("あ@b.example".encode(), [("", "")]),
        (b'"open <a@b.example>', [("", "")]),
        (b"", []),
        (b" , ,", []),
    ],
)
def test_addresses_are_read_from_the_raw_structure(raw: bytes, expected: list[tuple[str, str]]) -> None:
    """Trap: `From: <` raises IndexError in the standard library."""
    assert mailboxes(raw) == [Mailbox(*entry) for entry in expected]


def test_odd_message_ids_are_ids() -> None:
    """Trap: `<[x@microsoft.com]>` raises IndexError in the standard library."""
    assert identifiers(b" <[x@microsoft.example]>\r\n\t<b@c>") == ["[x@microsoft.example]", "b@c"]


@pytest.mark.parametrize(
    "raw", [b"", b"yesterday", b"Fri, 99 Nov 2026 17:40:55 +0900", b"1 Jan 99999", b"1" * 9999]
)
def test_a_date_that_is_none_is_none(raw: bytes) -> None:
    assert moment(raw) is None


def test_a_date_is_an_aware_moment() -> None:
    found = moment(b" Fri, 13 Nov 2026 17:40:55 +0900 (JST)")
    assert found is not None
    assert found.isoformat() == "2026-11-13T08:40:55+00:00"


HEADERISH = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"=?utf-8?B?", b"?=", b"=?iso-2022-jp?Q?", b'"', b"<", b">", b";", b"filename*0*=", b"''%"]
        ),
    ),
    max_size=20,
).map(b"".join)


@given(HEADERISH)
def test_no_header_raises(raw: bytes) -> None:
    for text in (
        decode_header(raw),
        file_name(raw, raw),
        *(box.name for box in mailboxes(raw)),
        *identifiers(raw),
    ):
        text.encode()
    moment(raw)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="%E5%A5%91%E7%B4%84.pdf"', "契約.pdf"),
        (b'attachment; filename="100%25.pdf"', "100%25.pdf"),
        (b"attachment; filename='a.pdf'", "a.pdf"),
        (b'attachment; (as sent) filename="a.pdf"', "a.pdf"),
        (b'attachment; filename="' + windows_jis("契約書①.pdf") + b'"', "契約書①.pdf"),
        (b"attachment; filename=" + "契約書 写.pdf".encode("cp932"), "契約書 写.pdf"),
        (b"attachment; filename==?ISO-2022-JP?B?GyRCN0BMcz1xGyhCLnBkZg==?=", "契約書.pdf"),
        (b"attachment; filename*=''%E5%A5%91.pdf", "契.pdf"),
        (b"attachment; filename*=iso-2022-jp''%1B%24B-!%1B%28B.pdf", "①.pdf"),
    ],
)
def test_file_names_as_programs_write_them(disposition: bytes, name: str) -> None:
    assert file_name(disposition, b"") == name


def test_raw_jis_that_lost_its_escapes_is_mended() -> None:
    """PHP's mail() makes blanks of the escape characters of a raw ISO-2022-JP subject."""
    assert decode_header(b"$B>u67$N7o (B") == "状況の件"
    assert decode_header(b"Re: $B>u67$N7o(B") == "Re: 状況の件"
    assert decode_header(b"US$Bill(B) and $B(B") == "US$Bill(B) and $B(B"


@pytest.mark.parametrize(
    ("raw", "entries"),
    [
        (b"\x1b$B9b66\x1b(B <a@b.example>", [("高橋", "a@b.example")]),
        (windows_jis("契約課，①") + b" <a@b.example>", [("契約課，①", "a@b.example")]),
        (b"Yamada, Taro <a@b.example>", [("Yamada, Taro", "a@b.example")]),
        (b"Yamada, <a@b.example>, c@d.example", [("Yamada,", "a@b.example"), ("", "c@d.example")]),
        ("高橋, 一郎 <a@b.example>".encode("cp932"), [("高橋, 一郎", "a@b.example")]),
        (b"victim@a.example, <b@c.example>", [("", "victim@a.example"), ("", "b@c.example")]),
        (b"x@y.example, Taro <b@c.example>", [("", "x@y.example"), ("Taro", "b@c.example")]),
        (b"a,b,c", [("", "")]),
    ],
)
def test_names_with_bare_commas_and_raw_jis(raw: bytes, entries: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in mailboxes(raw)] == entries
