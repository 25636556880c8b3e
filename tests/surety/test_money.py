"""Amounts of yen as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surety.money import AmountFault, floor_to, parse_yen, yen


@pytest.mark.parametrize(
    ("written", "amount_yen"),
    [
        ("40,000,000円", 40_000_000),
        ("４８，４００，０００円", 48_400_000),
        ("48、400、000円", 48_400_000),
        ("￥48,400,000-", 48_400_000),
        ("\\48,400,000", 48_400_000),
        ("¥48,400,000.-", 48_400_000),
        ("金48,400,000円也", 48_400_000),
        ("48,400,000円(税込)", 48_400_000),
        ("48400000", 48_400_000),
        ("0円", 0),
    ],
)
def test_figures_are_read_without_interpretation(written: str, amount_yen: int) -> None:
    read = parse_yen(written)
    assert (read.yen, read.interpreted) == (amount_yen, False)


@pytest.mark.parametrize(
    ("written", "amount_yen"),
    [
        ("4千万円", 40_000_000),
        ("４千万円", 40_000_000),
        ("4,840万円", 48_400_000),
        ("1億2千万円", 120_000_000),
        ("4千5百万円", 45_000_000),
        ("48百万円", 48_000_000),
        ("48,400千円", 48_400_000),
        ("1.5億円", 150_000_000),
        ("金肆阡萬円也", 40_000_000),
        ("金四千八百四拾萬圓也", 48_400_000),
        ("壱億弐阡参百萬円", 123_000_000),
        ("四八四〇〇〇〇〇円", 48_400_000),
        ("十万円", 100_000),
    ],
)
def test_units_and_kanji_are_read_and_marked(written: str, amount_yen: int) -> None:
    read = parse_yen(written)
    assert (read.yen, read.interpreted) == (amount_yen, True)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("-48,400,000円", "0円より小さい"),
        ("△48,400円", "0円より小さい"),
        ("▲48,400円", "0円より小さい"),
        ("￥-48,400", "0円より小さい"),
        ("48,400.5円", "1円未満"),
        ("1.00005万円", "1円未満"),
        ("48.400.000円", "1円未満"),
        ("48,40,000円", "位置"),
        ("4840", "円・千円・万円"),
        ("約4千万円", "決まりません"),
        ("4千万円程度", "決まりません"),
        ("48,400,000円(税抜)", "税込み"),
        ("100円 200円", "1つの金額"),
        ("100 200円", "1つの金額"),
        ("1億20000万円", "1つの金額"),
        ("万円", "読み取れません"),
        ("追って連絡", "読み取れません"),
        ("", "読み取れません"),
        ("99999999999999999円", "けた数"),
        ("9" * 5000, "1つの金額"),
    ],
)
def test_what_is_no_clear_amount_is_refused_with_its_reason(written: str, problem: str) -> None:
    with pytest.raises(AmountFault) as raised:
        parse_yen(written)
    assert problem in str(raised.value)


def test_amounts_are_printed_in_groups_of_three() -> None:
    assert yen(40_000_000) == "40,000,000円"


def test_what_is_below_the_unit_is_cut_off() -> None:
    assert floor_to(19_360_000, 100_000) == 19_300_000
    assert floor_to(19_300_000, 100_000) == 19_300_000
    with pytest.raises(ValueError, match="cannot cut"):
        floor_to(-1, 100_000)


@given(st.integers(0, 10**13))
def test_every_printed_amount_is_read_back(amount_yen: int) -> None:
    assert parse_yen(yen(amount_yen)).yen == amount_yen


@given(st.text(alphabet="0123456789,.円金也￥千百十万億兆〇一壱弐-△ ()", max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        read = parse_yen(text)
    except AmountFault:
        return
    assert read.yen >= 0
