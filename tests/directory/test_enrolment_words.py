"""What is read of an enrolment's mail: the check outside mail, and what a company states of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surety.enrolment import LINES, Method, check_in, core_name, form_text, missing_in, read_stated


@pytest.mark.parametrize(
    ("written", "before", "method"),
    [
        ("電話確認 11/10 14:20 総務 高橋様 許可業者名簿 089-000-1234", "", Method.PHONE),
        ("電話:11月10日 総務 高橋様", "", Method.PHONE),
        ("郵送コード、8814 11/12", "", Method.POST),
        ("利用申込書 R8.11.10受付 第12号", "", Method.PAPER),
        ("a@b.example 伊予灘市 代表電話確認 11/13 契約課 山田様", "a@b.example 伊予灘市", Method.MAIN_NUMBER),
        ("日本電話工業 電話確認 11/10 089-000-1234", "日本電話工業", Method.PHONE),
    ],
)
def test_a_check_is_split_off_where_its_method_is_named(written: str, before: str, method: Method) -> None:
    found, check = check_in(written)
    assert found == before
    assert check is not None
    assert check.method == method


@pytest.mark.parametrize(
    "written",
    [
        "",
        "確認しました 11/10 089-000-1234",
        "電話確認",
        "電話確認 高橋様にお聞きしました",
        "電話確認 11/1",
        "電話確認 11/10 つながらず 再度",
        "電話確認 11/10 14:20 ご不在",
        "電話確認 11/10 未確認です",
        "電話確認 明日 11/11 にします",
        "電話番号 089-000-1234",
    ],
)
def test_what_tells_too_little_or_was_not_done_is_no_check(written: str) -> None:
    assert check_in(written)[1] is None


@given(st.text(max_size=200))
def test_reading_is_total_and_gives_back_only_harmless_lines(text: str) -> None:
    stated, rest = read_stated(text)
    assert set(stated) <= {line.id for line in LINES}
    assert all(value and len(value) <= 80 and value.isprintable() for value in stated.values())
    assert len(rest.splitlines()) <= len(text.splitlines())
    check_in(text)


def test_the_form_that_is_sent_is_read_back_as_it_was_filled_in() -> None:
    filled = {line.id: f"記入 {number}" for number, line in enumerate(LINES)}
    assert read_stated(form_text(filled)) == (filled, "")
    assert read_stated(form_text({}))[0] == {}
    assert missing_in({}) == [line.label for line in LINES if line.needed]


@pytest.mark.parametrize(
    "name", ["株式会社いよ建設", "㈱いよ建設", "いよ建設(株)", "いよ建設　株式会社", "(有)いよ建設"]
)
def test_one_company_is_one_however_its_form_is_written(name: str) -> None:
    assert core_name(name) == "いよ建設"
