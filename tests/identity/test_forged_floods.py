"""A flood of forged mails waits for its hours, and holds up nobody in whose name it is forged."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.outcome import TryLater
from storage.tables import InboxRow
from tests.desk import CITY, IYO, IYO_SITE, Desk

AN_HOUR = 5


@pytest.fixture(autouse=True)
def few_an_hour(desk: Desk) -> None:
    desk.set_office(letters_an_hour=AN_HOUR)


def flood(desk: Desk, writer: str, mail_from: str, count: int) -> None:
    for number in range(count):
        forged = desk.mail(writer, f"状況 {number}", subject=f"{number}件目", proof="none")
        with suppress(TryLater, StopIteration):
            desk.receive(forged, mail_from=mail_from)


def run(desk: Desk, hours: float) -> None:
    for _ in range(int(hours * 6)):
        desk.clock.advance(timedelta(minutes=10))
        while True:
            try:
                desk.resume()
                break
            except TryLater:
                continue


def proven(desk: Desk, writer: str) -> str:
    """Have a proven mail decided; return its state at once."""
    with suppress(TryLater, StopIteration):
        desk.receive(desk.mail(writer, "一覧", subject="まとめ"), mail_from=writer)
    with desk.opened.database.reading() as session:
        return session.exec(select(InboxRow.state).order_by(col(InboxRow.id).desc())).first() or ""


@pytest.mark.parametrize(("writer", "victim"), [(IYO, IYO), (IYO_SITE, IYO), (IYO, CITY)])
def test_a_proven_mail_never_waits_behind_forged_ones(desk: Desk, writer: str, victim: str) -> None:
    flood(desk, writer, victim, 4 * AN_HOUR)
    assert proven(desk, victim) != "waiting"


def test_what_waited_is_let_go_by_the_hour_and_not_all_at_once(desk: Desk) -> None:
    flood(desk, IYO, "x@evil.example", 6 * AN_HOUR)
    assert desk.letters_to(IYO) == AN_HOUR
    run(desk, 1.5)
    assert desk.letters_to(IYO) == 2 * AN_HOUR
    run(desk, 1)
    assert desk.letters_to(IYO) == 3 * AN_HOUR


def test_what_is_held_for_its_confirmation_counts_too(desk: Desk) -> None:
    desk.set_office(shown_a_day=0)
    flood(desk, IYO, "x@evil.example", 3 * AN_HOUR)
    assert desk.letters_to(IYO) == AN_HOUR
