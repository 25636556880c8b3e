"""Return paths that name their letter: what reads as one, and that nothing else does."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import verp

DESK, SECRET, DAY, WEEKS = "hosho@hosho.example.jp", b"secret", date(2026, 11, 22), timedelta(days=14)


def read(address: str, *, desk: str = DESK, secret: bytes = SECRET, today: date = DAY) -> int | None:
    return verp.read(address, desk, secret, today, WEEKS)


@given(st.integers(1, 10**19 - 1), st.dates(min_value=date(2000, 1, 1)))
def test_a_return_path_gives_its_letter_back(letter: int, day: date) -> None:
    path = verp.make(DESK, letter, day, SECRET)
    assert read(path, today=day) == letter
    assert path.isascii()
    assert len(path.rpartition("@")[0]) <= verp.MAX_LOCAL


@given(st.integers(1, 10**6), st.data())
def test_no_other_string_reads_as_one(letter: int, data: st.DataObject) -> None:
    """One character changed, anywhere: not even a letter of another day, or another MAC, is read."""
    path = verp.make(DESK, letter, DAY, SECRET)
    at = data.draw(st.integers(0, len(path) - 1))
    other = path[:at] + data.draw(st.characters(codec="utf-8")) + path[at + 1 :]
    is_same = other.isascii() and other.lower() == path
    assert read(other) == (letter if is_same else None)


@given(st.text(max_size=80))
def test_no_text_at_all_reads_as_one(text: str) -> None:
    assert read(f"hosho+b-{text}@hosho.example.jp") is None
    assert read(text) is None


def test_mail_servers_may_change_its_case() -> None:
    assert read(verp.make(DESK, 7, DAY, SECRET).upper()) == 7


def test_it_is_good_for_fourteen_days_and_for_clocks_that_differ_at_midnight() -> None:
    path = verp.make(DESK, 7, DAY, SECRET)
    good = [days for days in range(-5, 30) if read(path, today=DAY + timedelta(days=days)) == 7]
    assert good == list(range(-1, 15))


def test_it_is_of_one_service_alone() -> None:
    path = verp.make(DESK, 7, DAY, SECRET)
    assert read(path, secret=b"another") is None
    assert read(path, desk="other@hosho.example.jp") is None
    assert read(path, desk="hosho@other.example.jp") is None
    assert read(verp.make("Hosho@Hosho.Example.JP", 7, DAY, SECRET)) == 7


@pytest.mark.parametrize("desk", ["保証@hosho.example.jp", f"{'x' * 40}@hosho.example.jp"])
def test_a_desk_that_leaves_no_room_gets_its_bounces_itself(desk: str) -> None:
    assert verp.make(desk, 7, DAY, SECRET) == desk


def test_a_desk_with_a_sub_address_of_its_own_has_return_paths_too() -> None:
    desk = "office+hosho@x.example.jp"
    assert read(verp.make(desk, 7, DAY, SECRET), desk=desk) == 7
