"""Passwords of archives in the words of people and gateways, and covered up in what others see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail import Mail
from bot.reading.keys_in_text import numbers_and_keys, without_keys
from bot.reading.passwords import MOST, passwords_in, passwords_of, without_passwords

TOLD = [
    ("パスワード:Tk#8vQ2m", "Tk#8vQ2m"),
    ("パスワード：Tk#8vQ2m", "Tk#8vQ2m"),
    ("パスワード：\nTk#8vQ2m\n", "Tk#8vQ2m"),
    ("パスワード：\n\n　　Tk#8vQ2m\n", "Tk#8vQ2m"),
    ("Password: abc12345", "abc12345"),
    ("PW=abc12345", "abc12345"),
    ("解凍パスワード　：　abc12345です。", "abc12345"),
    ("■ ZIPパスワード ■\nabc12345\n", "abc12345"),
    ("パスワード(解凍用): abc12345", "abc12345"),
    ("【パスワード】abc12345", "abc12345"),
    ("【パスワード】\nabc12345", "abc12345"),
    ("パスワードは「abc12345」です。", "abc12345"),
    ("パスワードは abc12345 になります", "abc12345"),
    ("パスワードは以下のとおりです。\n\n　abc12345\n", "abc12345"),
    ("先ほどのファイルのパスワードです。\nabc12345", "abc12345"),
    ("ファイルPW：ＡＢＣ１２３４５", "ABC12345"),
    ("ﾊﾟｽﾜｰﾄﾞ:abcd9999", "abcd9999"),
    ("パスコード: 20261113", "20261113"),
    ('------\nPassword\n------\nx!y"z#123\n', 'x!y"z#123'),
    ("件名:写し　ファイル名:y.zip\n  パスワード:Tk#8vQ2m\n本メールは送信専用です。", "Tk#8vQ2m"),
]


@pytest.mark.parametrize(("text", "password"), TOLD, ids=[text for text, _ in TOLD])
def test_a_password_is_found_and_covered(text: str, password: str) -> None:
    assert passwords_in(text)[0] == password
    assert password not in without_passwords(text)
    assert password not in without_keys(text)


@pytest.mark.parametrize(
    "text",
    [
        "パスワードは別メールでお送りします。\nabc12345",
        "パスワードを変更してください",
        "パスワード：123",
        "パスワード:\n----------\n",
        "パスワードはこちら\nhttps://example.jp/x",
        "承認 482913",
        "passengers: abc12345",
    ],
)
def test_what_tells_no_password_gives_none(text: str) -> None:
    assert passwords_in(text) == ()
    assert without_passwords(text) == text


def test_brackets_and_stops_around_a_password_may_belong_to_it() -> None:
    assert passwords_in("パスワード: <abc12345>") == ("<abc12345>", "abc12345")
    assert passwords_in("Password: abc12345.") == ("abc12345.", "abc12345")


def test_no_more_than_five_are_taken() -> None:
    assert len(passwords_in("\n".join(f"パスワード: abc{n:05d}" for n in range(50)))) == MOST


def test_a_key_that_somebody_calls_a_password_stays_a_key() -> None:
    text = "保証契約番号 2080001234\n認証キー(パスワード)：K7M4P-3XHW3"
    assert passwords_in(text) == ()
    assert numbers_and_keys(text)[0].key == "K7M4P3XHW3"


def test_a_notice_that_is_forwarded_tells_its_password() -> None:
    forwarded = Mail(
        message_id="", from_address=None, new_text="転送します。", quoted_text="パスワード: abc12345"
    )
    assert passwords_of(forwarded) == ("abc12345",)
    assert passwords_of(forwarded.but(new_text="パスワード: xyz98765")) == ("xyz98765",)


@given(st.text(alphabet="パスワード:：はa1!\n「」 　次以下のとおり", max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for one in passwords_in(text):
        assert 4 <= len(one) <= 64
    without_passwords(text)
