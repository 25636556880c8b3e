"""A key that somebody typed is covered up in what is shown to others, or kept beside the mail."""

import pytest

from bot.reading.keys_in_text import numbers_and_keys, without_keys


@pytest.mark.parametrize(
    "typed", ["K7M4P-3XHW3", "Ｋ７Ｍ４Ｐ―３ＸＨＷ３", "k7m4p 3xhw3", "K7M4P3XHW3", "K 7 M 4 P 3 X H W 3"]
)
def test_a_key_is_covered_however_it_was_typed(typed: str) -> None:
    covered = without_keys(f"保証契約番号 2080001234\n認証キー {typed}\n電話 089-000-1234")
    assert covered == "保証契約番号 2080001234\n認証キー ●●●●●-●●●●●\n電話 089-000-1234"


def test_a_key_said_twice_is_covered_twice() -> None:
    covered = without_keys("2080001234 K7M4P-3XHW3\n> 認証キー:Ｋ７Ｍ４Ｐ３ＸＨＷ３")
    assert not any(one.key for one in numbers_and_keys(covered))


def test_a_text_without_a_key_stays_as_it_is() -> None:
    text = "停止お願いします。\nTEL 089-000-1234 担当 R8-00001-4CAP"
    assert without_keys(text) == text
