"""メール追加 / 変更 / 削除: a contractor's own mailboxes, and the staff's メール登録."""

from datetime import timedelta

import pytest

from bot.ledger import Put, RemoveMailbox
from bot.surety.party import Role
from storage import changes
from storage.directory import import_content
from storage.steps import LostClaim
from tests.casework import apply_for, refused
from tests.desk import CITY, DECIDER, EXAMINER, IYO, IYO_SITE, MANAGER, TOKUYAMA, Desk
from tests.directory.people import CALLED, code_in, decide, enrolment, journal_lines, mailbox

NEW = "keiri@iyo-kensetsu.example"
CARRIER = "iyo..takahashi.@docomo.ne.jp"


def roles(desk: Desk, address: str) -> set[str] | None:
    box = mailbox(desk, address)
    return {role.value for role in box.roles} if box is not None else None


def add(desk: Desk, address: str = NEW, role: str = "申込できる") -> None:
    """Have a second mailbox registered, by request and approval."""
    desk.write(IYO, f"メール追加 {address} {role} 経理 田中")
    decide(desk, "登録承認 {登録承認} " + CALLED)


def test_a_second_mailbox_is_asked_from_the_first_checked_by_staff_and_told_to_both(desk: Desk) -> None:
    asked = desk.write(IYO, f"メール追加 {NEW} 申込できる 経理 田中")
    assert asked.templates == ["mailbox_asked", "staff_enrolment"]
    assert mailbox(desk, NEW) is None
    values = asked.letter_to(EXAMINER).sections[0].values
    assert (values["mailbox"], values["asked_by"], values["kind"]) == (NEW, IYO, "mailbox")
    assert values["known"] == {"number": "C-10001", "phone": "089-000-1234"}, "the number to call is ours"
    approved = decide(desk, "登録承認 {登録承認} " + CALLED)
    assert [(one.recipient, one.sections[0].template) for one in approved.letters] == [
        (EXAMINER, "staff_done"),
        (IYO, "mailbox_registered"),
        (NEW, "mailbox_welcome"),
    ]
    box = mailbox(desk, NEW)
    assert box is not None
    assert (box.roles, box.person) == (frozenset({Role.APPLY}), "経理 田中")
    assert desk.write(NEW, "一覧").words == ["list"]


@pytest.mark.parametrize(
    "says",
    [
        f"メール追加 {NEW} 閲覧のみ",
        f"メール追加　{NEW}　閲覧のみ　経理　田中様",
        f"メール追加 {NEW} 閲覧のみでお願いします。",
        f"メールアドレス追加 {NEW.upper()} 閲覧のみ",
        f"メール追加: <{NEW}> 閲覧のみ",
        f"メール追加 {NEW}<mailto:{NEW}> 閲覧のみ 経理 田中",
        "メール追加 ｋｅｉｒｉ＠ｉｙｏ－ｋｅｎｓｅｔｓｕ．ｅｘａｍｐｌｅ 閲覧のみ",
        f"お世話になっております。\nいよ建設の高橋です。\n\nメール追加 {NEW} 閲覧のみ\n\n高橋",
    ],
)
def test_a_mailbox_is_understood_as_people_write_it(desk: Desk, says: str) -> None:
    asked = desk.write(IYO, says, subject="Re: ")
    assert asked.templates == ["mailbox_asked", "staff_enrolment"]
    assert asked.letter_to(IYO).sections[0].values == {"address": NEW, "role": "閲覧のみ"}


@pytest.mark.parametrize(
    "says",
    [
        "メール追加",
        "メール追加 経理の田中",
        f"メール追加 {NEW}",
        f"メール追加 {NEW} 管理者",
        f"メール追加 {NEW} 閲覧のみ はまだしないでください",
        "メール追加 a b@iyo-kensetsu.example.. 閲覧のみ",
        "メール追加 hosho@hoshobin.example 閲覧のみ",
        f"メール削除 {NEW} はやめてください",
        f"メール変更 {IYO_SITE}",
    ],
)
def test_what_cannot_be_told_changes_nothing_and_is_explained(desk: Desk, says: str) -> None:
    answered = desk.write(IYO, says, subject="Re: ")
    assert answered.changes == ()
    assert answered.templates[0] in ("mailbox_how", "unclear")


def test_an_old_carrier_address_with_its_dots_is_registered(desk: Desk) -> None:
    add(desk, CARRIER, "閲覧のみ")
    assert roles(desk, CARRIER) == {"閲覧のみ"}
    assert desk.write(CARRIER, "一覧").words == ["list"]


def test_an_unproven_request_is_confirmed_from_the_first_mailbox(desk: Desk) -> None:
    held = desk.write(IYO, f"メール追加 {NEW} 申込できる", proof="none")
    assert held.decision.state == "held"
    assert [letter.recipient for letter in held.letters] == [IYO]
    desk.write(IYO, str(held.letters[0].sections[0].values["code"]), proof="none")
    assert desk.state(held.inbox_id) == "done"
    assert code_in(desk, EXAMINER, "staff_enrolment").startswith("E8-00001")


def test_mailboxes_are_changed_by_those_that_may_apply(desk: Desk) -> None:
    for says in (f"メール追加 {NEW} 閲覧のみ", f"メール変更 {IYO_SITE} 申込できる", f"メール削除 {IYO}"):
        assert refused(desk.write(IYO_SITE, says), "may_not"), says


@pytest.mark.parametrize("sender", [CITY, EXAMINER, MANAGER])
def test_nobody_but_contractors_has_the_words(desk: Desk, sender: str) -> None:
    answered = desk.write(sender, f"メール削除 {IYO_SITE}", subject="Re: ")
    assert (answered.templates, answered.changes) == (["unclear"], ())


def test_the_same_wish_that_still_waits_is_not_asked_twice(desk: Desk) -> None:
    desk.write(IYO, f"メール追加 {NEW} 閲覧のみ")
    again = desk.write(IYO, f"メール追加 {NEW} 閲覧のみ です")
    assert (again.templates, again.changes) == (["mailbox_asked"], ())


def test_who_asks_for_another_partys_mailbox_learns_nothing_and_staff_see_it(desk: Desk) -> None:
    asked = desk.write(IYO, f"メール追加 {TOKUYAMA} 閲覧のみ")
    assert asked.templates == ["mailbox_asked", "staff_enrolment"]
    assert asked.letter_to(EXAMINER).sections[0].values["taken"] is True
    assert decide(desk, "登録承認 {登録承認} " + CALLED).templates == ["mailbox_not_by_mail"]
    for says in (f"メール削除 {TOKUYAMA}", f"メール変更 {TOKUYAMA} 閲覧のみ"):
        assert refused(desk.write(IYO, says), "mailbox_unknown"), says
    assert roles(desk, TOKUYAMA) == {"申込できる"}


# --- Less is given at once, more only after a check


def test_removal_acts_at_once_and_both_are_told(desk: Desk) -> None:
    answered = desk.write(IYO, f"メール削除 {IYO_SITE}")
    assert [(one.recipient, one.sections[0].template) for one in answered.letters] == [
        (IYO, "mailbox_changed"),
        (IYO_SITE, "mailbox_lost"),
    ]
    assert mailbox(desk, IYO_SITE) is None
    gone = desk.write(IYO_SITE, "一覧")
    assert (gone.decision.state, gone.letters) == ("ignored", ())


def test_lowering_acts_at_once_and_raising_goes_through_staff(desk: Desk) -> None:
    add(desk)
    assert desk.write(IYO, f"メール変更 {NEW} 閲覧のみ").templates == ["mailbox_changed", "mailbox_lost"]
    assert roles(desk, NEW) == {"閲覧のみ"}
    raised = desk.write(IYO, f"メール変更 {NEW} 申込できる にしてください")
    assert raised.templates == ["mailbox_asked", "staff_enrolment"]
    assert roles(desk, NEW) == {"閲覧のみ"}
    decide(desk, "登録承認 {登録承認} " + CALLED)
    assert roles(desk, NEW) == {"申込できる"}
    assert refused(desk.write(IYO, f"メール変更 {NEW} 申込できる"), "mailbox_unchanged")


@pytest.mark.parametrize("says", [f"メール削除 {IYO}", f"メール変更 {IYO} 閲覧のみ"])
def test_the_last_mailbox_that_may_apply_is_neither_removed_nor_lowered(desk: Desk, says: str) -> None:
    assert refused(desk.write(IYO, says), "mailbox_last")
    assert roles(desk, IYO) == {"申込できる"}


def test_two_removals_in_one_mail_leave_one_that_may_apply(desk: Desk) -> None:
    add(desk)
    desk.write(IYO, f"メール削除 {NEW}\nメール削除 {IYO}")
    assert (roles(desk, NEW), roles(desk, IYO)) == (None, {"申込できる"})


def test_two_nodes_at_once_leave_one_that_may_apply(desk: Desk) -> None:
    """Each node has seen the other mailbox: the second change is refused by storage and decided again."""
    add(desk)
    box = mailbox(desk, IYO)
    assert box is not None
    removal = RemoveMailbox(address=IYO, party_id=box.party_id)
    lowering = Put(value=box.but(roles=frozenset({Role.VIEW})))
    desk.write(IYO, f"メール変更 {NEW} 閲覧のみ")
    for change in (removal, lowering):
        with pytest.raises(LostClaim):
            desk.opened.database.write(
                lambda s, c=change: changes.apply(s, desk.opened.sealer, (c,), desk.clock.now())  # type: ignore[misc]
            )
    assert roles(desk, IYO) == {"申込できる"}


def test_a_mailbox_removes_itself_where_another_may_apply(desk: Desk) -> None:
    add(desk)
    answered = desk.write(IYO, f"メール削除 {IYO}")
    assert [letter.recipient for letter in answered.letters] == [IYO]
    assert mailbox(desk, IYO) is None


def test_letters_about_works_go_on_to_a_mailbox_that_still_may_apply(desk: Desk) -> None:
    apply_for(desk)
    add(desk)
    answered = desk.write(NEW, f"メール削除 {IYO}")
    assert answered.letter_to(NEW).sections[0].values["heir"] == NEW
    assert desk.application().applicant == NEW


def test_what_a_removed_mailbox_left_to_be_confirmed_ends(desk: Desk) -> None:
    add(desk)
    held = desk.write(NEW, "停止", proof="none")
    code = str(held.letters[0].sections[0].values["code"])
    desk.write(IYO, f"メール削除 {NEW}")
    assert desk.state(held.inbox_id) == "expired"
    assert desk.write(IYO, code).templates == ["nothing_to_confirm"]


def test_a_removed_mailbox_vouches_for_no_other(desk: Desk) -> None:
    add(desk)
    desk.write(NEW, "メール追加 friend@elsewhere.example 申込できる")
    desk.write(IYO, f"メール削除 {NEW}")
    assert decide(desk, "登録承認 {登録承認} " + CALLED).templates == ["enrolment_moot"]
    assert mailbox(desk, "friend@elsewhere.example") is None


def test_a_party_whose_mailboxes_only_look_may_still_stop_letters(desk: Desk) -> None:
    """Imported so: the rule that one must be able to apply binds only who takes that right away."""
    party: dict[str, object] = {"number": "C-10003", "kind": "contractor", "name": "株式会社砥部組"}
    party["mailbox"] = [{"address": "x@tobe-gumi.example", "roles": ["閲覧のみ"]}]
    desk.opened.database.write(lambda session: import_content(session, {"party": [party]}, "test"))
    assert desk.write("x@tobe-gumi.example", "停止").decision.state == "done"


# --- Where the first mailbox is gone: staff, after a call-back


def test_staff_register_a_mailbox_after_a_call_back(desk: Desk) -> None:
    answered = desk.confirmed(EXAMINER, f"メール登録 {NEW} C-10001 申込できる 経理 田中 {CALLED}")
    assert [(one.recipient, one.sections[0].template) for one in answered.letters] == [
        (EXAMINER, "staff_done"),
        (IYO, "mailbox_registered"),
        (NEW, "mailbox_welcome"),
    ]
    assert roles(desk, NEW) == {"申込できる"}
    kept = enrolment(desk, "E8-00001")
    assert kept.check is not None
    assert (kept.decided_by, kept.check.method.value, kept.mailbox) == (EXAMINER, "電話確認", NEW)
    [detail] = [detail for event, _, detail in journal_lines(desk) if event == "mailbox stored"]
    assert detail["address"] == NEW


@pytest.mark.parametrize(
    ("says", "template"),
    [
        (f"メール登録 {NEW} C-10001 申込できる", "enrolment_unchecked"),
        (f"メール登録 {NEW} C-99999 申込できる {CALLED}", "register_how"),
        (f"メール登録 {NEW} S-1 申込できる {CALLED}", "register_how"),
        (f"メール登録 {NEW} O-38299 申込できる {CALLED}", "register_how"),
        (f"メール登録 {NEW} 申込できる {CALLED}", "register_how"),
        (f"メール登録 {TOKUYAMA} C-10001 申込できる {CALLED}", "mailbox_not_by_mail"),
    ],
)
def test_what_staff_may_not_register_is_explained(desk: Desk, says: str, template: str) -> None:
    assert refused(desk.write(EXAMINER, says), template)
    text = says.removeprefix("メール登録 ")
    assert refused(desk.command(EXAMINER, "register_mailbox", text=text), template)


@pytest.mark.parametrize("sender", [DECIDER, MANAGER])
def test_registering_a_contractors_mailbox_is_for_the_examiners(desk: Desk, sender: str) -> None:
    assert refused(desk.write(sender, f"メール登録 {NEW} C-10001 申込できる {CALLED}"), "may_not")


def test_a_new_mailbox_can_be_used_at_once_and_an_old_code_never(desk: Desk) -> None:
    add(desk)
    desk.clock.advance(timedelta(hours=1))
    desk.write(IYO, f"メール削除 {NEW}")
    assert decide(desk, "登録承認 {登録承認} " + CALLED).templates == ["enrolment_not_open"]
    assert mailbox(desk, NEW) is None
