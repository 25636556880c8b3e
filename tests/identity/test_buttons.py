"""Buttons pressed: a new mail, with no reference to any letter of ours, does in its own case what it says."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from bot.outcome import Letter
from bot.writing.html import to_html
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates, write
from tests.casework import agree, apply_for, issue
from tests.desk import COLLECTOR, DECIDER, EXAMINER, IYO, START, Answered, Desk

TEMPLATES = make_templates()


def page_of(desk: Desk, letter: Letter) -> str:
    """Render a letter as its reader sees it; the key in it is of no matter here."""
    refs = [section.key for section in letter.sections if section.key]
    job = LetterJob(
        letter=letter,
        office=desk.settings.office,
        salutation=("ご担当者様",),
        message_id="1@hoshobin.example",
        written_at=START,
        keys={f"{ref.guarantee_number}/{ref.version}": "K7M4P-3XHW3" for ref in refs},
    )
    done = write(job, TEMPLATES)
    return to_html(done.text, done.subject, desk.address, letter.case_code)


def press(desk: Desk, address: str, template: str, caption: str, typed: str = "") -> Answered:
    """Press a button of the newest such letter, type what it leaves open, and send the mail."""
    _, letter = desk.newest_letter(address, template)
    links = dict(re.findall(r'href="([^"]+)"[^>]*>([^<]+)<', page_of(desk, letter)))
    link = next(link for link, shown in links.items() if shown == caption)
    fields = parse_qs(urlsplit(unescape(link)).query)
    return desk.write(address, fields["body"][0] + typed, subject=fields["subject"][0])


def test_staff_take_a_case_from_examination_to_issue_by_buttons_alone(desk: Desk) -> None:
    agree(desk)
    assert press(desk, EXAMINER, "staff_review", "審査を終える", "61,200円").templates[0] == "staff_done"
    assert press(desk, DECIDER, "staff_decision", "承認する").templates[0] == "staff_done"
    assert "registered" in press(desk, COLLECTOR, "staff_payment", "入金を登録する").templates


def test_a_button_with_nothing_typed_behind_it_decides_nothing(desk: Desk) -> None:
    agree(desk)
    assert press(desk, EXAMINER, "staff_review", "審査を終える").changes == ()
    assert press(desk, EXAMINER, "staff_review", "差し戻す").changes == ()


def test_a_builder_fetches_and_submits_by_buttons_alone(desk: Desk) -> None:
    issue(desk)
    assert press(desk, IYO, "registered", "保証証書の内容を見る").templates == ["certificate"]
    assert press(desk, IYO, "registered", "認証キー等のお知らせを受け取る").templates == ["key_notice"]
    submitted = press(desk, IYO, "key_notice", "当社からの送付を頼む")
    assert submitted.templates == ["sent_to_orderer", "submission"]


def test_a_button_finds_its_case_where_the_builder_has_two(desk: Desk) -> None:
    """Without the code in its subject, the only guarantees of another case would be meant, or none."""
    issue(desk)
    apply_for(desk)
    assert press(desk, IYO, "registered", "保証証書の内容を見る").templates == ["certificate"]


def test_the_confirmation_of_an_unproven_mail_is_a_button_too(desk: Desk) -> None:
    desk.write(IYO, "停止", proof="none")
    confirmed = press(desk, IYO, "confirmation", "確認コードを返信する")
    assert "confirmed" in confirmed.decision.outcome.note


def test_the_read_back_has_no_button(desk: Desk) -> None:
    """Its answer must name the very version that was agreed to, and only a reply does."""
    apply_for(desk)
    _, letter = desk.newest_letter(IYO, "read_back")
    assert "mailto:" not in page_of(desk, letter)
