"""How far an enrolment is played before a test begins, and what tests ask of directory and journal."""

from typing import Any

from bot.surety.enrolment import Enrolment
from bot.surety.party import Mailbox, Party
from storage import enrolments, journal
from storage.directory import DirectoryView
from tests.desk import EXAMINER, Answered, Desk

NEWCOMER = "soumu@ozu-doboku.example"
CALLED = "電話確認 11/10 14:20 総務 大野様 許可業者名簿 089-000-9999"
CALLED_CITY = "代表電話確認 11/10 14:20 契約課 山田様 089-000-2000"
FORM = """利用登録をお願いします。

会社名(商号): 株式会社大洲土木
住所: 大洲市大洲690番地の1
代表者: 代表取締役 大野 一郎
許可番号: 愛媛県知事許可(般-5)第12345号
電話: 0893-00-1234
担当者: 大野
部署: 総務部
"""


def ask(desk: Desk, address: str = NEWCOMER, says: str = FORM, **fields: Any) -> Answered:
    """Ask to be enrolled, as a stranger."""
    return desk.write(address, says, subject="利用登録", **fields)


def code_in(desk: Desk, address: str, template: str = "enrolment") -> str:
    """Return the code that the subject of the newest letter of a kind carries."""
    _, letter = desk.newest_letter(address, template)
    assert letter.case_code is not None
    return letter.case_code


def confirm(desk: Desk, address: str = NEWCOMER, says: str = "登録") -> Answered:
    """Answer the letter about the enrolment."""
    return desk.write(address, says, subject=f"Re: ご利用登録の確認をお願いします[{code_in(desk, address)}]")


def asked_and_confirmed(desk: Desk, address: str = NEWCOMER) -> str:
    """Ask and confirm; return the number of the enrolment."""
    ask(desk, address)
    confirm(desk, address)
    return code_in(desk, address).rpartition("-")[0]


def decide(desk: Desk, says: str, sender: str = EXAMINER, **fields: Any) -> Answered:
    """Let staff answer the newest task letter about an enrolment; {…} in `says` are its codes."""
    _, letter = desk.newest_letter(EXAMINER, "staff_enrolment")
    codes = letter.sections[0].values["codes"]
    assert isinstance(codes, dict)
    return desk.write(sender, says.format(**codes), subject=f"Re: [{letter.case_code}]", **fields)


def enrolled(desk: Desk, address: str = NEWCOMER) -> Party:
    """Go all the way; return the party that was registered."""
    asked_and_confirmed(desk, address)
    decide(desk, "登録承認 {登録承認} " + CALLED)
    box = mailbox(desk, address)
    assert box is not None
    return party(desk, box)


def mailbox(desk: Desk, address: str) -> Mailbox | None:
    with desk.opened.database.reading() as session:
        return DirectoryView(session).mailbox(address)


def party(desk: Desk, box: Mailbox) -> Party:
    with desk.opened.database.reading() as session:
        return DirectoryView(session).party(box.party_id)


def enrolment(desk: Desk, number: str) -> Enrolment:
    with desk.opened.database.reading() as session:
        found = enrolments.by_number(session, number)
    assert found is not None
    return found


def journal_lines(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """Return event, actor and details of the service's chain."""
    with desk.opened.database.reading() as session:
        assert journal.faults(session) == []
        lines = journal.lines(session, journal.SERVICE)
        return [(row.event, row.actor, detail or {}) for row, detail in lines]
