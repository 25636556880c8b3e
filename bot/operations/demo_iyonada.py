"""Story 1, 伊予灘市: 契約保証 and 前払金保証 together, from the first form to the orderer's two checks."""

import re
from dataclasses import dataclass
from datetime import date

from bot.operations.demo_mails import Attached, Post, outlook, outlook_ja, phone, webmail
from bot.operations.demo_people import KEIYAKU, KENSETSU, KESSAI, SHINSA, SHUNO, SOUMU
from bot.operations.demo_play import Expect, Play
from bot.operations.demo_sink import Arrived
from bot.operations.trial import sample_application
from bot.surety.wareki import wareki_short

WORK = "市道中央線舗装補修工事"
CITY_SUBJECT = f"【電子保証】第123号 {WORK}"
_CODE = re.compile(r"\[([A-Z]\d+-\d{5}-\w{4})\]")


@dataclass(frozen=True)
class Issued:
    """What the later stories need of this one: numbers, keys, and letters to forward."""

    case_code: str
    performance: str
    performance_key: str
    advance: str
    advance_key: str
    certificate: Arrived
    key_notice: Arrived
    submission: Arrived


def case_code(letter: Arrived) -> str:
    """Return the case code in a subject."""
    found = _CODE.search(letter.subject)
    assert found is not None
    return found.group(1)


def typed(letter: Arrived, line: str) -> str:
    """Return the line of a letter to staff that begins with these words, as they copy it."""
    lines = [one.strip() for one in letter.text.splitlines()]
    return next(one for one in lines if one.startswith(line))


def value(letter: Arrived, label: str) -> str:
    """Return the value behind a label in a letter."""
    found = re.search(rf"(?m)^　?{label}[:　] ?(\S+)", letter.text)
    assert found is not None
    return found.group(1)


def answer(play: Play, letter: Arrived, words: str) -> Post:
    """Answer a letter to staff: words above a quotation."""
    people = {person.address: person for person in (SHINSA, KESSAI, SHUNO)}
    subject = f"RE: {letter.subject}"
    return play.mailer.post(people[letter.recipient], subject, outlook_ja(words, letter), answers=letter)


def play_iyonada(play: Play, today: date) -> Issued:
    """Play the whole story. Raises Different where anything is not as it must be."""
    read_back = _apply(play, today)
    code = case_code(read_back)
    notice, waiting = _examine(play, read_back, code)
    certificate, key_notice = _fetch(play, notice)
    _submit_yourself(play, key_notice)
    _verify_forwarded(play, key_notice)
    submission = _advance(play, waiting, code)
    _look_back(play)
    return Issued(
        code,
        value(key_notice, "保証契約番号"),
        value(key_notice, "認証キー"),
        value(submission, "保証契約番号"),
        re.search(r"認証キー (\S+)", submission.text)[1],  # type: ignore[index]
        certificate,
        key_notice,
        submission,
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
        Expect(SOUMU.address, "あと1か所ご確認ください", ("工期", "まだお申込みは成立していません", "請負代金額")),
        state="refused",
    )
    code = case_code(faults)
    right = re.search(r"◎(工期: .+)", form)
    assert right is not None
    words = f"いつもお世話になっております。\n訂正いたします。\n\n{right.group(1)}\n\nよろしくお願いいたします。"
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


def _examine(play: Play, read_back: Arrived, code: str) -> tuple[Arrived, Arrived]:
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
    examined = typed(review, "審査済").replace("○○円", "61,200円")
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
        Expect(SOUMU.address, "保証料のご案内", ("61,200円(非課税)", "振込先の変更をお願いすることはありません")),
        Expect(SHUNO.address, "【収納】", ("入金",)),
        facts=lambda: {"approved": _state(play, code) == "approved"},
    )
    _, notice, waiting = play.act(
        "入金",
        answer(play, payment, typed(payment, "入金 ")),
        Expect(SHUNO.address, "【済】入金"),
        Expect(SOUMU.address, "電子証書・認証キー登録のお知らせ", ("契約保証", "「認証キー」"), ("前払金保証の電子証書",)),
        Expect(SOUMU.address, "請負契約書の写しをお送りください", ("契約書の写し",)),
        facts=lambda: {"契約保証だけ登録": _states(play, code) == ("registered", "awaiting_contract")},
    )
    return notice, waiting


def _states(play: Play, code: str) -> tuple[str, str]:
    found = play.record.guarantees(code)
    return found["performance"]["state"], found["advance"]["state"]


def _fetch(play: Play, notice: Arrived) -> tuple[Arrived, Arrived]:
    """証書 and 認証キー, one word each; then both words in one mail."""
    make = play.mailer.post
    re_notice = f"Re: {notice.subject}"
    (certificate,) = play.act(
        "証書",
        make(SOUMU, re_notice, webmail("証書", notice), answers=notice),
        Expect(SOUMU.address, "保証証書(受注者控え)", ("4,840,000円",), (), ("certificate-contractor-copy_",)),
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
            "",
            ("保証証書(受注者控え)", "そのまま使える送信文"),
            (),
            ("certificate-contractor-copy_", "key-notice_"),
        ),
    )
    return certificate, key_notice


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
    forward = f"{words}\n\n-----Original Message-----\n差出人: {SOUMU.address}\n件名: {CITY_SUBJECT}\n\n契約課御中"
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


def _advance(play: Play, waiting: Arrived, code: str) -> Arrived:
    """The contract's copy releases 前払金保証; 「提出」 from the phone; 「確認」 by the city."""
    make = play.mailer.post
    contract = Attached("請負契約書（写）.pdf", _scan())
    words = "お世話になっております。\n契約書の写しを送ります。\nよろしくお願いいたします。"
    _, seen = play.act(
        "契約書の写し",
        make(SOUMU, f"RE: {waiting.subject}", outlook_ja(words, waiting), answers=waiting, attached=[contract]),
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
            ("契約保証の電子証書",),
        ),
        facts=lambda: {"前払も登録": _states(play, code) == ("registered", "registered")},
    )
    _, submission = play.act(
        "「提出　おねがい」(スマートフォン)",
        make(SOUMU, f"Re: {notice.subject}", phone("提出　おねがい", notice), answers=notice),
        Expect(SOUMU.address, "発注者へ送付しました", ("1件", "建設課")),
        Expect(KENSETSU.address, CITY_SUBJECT, ("いよ建設", "「確認」", "19,300,000円"), (), ("key-notice_",)),
        facts=lambda: {
            "前払だけ送付": play.record.guarantees(code)["advance"]["submission"]["how"] == "surety"
            and play.record.guarantees(code)["performance"]["submission"]["how"] == "copy"
        },
    )
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
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

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
