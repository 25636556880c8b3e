"""Numbers and keys as people type them: in a mail body, in a city's own form, in the text of a PDF."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.keys_in_text import MOST, TypedKey, numbers_and_keys

NUMBER, KEY = "2080001234", "K7M4P3XHW3"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(found.number, found.key) for found in numbers_and_keys(text)]


@pytest.mark.parametrize(
    "text",
    [
        "保証契約番号 2080001234\n認証キー K7M4P-3XHW3",
        "保証契約番号:2080001234 認証キー:K7M4P3XHW3",
        "保証契約番号　2080001234　認証キー K7M4P-3XHW3　(添付が開けない場合もこの2つで確認できます)",
        "＞保証契約番号　２０８０００１２３４\n＞認証キー　K7M4P―3XHW3",
        "保証契約番号：２０８０００１２３４　認証キー：Ｋ７Ｍ４Ｐ－３ＸＨＷ３",
        "保証契約番号は2080001234、認証キーはk7m4p-3xhw3です。",
        "保証契約番号(証書番号) 2080001234\n暗証番号 K7M4P-3XHW3",
        "証書番号 2080-001-234\n暗証番号(認証キー) K7M4P 3XHW3",
        "保証証書番号 2080 001 234 / 認証コード K7M4P3XHW3",
        "電子保証にかかる認証キーのお知らせ\n保証契約番号 2080001234\n認証キー K7M4P−3XHW3",
        "電子認証閲覧用「認証キー」等のお知らせ\n保証契約番号\n2080001234\n認証キー\nK7M4P‐3XHW3",
        "保 証 契 約 番 号 2080001234\n認 証 キ ー K 7 M 4 P 3 X H W 3",
        "区分 保証契約番号 認証キー\n契約 2080001234 K7M4P-3XHW3",
        "区分\n保証契約番号\n認証キー\n工事名\n契約保証\n2080001234\nK7M4P3XHW3\n市道工事",
        "| 保証契約番号 | 2080001234 |\n| 認証キー | K7M4P-3XHW3 |",
        "2080001234 K7M4P3XHW3",
        "2080001234/K7M4P-3XHW3",
        "照会お願いします。\n\n2080001234\n\nK7M4Pー3XHW3",
        "①保証契約番号 2080001234 ②認証キー K7M4P-3XHW3",
        "①2080001234 ②K7M4P-3XHW3",
        "認証キー K7M4P-3XHW3\n保証契約番号 2080001234",
        "『認証キー』→ K7M4P–3XHW3 『保証契約番号』→ 2080001234",
        "保証契約番号　　　　　　　　　　　　2080001234\n認証キー　　　　　　　　　　　　　　K7M4P-3XHW3",
        "保証契約No.2080001234 認証KEY=K7M4P-3XHW3",
        "保証契約番号 2080001234\r\n認証キー K7M4P - 3XHW3\r\nTEL 089-000-1234",
        "保証契約の番号 2080001234 認証キー(10桁) K7M4 P3XHW3",
        "番号2080001234 認証ｷｰ K7M4P-3XHW3",
        "保証契約番号:\u200b2080001234\u200b 認証キー:\ufeffK7M4P\u2011\u00ad3XHW3",
        "〒790-0001 電話 089-000-1234\n保証契約番号 2080001234\n認証キー K7M4P-3XHW3\nFAX 2080009999",
        "保証契約番号 2080001234 12月1日付\n認証キー K7M4P-3XHW3 2通",
    ],
)
def test_one_pair_is_read_however_it_is_written(text: str) -> None:
    assert pairs(text) == [(NUMBER, KEY)]
    assert numbers_and_keys(text)[0].complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("認証キー K7M4P-3XHW", "K7M4P3XHW"),
        ("認証キー K7M4P-3XHW3A", "K7M4P3XHW3A"),
        ("認証キー O0I1L-5S8B2", "O0I1L5S8B2"),
        ("認証キー K7M43XHW", "K7M43XHW"),
        ("認証キー 12345678901", "12345678901"),
        ("認証キー XXXXXXXXXX", "XXXXXXXXXX"),
        ("暗証番号: ab12cd34ef56gh78", "AB12CD34EF56GH78"),
    ],
)
def test_a_key_beside_its_label_is_reported_as_typed_right_or_wrong(text: str, expected: str) -> None:
    assert pairs(text) == [("", expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("保証契約番号 208000123", "208000123"), ("保証契約番号 20800012345", "20800012345")],
)
def test_a_mistyped_number_beside_its_label_is_reported_as_typed(text: str, expected: str) -> None:
    assert pairs(text) == [(expected, "")]


@pytest.mark.parametrize(
    "text",
    [
        "TEL 0890001234 FAX 2080001234 携帯09000001234",
        "お電話は 089-000-1234 または 0120-000-000 へ",
        "〒790-0001 〒7900001",
        "金額 4840000000円 ¥4,840,000,000 1,234,567,890",
        "工事番号 2026000123 調達案件番号:2026000124 No.2026000125 登録番号 T1234567890123",
        "20261113_094012_0001.pdf を https://x.example/s/2080001234?id=2080001235 から",
        "Message-ID: <2080001234@mail.example>",
        "2080001234567 件 1208000123412 件",
        "パスワード:AB12C-34DEF を保証証券等確認システムで入力",
        "閲覧用パスワード Tk8vQ-2mXYZ",
        "[R8-01234-7KQ4] Re: 件名",
        "認証キー等のお知らせ(PDF)を添付します",
        "認証キーをD-Sureに入力してください。認証キー: 別紙",
        "認証キー: D-Sure",
        "hello-world kaiku-gotoo 12345-67890",
        "8f14e-45fce-ea167-a5a36-dedd4",
        "証券番号 2080001234",
        "",
    ],
)
def test_what_is_neither_number_nor_key_is_left_alone(text: str) -> None:
    assert pairs(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "契約 保証契約番号 2080001234 認証キー K7M4P-3XHW3\n"
            "前払 保証契約番号 2080001235 認証キー AAAAA-CCCCC",
            [("2080001234", KEY), ("2080001235", "AAAAACCCCC")],
        ),
        (
            "保証契約番号 2080001234、2080001235\n認証キー K7M4P-3XHW3、AAAAA-CCCCC",
            [("2080001234", KEY), ("2080001235", "AAAAACCCCC")],
        ),
        (
            "認証キー K7M4P-3XHW3 番号 2080001234\n認証キー AAAAA-CCCCC 番号 2080001235",
            [("2080001234", KEY), ("2080001235", "AAAAACCCCC")],
        ),
        (
            "2080001230 は提出済です。保証契約番号 2080001234 認証キー K7M4P-3XHW3",
            [("2080001230", ""), ("2080001234", KEY)],
        ),
        (
            "2080001234 の件です。保証契約番号 2080001234 認証キー K7M4P-3XHW3 以上 2080001234",
            [("2080001234", KEY)],
        ),
        (
            "2080001234 K7M4P-3XHW3 は誤りで、正しくは 2080001234 AAAAA-CCCCC です",
            [("2080001234", KEY), ("2080001234", "AAAAACCCCC")],
        ),
        ("2080001234 K7M4P-3XHW3 AAAAA-CCCCC", [("2080001234", KEY), ("", "AAAAACCCCC")]),
        ("照会 2080001234", [("2080001234", "")]),
        ("キーは K7M4P-3XHW3", [("", KEY)]),
    ],
)
def test_several_numbers_and_keys_are_paired_in_the_order_of_the_text(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert pairs(text) == expected


def test_a_key_does_not_show_in_a_log() -> None:
    assert KEY not in repr(numbers_and_keys(f"認証キー {KEY}"))


def test_a_flood_is_cut() -> None:
    assert len(numbers_and_keys("\n".join(f"{2_080_000_000 + n}" for n in range(500)))) == MOST


def test_half_a_pair_is_not_complete() -> None:
    assert not TypedKey(number=NUMBER).complete
    assert not TypedKey(key=KEY).complete


@given(st.text(alphabet="保証契約番号認キー 暗0123456789ABZaz-―ー:\n()/.円@①２Ｋ", max_size=200))
def test_any_text_gives_folded_digits_and_folded_keys(text: str) -> None:
    for found in numbers_and_keys(text):
        assert found.number == "" or (found.number.isascii() and found.number.isdigit())
        assert len(found.number) in (0, *range(8, 13))
        assert found.key == "" or (
            found.key.isascii() and found.key.isalnum() and found.key == found.key.upper()
        )
        assert found.number or found.key


own_keys = st.text(alphabet="34679ACDEFGHJKMNPRTUVWXY", min_size=10, max_size=10)


@given(st.lists(st.tuples(st.integers(1_000_000_000, 9_999_999_999), own_keys), min_size=1, max_size=3))
def test_every_grouped_key_of_the_own_alphabet_is_found_without_a_label(
    wanted: list[tuple[int, str]],
) -> None:
    distinct = dict(wanted)
    typed = {number: key for number, key in distinct.items() if list(distinct.values()).count(key) == 1}
    text = "\n".join(
        f"{number} の分は {key[:5]}-{key[5:]}" for number, key in typed.items() if not key.isdigit()
    )
    assert pairs(text) == [(str(number), key) for number, key in typed.items() if not key.isdigit()]
