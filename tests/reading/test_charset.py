"""Charset labels and bytes of real Japanese mail."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.charset import decode
from tests.reading.builders import windows_jis

SENTENCE = "①工事は㈱いよ建設の髙橋がｶﾞｽ管と表を送ります。"


@pytest.mark.parametrize(
    "label",
    [
        "iso-2022-jp",
        "ISO-2022-JP-MS",
        "iso-2022-jp-1",
        "iso-2022-jp-2004",
        "cp50220",
        "cp50221",
        "x-windows-50222",
    ],
)
def test_windows_characters_decode_under_every_iso_2022_jp_label(label: str) -> None:
    """Trap: none of Python's six iso2022_jp codecs decodes ①㈱, and cp50221 is unknown to it."""
    assert decode(windows_jis(SENTENCE), label) == SENTENCE


def test_every_pair_that_windows_assigns_decodes() -> None:
    """All 94 × 94 cells against code page 932, by a table that is made the other way round."""
    row = 0x21
    cells = 0
    for s1 in (*range(0x81, 0xA0), *range(0xE0, 0xF0)):
        for t in range(0x21, 0x7F):
            for second, s2 in ((0, t + (0x1F if t < 0x60 else 0x20)), (1, t + 0x7E)):
                text = bytes((s1, s2)).decode("cp932", "replace")
                expected = text if len(text) == 1 else "\ufffd"
                assert decode(b"\x1b$B" + bytes((row + second, t)) + b"\x1b(B", "iso-2022-jp") == expected
                cells += expected != "\ufffd"
        row += 2
    assert cells == 7336


def test_half_width_kana_by_escape_by_shift_and_by_eight_bits() -> None:
    assert decode(b"\x1b(I6^=\x1b(B!", "iso-2022-jp") == "ｶﾞｽ!"
    assert decode(b"a\x0e6^=\x0fb", "cp50222") == "aｶﾞｽb"
    assert decode(b"\x1b$B9)\x1b(B \xb6\xde\xbd", "iso-2022-jp") == "工 ｶﾞｽ"


def test_a_line_of_jis_that_was_never_closed_ends_with_the_line() -> None:
    assert decode(b"\x1b$B9);v\nabc", "iso-2022-jp") == "工事\nabc"


def test_the_supplementary_and_2004_planes_decode() -> None:
    assert decode("鷗".encode("iso2022_jp_1"), "iso-2022-jp-1") == "鷗"
    assert decode("𠮟".encode("iso2022_jp_2004"), "iso-2022-jp-2004") == "𠮟"


@pytest.mark.parametrize("label", ["shift_jis", "Shift-JIS", "x-sjis", "windows-31j", "MS932"])
def test_shift_jis_means_code_page_932(label: str) -> None:
    """Trap: Python's shift_jis knows neither ① nor 髙."""
    assert decode(SENTENCE.encode("cp932"), label) == SENTENCE


@pytest.mark.parametrize("label", ["euc-jp", "x-euc-jp", "cp51932"])
def test_euc_with_the_rows_of_nec(label: str) -> None:
    assert decode(b"\xad\xa1" + "工事ｶﾞ鷗".encode("euc_jp"), label) == "①工事ｶﾞ鷗"


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "iso-2022-jp"),
        ("utf-8", "us-ascii"),
        ("utf-8", "shift_jis"),
        ("utf-8", "iso-8859-1"),
        ("cp932", "utf-8"),
        ("cp932", "iso-2022-jp"),
        ("cp932", ""),
        ("euc_jp", ""),
        ("euc_jp", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", ""),
    ],
)
def test_where_the_label_lies_the_bytes_decide(codec: str, label: str) -> None:
    """Trap: iso-2022-jp labels on UTF-8 bodies are sent every day."""
    text = "保証契約番号をお知らせします。"
    assert decode(text.encode(codec), label) == text


@pytest.mark.parametrize("label", ["", "utf-8", "us-ascii", "x-unknown", "shift_jis"])
def test_jis_escapes_are_believed_under_any_label(label: str) -> None:
    assert decode(windows_jis("工事①"), label) == "工事①"


def test_a_footer_in_another_charset_does_not_spoil_the_rest() -> None:
    data = windows_jis("承認します") + b"\n" + "庁内転送".encode()
    assert decode(data, "iso-2022-jp") == "承認します\n庁内転送"


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "hex", "rot13", "zlib", "undefined", "unicode_escape", "\0", "x" * 9999]
)
def test_labels_that_are_no_charset_are_unknown_labels(label: str) -> None:
    """Trap: an unknown charset raises LookupError in the standard library."""
    assert decode("工事です".encode(), label) == "工事です"


def test_latin_text_keeps_its_accents() -> None:
    assert decode("Müller, Straße".encode("latin-1"), "iso-8859-1") == "Müller, Straße"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("保证合同镕", "gbk", "gb2312"),
        ("保证合同〇㐂", "gb18030", "gbk"),
        ("안녕하세요 뷁", "cp949", "euc-kr"),
        ("안녕하세요 뷁", "cp949", "ks_c_5601-1987"),
        ("保證契約嘅", "big5hkscs", "big5"),
        ("保證契約碁", "cp950", "big5"),
        ("保證契約", "big5", "x-x-big5"),
        ("状況を", "utf-8", "gb2312"),
        ("“fini” – 5 €", "cp1252", "iso-8859-1"),
        ("Größe: 5 m²", "latin-1", ""),
        ("Größe: 5 m²", "latin-1", "us-ascii"),
        ("Müller, Straße", "latin-1", "utf-8"),
        ("L’été – don’t", "cp1252", ""),
        ("状況", "cp932", ""),
        ("状況", "cp932", "iso-8859-1"),
        ("森", "cp932", ""),
        ("一覧 港線", "euc_jp", ""),
        ("一覧 港線", "euc_jp", "utf-8"),
        ("保証のご連絡", "euc_jp", "shift_jis"),
        ("保証のご連絡\n", "utf-16-le", "utf-16"),
        ("保証のご連絡\n", "utf-16-be", "utf-16"),
        ("使い方", "utf-8", "utf-16"),
        ("保証", "utf-7", "unicode-1-1-utf-7"),
    ],
)
def test_foreign_sets_and_labels_that_say_less_than_the_bytes(text: str, codec: str, label: str) -> None:
    assert decode(text.encode(codec), label) == text


@pytest.mark.parametrize("label", ["euc-jp", "eucJP-win", "eucJP-ms", "x-euc-jp", "ujis", ""])
def test_the_characters_of_ibm_in_euc(label: str) -> None:
    """PHP, Ruby and nkf write 髙 in EUC either beside JIS X 0212 or in NEC's rows."""
    rest = "社長の".encode("euc_jp")
    assert decode(b"\x8f\xf4\xfb\x8f\xf4\xab\x8f\xf3\xf3\x8f\xf4\xfe" + rest, label) == "髙㈱ⅰ黑社長の"
    assert decode(b"\xfc\xe2\xad\xea" + rest, label) == "髙㈱社長の"


def test_the_characters_of_ibm_in_the_supplement_of_jis() -> None:
    """nkf without --oc=CP50221 writes 髙 behind ESC $ ( D."""
    assert decode(b"\x1b$(Dt{\x1b$B66\x1b(B", "iso-2022-jp") == "髙橋"


LABELS = [
    "",
    "iso-2022-jp",
    "shift_jis",
    "euc-jp",
    "utf-8",
    "utf-7",
    "utf-16",
    "us-ascii",
    "gb18030",
    "hz",
    "johab",
    "x",
]


@given(st.binary(max_size=300), st.one_of(st.sampled_from(LABELS), st.text(max_size=20)))
def test_any_bytes_under_any_label_decode_to_text_that_can_be_stored(data: bytes, label: str) -> None:
    text = decode(data, label)
    text.encode("utf-8")
    assert "\0" not in text


@given(st.text(st.sampled_from("あいう工事保証①㈱髙ｱｲﾊﾞabc 123\n"), max_size=60))
def test_what_windows_sends_comes_back_whole(text: str) -> None:
    assert decode(windows_jis(text), "iso-2022-jp") == text


@pytest.mark.parametrize(
    "unit", [b"\x1b$B", b"\x1b", b"\x0e\x0f", b"\xa4\xff", b"\x1b(I", b"\x1b$B!\n", b"\x8e\x8f"]
)
def test_decoding_is_linear(unit: bytes) -> None:
    began = time.process_time()
    decode(unit * (500_000 // len(unit)), "iso-2022-jp")
    decode(unit * (500_000 // len(unit)), "euc-jp")
    assert time.process_time() - began < 3
