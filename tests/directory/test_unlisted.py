"""An office that is not registered: one neutral letter, a task for staff, and the real reply afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.deciding.strangers import MOST_HELD
from bot.mail import PaperReading
from bot.operations.directory_files import import_file
from bot.surety.party import Role
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates, write
from storage import enrolments, inbox
from tests.casework import issue, refused
from tests.desk import CITY, EXAMINER, MANAGER, OTHER_CITY, Answered, Desk
from tests.directory.people import CALLED_CITY, enrolment, journal_lines, mailbox

OFFICE = "suido@iyonada-suido.example"
TOWN = "keiyaku@town.nagahama.lg.example"
DAY = timedelta(days=1)
DIRECTORY = """
[[party]]
number = "O-38299"
kind = "orderer"
name = "伊予灘市"
domain = "city.iyonada.lg.example"
registered_box = "keiyaku@city.iyonada.lg.example"

[[party.mailbox]]
address = "{address}"
roles = ["照会"]
"""


@pytest.fixture
def number(desk: Desk) -> str:
    """Issue a guarantee and return its number."""
    issue(desk)
    number = desk.guarantees()[0].number
    assert number is not None
    return number


def enquire(desk: Desk, number: str, sender: str = OFFICE, key: str = "", **fields: object) -> Answered:
    """Write number and key, the right one unless another is given."""
    says = f"保証契約番号 {number}\n認証キー {key or desk.key_of(number)}\n確認をお願いします。"
    return desk.write(sender, says, **fields)  # type: ignore[arg-type]


def register(desk: Desk, what: str = OFFICE, name: str = "伊予灘市", **fields: object) -> Answered:
    """Register an orderer's mailbox or domain, as 管理 do by mail."""
    return desk.confirmed(MANAGER, f"発注者登録 {what} {name} {CALLED_CITY}", **fields)  # type: ignore[arg-type]


def written_to(desk: Desk, address: str) -> list[str]:
    """Return the templates of all letters to an address, oldest first."""
    from sqlmodel import col, select

    from storage.tables import LetterRow

    with desk.opened.database.reading() as session:
        rows = select(LetterRow.templates).where(LetterRow.recipient == address).order_by(col(LetterRow.id))
        return list(session.exec(rows))


def test_right_and_wrong_get_the_same_letter_and_only_the_right_one_waits(desk: Desk, number: str) -> None:
    right, wrong = enquire(desk, number), enquire(desk, number, TOWN, key="K7M4P-3XHW3")
    unknown = enquire(desk, "2080009999", "other@town.nagahama.lg.example", key="K7M4P-3XHW3")
    letters = [
        one.letter_to(to).but(recipient="", once="")
        for one, to in ((right, OFFICE), (wrong, TOWN), (unknown, "other@town.nagahama.lg.example"))
    ]
    assert letters[0].model_dump_json() == letters[1].model_dump_json() == letters[2].model_dump_json()
    assert right.letters[0].recipient == OFFICE, "the neutral letter is queued first in any case"
    assert [desk.state(one.inbox_id) for one in (right, wrong, unknown)] == ["held", "ignored", "ignored"]
    assert [one.recipient for one in right.letters] == [OFFICE, MANAGER]
    assert (len(wrong.letters), len(unknown.letters)) == (1, 1)


def test_staff_are_told_whom_to_call_and_what_the_domain_looks_like(desk: Desk, number: str) -> None:
    answered = enquire(desk, number, "keiyaku@city.iy0nada.lg.example")
    values = answered.letter_to(MANAGER).sections[0].values
    assert values["asked_by"] == "keiyaku@city.iy0nada.lg.example"
    assert values["similar"] == "city.iyonada.lg.example"
    assert values["provider"] is False
    assert enquire(desk, number, "keiyaku@gmail.com").letter_to(MANAGER).sections[0].values["provider"]


def test_the_real_reply_leaves_when_the_mailbox_is_registered_by_mail(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    done = register(desk)
    assert done.templates == ["staff_done", "orderer_welcome"]
    assert desk.state(waiting.inbox_id) == "done"
    assert written_to(desk, OFFICE) == ["enquiry_received", "orderer_welcome", "verified"]
    box = mailbox(desk, OFFICE)
    assert box is not None
    assert box.roles == {Role.VERIFY}


def test_the_real_reply_leaves_when_it_is_registered_on_the_command_line(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    desk.command(MANAGER, "register_orderer", text=f"{OFFICE} 伊予灘市長 {CALLED_CITY}")
    assert desk.state(waiting.inbox_id) == "done"
    assert written_to(desk, OFFICE)[-1] == "verified"


def test_the_real_reply_leaves_when_a_directory_is_imported(desk: Desk, number: str, tmp_path: Path) -> None:
    waiting = enquire(desk, number)
    file = tmp_path / "directory.toml"
    file.write_text(DIRECTORY.format(address=OFFICE), encoding="utf-8")
    desk.opened.database.write(lambda session: import_file(session, file))
    assert desk.state(waiting.inbox_id) == "held"
    now = desk.clock.now()
    assert desk.opened.database.write(lambda s: enrolments.resume_registered(s, now)) == [waiting.inbox_id]
    desk.resume()
    assert desk.state(waiting.inbox_id) == "done"
    assert written_to(desk, OFFICE)[-1] == "verified"


def test_a_mail_with_papers_is_decided_again_with_its_papers(desk: Desk, number: str) -> None:
    fields = {"number": number, "auth_key": desk.key_of(number).replace("-", "")}
    paper = PaperReading(index=0, rung="text", what="key_notice", fields=fields)
    waiting = desk.write(OFFICE, "確認をお願いします。", papers=(paper,))
    assert waiting.decision.state == "held"
    register(desk)
    assert written_to(desk, OFFICE)[-1] == "verified"


def test_where_the_whole_domain_is_registered_the_answer_goes_to_the_registered_box(
    desk: Desk, number: str
) -> None:
    desk.confirmed(MANAGER, f"発注者登録 {TOWN} 松山市 {CALLED_CITY}")
    waiting = enquire(desk, number, "tanaka@town.nagahama.lg.example")
    assert waiting.decision.state == "held"
    assert register(desk, "@town.nagahama.lg.example", "松山市").templates == [
        "staff_done",
        "orderer_welcome",
    ]
    assert desk.state(waiting.inbox_id) == "refused", "decided: it is not this orderer's guarantee"
    assert written_to(desk, TOWN)[-1] == "not_confirmed"


def test_an_unproven_mail_of_a_domain_is_confirmed_from_its_box_first(desk: Desk, number: str) -> None:
    desk.confirmed(MANAGER, f"発注者登録 {TOWN} 松山市 {CALLED_CITY}")
    waiting = enquire(desk, number, "tanaka@town.nagahama.lg.example", proof="none")
    register(desk, "@town.nagahama.lg.example", "松山市")
    assert desk.state(waiting.inbox_id) == "held"
    assert written_to(desk, TOWN)[-1] == "confirmation"


def test_the_registration_of_somebody_else_sets_nothing_free(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    register(desk, TOWN)
    assert desk.state(waiting.inbox_id) == "held"


def test_a_waiting_mail_holds_up_nobody(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    assert desk.write(OFFICE, "利用登録", subject="利用登録").templates == ["enrolment"]
    assert desk.write(CITY, "状況").words == ["status"]
    assert desk.state(waiting.inbox_id) == "held"


def test_after_its_days_a_waiting_mail_ends(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    desk.clock.advance(timedelta(days=desk.settings.office.registration_days, seconds=1))
    now = desk.clock.now()
    assert desk.opened.database.write(lambda session: inbox.expire(session, now)) == [waiting.inbox_id]
    register(desk)
    assert desk.state(waiting.inbox_id) == "expired"


def test_one_neutral_letter_a_day_however_often_is_asked(desk: Desk, number: str) -> None:
    for _ in range(3):
        enquire(desk, number, message_id="")
    assert written_to(desk, OFFICE) == ["enquiry_received"]
    assert written_to(desk, MANAGER).count("staff_unlisted_orderer") == 1


def test_the_very_same_mail_waits_once(desk: Desk, number: str) -> None:
    first = enquire(desk, number, message_id="one@iyonada-suido.example")
    again = enquire(desk, number, message_id="one@iyonada-suido.example")
    assert (desk.state(first.inbox_id), desk.state(again.inbox_id)) == ("held", "ignored")


def test_nobody_fills_the_table_with_waiting_mails(desk: Desk, number: str) -> None:
    """Counted by domain where it is a body's own, by address where anybody can have one."""
    for count in range(MOST_HELD + 2):
        enquire(desk, number, f"clerk{count}@iyonada-suido.example")
        enquire(desk, number, f"clerk{count}@gmail.com")
    with desk.opened.database.reading() as session:
        since = desk.clock.now() - DAY
        held = enrolments.held_since(session, OFFICE, "iyonada-suido.example", since, proven=False)
        everywhere = enrolments.held_since(session, "", "gmail.com", since, proven=False)
    assert (held, everywhere) == (MOST_HELD, MOST_HELD + 2)


def test_forged_mails_take_no_room_from_proven_ones(desk: Desk, number: str) -> None:
    for count in range(MOST_HELD):
        enquire(desk, number, f"clerk{count}@iyonada-suido.example", proof="none")
    assert enquire(desk, number, proof="none").decision.state == "ignored"
    assert enquire(desk, number).decision.state == "held"


def test_a_from_that_fails_dmarc_and_automatic_mail_get_nothing(desk: Desk, number: str) -> None:
    for fields in ({"proof": "dmarc-fail"}, {"automatic": "auto-submitted"}):
        answered = enquire(desk, number, **fields)
        assert (answered.decision.state, answered.letters) == ("ignored", ())


# --- 発注者登録


@pytest.mark.parametrize("sender", [EXAMINER, "kessai@surety.example", "shuno@surety.example"])
def test_registering_orderers_is_for_the_managers(desk: Desk, sender: str) -> None:
    assert refused(desk.write(sender, f"発注者登録 {OFFICE} 伊予灘市 {CALLED_CITY}"), "may_not")
    text = f"{OFFICE} 伊予灘市 {CALLED_CITY}"
    assert refused(desk.command(sender, "register_orderer", text=text), "may_not")


@pytest.mark.parametrize(
    ("says", "template"),
    [
        (f"発注者登録 {OFFICE} 伊予灘市", "enrolment_unchecked"),
        (f"発注者登録 {OFFICE} 伊予灘市 電話確認 11/10 14:20 山田様", "enrolment_unchecked"),
        (f"発注者登録 {OFFICE} どこか市 {CALLED_CITY}", "register_how"),
        (f"発注者登録 {OFFICE} 株式会社いよ建設 {CALLED_CITY}", "register_how"),
        (f"発注者登録 伊予灘市 {CALLED_CITY}", "register_how"),
        (f"発注者登録 hosho@hoshobin.example 伊予灘市 {CALLED_CITY}", "register_how"),
        (f"発注者登録 {CITY} 伊予灘市 {CALLED_CITY}", "orderer_registered_already"),
        (f"発注者登録 {OTHER_CITY} 伊予灘市 {CALLED_CITY}", "orderer_registered_already"),
        (f"発注者登録 @iyonada-suido.example 伊予灘市 {CALLED_CITY}", "orderer_registered_already"),
        (f"発注者登録 @gmail.com 松山市 {CALLED_CITY}", "domain_refused"),
        (f"発注者登録 @x.plala.or.jp 松山市 {CALLED_CITY}", "domain_refused"),
        (f"発注者登録 @lg.jp 松山市 {CALLED_CITY}", "domain_refused"),
        (f"発注者登録 @hoshobin.example 松山市 {CALLED_CITY}", "domain_refused"),
        (f"発注者登録 @iyo-kensetsu.example 松山市 {CALLED_CITY}", "domain_refused"),
        (f"発注者登録 @city.matsuyama2.lg.example 松山市 {CALLED_CITY}", "domain_refused"),
    ],
)
def test_what_may_not_be_registered_is_explained(desk: Desk, says: str, template: str) -> None:
    assert refused(desk.write(MANAGER, says), template)


def test_a_domain_is_bound_with_the_box_that_answers_go_to(desk: Desk) -> None:
    answered = register(desk, "@city.matsuyama.lg.example", "松山市長")
    assert answered.letters[1].recipient == OTHER_CITY
    clerk = desk.write("clerk@city.matsuyama.lg.example", "状況")
    assert clerk.words == ["status"]
    assert [letter.recipient for letter in clerk.letters] == [OTHER_CITY]


def test_an_unproven_registration_is_refused_a_code_alone_would_not_do(desk: Desk, number: str) -> None:
    waiting = enquire(desk, number)
    for proof in ("none", "spf"):
        says = f"発注者登録 {OFFICE} 伊予灘市 {CALLED_CITY}"
        assert refused(desk.write(MANAGER, says, proof=proof), "needs_proven_mail")
    assert desk.state(waiting.inbox_id) == "held"


def test_a_registration_stands_in_the_journal_with_its_check(desk: Desk) -> None:
    register(desk)
    kept = enrolment(desk, "E8-00001")
    assert kept.check is not None
    assert f"{kept.check.method.value} {kept.check.text}" == CALLED_CITY
    lines = {event: (actor, detail) for event, actor, detail in journal_lines(desk)}
    assert lines["mailbox stored"][1]["address"] == OFFICE
    assert lines["enrolment approved"][0] == MANAGER
    assert lines["enrolment approved"][1]["check"] == CALLED_CITY


def test_the_letters_to_right_and_wrong_are_the_same_byte_for_byte(desk: Desk, number: str) -> None:
    """As written, headers and HTML part too; only recipient and Message-ID are each one's own."""
    right = enquire(desk, number).letter_to(OFFICE)
    wrong = enquire(desk, number, TOWN, key="K7M4P-3XHW3").letter_to(TOWN)
    written = [
        write(
            LetterJob(
                letter=letter.but(recipient=OFFICE),
                office=desk.settings.office,
                salutation=(),
                message_id="letter@hoshobin.example",
                written_at=desk.clock.now(),
            ),
            make_templates(),
        ).data
        for letter in (right, wrong)
    ]
    assert written[0] == written[1]
    assert number.encode() not in written[0]
