"""What must not succeed: wrong papers, wrong keys, strangers, forged mails, works outside, and machines."""

from datetime import date, timedelta

from bot.operations.demo_forged import play_forged
from bot.operations.demo_iyonada import Issued
from bot.operations.demo_iyonada_orderer import WORK
from bot.operations.demo_mails import Attached
from bot.operations.demo_matsuyama import form
from bot.operations.demo_people import (
    FORGER,
    KANRI,
    KEIYAKU,
    OTHER_STRANGER,
    SAEKI,
    SHINSA,
    SOUMU,
    STRANGER,
    THIRD_STRANGER,
    YAMADA,
)
from bot.operations.demo_play import Expect, Play
from bot.surety.authkey import ALPHABET


def play_failures(play: Play, issued: Issued, today: date) -> None:
    """Play all of them. Raises Different where one does what it must not."""
    _wrong_paper(play, issued)
    _wrong_key(play, issued)
    _only_a_domain(play, issued)
    _strangers(play, issued)
    play_forged(play, issued)
    _outside(play, today)
    _machines(play, issued)


def _pair(number: str, key: str) -> str:
    return f"保証契約番号 {number}\n認証キー {key}"


def _wrong_paper(play: Play, issued: Issued) -> None:
    """The commonest mistake: the certificate instead of the key notice, seen from both sides."""
    make = play.mailer.post
    name, data = next(iter(issued.certificate.attachments.items()))
    play.act(
        "発注者が証書を転送(キーのお知らせではない)",
        make(KEIYAKU, f"FW: {WORK}", "確認をお願いします。", attached=[Attached(name, data)]),
        Expect(KEIYAKU.address, "お送りいただいたのは保証証書です", ("「認証キー等のお知らせ」が必要",)),
        state="refused",
        changes=False,
    )
    play.act(
        "受注者が証書を発注者へ送信(CCに当窓口)",
        make(
            SOUMU,
            f"{WORK}の保証について",
            "契約課御中\n保証証書をお送りします。",
            attached=[Attached(name, data)],
            to=KEIYAKU.address,
            copy_to_us=True,
        ),
        Expect(SOUMU.address, "お送りになったのは保証証書です", ("「認証キー」と書いてご返信",)),
        changes=False,
    )


def _wrong_key(play: Play, issued: Issued) -> None:
    wrong = other_key(issued.performance_key)
    enquiries = len(play.record.enquiries())
    play.act(
        "キーが1文字違う",
        play.mailer.post(KEIYAKU, "保証の確認", f"確認をお願いします。\n{_pair(issued.performance, wrong)}"),
        Expect(
            KEIYAKU.address,
            "【保証確認】確認できませんでした",
            ("写し間違い", "0・O・1・I・5・S・8・B・2・Z・L・Q"),
            (WORK, "4,840,000円"),
        ),
        state="refused",
        facts=lambda: {
            "kept, and no guess: its check character is wrong": [
                (one["verdict"], one["guess"]) for one in play.record.enquiries()[enquiries:]
            ]
            == [("not_confirmed", False)]
        },
    )


def other_key(key: str) -> str:
    """Return the key with its last character but one mistyped."""
    following = ALPHABET[(ALPHABET.index(key[-2]) + 1) % len(ALPHABET)]
    return f"{key[:-2]}{following}{key[-1]}"


def _only_a_domain(play: Play, issued: Issued) -> None:
    """A clerk's own address: only the city's domain is registered, so its registered box is answered."""
    pair = _pair(issued.performance, issued.performance_key)
    words = f"お世話になっております。契約課の山田です。\n内容の確認をお願いします。\n\n{pair}"
    play.act(
        "発注者の個人アドレス(SPFだけ): 回答は登録窓口へ",
        play.mailer.post(YAMADA, "【無害化済】保証の確認", words, proof="spf"),
        Expect(
            KEIYAKU.address, "【保証確認】一致しました", (YAMADA.address,), (), ("certificate-orderer-copy_",)
        ),
    )
    play.act(
        "発注者の個人アドレス(証明なし): 確認は登録窓口へ",
        play.mailer.post(YAMADA, "保証の確認(再)", words, proof="none"),
        Expect(KEIYAKU.address, "ご本人の確認をお願いします", (YAMADA.address, "確認コード"), (WORK,)),
        state="held",
        changes=False,
    )


def _strangers(play: Play, issued: Issued) -> None:
    """A right pair and a wrong one get the same letter, one a day; the right one is a task for staff."""
    make = play.mailer.post
    received = "ご照会を受け付けました"
    hello = "お世話になります。契約保証の確認をお願いします。\n"
    right = hello + _pair(issued.performance, issued.performance_key)
    first, _ = play.act(
        "登録のない人: 正しい番号とキー",
        make(STRANGER, "保証の確認について", right),
        Expect(STRANGER.address, received, (), (issued.performance, WORK, "一致")),
        Expect(KANRI.address, "【登録依頼】", (STRANGER.address, issued.performance), ()),
        state="held",
        changes=False,
    )
    wrong = hello + _pair(issued.performance, other_key(issued.performance_key))
    (second,) = play.act(
        "登録のない人: 誤ったキー",
        make(OTHER_STRANGER, "保証の確認について", wrong),
        Expect(OTHER_STRANGER.address, received),
        state="ignored",
        changes=False,
    )
    paper = [Attached(name, data) for name, data in issued.key_notice.attachments.items()]
    third, _ = play.act(
        "登録のない人: PDFを転送",
        make(THIRD_STRANGER, f"FW: {WORK}", "届いたものを転送します。", attached=paper),
        Expect(THIRD_STRANGER.address, received),
        Expect(KANRI.address, "【登録依頼】", (THIRD_STRANGER.address,)),
        state="held",
        changes=False,
    )
    play.check("登録のない人への返信は同じ", {"one text": first.text == second.text == third.text})
    again = make(STRANGER, "再送", f"再送します。\n{right}")
    play.act("登録のない人: 同じ日の2通目", again, state="held", changes=False)
    for title, post in (
        ("登録のない人: キーなし", make(OTHER_STRANGER, "お尋ね", "保証について教えてください。")),
        ("登録のない人: 自動応答", make(THIRD_STRANGER, "自動応答: 保証の確認", f"不在です。\n{right}")),
        ("DMARC 不合格の差出人", make(KEIYAKU, "保証の確認", right, proof="fail", mail_from=FORGER.address)),
    ):
        play.act(title, post, state="ignored", changes=False)


def _outside(play: Play, today: date) -> None:
    """What is outside electronic delivery goes on paper; it is never refused."""
    make = play.mailer.post
    days = today - timedelta(days=4)
    reservation = form(today, contract_on=days, kinds="契約保証予約").replace("一番町線", "二番町線")
    play.act(
        "契約保証予約",
        make(SAEKI, "契約保証予約のお願い", reservation),
        Expect(SAEKI.address, "書面の保証証書で承ります", ("契約保証予約は、電子交付の対象外",)),
        Expect(SHINSA.address, "【書面】", ("契約保証予約",)),
        state="refused",
    )
    early = form(today, contract_on=date(2024, 3, 29)).replace("一番町線", "三番町線")
    play.act(
        "松山市: 2024年4月1日より前の契約",
        make(SAEKI, "保証のお願い(3月契約分)", early),
        Expect(SAEKI.address, "書面の保証証書で承ります", ("令和6年4月1日以降",)),
        Expect(SHINSA.address, "【書面】", ("令和6年4月1日以降",)),
        state="refused",
    )


def _machines(play: Play, issued: Issued) -> None:
    """Automatic mail and garbage: never answered, never acted on, always kept."""
    away = (
        "山田は来週まで出張のため不在です。\nお急ぎの方は契約課代表(089-000-2000)へご連絡ください。\n\n"
        f"> {_pair(issued.advance, issued.advance_key)}\n"
        "> 内容の確認は、このメールに「確認」とご返信ください。"
    )
    subject = f"不在通知：{issued.submission.subject}"
    absent = play.mailer.post(YAMADA, subject, away, answers=issued.submission)
    play.act("不在通知(番号とキーを引用)", absent, state="ignored", changes=False)
    play.act(
        "読めないバイト列",
        play.mailer.garbage(STRANGER),
        Expect(SHINSA.address, "読み取れないメールがあります"),
        state="parked",
        changes=False,
    )
    play.act(
        "知らない用件(何も起こらない)",
        play.mailer.post(
            SOUMU, f"Re: {issued.submission.subject}", "提出はまだしないでください。", proof="dkim"
        ),
        Expect(SOUMU.address, "ご用件を確認させてください", ("提出はまだしないでください",)),
        state="refused",
        changes=False,
    )
