"""Story 1 goes on at the orderer: submission, the forwarded PDF, the contract, 「提出」 and 「確認」."""

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from bot.operations.demo_copying import answer, case_code, typed, value
from bot.operations.demo_mails import Attached, outlook_ja, phone
from bot.operations.demo_people import KEIYAKU, KENSETSU, SHINSA, SOUMU
from bot.operations.demo_play import Expect, Play
from bot.operations.demo_sink import Arrived

WORK = "市道中央線舗装補修工事"
CITY_SUBJECT = f"【電子保証】第123号 {WORK}"


def play_orderer(play: Play, notice: Arrived, key_notice: Arrived) -> Arrived:
    """Play from the submission on; return the letter by which we submitted. Raises Different."""
    _submit_yourself(play, key_notice)
    _verify_forwarded(play, key_notice)
    submission = _advance(play, notice)
    _look_back(play)
    return submission


def _submit_yourself(play: Play, key_notice: Arrived) -> None:
    """The contractor copies the ready mail and sends it to the city, with our desk in CC."""
    between = key_notice.text.split("【そのまま使える送信文】")[1]
    ready = between.split("----- ここから -----\n")[1].split("----- ここまで -----")[0]
    body = ready.split("\n\n", 1)[1]
    name, data = next(iter(key_notice.attachments.items()))
    copied = play.mailer.post(
        SOUMU,
        value(key_notice, "件名") + " " + WORK,
        body,
        attached=[Attached(name, data)],
        to=KEIYAKU.address,
        copy_to_us=True,
    )
    code = case_code(key_notice)
    play.act(
        "受注者が発注者へ送信(CCに当窓口)",
        copied,
        Expect(SOUMU.address, "提出を記録しました", ("契約課",)),
        facts=lambda: {
            "recorded": play.record.guarantees(code)["performance"]["submission"]["how"] == "copy"
        },
    )


def _verify_forwarded(play: Play, key_notice: Arrived) -> None:
    """The city forwards the PDF: attached, and inside the whole mail."""
    name, data = next(iter(key_notice.attachments.items()))
    verified = (
        "当社の記録と一致しました",
        "4,840,000円",
        "保証中",
        "照会番号",
    )
    carried = ("certificate-orderer-copy_",)
    words = "お世話になっております。伊予灘市契約課の山田です。\n標記について、内容の確認をお願いします。"
    forward = (
        f"{words}\n\n-----Original Message-----\n差出人: {SOUMU.address}\n件名: {CITY_SUBJECT}\n\n契約課御中"
    )
    play.act(
        "発注者がPDFを転送",
        play.mailer.post(KEIYAKU, f"FW: {CITY_SUBJECT}", forward, attached=[Attached(name, data)]),
        Expect(KEIYAKU.address, "【保証確認】一致しました", verified, (), carried),
        Expect(SOUMU.address, "発注者が内容を確認しました", ("伊予灘市長",), ("山田",)),
    )
    inner = play.mailer.post(SOUMU, CITY_SUBJECT, "契約課御中", attached=[Attached(name, data)]).data
    play.act(
        "発注者がメールごと転送(message/rfc822)",
        play.mailer.post(
            KENSETSU,
            f"Fwd: {CITY_SUBJECT}",
            "確認をお願いします。",
            attached=[Attached("mail.eml", inner, "message/rfc822")],
        ),
        Expect(KENSETSU.address, "【保証確認】一致しました", (*verified, "これまでのご照会"), (), carried),
    )


def _advance(play: Play, first: Arrived) -> Arrived:
    """The contract's copy releases 前払金保証; 「提出」 from the phone; 「確認」 by the city."""
    make, code = play.mailer.post, case_code(first)
    contract = Attached("請負契約書（写）.pdf", _scan())
    words = "お世話になっております。\n契約書の写しを送ります。\nよろしくお願いいたします。"
    _, seen = play.act(
        "契約書の写し",
        make(SOUMU, f"RE: {first.subject}", outlook_ja(words, first), answers=first, attached=[contract]),
        Expect(SOUMU.address, "契約締結のご連絡を受け取りました", ("請負契約書",)),
        Expect(SHINSA.address, "【契約書】", ("契約確認",)),
    )
    _, notice = play.act(
        "契約確認",
        answer(play, seen, typed(seen, "契約確認")),
        Expect(SHINSA.address, "【済】契約確認"),
        Expect(
            SOUMU.address,
            "電子証書・認証キー登録のお知らせ",
            ("前払金保証", "19,300,000円", "建設課"),
            ("契約保証(保証契約番号",),
        ),
        facts=lambda: {"前払も登録": play.states(code) == ["registered", "registered"]},
    )
    _, submission = play.act(
        "「提出　おねがい」(スマートフォン)",
        make(SOUMU, f"Re: {notice.subject}", phone("提出　おねがい", notice), answers=notice),
        Expect(SOUMU.address, "発注者へ送付しました", ("1件", "建設課")),
        Expect(
            KENSETSU.address, CITY_SUBJECT, ("いよ建設", "「確認」", "19,300,000円"), (), ("key-notice_",)
        ),
        facts=lambda: {
            "前払だけ送付": play.record.guarantees(code)["advance"]["submission"]["how"] == "surety"
            and play.record.guarantees(code)["performance"]["submission"]["how"] == "copy"
        },
    )
    play.keys.add(value(submission, "認証キー"))
    play.act(
        "発注者が「確認」と返信",
        make(KENSETSU, f"RE: {submission.subject}", outlook_ja("確認", submission), answers=submission),
        Expect(
            KENSETSU.address,
            "【保証確認】一致しました",
            ("19,300,000円", "伊予信用金庫"),
            (),
            ("certificate-orderer-copy_",),
        ),
        Expect(SOUMU.address, "発注者が内容を確認しました", ("前払金保証",)),
    )
    return submission


def _scan() -> bytes:
    """A page without any text, as a scanner makes it."""
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.rect(60, 60, 475, 720)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _look_back(play: Play) -> None:
    play.act(
        "一覧(検索語つき)",
        play.mailer.post(SOUMU, "一覧 中央線", "一覧 中央線"),
        Expect(SOUMU.address, "保証工事一覧(2件", ("19,300,000円", "4,840,000円")),
        changes=False,
    )
    play.act(
        "状況",
        play.mailer.post(SOUMU, "状況", "お世話になります。\n状況\nを教えてください。"),
        Expect(SOUMU.address, "お送りいただいたメールの状況", ("一覧 中央線",)),
        changes=False,
    )
