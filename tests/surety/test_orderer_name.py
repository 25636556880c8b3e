"""Whether a written 発注者 is a registered office-holder."""

import pytest

from bot.surety.orderer_name import starts_with_office


@pytest.mark.parametrize(
    ("written", "addressee"),
    [
        ("伊予灘市長", "伊予灘市長"),
        ("伊予灘市長　越智　太郎", "伊予灘市長"),
        ("伊予灘市長越智太郎", "伊予灘市長"),
        ("伊予灘市長 越智太郎 様", "伊予灘市長"),
        ("伊予灘市長様", "伊予灘市長"),
        ("伊 予 灘 市 長　越智", "伊予灘市長"),
        ("伊予灘市⻑ 髙橋", "伊予灘市長"),
        ("松山市公営企業管理者 佐藤", "松山市公営企業管理者"),
    ],
)
def test_the_office_holder_is_recognised(written: str, addressee: str) -> None:
    assert starts_with_office(written, addressee)


@pytest.mark.parametrize(
    ("written", "addressee"),
    [
        ("松山市長", "松山市公営企業管理者"),
        ("松山市公営企業管理者", "松山市長"),
        ("松山市", "松山市長"),
        ("大洲市長浜支所長", "大洲市長"),
        ("東伊予灘市長", "伊予灘市長"),
        ("", "伊予灘市長"),
        ("伊予灘市長", ""),
    ],
)
def test_another_office_is_not_taken_for_it(written: str, addressee: str) -> None:
    assert not starts_with_office(written, addressee)
