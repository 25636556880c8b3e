"""Story 2, 松山市: 前払金保証 alone, the contract signed; a web form, so the contractor uploads."""

from datetime import date, timedelta

from bot.operations.demo_copying import answer, case_code, typed, value
from bot.operations.demo_mails import Post, outlook, phone, webmail
from bot.operations.demo_people import KANRI, KESSAI, MATSUYAMA, SAEKI, SHINSA
from bot.operations.demo_play import Expect, Play
from bot.operations.demo_sink import Arrived
from bot.surety.wareki import wareki

REGISTRY_KEY = "QZ8L2B05S1"  # an outside registry's: no rule of ours holds for it
WORK = "一番町線電線共同溝詳細設計業務"
REFERENCE = "正式なご確認は D-Sure でお願いいたします。以下は当社の記録による参考のご回答です。"


def form(today: date, *, contract_on: date, kinds: str = "前払金保証") -> str:
    """Fill the form in as the designers of 徳山設計 do: other order, half-width, no frills."""
    return (
        "お世話になっております。徳山設計の佐伯です。\n\n"
        f"工事名: {WORK}\n"
        "発注者: 松山市長\n"
        "担当課: 契約課\n"
        "工事番号: 委第45号\n"
        "工事場所: 松山市一番町一丁目ほか\n"
        f"申込区分: {kinds}\n"
        "受取方法: 電子交付を希望する\n"
        "約款等への同意: 同意する\n"
        f"証書が必要な日: {wareki(today + timedelta(days=2))}\n"
        f"契約日: {wareki(contract_on)}\n"
        f"工期: {wareki(contract_on + timedelta(days=1))}~{wareki(today + timedelta(days=150))}\n"
        "請負代金額: 11,000,000円\n"
        "うち消費税等: 1,000,000円\n"
        "前払金の請求額: 330万円\n"
        "預託金融機関: 伊予銀行 本店営業部 普通\n"
        "保証料の支払方法: 一括納付\n"
        "担当者・電話: 佐伯 089-000-5678\n"
    )


def play_matsuyama(play: Play, today: date) -> None:
    """Play the whole story, 「承認できません」 included. Raises Different."""
    notice = _issued(play, today)
    _uploaded(play, notice)


def _issued(play: Play, today: date) -> Arrived:
    make = play.mailer.post
    (read_back,) = play.act(
        "松山市: 前払金保証の申込書",
        make(SAEKI, "保証のお願い", form(today, contract_on=today - timedelta(days=4))),
        Expect(
            SAEKI.address,
            "お申込み内容のご確認",
            ("3,300,000円", "松山市長"),
            ("契約書の写しを受け取ったあと",),
        ),
    )
    code = case_code(read_back)
    _, review = play.act(
        "松山市: 申し込みます",
        make(
            SAEKI,
            f"Re: {read_back.subject}",
            webmail("この内容で申し込みます。\n佐伯", read_back),
            answers=read_back,
        ),
        Expect(SAEKI.address, "お申込みを受け付けました"),
        Expect(SHINSA.address, "【審査】"),
    )
    words = typed(review, "審査済").replace("(金額)", "9,900円")
    _, decision = play.act(
        "松山市: 審査済",
        answer(play, review, words),
        Expect(SHINSA.address, "【済】審査済"),
        Expect(KESSAI.address, "【決裁】", ("9,900円",)),
    )
    play.act(
        "「承認できません」は承認ではない",
        answer(play, decision, "承認できません。\n決算書を確認してからにします。"),
        Expect(KESSAI.address, "ご用件を確認させてください", ("まだ何も行っていません", "承認できません")),
        state="refused",
        changes=False,
    )
    play.act(
        "松山市: 承認(一括納付なので直ちに発行)",
        answer(play, decision, f"{typed(decision, '承認')}\n以上、よろしくお願いします。"),
        Expect(KESSAI.address, "【済】承認"),
        Expect(SAEKI.address, "証書を発行しました", ("登録手続きを進めています",)),
        Expect(KANRI.address, "【登録待ち】"),
        facts=lambda: {"registering": play.states(code) == ["registering"]},
    )
    return _registered(play, code)


def _registered(play: Play, code: str) -> Arrived:
    """Import the outside registry's file: only now there is a key, and the notice leaves."""
    number = play.record.guarantees(code)["advance"]["number"]
    file = play.house.config_file.with_name("keys.csv")
    lines = f"保証契約番号,認証キー\n{number},{REGISTRY_KEY}\n"

    def hand_in(post: Post) -> None:
        file.write_bytes(post.data)
        play.house.command("keys", "import", str(file), "--as", KANRI.address)

    play.keys.add(REGISTRY_KEY)
    (notice,) = play.act(
        "松山市: 外部登録機関の認証キーを取り込む",
        Post(KANRI, "hoshobin keys import", lines.encode(), ""),
        Expect(SAEKI.address, "電子証書・認証キー登録のお知らせ", ("前払金保証", "えひめ電子申請システム")),
        facts=lambda: {"registered": play.states(code) == ["registered"]},
        hand_in=hand_in,
    )
    return notice


def _uploaded(play: Play, notice: Arrived) -> None:
    make = play.mailer.post
    (key_notice,) = play.act(
        "松山市: 認証キー",
        make(SAEKI, f"Re: {notice.subject}", outlook("認証キーをお願いします。", notice), answers=notice),
        Expect(
            SAEKI.address,
            "認証キー等のお知らせ",
            ("えひめ電子申請システム", "アップロード", "「提出済」"),
            ("そのまま使える送信文",),
            ("key-notice_",),
        ),
    )
    play.keys.add(value(key_notice, "認証キー"))
    number, code = value(key_notice, "保証契約番号"), case_code(notice)
    play.act(
        "松山市: 提出(当社からは送れない)",
        make(SAEKI, f"Re: {key_notice.subject}", phone("提出お願いします", key_notice), answers=key_notice),
        Expect(SAEKI.address, "発注者への提出は受注者から", ("えひめ電子申請システム", "「提出済」")),
        state="refused",
        changes=False,
    )
    play.act(
        "松山市: 提出済",
        make(SAEKI, f"Re: {key_notice.subject}", phone("提出済です。", key_notice), answers=key_notice),
        Expect(SAEKI.address, "提出を記録しました", ("契約課",)),
        facts=lambda: {"recorded": play.record.guarantees(code)["advance"]["submission"]["how"] == "told"},
    )
    key = value(key_notice, "認証キー")
    pair = f"保証契約番号　{_wide(number)}\n認証キー　{key}"
    body = f"松山市契約課です。次の保証の確認をお願いします。\n\n{pair}\n"
    (verified, _) = play.act(
        "松山市: 番号とキーを入力して照会",
        make(MATSUYAMA, "保証内容の確認について", body),
        Expect(
            MATSUYAMA.address,
            "【保証確認】一致しました",
            (REFERENCE, "3,300,000円", "伊予銀行"),
            (),
            ("certificate-orderer-copy_",),
        ),
        Expect(SAEKI.address, "発注者が内容を確認しました", ("松山市長",)),
    )
    first = verified.text.split("\n\n")[1].splitlines()[0]
    play.check("松山市: D-Sure の一文が先", {"the reply begins with D-Sure": first == REFERENCE})


def _wide(digits: str) -> str:
    return digits.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
