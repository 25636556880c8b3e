"""What is asked in a mail: a table of real sentences, and properties of the closed lists."""

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.doubts import is_doubt
from bot.folding import squash
from bot.handlers import WORDS
from bot.requests import Kind, Request, Unclear, Word, command_subject, parse
from bot.surety.party import PartyKind
from bot.words import ASKING, ENDINGS

TABLE = Path(__file__).with_name("requests_table.toml")
ANSWER = "Re: 【保証便】認証キー等のお知らせ(発注者への提出用):市道中央線舗装補修工事 [R8-01234-7KQ4]"
SAMPLES = {
    "<code>": "4821",
    "<code6>": "482913",
    "<yen>": "61,200円",
    "<number>": "2080001234",
    "<text>": "契約日が書かれて いない",
}


def words_of(kind: PartyKind) -> list[Word]:
    return [word for word in WORDS.values() if kind in word.roles]


def understood(asked: tuple[Request, ...] | Unclear) -> str:
    """Write down what was understood, as the table does."""
    if isinstance(asked, Unclear):
        return "ask back"
    shown = (" ".join([one.word, *(f"{k}={v}" for k, v in one.arguments.items())]) for one in asked)
    return ", ".join(shown) or "nothing"


def rows() -> list[Any]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [
        pytest.param(kind, row, id=f"{kind}: {row.get('subject', '')}|{row['says'].strip()[:40]}")
        for kind in table
        for row in table[kind]
    ]


def spoken(word: Word) -> list[tuple[str, str]]:
    """Return every sentence of a word's closed list, arguments filled in, with its form."""
    sentences = []
    for form in word.forms:
        endings = {"~": ENDINGS, "^": ASKING}.get(form[-1], ("",))
        text = re.sub(r"<\w+>", lambda found: f" {SAMPLES[found[0]]} ", form.rstrip("~^")).strip()
        sentences += [(f"{text}{ending}", form) for ending in endings]
    return sentences


BINDING = [
    (kind, word, sentence)
    for kind in PartyKind
    for word in words_of(kind)
    if word.kind == Kind.BINDING
    for sentence, _ in spoken(word)
]
DOUBTS = (
    "まだ提出しないでください",
    "ただし工期を確認のこと",
    "承認できません",
    "やはりやめます",
    "もう少し待ってください",
    "これでよいでしょうか",
    "契約が済んだらお願いします",
    "入金の確認後にお願いします",
    "問題がなければ進めてください",
    "工期が違います",
    "社長の決裁次第です",
    "取り消してください",
    "キャンセルで",
    "保留にしてください",
    "いつになりますか？",
    "金額は未定です",
    "少し考えさせてください",
    "前払の分は除きます",
    "来週でお願いします",
    "11月20日にお願いします",
    "さっきのは間違いです",
    "担当者に相談中です",
    "証書が届いていません",
    "NGです",
    "No",
    "stop",
    "一旦止めてください",
    "見送りとします",
    "急ぎませんが",
    "お断りします",
    "送らずにお待ちください",
    "状況を教えてください",
    "今回は結構です",
    "辞退します",
    "契約が流れました",
    "工期が変更になりました",
    "金額を直してください",
    "発注者名が旧名称です",
    "記載漏れがあります",
    "添付を忘れました",
    "支店長決裁後",
    "契約保証の分だけ",
    "承認は難しいです",
    "謝絶でお願いします",
    "差し戻してください",
    "取下げてください",
    "もう出しました",
    "既に紙で出しています",
    "来週月曜で",
    "請求書と同時で",
    "(仮)",
    "テストです",
    "と書けばよいのですね",
    "と言われました",
    "禁止",
    "未承認",
    "✕",
    "not yet",
    "no thanks",
    "cancel please",
)
# What stands beside a binding word every day and takes nothing back.
HARMLESS = (
    "なお、契約書の写しは来週お送りいたします。",
    "契約日は11月16日です。",
    "保証料は11月12日に振り込みます。",
    "原本は郵送いたします。",
    "担当は総務の高橋です。",
    "災害復旧工事の件です。",
    "ご不明な点がございましたら、高橋までご連絡ください。",
    "変更はありません。",
    "ご確認いただけますと幸いです。",
)
COURTESIES = (
    "お世話になっております。",
    "いつも大変お世話になっております。",
    "平素より格別のご高配を賜り厚く御礼申し上げます。",
    "お疲れ様です。",
    "㈱いよ建設の髙橋です。",
    "伊予灘市契約課の山田と申します。",
    "〇〇建設業保証　ご担当者様",
    "渡部様",
    "内容確認いたしました。",
    "承知いたしました。",
    "内容に問題ございません。",
    "早速のご連絡ありがとうございます。",
    "お手数をおかけして申し訳ございません。",
    "お忙しいところ恐れ入ります。",
    "よろしくお願いいたします。",
    "以上、よろしくお願いいたします。",
    "何卒よろしくお願い申し上げます。",
    "ご確認のほどよろしくお願いいたします。",
    "取り急ぎご連絡まで。",
    "以上",
    "",
)
SIGNATURES = (
    "",
    "\n--\n株式会社いよ建設\n総務部 高橋\nTEL 089-000-1234",
    "\n-----------------------\n㈱いよ建設　総務部　髙橋\nTEL089-000-1234\n-----------------------",
    "\n\niPhoneから送信",
    "\n\n株式会社いよ建設\n高橋 一子\nsoumu@iyo-kensetsu.example\n089-000-1234",
    "\n\n高橋",
)


def contradicts(doubt: str, word: Word) -> bool:
    """Whether the doubting sentence is itself one of a word's forms (謝絶 has a free text)."""
    return isinstance(parse(ANSWER, doubt, [word]), tuple)


@pytest.mark.parametrize(("kind", "row"), rows())
def test_a_mail_is_understood_as_the_table_says(kind: str, row: dict[str, Any]) -> None:
    asked = parse(row.get("subject", ANSWER), row["says"], words_of(PartyKind(kind)))
    assert understood(asked) == row["expects"], asked
    beside = asked.beside if isinstance(asked, Unclear) else ()
    assert ", ".join(one.word for one in beside) == row.get("beside", "")


def test_the_table_is_worth_its_name() -> None:
    assert len(rows()) >= 100


def test_two_harmless_things_keep_their_own_words() -> None:
    asked = parse(ANSWER, "証書と一覧 中央線 2ページ", words_of(PartyKind.CONTRACTOR))
    assert isinstance(asked, tuple)
    assert [one.sentence for one in asked] == ["証書", "一覧 中央線 2ページ"]


def test_what_else_was_said_is_handed_on_to_staff() -> None:
    says = "この内容で申し込みます。\nなお、契約書の写しは来週お送りいたします。"
    asked = parse(ANSWER, says, words_of(PartyKind.CONTRACTOR))
    assert isinstance(asked, tuple)
    assert asked[0].more == ("契約書の写しは来週お送りいたします",)


def test_an_unmarked_copy_of_our_letter_is_not_read_as_new_words() -> None:
    """Some programs quote without any mark: the codes in our letters must not act then."""
    ours = "支店長 渡部様\n\n回答は、次のいずれか1行で返信してください。\n　承認 4821"
    staff = words_of(PartyKind.SURETY)
    assert isinstance(parse(ANSWER, ours, staff), Unclear)
    assert understood(parse(ANSWER, f"承認 7310\n\n{ours}", staff)) == "approve code=7310"


@pytest.mark.parametrize(
    "prefix",
    [
        *(
            "Re:",
            "RE: ",
            "Ｒｅ：",
            "Fw:",
            "FWD: ",
            "Ｆｗｄ：",
            "Re[2]: ",
            "Re(2): ",
            "Re^2: ",
            "Re2: ",
            "RE；",
            "Re ： ",
        ),
        *(
            "返信: ",
            "返信：",
            "転送：",
            "【転送】",
            "（返信）",
            "回答:",
            "R: ",
            "AW: ",
            "SV: ",
            "回复: ",
            "Re >",
        ),
        *("Re:Re:Re:", "RE: FW: 【保証便】", "Fwd: Fwd: ", "ＲＥ：　ＦＷ："),
        *(
            "【無害化済】Re: ",
            "[EXTERNAL] RE: ",
            "[SPAM?] Re: ",
            "*****SPAM***** Re: ",
            "{Spam?} RE: ",
            "SPAM: Re: ",
        ),
        *("[社外] 【外部】Re：", "《社外》Re: ", "<社外メール> Re: ", "外部メール：Re: ", "［社外］転送："),
    ],
)
def test_the_subject_of_an_answer_is_never_a_command(prefix: str) -> None:
    assert command_subject(f"{prefix}提出") == ""


@pytest.mark.parametrize(
    "tag", ["【急】", "[EXTERNAL] ", "［社外］", "【無害化済】【社外】", "{Spam?} ", "外部メール： "]
)
def test_a_tag_in_front_of_a_new_subject_is_passed_over(tag: str) -> None:
    assert command_subject(f"{tag}証書") == "証書"


@pytest.mark.parametrize(
    "introduction", ["㈱いよ建設の髙橋です。", "いよ土木の佐伯と申します。", "伊予灘市契約課の山田です。"]
)
def test_an_introduction_asks_for_nothing(introduction: str) -> None:
    assert parse(ANSWER, introduction, words_of(PartyKind.CONTRACTOR)) == ()


@pytest.mark.parametrize(
    "line", ["契約保証の証書待ちです", "中央線の工期延長です", "契約課の担当変更です", "提出の取りやめです"]
)
def test_a_report_is_not_taken_for_an_introduction(line: str) -> None:
    asked = parse(ANSWER, line, words_of(PartyKind.CONTRACTOR))
    assert isinstance(asked, Unclear)
    assert asked.doubts == (line,)


@given(
    st.sampled_from(BINDING),
    st.sampled_from(DOUBTS),
    st.booleans(),
    st.sampled_from(("\n", "。", "\n-----\n")),
)
@settings(max_examples=400, deadline=None)
def test_a_binding_word_beside_a_doubt_never_acts(
    binding: tuple[PartyKind, Word, str], doubt: str, doubt_first: bool, between: str
) -> None:
    kind, word, sentence = binding
    assume(not contradicts(doubt, word))
    says = between.join((doubt, sentence) if doubt_first else (sentence, doubt))
    assert isinstance(parse(ANSWER, says, words_of(kind)), Unclear)


@given(
    st.sampled_from(BINDING),
    st.lists(st.sampled_from(COURTESIES), max_size=4),
    st.lists(st.sampled_from(COURTESIES), max_size=3),
    st.sampled_from(SIGNATURES),
)
@settings(max_examples=400, deadline=None)
def test_a_binding_word_among_courtesies_acts_exactly_once(
    binding: tuple[PartyKind, Word, str], before: list[str], after: list[str], signature: str
) -> None:
    kind, word, sentence = binding
    asked = parse(ANSWER, "\n".join([*before, sentence, *after]) + signature, words_of(kind))
    assert isinstance(asked, tuple), asked
    assert [one.word for one in asked] == [word.name]


@pytest.mark.parametrize("beside", HARMLESS)
def test_what_takes_nothing_back_does_not_hinder(beside: str) -> None:
    asked = parse(ANSWER, f"この内容で申し込みます。\n{beside}", words_of(PartyKind.CONTRACTOR))
    assert understood(asked) == "agree"


@given(st.sampled_from(BINDING), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_a_doubt_in_any_other_words_is_enough(binding: tuple[PartyKind, Word, str], noise: str) -> None:
    kind, _, sentence = binding
    doubt = f"{noise.replace('>', '')}そうしないで"
    assume("質問" not in doubt)
    asked = parse(ANSWER, f"{sentence}\n{doubt.lstrip()}", words_of(kind))
    assert isinstance(asked, Unclear)


@given(st.text(max_size=300), st.text(max_size=600), st.sampled_from(list(PartyKind)))
@settings(max_examples=300, deadline=None)
def test_reading_requests_never_fails(subject: str, text: str, kind: PartyKind) -> None:
    asked = parse(subject, text, words_of(kind))
    assert isinstance(asked, tuple | Unclear)


LONG = (
    "お世話になっております、",
    "いつも",
    "よろしくお願いいたします。",
    "ご確認のほど、",
    "様\n",
    "-----\n",
    "-----\n\nあ\n",
    "-----\nあ。\n",
    "あ\n",
    "[",
    "【",
    "(株)",
    "の",
    "承認 4821\n",
    "承認 ",
    "質問 あ ",
    "証書と",
    "> ",
    " ",
    "\n",
    "＊＊",
    "TEL 0",
    "https://",
    "申し訳",
    "お手数をおかけして",
    "この内容で",
    "問題",
)


@pytest.mark.parametrize("piece", LONG)
def test_a_long_mail_is_read_in_linear_time(piece: str) -> None:
    """100 kB of whatever: no pattern backtracks its way through it."""

    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        begun = time.perf_counter()
        parse(text, text, words_of(PartyKind.SURETY))
        return time.perf_counter() - begun

    assert seconds(100_000) < 3


def test_the_letters_of_a_case_code_say_nothing() -> None:
    """3NGW holds NG, the denial of everyday Japanese; one code in some hundred does."""
    assert not is_doubt(squash("請負契約書の写し [R8-00001-3NGW]"))
    assert is_doubt(squash("承認はNGです"))
