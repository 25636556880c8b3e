"""The application form, printed: blank, filled in, read back; and that no text breaks its reader."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.surety.fields import FIELDS
from bot.surety.form import AdvanceRequest, ApplicationForm, PerformanceRequest, read_form, read_given
from bot.surety.form_text import filled_form, given_by, read_back
from tests.surety.forms import SAMPLE, TODAY, UNDERSTOOD


def test_the_read_back_shows_every_item_as_understood() -> None:
    reading = read_form(SAMPLE, TODAY)
    assert reading.form is not None
    rows = read_back(reading.form, reading.interpreted, {"orderer": "伊予灘市長", "advance": "19,300,000円"})
    shown = {row.label: (row.text, row.interpreted) for row in rows}
    assert len(shown) == sum(each.block > 0 for each in FIELDS)
    assert shown["発注者(宛名)"] == ("伊予灘市長", True)
    assert shown["証書が必要な日"] == ("令和8年11月13日", True)
    assert shown["工期"] == ("令和8年11月17日〜令和9年3月25日", False)
    assert shown["請負代金額(税込)"] == ("48,400,000円", False)
    assert shown["前払金の請求額"] == ("19,300,000円", True)
    assert shown["契約保証金額"] == ("10%(4,840,000円)", False)
    assert shown["担当者・電話"] == ("総務 髙橋　089-000-1234", False)


WORDS = st.text(alphabet="市道中央線舗装補修工事髙﨑第１2号-(）A", min_size=1, max_size=20).filter(
    lambda text: text.strip("()（） -第") == text
)
DAYS = st.dates(date(2019, 5, 1), date(2060, 12, 31))
PERCENTS = st.integers(1, 1000).map(lambda tenths: Decimal(tenths) / 10)


@st.composite
def forms(draw: st.DrawFn) -> ApplicationForm:
    """Any whole application for 契約保証 and 前払金保証."""
    price_yen = draw(st.integers(1_000_000, 10**11))
    first, last = sorted((draw(DAYS), draw(DAYS)))
    contract_on = draw(DAYS)
    return UNDERSTOOD.but(
        delivery=draw(st.sampled_from(["electronic", "paper"])),
        payment=draw(st.sampled_from(["each", "monthly"])),
        needed_on=draw(st.dates(TODAY, date(2060, 1, 1))),
        contract_on=contract_on,
        contract_planned=contract_on > TODAY or draw(st.booleans()),
        work_from=first,
        work_to=last,
        contract_price_yen=price_yen,
        tax_yen=price_yen * 10 // 110,
        covered_price_yen=draw(st.none() | st.integers(1, price_yen)),
        advance=draw(
            st.builds(
                AdvanceRequest, percent=PERCENTS, rounding_yen=st.sampled_from([None, 1000, 10_000, 100_000])
            )
            | st.builds(AdvanceRequest, amount_yen=st.integers(1, price_yen))
        ),
        performance=draw(st.builds(PerformanceRequest, percent=PERCENTS)),
        low_bid=draw(st.booleans()),
        received_advance_yen=draw(st.integers(0, price_yen)),
        notice_on=draw(st.none() | DAYS),
        work_name=draw(WORDS),
        work_place=draw(WORDS),
        work_number=draw(st.just("") | WORDS),
        remarks=draw(st.just("") | WORDS),
        previous_numbers=(),
    )


@given(forms())
def test_every_form_that_is_printed_is_read_back_the_same(form: ApplicationForm) -> None:
    reading = read_form(filled_form(given_by(form)), TODAY)
    assert reading.faults == ()
    assert reading.form == form
    assert reading.unknown == ()


LABELS = st.sampled_from([each.label for each in FIELDS] + ["口座番号", "備考", "TEL", ""])
SCRAPS = st.text(
    alphabet="令和年月日0123456789,.円割分の1%()（）:：※〜-なしはい普通 　\t契約前払金保証変更予約",
    max_size=25,
)


@given(st.lists(st.tuples(LABELS, SCRAPS), max_size=25))
def test_no_text_breaks_the_reader(lines: list[tuple[str, str]]) -> None:
    reading = read_form("\n".join(f"{label}: {value}" for label, value in lines), TODAY)
    assert (reading.form is None) == bool(reading.faults)
    assert read_given(reading.given, TODAY).faults == reading.faults


@given(st.text())
def test_no_mail_breaks_the_reader(text: str) -> None:
    assert read_form(text, TODAY).form is None
