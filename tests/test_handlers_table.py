"""The table of mail commands: complete, without collisions; and who may do what, word by word."""

import ast
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from bot import handlers
from bot.folding import squash
from bot.handlers import MODULES, TABLE, WORDS
from bot.ledger import Put
from bot.operations.trial import sample_application
from bot.requests import Kind, Unclear, Word, parse
from bot.surety.application import ApplicationState
from bot.surety.guarantee import GuaranteeState
from bot.surety.party import PartyKind, Role
from tests.desk import (
    CITY,
    CITY_CLERK,
    COLLECTOR,
    DECIDER,
    EXAMINER,
    IYO,
    IYO_SITE,
    MANAGER,
    OTHER_CITY,
    START,
    TOKUYAMA,
    Answered,
    Desk,
    agree,
    apply_for,
    approve,
    examine,
    issue,
    open_desk,
)
from tests.test_requests import ANSWER, spoken, understood, words_of

BOT = Path(handlers.__file__).parents[1]
TEMPLATES = {
    Path(str(one)).stem for one in resources.files("mail_templates").iterdir() if one.name.endswith(".txt")
}
# Where each of these takes the name of a template.
TAKES_TEMPLATE = {"write_to": 1, "to_staff": 2, "answer": 1, "section": 0, "Refusal": 0}


@pytest.fixture
def desk(sqlite_url: str, key_file: Path) -> Iterator[Desk]:
    with open_desk(sqlite_url, key_file) as opened:
        yield opened


# --- The table


def test_a_word_that_is_claimed_twice_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MODULES", (*MODULES, MODULES[1]))
    with pytest.raises(RuntimeError, match="claimed twice"):
        handlers._table()


def test_every_word_has_a_handler() -> None:
    assert set(TABLE) == set(WORDS)
    assert all(callable(handle) for handle in TABLE.values())


def test_every_word_is_for_somebody() -> None:
    assert all(word.roles for word in WORDS.values())


def test_every_binding_word_needs_a_proof_or_is_one() -> None:
    for word in WORDS.values():
        if word.kind == Kind.BINDING:
            assert word.needs_proof or word.proves, word.name


def test_words_that_contradict_each_other_say_so_on_both_sides() -> None:
    for word in WORDS.values():
        for other in word.against:
            assert word.name in WORDS[other].against, (word.name, other)


def _literals() -> Iterator[tuple[str, str]]:
    """Yield (how it is used, text) for every string in the program that may name a template."""
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                at = TAKES_TEMPLATE.get(name)
                given = node.args[at] if at is not None and len(node.args) > at else None
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield "named", given.value
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield "written", node.value


def test_every_template_that_is_named_exists_and_every_one_that_exists_is_named() -> None:
    literals = list(_literals())
    named = {text for use, text in literals if use == "named"}
    assert named - TEMPLATES == set()
    folder = resources.files("mail_templates")
    sources = "".join(one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".txt"))
    written = {text.removesuffix(".txt") for _, text in literals}
    unused = {name for name in TEMPLATES - written if f'"{name}.txt"' not in sources}
    assert unused == set()


# --- Forms do not collide: a binding sentence is one word's; of harmless beginnings the longest wins


def _binding_of(kind: PartyKind, sentence: str) -> set[str]:
    folded = squash(sentence)
    binding = [word for word in words_of(kind) if word.kind == Kind.BINDING]
    return {word.name for word in binding if any(pattern.match(folded) for pattern in word.patterns)}


@pytest.mark.parametrize("kind", list(PartyKind))
def test_every_form_of_a_binding_word_is_of_that_word_alone(kind: PartyKind) -> None:
    for word in words_of(kind):
        if word.kind == Kind.BINDING:
            for sentence, _ in spoken(word):
                assert _binding_of(kind, sentence) == {word.name}, sentence


@pytest.mark.parametrize("kind", list(PartyKind))
def test_every_form_finds_its_word_among_all_of_its_role(kind: PartyKind) -> None:
    for word in words_of(kind):
        for sentence, _ in spoken(word):
            asked = parse(ANSWER, sentence, words_of(kind))
            assert isinstance(asked, tuple), sentence
            assert [one.word for one in asked] == [word.name], sentence


EXPECTED = [
    (PartyKind.CONTRACTOR, "証書", "certificate"),
    (PartyKind.CONTRACTOR, "証書 2080001234", "certificate number=2080001234"),
    (PartyKind.CONTRACTOR, "認証キー", "key_notice"),
    (PartyKind.CONTRACTOR, "キーください", "key_notice"),
    (PartyKind.CONTRACTOR, "申込書", "form"),
    (PartyKind.CONTRACTOR, "申し込みます", "agree"),
    (PartyKind.CONTRACTOR, "申し込みたいです", "form"),
    (PartyKind.CONTRACTOR, "提出", "submit"),
    (PartyKind.CONTRACTOR, "提出済", "submitted"),
    (PartyKind.CONTRACTOR, "提出済です", "submitted"),
    (PartyKind.CONTRACTOR, "契約書です", "contract"),
    (PartyKind.CONTRACTOR, "保証一覧", "list"),
    (PartyKind.CONTRACTOR, "保証証書", "certificate"),
    (PartyKind.CONTRACTOR, "確認 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認", "verify"),
    (PartyKind.ORDERER, "確認 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認コード 482913", "confirm code6=482913"),
    (PartyKind.ORDERER, "確認コードが届きません", "ask back"),
    (PartyKind.ORDERER, "証書", "ask back"),
    (PartyKind.SURETY, "契約確認 4821", "contract_seen code=4821"),
    (PartyKind.SURETY, "契約書確認 4821", "contract_seen code=4821"),
    (PartyKind.SURETY, "契約のみ承認 4821", "approve_performance code=4821"),
    (PartyKind.SURETY, "承認 4821", "approve code=4821"),
    (PartyKind.SURETY, "承認 482913", "ask back"),
    (PartyKind.SURETY, "482913", "confirm code6=482913"),
    (PartyKind.SURETY, "契約書", "ask back"),
]


@pytest.mark.parametrize(("kind", "says", "expects"), EXPECTED)
def test_words_that_begin_alike_are_told_apart(kind: PartyKind, says: str, expects: str) -> None:
    assert understood(parse(ANSWER, says, words_of(kind))) == expects


@pytest.mark.parametrize("kind", list(PartyKind))
def test_nobody_can_write_a_word_of_another_role(kind: PartyKind) -> None:
    mine = {word.name for word in words_of(kind)}
    for word in WORDS.values():
        if kind not in word.roles:
            for sentence, _ in spoken(word)[:2]:
                asked = parse(ANSWER, sentence, words_of(kind))
                assert isinstance(asked, Unclear) or {one.word for one in asked} <= mine


def test_a_words_forms_are_compiled_once() -> None:
    word = Word("x", "試し", Kind.BINDING, ("試し~",), frozenset(PartyKind))
    assert len(word.patterns) == len(word.forms)


# --- Who may do what: 申込できる and 閲覧のみ


def refused(answered: Answered, template: str) -> bool:
    """Whether nothing was done and the sender was told why."""
    told = answered.templates[:1] == [template]
    return told and answered.changes == () and answered.decision.state == "refused"


def reply(desk: Desk, sender: str, says: str, code: str) -> Answered:
    return desk.write(sender, says, subject=f"Re: [{code}]")


def codes(desk: Desk, address: str, template: str) -> dict[str, str]:
    found = desk.value(address, template, "codes")
    assert isinstance(found, dict)
    return found


def test_applying_is_for_mailboxes_that_may_apply(desk: Desk) -> None:
    form = sample_application(START.date())
    assert refused(desk.write(IYO_SITE, form, subject="保証申込"), "may_not")
    assert desk.write(IYO, form, subject="保証申込").templates == ["read_back"]


def test_agreeing_and_withdrawing_are_for_mailboxes_that_may_apply(desk: Desk) -> None:
    code = apply_for(desk)
    assert refused(reply(desk, IYO_SITE, "この内容で申し込みます", code), "may_not")
    assert refused(reply(desk, IYO_SITE, "取下げ", code), "may_not")
    assert desk.application().state is ApplicationState.READ_BACK
    reply(desk, IYO, "この内容で申し込みます", code)
    assert desk.application().state is ApplicationState.APPLIED
    reply(desk, IYO, "取下げ", code)
    assert desk.application().state is ApplicationState.WITHDRAWN


def test_another_contractor_neither_agrees_nor_withdraws(desk: Desk) -> None:
    code = apply_for(desk)
    assert refused(reply(desk, TOKUYAMA, "この内容で申し込みます", code), "which_case")
    assert refused(reply(desk, TOKUYAMA, "取下げ", code), "which_case")
    assert desk.application().state is ApplicationState.READ_BACK


@pytest.mark.parametrize("sender", [CITY, EXAMINER, DECIDER])
def test_orderers_and_staff_do_not_apply_for_others(desk: Desk, sender: str) -> None:
    code = apply_for(desk)
    answered = reply(desk, sender, "この内容で申し込みます", code)
    assert answered.templates == ["unclear"]
    assert desk.application().state is ApplicationState.READ_BACK


def test_a_certificate_and_the_list_are_for_every_box_of_the_contractor(desk: Desk) -> None:
    code = issue(desk)
    for sender in (IYO, IYO_SITE):
        assert reply(desk, sender, "証書", code).templates == ["certificate"]
        assert desk.write(sender, "一覧").letters[0].sections[0].values["total"] == 1


def test_a_certificate_and_the_list_show_nothing_of_other_contractors(desk: Desk) -> None:
    issue(desk)
    number = desk.guarantees()[0].number
    assert refused(desk.write(TOKUYAMA, f"証書 {number}"), "no_such_guarantee")
    assert desk.write(TOKUYAMA, "一覧").letters[0].sections[0].values["total"] == 0


@pytest.mark.parametrize("says", ["認証キー", "提出", "提出済", "契約書の写しを送ります"])
def test_the_key_and_the_submission_are_for_mailboxes_that_may_apply(desk: Desk, says: str) -> None:
    code = issue(desk)
    assert refused(reply(desk, IYO_SITE, says, code), "may_not")
    assert reply(desk, IYO, says, code).decision.state == "done"


@pytest.mark.parametrize("word", ["認証キー", "提出", "提出済"])
def test_the_key_and_the_submission_of_another_contractor_are_out_of_reach(desk: Desk, word: str) -> None:
    issue(desk)
    number = desk.guarantees()[0].number
    assert refused(desk.write(TOKUYAMA, f"{word} {number}"), "no_such_guarantee")
    assert desk.guarantees()[0].submission is None


def test_nothing_is_shown_before_it_is_registered(desk: Desk) -> None:
    code = approve(desk)
    for says in ("証書", "認証キー", "提出", "提出済"):
        assert refused(reply(desk, IYO, says, code), "not_registered_yet"), says


# --- 審査, 決裁, 収納, 管理


@pytest.mark.parametrize("sender", [DECIDER, COLLECTOR, MANAGER])
def test_examining_is_for_the_examiners(desk: Desk, sender: str) -> None:
    code = agree(desk)
    mine = codes(desk, EXAMINER, "staff_review")
    for says in (
        f"審査済 {mine['審査済']} 保証料 61,200円",
        f"差戻し {mine['差戻し']} 工期が違います",
        f"謝絶 {mine['謝絶']}",
    ):
        assert refused(reply(desk, sender, says, code), "may_not"), says
    assert desk.application().state is ApplicationState.APPLIED


@pytest.mark.parametrize("sender", [EXAMINER, COLLECTOR, MANAGER])
def test_deciding_is_for_the_deciders(desk: Desk, sender: str) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    for says in (f"承認 {mine['承認']}", f"契約のみ承認 {mine['契約のみ承認']}", f"謝絶 {mine['謝絶']}"):
        assert refused(reply(desk, sender, says, code), "may_not"), says
    assert desk.application().state is ApplicationState.EXAMINED


@pytest.mark.parametrize("sender", [EXAMINER, DECIDER, MANAGER])
def test_booking_a_payment_is_for_the_collectors(desk: Desk, sender: str) -> None:
    code = approve(desk)
    typed = desk.value(COLLECTOR, "staff_payment", "code")
    assert refused(reply(desk, sender, f"入金 {typed}", code), "may_not")
    assert desk.guarantees() == ()


def test_a_question_is_for_examiners_and_deciders(desk: Desk) -> None:
    code = agree(desk)
    assert refused(reply(desk, COLLECTOR, "質問 契約日は", code), "may_not")
    assert reply(desk, DECIDER, "質問 契約日は", code).templates == ["staff_done", "question"]


def test_seeing_the_contract_is_for_the_examiners(desk: Desk) -> None:
    code = issue(desk)
    reply(desk, IYO, "契約書の写しを送ります", code)
    typed = desk.value(EXAMINER, "staff_contract", "code")
    for sender in (DECIDER, COLLECTOR, MANAGER):
        assert refused(reply(desk, sender, f"契約確認 {typed}", code), "may_not")
    reply(desk, EXAMINER, f"契約確認 {typed}", code)
    assert [one.state for one in desk.guarantees()] == [GuaranteeState.REGISTERED] * 2


def test_who_examined_does_not_decide_even_with_both_roles(desk: Desk) -> None:
    desk.give_roles(EXAMINER, Role.EXAMINE, Role.DECIDE)
    code = examine(desk)
    assert desk.letters_to(EXAMINER) == 2, "review and receipt; nobody is asked to decide on own work"
    for says in ("承認 4821", "契約のみ承認 4821", "謝絶 4821", "差戻し 4821 工期が違います"):
        assert refused(reply(desk, EXAMINER, says, code), "same_person"), says
    assert refused(desk.command(EXAMINER, "approve", code), "same_person")


def test_who_decided_does_not_book_the_payment_even_with_both_roles(desk: Desk) -> None:
    desk.give_roles(DECIDER, Role.DECIDE, Role.COLLECT)
    code = approve(desk)
    assert refused(reply(desk, DECIDER, "入金 4821", code), "same_person")
    assert refused(desk.command(DECIDER, "pay", code), "same_person")
    assert desk.guarantees() == ()


def test_a_wrong_code_does_nothing(desk: Desk) -> None:
    code = examine(desk)
    right = codes(desk, DECIDER, "staff_decision")["承認"]
    wrong = "1000" if right != "1000" else "1001"
    assert refused(reply(desk, DECIDER, f"承認 {wrong}", code), "wrong_decision_code")
    assert desk.application().state is ApplicationState.EXAMINED


def test_the_code_of_one_action_is_no_code_of_another(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    assert len(set(mine.values())) == len(mine)
    assert refused(reply(desk, DECIDER, f"謝絶 {mine['承認']}", code), "wrong_decision_code")
    assert refused(reply(desk, DECIDER, f"承認 {mine['契約のみ承認']}", code), "wrong_decision_code")


def test_the_code_of_another_person_is_no_code(desk: Desk) -> None:
    desk.give_roles(MANAGER, Role.DECIDE)
    code = examine(desk)
    theirs = codes(desk, MANAGER, "staff_decision")["承認"]
    assert refused(reply(desk, DECIDER, f"承認 {theirs}", code), "wrong_decision_code")


def test_the_code_of_another_application_is_no_code(desk: Desk) -> None:
    first = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")["承認"]
    second = examine(desk, TOKUYAMA)
    assert first != second
    assert refused(reply(desk, DECIDER, f"承認 {mine}", second), "wrong_decision_code")


def test_the_code_of_an_older_version_is_no_code(desk: Desk) -> None:
    """Sent back, applied for again: what was shown to the examiner then is not what stands there now."""
    code = agree(desk)
    old = codes(desk, EXAMINER, "staff_review")
    reply(desk, EXAMINER, f"差戻し {old['差戻し']} 工事場所が違います", code)
    reply(desk, IYO, "工事場所: 伊予灘市中央二丁目地内", code)
    reply(desk, IYO, "この内容で申し込みます", code)
    assert desk.application().state is ApplicationState.APPLIED
    answered = reply(desk, EXAMINER, f"審査済 {old['審査済']} 保証料 61,200円", code)
    assert refused(answered, "wrong_decision_code")
    new = codes(desk, EXAMINER, "staff_review")["審査済"]
    reply(desk, EXAMINER, f"審査済 {new} 保証料 61,200円", code)
    assert desk.application().state is ApplicationState.EXAMINED


def test_a_decision_is_taken_once(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    reply(desk, DECIDER, f"承認 {mine['承認']}", code)
    assert refused(reply(desk, DECIDER, f"承認 {mine['承認']}。", code), "not_now")
    assert refused(reply(desk, DECIDER, f"謝絶 {mine['謝絶']}", code), "not_now")


def test_each_declines_on_its_own_turn(desk: Desk) -> None:
    code = agree(desk)
    mine = codes(desk, EXAMINER, "staff_review")["謝絶"]
    answered = reply(desk, EXAMINER, f"謝絶 {mine}", code)
    assert answered.templates == ["staff_done", "declined"]
    assert desk.application().state is ApplicationState.DECLINED


def test_the_contractor_hears_no_reason_from_a_machine(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")["謝絶"]
    letter = reply(desk, DECIDER, f"謝絶 {mine}", code).letter_to(IYO)
    assert set(letter.sections[0].values) == {"work_name"}


# --- The command line: no code, the same roles


def test_the_command_line_needs_no_code(desk: Desk) -> None:
    code = agree(desk)
    desk.command(EXAMINER, "examined", code, yen="61,200円")
    desk.command(DECIDER, "approve", code)
    desk.command(COLLECTOR, "pay", code)
    assert desk.application().state is ApplicationState.ISSUED


def test_the_command_line_obeys_the_same_roles(desk: Desk) -> None:
    code = agree(desk)
    assert refused(desk.command(DECIDER, "examined", code, yen="61,200円"), "may_not")
    desk.command(EXAMINER, "examined", code, yen="61,200円")
    for person in (EXAMINER, COLLECTOR, MANAGER):
        assert refused(desk.command(person, "approve", code), "may_not")
    desk.command(DECIDER, "approve", code)
    for person in (EXAMINER, DECIDER, MANAGER):
        assert refused(desk.command(person, "pay", code), "may_not")


def test_a_command_of_nobody_is_refused(desk: Desk) -> None:
    code = agree(desk)
    answered = desk.command("nobody@surety.example", "approve", code)
    assert (answered.decision.state, answered.letters, answered.changes) == ("refused", (), ())


@pytest.mark.parametrize("person", [EXAMINER, DECIDER, COLLECTOR])
def test_keys_of_a_registry_are_handed_in_by_the_managers(desk: Desk, person: str) -> None:
    desk.set_orderer("伊予灘市長", key_issuer="external")
    issue(desk)
    number = desk.guarantees()[0].number or ""
    assert refused(desk.command(person, "register_key", number=number, key="X1Y2"), "may_not")
    assert desk.command(MANAGER, "register_key", number=number, key="X1Y2").templates == ["registered"]
    assert desk.guarantees()[0].state is GuaranteeState.REGISTERED


# --- 確認 by orderers


def enquiry(desk: Desk, sender: str, *, key: str | None = None, proof: str = "dkim") -> Answered:
    number = desk.guarantees()[0].number or ""
    says = f"保証契約番号 {number}\n認証キー {key or desk.key_of(number)}\n確認をお願いします。"
    return desk.write(sender, says, proof=proof)


@pytest.mark.parametrize("sender", [CITY, CITY_CLERK])
def test_a_guarantee_is_verified_by_its_own_orderer(desk: Desk, sender: str) -> None:
    issue(desk)
    answered = enquiry(desk, sender)
    assert answered.templates[0] == "verified"
    assert answered.letters[0].recipient == CITY


def test_another_orderer_hears_what_a_wrong_key_hears(desk: Desk) -> None:
    issue(desk)
    other = enquiry(desk, OTHER_CITY)
    wrong = enquiry(desk, CITY, key="K7M4P-3XHW3")
    assert other.templates == wrong.templates == ["not_confirmed"]
    kept = [
        {k: v for k, v in one.letters[0].sections[0].values.items() if k not in ("enquiry", "at")}
        for one in (other, wrong)
    ]
    assert kept[0] == kept[1]


def test_an_unproven_look_is_not_the_contractors_news(desk: Desk) -> None:
    issue(desk)
    assert enquiry(desk, CITY, proof="none").templates == ["verified"]
    assert desk.guarantees()[0].verified_at is None
    assert enquiry(desk, CITY).templates == ["verified", "verified_news"]
    assert desk.guarantees()[0].verified_at is not None


@pytest.mark.parametrize("sender", [IYO, TOKUYAMA, EXAMINER])
def test_number_and_key_open_nothing_for_anybody_else(desk: Desk, sender: str) -> None:
    issue(desk)
    answered = enquiry(desk, sender)
    assert not {"verified", "not_confirmed", "differences"} & set(answered.templates)


def test_one_word_answers_a_submission_of_ours(desk: Desk) -> None:
    code = issue(desk)
    reply(desk, IYO, "提出", code)
    reference, _ = desk.newest_letter(CITY, "submission")
    answered = desk.write(CITY, "確認", subject="Re: 【電子保証】", references=(reference,))
    assert answered.templates[0] == "verified"
    stranger = desk.write(OTHER_CITY, "確認", subject="Re: 【電子保証】", references=(reference,))
    assert refused(stranger, "nothing_to_verify")


def test_a_letter_of_the_orderer_says_nothing_of_premium_or_other_works(desk: Desk) -> None:
    issue(desk)
    (letter,) = [one for one in enquiry(desk, CITY).letters if one.recipient == CITY]
    text = letter.model_dump_json()
    assert "premium" not in text
    assert "61200" not in text
    assert "089-000-1234" not in text


def test_what_a_decision_changes_is_stored_under_its_case(desk: Desk) -> None:
    code = examine(desk)
    mine = codes(desk, DECIDER, "staff_decision")
    answered = reply(desk, DECIDER, f"承認 {mine['承認']}", code)
    (put,) = answered.changes
    assert isinstance(put, Put)
    assert desk.application().decided_by == DECIDER
