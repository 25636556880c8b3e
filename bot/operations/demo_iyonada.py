"""Story 1, 伊予灘市: 契約保証 and 前払金保証 together, from the first form to the orderer's two checks."""

import re
from dataclasses import dataclass
from datetime import date

from bot.operations.demo_copying import answer, case_code, typed, value
from bot.operations.demo_iyonada_orderer import WORK, play_orderer
from bot.operations.demo_mails import outlook, phone, webmail
from bot.operations.demo_people import KEIYAKU, KESSAI, SHINSA, SHUNO, SOUMU
from bot.operations.demo_play import Expect, Play
from bot.operations.demo_sink import Arrived
from bot.operations.trial import sample_application
from bot.surety.wareki import wareki_short


@dataclass(frozen=True)
class Issued:
    """What the later stories need of this one: numbers, keys, and letters to forward."""

    performance: str
    performance_key: str
    advance: str
    advance_key: str
    certificate: Arrived
    key_notice: Arrived
    submission: Arrived


def play_iyonada(play: Play, today: date) -> Issued:
    """Play the whole story. Raises Different where anything is not as it must be."""
    read_back = _apply(play, today)
    code = case_code(read_back)
    notice = _examine(play, read_back, code)
    certificate, key_notice = _fetch(play, notice)
    submission = play_orderer(play, notice, key_notice)
    return Issued(
        performance=value(key_notice, "保証契約番号"),
        performance_key=value(key_notice, "認証キー"),
        advance=value(submission, "保証契約番号"),
        advance_key=value(submission, "認証キー"),
        certificate=certificate,
        key_notice=key_notice,
        submission=submission,
    )


def _apply(play: Play, today: date) -> Arrived:
    """A form with one fault, its correction, and the one answer that applies."""
    make = play.mailer.post
    form = sample_application(today)
    wrong = re.sub(r"(◎工期: \S+ 〜 )\S+", rf"\g<1>{wareki_short(today)}", form)
    first = make(SOUMU, f"保証申込 {WORK}", wrong)
    (faults,) = play.act(
        "申込書(工期に誤り)",
        first,
        Expect(
            SOUMU.address, "あと1か所ご確認ください", ("工期", "まだお申込みは成立していません", "請負代金額")
        ),
        state="refused",
    )
    code = case_code(faults)
    right = re.search(r"◎(工期: .+)", form)
    assert right is not None
    words = (
        f"いつもお世話になっております。\n訂正いたします。\n\n{right.group(1)}\n\nよろしくお願いいたします。"
    )
    corrected = make(
        SOUMU, f"RE: {faults.subject}", outlook(words, faults), answers=faults, charset="iso-2022-jp"
    )
    (read_back,) = play.act(
        "直した項目だけを返信",
        corrected,
        Expect(
            SOUMU.address,
            "お申込み内容のご確認",
            ("19,300,000円", "4,840,000円", "伊予灘市長", "前払金保証約款", "この内容で申し込みます", "髙橋"),
        ),
        facts=lambda: {"the application waits for the answer": _state(play, code) == "read_back"},
    )
    return read_back


def _state(play: Play, code: str) -> str:
    return str(play.record.application(code)["state"])


def _examine(play: Play, read_back: Arrived, code: str) -> Arrived:
    """「この内容で申し込みます」 as it really arrives, then three people of the surety."""
    words = (
        "〇〇建設業保証　ご担当者様\n\nいつもお世話になっております。\n㈱いよ建設の髙橋です。\n\n"
        "内容確認いたしました。この内容で申し込みます。\nなお、契約書の写しは来週お送りいたします。\n\n"
        "以上、よろしくお願いいたします。"
    )
    agreed = play.mailer.post(
        SOUMU,
        f"RE: {read_back.subject}",
        outlook(f"{words}\n{SOUMU.signature}", read_back),
        answers=read_back,
        charset="iso-2022-jp",
    )
    _, review = play.act(
        "「この内容で申し込みます」",
        agreed,
        Expect(SOUMU.address, "お申込みを受け付けました", ("審査のうえお返事いたします",)),
        Expect(SHINSA.address, "【審査】", ("契約書の写しは来週お送りいたします", "審査済", "48,400,000円")),
        facts=lambda: {"applied for": _state(play, code) == "applied"},
    )
    examined = typed(review, "審査済").replace("(金額)", "61,200円")
    _, decision = play.act(
        "審査済(保証料61,200円)",
        answer(play, review, examined),
        Expect(SHINSA.address, "【済】審査済"),
        Expect(KESSAI.address, "【決裁】", ("61,200円", "承認")),
        facts=lambda: {"examined": _state(play, code) == "examined"},
    )
    _, _, payment = play.act(
        "承認",
        answer(play, decision, typed(decision, "承認")),
        Expect(KESSAI.address, "【済】承認"),
        Expect(
            SOUMU.address, "保証料のご案内", ("61,200円(非課税)", "振込先の変更をお願いすることはありません")
        ),
        Expect(SHUNO.address, "【収納】", ("入金",)),
        facts=lambda: {"approved": _state(play, code) == "approved"},
    )
    _, notice = play.act(
        "入金",
        answer(play, payment, typed(payment, "入金 ")),
        Expect(SHUNO.address, "【済】入金"),
        Expect(
            SOUMU.address,
            "電子証書・認証キー登録のお知らせ",
            ("契約保証(保証契約番号", "「認証キー」", "契約書の写しを送ります"),
            ("前払金保証(保証契約番号",),
        ),
        facts=lambda: {"契約保証だけ登録": play.states(code) == ["registered", "awaiting_contract"]},
    )
    return notice


def _fetch(play: Play, notice: Arrived) -> tuple[Arrived, Arrived]:
    """証書 and 認証キー, one word each; then both words in one mail."""
    make = play.mailer.post
    re_notice = f"Re: {notice.subject}"
    (certificate,) = play.act(
        "証書",
        make(SOUMU, re_notice, webmail("証書", notice), answers=notice),
        Expect(
            SOUMU.address, "保証証書(受注者控え)", ("4,840,000円",), (), ("certificate-contractor-copy_",)
        ),
    )
    (key_notice,) = play.act(
        "認証キー",
        make(SOUMU, re_notice, phone("認証キー", notice), answers=notice),
        Expect(
            SOUMU.address,
            "認証キー等のお知らせ(発注者への提出用)",
            ("そのまま使える送信文", KEIYAKU.address, "契約書を持参する前に", "「提出」"),
            (),
            ("key-notice_",),
        ),
    )
    play.keys.add(value(key_notice, "認証キー"))
    both = "お世話になります。\n証書\n認証キー\nの2つをお願いします。"
    play.act(
        "証書と認証キーを1通で",
        make(SOUMU, re_notice, webmail(both, notice), answers=notice),
        Expect(
            SOUMU.address,
            "認証キー等のお知らせ(発注者への提出用)",
            ("保証証書(受注者控え)", "そのまま使える送信文"),
            (),
            ("certificate-contractor-copy_", "key-notice_"),
        ),
    )
    return certificate, key_notice
