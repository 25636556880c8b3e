"""Altered papers beside right keys, hidden words, and keys in the wrong hands."""

import itertools
from datetime import timedelta

from pydantic import SecretStr

from bot.mail import PaperReading
from bot.reading.pdf import read_pdf
from bot.surety.authkey import display
from bot.surety.enquiry import Enquiry, Verdict
from bot.surety.guarantee import Guarantee, certificate_paper, key_notice_paper
from bot.surety.papers import GuaranteeKind, Rendition
from bot.writing.documents.certificate import certificate_pdf
from bot.writing.documents.key_notice import key_notice_pdf
from storage.ledger import auth_key
from tests.casework import apply_for, issue
from tests.desk import CITY, EXAMINER, IYO, IYO_SITE, OTHER_CITY, STRANGER, TOKUYAMA, Answered, Desk

WRONG_KEY = "K7M4P-3XHW3"


def key_of(desk: Desk, number: str) -> str:
    with desk.opened.database.reading() as session:
        return display(auth_key(session, desk.opened.sealer, number, 1))


def issued(desk: Desk) -> tuple[Guarantee, str, str]:
    """Go to a registered 契約保証; return it with its number and key."""
    issue(desk)
    guarantee = desk.guarantees()[0]
    assert guarantee.number is not None
    return guarantee, guarantee.number, key_of(desk, guarantee.number)


def notice(desk: Desk, guarantee: Guarantee, key: str, **changes: object) -> PaperReading:
    """Draw a key notice as we draw it, with changes, and read it as a forwarded one is read."""
    paper = key_notice_paper(guarantee, desk.settings.office)
    paper = paper.but(key=SecretStr(key.replace("-", "")), to_orderer=("工事名と発注者をお確かめください。",))
    return read_pdf(key_notice_pdf(paper.but(**changes)), 0)


def certificate(desk: Desk, guarantee: Guarantee, **changes: object) -> PaperReading:
    """Draw a certificate as we draw it, with changes, and read it."""
    paper = certificate_paper(guarantee, desk.settings.office, Rendition.ORDERER)
    return read_pdf(certificate_pdf(paper.but(**changes)), 1)


def verdicts(answered: Answered) -> list[Verdict]:
    values = [getattr(change, "value", None) for change in answered.changes]
    return [one.verdict for one in values if isinstance(one, Enquiry)]


def test_the_genuine_notice_beside_the_genuine_certificate_agrees(desk: Desk) -> None:
    guarantee, _, key = issued(desk)
    papers = (notice(desk, guarantee, key), certificate(desk, guarantee))
    assert verdicts(desk.write(CITY, "確認お願いします", papers=papers)) == [Verdict.MATCH]


def test_an_altered_notice_with_the_right_key_differs(desk: Desk) -> None:
    guarantee, _, key = issued(desk)
    alterations: tuple[dict[str, object], ...] = (
        {"work_name": "市道中央線舗装補修工事(その2)"},
        {"work_name": "市道中央線舗装補修工事第2工区"},
        {"work_name": "県道港線改良工事"},
        {"orderer": "松山市長"},
        {"contractor_name": "株式会社悪徳建設"},
        {"kind": GuaranteeKind.ADVANCE},
    )
    for changes in alterations:
        papers = (notice(desk, guarantee, key, **changes),)
        answered = desk.write(CITY, f"確認お願いします {changes}", papers=papers)
        assert verdicts(answered) == [Verdict.DIFFERENCES], changes
        assert answered.letter_to(CITY).documents == ()
        assert answered.letter_to(EXAMINER).sections[0].template == "staff_differences"


def test_an_altered_certificate_beside_the_right_key_differs(desk: Desk) -> None:
    guarantee, number, key = issued(desk)
    pair = f"保証契約番号 {number}\n認証キー {key}"
    alterations: tuple[dict[str, object], ...] = (
        {"guaranteed_amount_yen": 484_000_000},
        {"work_name": "県道港線改良工事"},
        {"orderer": "松山市長"},
        {"kind": GuaranteeKind.ADVANCE, "period_from": None, "bank": "伊予信用金庫　本店"},
    )
    for changes in alterations:
        altered = certificate(desk, guarantee, **changes)
        typed = desk.write(CITY, f"確認お願いします {changes}\n{pair}", papers=(altered,))
        assert verdicts(typed) == [Verdict.DIFFERENCES], changes
        papers = (notice(desk, guarantee, key), altered)
        forwarded = desk.write(CITY, f"確認お願いします {changes}", papers=papers)
        assert verdicts(forwarded) == [Verdict.DIFFERENCES], changes


def hidden(shown: str, before: str) -> PaperReading:
    """A paper whose hidden text comes before what the eye sees; a machine reads both."""
    text = f"{before}\n電子証書閲覧用「認証キー」等のお知らせ\n{shown}"
    pair = {"number": "", "auth_key": ""}
    for line in text.splitlines():
        label, _, value = line.partition(" ")
        if name := {"保証契約番号": "number", "認証キー": "auth_key", "工事名": "work_name"}.get(label):
            pair[name] = pair.get(name) or value.replace("-", "")
    return PaperReading(index=0, rung="text", what="key_notice", fields=pair, text=text, pages=1)


def test_hidden_honest_words_do_not_cover_altered_ones(desk: Desk) -> None:
    guarantee, number, key = issued(desk)
    seen = f"保証契約番号 {number}\n認証キー {key}\n工事名 県道港線改良工事"
    paper = hidden(seen, before=f"工事名 {guarantee.work_name}")
    assert verdicts(desk.write(CITY, "確認お願いします", papers=(paper,))) == [Verdict.DIFFERENCES]


def test_a_right_pair_does_not_cover_a_wrong_one_in_the_same_paper(desk: Desk) -> None:
    _, number, key = issued(desk)
    paper = hidden(
        f"保証契約番号 2080009999\n認証キー {WRONG_KEY}", before=f"保証契約番号 {number}\n認証キー {key}"
    )
    answered = desk.write(CITY, "確認お願いします", papers=(paper,))
    assert verdicts(answered) == [Verdict.MATCH, Verdict.NOT_CONFIRMED]


def test_a_right_key_in_the_wrong_hands_shows_nothing(desk: Desk) -> None:
    guarantee, number, key = issued(desk)
    for sender in (OTHER_CITY, STRANGER, TOKUYAMA):
        answered = desk.write(sender, f"確認お願いします\n保証契約番号 {number}\n認証キー {key}")
        own = [letter for letter in answered.letters if letter.recipient == sender]
        said = "".join(letter.model_dump_json() for letter in own)
        assert not any(one in said for one in (guarantee.work_name, key, "certificate")), sender


def test_nobody_is_shown_anothers_guarantee_by_number_code_or_thread(desk: Desk) -> None:
    _, number, _ = issued(desk)
    letter_id, letter = desk.newest_letter(IYO, "registered")
    wishes = ("証書", "認証キー", "提出", "提出済", f"証書 {number}", f"認証キー {number}")
    for sender, says in itertools.product((TOKUYAMA, OTHER_CITY, CITY), wishes):
        answered = desk.write(sender, says, subject=f"Re: [{letter.case_code}]", references=(letter_id,))
        assert all(one.documents == () for one in answered.letters), (sender, says)
        assert all(part.key is None for one in answered.letters for part in one.sections), (sender, says)
    assert desk.guarantees()[0].submission is None


def test_a_mailbox_that_may_only_view_gets_no_key(desk: Desk) -> None:
    _, number, _ = issued(desk)
    assert desk.write(IYO_SITE, f"認証キー {number}").templates == ["may_not"]


def test_a_key_that_a_contractor_writes_in_remarks_reaches_no_staff_letter(desk: Desk) -> None:
    code = apply_for(desk)
    says = f"この内容で申し込みます\nなお、前回の認証キーは {WRONG_KEY} でした"
    answered = desk.write(IYO, says, subject=f"Re: [{code}]")
    assert answered.decision.state == "done"
    assert not any(WRONG_KEY in letter.model_dump_json() for letter in answered.letters)
    assert not any(WRONG_KEY in one for one in desk.application().remarks)


def test_invisible_marks_in_a_right_key_do_not_make_it_false(desk: Desk) -> None:
    _, number, key = issued(desk)
    for mark in "\u200b\u200d\u202e\u2066\ufeff\u00ad":
        says = f"確認\n保証契約番号 {number[:4]}{mark}{number[4:]}\n認証キー {key[:3]}{mark}{key[3:]}"
        assert verdicts(desk.write(CITY, says)) == [Verdict.MATCH], hex(ord(mark))
        desk.clock.advance(timedelta(minutes=30))  # the same words again and again would be a loop
