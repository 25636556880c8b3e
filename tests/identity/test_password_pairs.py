"""PPAP: the mail with the archive and the mail with its password, in either order, and what goes wrong."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.deciding.passwords import MOST_NOTICES, PATIENCE, TRIES
from bot.ledger import Moot, Put, Resume
from bot.mail import Attachment
from bot.outcome import TryLater
from storage import inbox, letters
from storage.tables import InboxRow, JournalDetail, LetterRow
from tests.casework import issue
from tests.desk import CITY, EXAMINER, IYO, IYO_SITE, STRANGER, TOKUYAMA, Answered, Desk

SECRET = "Tk#8vQ2m"
TITLE = "契約書写しの送付について"
CONTRACT = "お世話になります。\n請負契約書の写しをお送りいたします。"
NOTICE = (
    "soumu@iyo-kensetsu.example から送信された添付ファイルのパスワードをお知らせします。\n"
    "  件名:{title}　 ファイル名:請負契約書（写）.zip\n  パスワード:{password}\n本メールは送信専用です。"
)
ZIP = Attachment(
    index=0,
    name="請負契約書（写）.zip",
    kind="zip",
    media_type="application/zip",
    size=18_000_000,
    digest="0" * 64,
    encrypted=True,
)


def send(desk: Desk, code: str, *, sender: str = IYO, opens_with: str = SECRET, **fields: object) -> Answered:
    """Send the mail with the archive."""
    fields = {"attachments": (ZIP,), "says": CONTRACT, "subject": f"{TITLE} [{code}]", **fields}
    return desk.write(sender, str(fields.pop("says")), opens_with=opens_with, **fields)  # type: ignore[arg-type]


def tell(
    desk: Desk, password: str = SECRET, *, sender: str = IYO, title: str = TITLE, proof: str = "dkim"
) -> Answered:
    """Send the notice with the password, as a gateway words it."""
    says = NOTICE.format(title=title, password=password)
    subject = f"[パスワード通知] {title}"
    mail = desk.mail(sender, says, subject=subject, proof=proof, password_notice=True)
    return desk.receive(mail, mail_from="fsgw@relay.example")


def row_of(desk: Desk, inbox_id: int) -> InboxRow:
    with desk.opened.database.reading() as session:
        row = session.get_one(InboxRow, inbox_id)
        session.expunge(row)
        return row


def letter_states(desk: Desk, template: str) -> list[str]:
    with desk.opened.database.reading() as session:
        rows = select(LetterRow.state).where(LetterRow.templates == template).order_by(col(LetterRow.id))
        return list(session.exec(rows))


def decided(desk: Desk, inbox_id: int) -> Answered:
    return desk.last(inbox_id)


def test_the_archive_waits_and_its_password_lets_it_be_decided(desk: Desk) -> None:
    code = issue(desk)
    first = send(desk, code)
    assert (first.decision.state, row_of(desk, first.inbox_id).held_for) == ("held", "password")
    notice = tell(desk)
    assert (notice.words, notice.letters, desk.state(notice.inbox_id)) == ([], (), "done")
    done = decided(desk, first.inbox_id)
    assert (done.decision.state, done.words) == ("done", ["contract"])
    files = done.letter_to(IYO).sections[0].values["files"]
    assert isinstance(files, list)
    assert [str(one).partition("(")[0] for one in files] == ["請負契約書（写）.zip", "contract-0.pdf"]
    assert "staff_contract" in done.templates


def test_a_password_that_came_first_waits_for_its_archive(desk: Desk) -> None:
    code = issue(desk)
    notice = tell(desk)
    assert (notice.decision.state, row_of(desk, notice.inbox_id).held_for) == ("held", "archive")
    assert notice.letters == ()
    done = send(desk, code)
    assert (done.decision.state, done.words) == ("done", ["contract"])
    assert "password_awaited" not in done.templates
    assert desk.state(notice.inbox_id) == "done"
    assert row_of(desk, notice.inbox_id).reason.endswith(f"opened inbox {done.inbox_id}")


def test_a_password_is_used_once(desk: Desk) -> None:
    code = issue(desk)
    tell(desk)
    send(desk, code)
    assert send(desk, code, says="契約書をお送りします。").decision.state == "held"


def test_a_password_in_the_mail_itself_opens_its_archive(desk: Desk) -> None:
    done = send(desk, issue(desk), says=f"{CONTRACT}\nパスワード: {SECRET}")
    assert (done.decision.state, done.words) == ("done", ["contract"])
    assert SECRET not in "".join(one.model_dump_json() for one in done.letters)


def test_a_password_told_in_a_persons_own_words_is_taken(desk: Desk) -> None:
    first = send(desk, issue(desk))
    told = desk.write(IYO, f"先ほどのファイルのパスワードは {SECRET} です。", subject="Re: 契約書")
    assert (told.decision.state, told.letters) == ("done", ())
    done = decided(desk, first.inbox_id).decision
    assert done.state == "done", done.reason


def test_the_answer_that_asks_for_the_password_is_held_back_and_withdrawn(desk: Desk) -> None:
    """The notice of a gateway comes within minutes by itself: nobody is asked for what is on its way."""
    first = send(desk, issue(desk))
    (letter,) = first.letters
    assert letter.sections[0].template == "password_awaited"
    assert letter.not_before == desk.clock.now() + PATIENCE
    tell(desk)
    assert letter_states(desk, "password_awaited") == ["withdrawn"]


def test_one_answer_asks_for_the_password_that_does_not_come(desk: Desk) -> None:
    send(desk, issue(desk))
    desk.deliver()
    assert letter_states(desk, "password_awaited") == ["waiting"]
    desk.clock.advance(PATIENCE)
    desk.deliver()
    assert letter_states(desk, "password_awaited") == ["ready"]


def test_a_letter_that_is_held_back_holds_up_no_other(desk: Desk) -> None:
    code = issue(desk)
    send(desk, code)
    desk.write(IYO, "状況", subject=f"[{code}]")
    desk.deliver()
    with desk.opened.database.reading() as session:
        ours = select(LetterRow).where(LetterRow.recipient == IYO).order_by(col(LetterRow.id).desc()).limit(2)
        status, asking = session.exec(ours)
    assert (asking.templates, asking.state, status.state) == ("password_awaited", "waiting", "ready")
    assert asking.order_key != status.order_key


def test_a_wrong_password_is_answered_once_and_the_right_one_still_works(desk: Desk) -> None:
    first = send(desk, issue(desk))
    tell(desk, "wrong1")
    again = decided(desk, first.inbox_id)
    assert (again.decision.state, again.templates) == ("held", ["password_wrong"])
    assert letter_states(desk, "password_awaited") == ["withdrawn"]
    tell(desk, "wrong2")
    assert len(letter_states(desk, "password_wrong")) == 1
    tell(desk)
    assert decided(desk, first.inbox_id).decision.state == "done"


def test_forged_wrong_passwords_do_not_use_up_the_tries_of_a_proven_one(desk: Desk) -> None:
    first = send(desk, issue(desk))
    for number in range(TRIES + 2):
        tell(desk, f"wrong{number}", proof="none")
    assert desk.state(first.inbox_id) == "held"
    assert row_of(desk, first.inbox_id).known["tries_unproven"] == str(TRIES)
    assert len(letter_states(desk, "password_wrong")) == 1
    tell(desk)
    assert decided(desk, first.inbox_id).decision.state == "done"


def test_early_forged_notices_push_no_proven_one_out(desk: Desk) -> None:
    code = issue(desk)
    tell(desk)
    for number in range(MOST_NOTICES + 3):
        last = tell(desk, f"wrong{number}", proof="none")
    assert (last.decision.state, last.decision.reason[-16:]) == ("ignored", "many wait already"[-16:])
    assert send(desk, code).decision.state == "done"


def test_a_mail_is_held_no_longer_by_wrong_passwords(desk: Desk) -> None:
    first = send(desk, issue(desk))
    until = row_of(desk, first.inbox_id).held_until
    desk.clock.advance(timedelta(hours=30))
    tell(desk, "wrong1")
    assert row_of(desk, first.inbox_id).held_until == until
    desk.clock.advance(timedelta(hours=19))
    desk.opened.database.write(lambda session: inbox.expire(session, desk.clock.now()))
    assert desk.state(first.inbox_id) == "expired"


def test_a_password_without_an_archive_expires(desk: Desk) -> None:
    notice = tell(desk)
    desk.clock.advance(timedelta(days=2, seconds=1))
    desk.opened.database.write(lambda session: inbox.expire(session, desk.clock.now()))
    assert desk.state(notice.inbox_id) == "expired"
    assert send(desk, issue(desk)).decision.state == "held"


def test_a_password_that_comes_before_its_own_mail_outlives_another_that_waits(desk: Desk) -> None:
    code = issue(desk)
    first = send(desk, code, opens_with="first-1")
    notice = tell(desk, "other-2", title="決算書")
    assert (desk.state(first.inbox_id), desk.state(notice.inbox_id)) == ("held", "held")
    other = send(desk, code, opens_with="other-2", subject=f"決算書 [{code}]")
    assert (desk.state(other.inbox_id), desk.state(notice.inbox_id)) == ("done", "done")
    assert desk.state(first.inbox_id) == "held"


def test_the_password_of_one_mail_is_not_tried_on_another_that_it_does_not_name(desk: Desk) -> None:
    code = issue(desk)
    first = send(desk, code, opens_with="first-1")
    other = send(desk, code, opens_with="other-2", subject=f"決算書 [{code}]")
    tell(desk, "other-2", title="決算書")
    assert desk.state(first.inbox_id) == "held"
    assert desk.state(other.inbox_id) == "done"
    assert "tries_proven" not in row_of(desk, first.inbox_id).known


def test_a_notice_that_names_none_is_tried_on_all_and_blames_nobody(desk: Desk) -> None:
    code = issue(desk)
    first = send(desk, code, opens_with="first-1")
    other = send(desk, code, opens_with="other-2", subject=f"決算書 [{code}]")
    tell(desk, "other-2", title="送付の件")
    assert (desk.state(first.inbox_id), desk.state(other.inbox_id)) == ("held", "done")
    assert letter_states(desk, "password_wrong") == []


def test_a_sibling_mailbox_may_tell_the_password(desk: Desk) -> None:
    first = send(desk, issue(desk))
    tell(desk, sender=IYO_SITE)
    assert decided(desk, first.inbox_id).decision.state == "done"


@pytest.mark.parametrize("other", [TOKUYAMA, CITY, STRANGER])
def test_nobody_else_can_open_or_end_it(desk: Desk, other: str) -> None:
    first = send(desk, issue(desk))
    tell(desk, sender=other)
    assert (desk.state(first.inbox_id), row_of(desk, first.inbox_id).round) == ("held", 0)


def test_the_archive_of_a_stranger_stays_closed_and_unanswered(desk: Desk) -> None:
    first = send(desk, "R8-00001-AAAA", sender=STRANGER, says=f"{CONTRACT}\nパスワード: {SECRET}")
    assert (first.decision.state, first.letters) == ("ignored", ())


def test_an_unproven_mail_still_wants_its_confirmation_once_it_is_open(desk: Desk) -> None:
    """A notice, though proven, proves nothing of the mail whose archive it opens."""
    first = send(desk, issue(desk), proof="none")
    assert row_of(desk, first.inbox_id).held_for == "password"
    tell(desk)
    held = decided(desk, first.inbox_id)
    assert (held.decision.state, held.templates) == ("held", ["confirmation"])
    desk.write(IYO, str(held.letters[0].sections[0].values["code"]))
    assert decided(desk, first.inbox_id).words == ["contract"]
    assert desk.state(first.inbox_id) == "done"


def test_an_early_password_outlives_the_confirmation(desk: Desk) -> None:
    code = issue(desk)
    notice = tell(desk)
    first = send(desk, code, proof="none")
    assert (first.templates, desk.state(notice.inbox_id)) == (["confirmation"], "held")
    desk.write(IYO, str(first.letters[0].sections[0].values["code"]))
    assert (desk.state(first.inbox_id), desk.state(notice.inbox_id)) == ("done", "done")


def test_a_confirmation_shows_no_password(desk: Desk) -> None:
    first = send(desk, issue(desk), says=f"{CONTRACT}\nパスワード: {SECRET}", proof="none")
    assert first.templates == ["confirmation"]
    assert SECRET not in first.letters[0].model_dump_json()


def test_a_password_on_a_line_of_its_own_reaches_no_staff(desk: Desk) -> None:
    """What is said beside a request goes to staff sentence by sentence: the label is on another line."""
    done = send(desk, issue(desk), says=f"{CONTRACT}\n解凍パスワードは次のとおりです。\n{SECRET}")
    assert "staff_remark" in done.templates
    assert SECRET not in "".join(one.model_dump_json() for one in done.letters)


def test_what_is_not_understood_beside_a_password_is_asked_back_without_it(desk: Desk) -> None:
    told = desk.write(IYO, f"ファイルのパスワードは {SECRET} です。\n工期はどうしましょうか。")
    assert told.templates == ["unclear"]
    assert SECRET not in told.letters[0].model_dump_json()


def test_an_unproven_notice_changes_nothing_but_opening(desk: Desk) -> None:
    first = send(desk, issue(desk))
    notice = tell(desk, proof="none")
    assert [type(one) for one in notice.changes] == [Resume]
    done = decided(desk, first.inbox_id).decision.outcome.changes
    assert not any(isinstance(one, Put) for one in done)
    assert any(isinstance(one, Moot) for one in done)


def test_encryption_that_cannot_be_opened_is_asked_for_without(desk: Desk) -> None:
    """AES: no password would help, so none is waited for."""
    answered = send(desk, issue(desk), opens_with="")
    assert (answered.decision.state, answered.templates) == ("refused", ["archive_unopened"])
    assert answered.letters[0].sections[0].values["why"] == "unknown_encryption"


@pytest.mark.parametrize("state", ["too_much", "damaged"])
def test_a_locked_archive_that_is_too_much_or_damaged_is_asked_for_again(desk: Desk, state: str) -> None:
    stuck = ZIP.but(archive=state, kind="other")
    answered = send(desk, issue(desk), attachments=(stuck,))
    assert answered.letters[0].sections[0].values["why"] == state


def test_an_open_archive_is_no_reason_to_wait(desk: Desk) -> None:
    answered = send(desk, issue(desk), attachments=(ZIP.but(encrypted=False),))
    assert (answered.decision.state, answered.words) == ("done", ["contract"])


def test_a_locked_archive_within_an_open_one_is_left_as_it_is(desk: Desk) -> None:
    inner = ZIP.but(index=1, within=0, kind="other")
    answered = send(desk, issue(desk), attachments=(ZIP.but(encrypted=False), inner))
    assert answered.decision.state == "done"


def test_a_copy_of_what_goes_to_the_city_waits_without_a_word(desk: Desk) -> None:
    first = send(desk, issue(desk), to=(CITY,), cc=(desk.address,))
    assert (first.decision.state, first.letters) == ("held", ())
    tell(desk)
    assert decided(desk, first.inbox_id).words == ["copy"]


def test_a_password_like_a_key_is_no_guess(desk: Desk) -> None:
    issue(desk)
    notice = tell(desk, "K7M4P-3XHW3", sender=CITY)
    assert (notice.words, notice.changes, notice.letters) == ([], (), ())


def test_a_notice_that_came_while_the_mail_was_read_is_not_missed(desk: Desk) -> None:
    """Both are decided by several workers at once: neither may wait for the other for ever."""
    code = issue(desk)
    desk.while_reading = lambda: tell(desk)
    with pytest.raises(TryLater, match="while the mail was read"):
        send(desk, code)
    desk.clock.advance(desk.settings.retry)
    (done,) = [one for one in desk.resume() if one.words]
    assert done.words == ["contract"]


def test_no_password_is_kept_but_in_the_sealed_mail(desk: Desk) -> None:
    code = issue(desk)
    first = send(desk, code, says=f"{CONTRACT}\nパスワード: wrong-{SECRET}")
    notices = [tell(desk, "wrong1"), tell(desk)]
    with desk.opened.database.reading() as session:
        rows = [session.get_one(InboxRow, one.inbox_id) for one in (first, *notices)]
        kept = "".join(one.model_dump_json() for one in rows)
        kept += "".join(one.model_dump_json() for one in session.exec(select(LetterRow)))
        kept += "".join(map(repr, session.exec(select(JournalDetail))))
        for letter_id in session.exec(select(LetterRow.id)).all():
            assert letter_id is not None
            kept += str(letters.body_of(session, desk.opened.sealer, letter_id))
    assert SECRET not in kept
    assert "wrong1" not in kept
    assert EXAMINER in kept
