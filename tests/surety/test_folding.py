"""One spelling for comparison: what must become equal, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.folding import fold, fold_digits, squash


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("㈱いよ建設", "(株)いよ建設"),
        ("ｶﾞｽ工事", "ガス工事"),
        ("第１２３号", "第123号"),
        ("⻑⻄⼭", "長西山"),
        ("𠮷田", "吉田"),
        ("8月〜9月", "8月～9月"),
        ("K7M4P―3XHW3", "k7m4p-3xhw3"),
        ("K7M4P−3XHW3", "k7m4pー3xhw3"),
        ("089ー000ー1234", "089-000-1234"),
        ("伊予　 灘\t市", "伊予 灘 市"),
        ("辻\U000e0100本", "辻本"),
        ("保証\u200b便\ufeff", "保証便"),
        ("栁川", "柳川"),
        ("桒原", "桑原"),
        ("裏込材充塡工", "裏込材充填工"),
        ("塚\ufa10", "塚塚"),
        ("伊予\u00a0灘\u2003市", "伊予 灘 市"),
        ("8月∼9月", "8月～9月"),
        ("１－２", "1‑2"),
        ("②工区", "2工区"),
        ("㍻８年", "平成8年"),
        ("ﾊﾞｯｸﾎｳ", "バックホウ"),
        ("Ｒ８－０１２３４", "r8-01234"),
    ],
)
def test_two_writings_of_one_thing_are_equal(written: str, plain: str) -> None:
    """NFKC alone leaves 髙, 﨑, dashes, waves and the radicals of printed PDFs as they are."""
    assert fold(written) == fold(plain)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("浜田", "濱田"),
        ("渡辺", "渡邊"),
        ("渡邉", "渡邊"),
        ("斎藤", "斉藤"),
        ("中島", "中嶋"),
        ("セメント", "セメント-"),
        ("コーキ", "コキ"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_long_vowel_stays_a_sound_inside_kana() -> None:
    assert fold("ガードレール") == "ガードレール"


def test_squash_has_no_white_space() -> None:
    assert squash(" 工　事 名\n") == "工事名"


def test_digits_of_all_widths_are_taken_and_enumerators_are_not() -> None:
    """NFKC makes ① a 1, which would lengthen a guarantee number."""
    assert fold_digits("①保証契約番号　２０８００-01234") == "2080001234"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
