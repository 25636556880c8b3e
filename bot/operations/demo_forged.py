"""Forged and unproven mails: nothing changes before the code from the registered mailbox is typed."""

import re

from bot.identity.confirmation import TRIES
from bot.operations.demo_iyonada import Issued
from bot.operations.demo_mails import outlook_ja, phone, webmail
from bot.operations.demo_people import FORGER, GENBA, KEIYAKU, SOUMU
from bot.operations.demo_play import Expect, Play
from bot.operations.demo_sink import Arrived


def play_forged(play: Play, issued: Issued) -> None:
    """Play the forger who guesses, then the honest writer. Raises Different."""
    _forged(play, issued)
    _confirmed(play)


def _forged(play: Play, issued: Issued) -> None:
    """A forged From changes nothing: the registered mailbox is asked, and guessing the code ends it."""
    make = play.mailer.post
    subject = f"Re: {issued.key_notice.subject}"
    body = phone("提出　おねがい", issued.key_notice)
    (asked,) = play.act(
        "差出人の詐称: 提出",
        make(SOUMU, subject, body, proof="none", mail_from=FORGER.address, answers=issued.key_notice),
        Expect(
            SOUMU.address,
            "ご本人の確認をお願いします",
            ("提出", "まだ何も行っていません"),
            (KEIYAKU.address,),
        ),
        state="held",
        changes=False,
    )
    code = _code(asked)
    held = play.record.newest_mail()
    for number in range(1, TRIES + 1):
        guess = 100_000 + (int(code) - 100_000 + number) % 900_000
        play.act(
            f"誤った確認コード({number}回目)",
            make(SOUMU, f"Re: {asked.subject}", webmail(f"確認コード {guess}", asked), answers=asked),
            Expect(SOUMU.address, "確認コードが違います"),
            state="refused",
            changes=False,
        )
    play.check("依頼は取り消された", {"held mail expired": play.record.mail_state(held) == "expired"})
    play.act(
        "取り消された依頼への正しいコード",
        make(SOUMU, f"Re: {asked.subject}", outlook_ja(f"確認コード {code}", asked), answers=asked),
        Expect(SOUMU.address, "確認をお待ちしているご依頼はありません"),
        state="refused",
        changes=False,
    )


def _code(letter: Arrived) -> str:
    found = re.search(r"確認コード: (\d{6})", letter.text)
    assert found is not None
    return found.group(1)


def _confirmed(play: Play) -> None:
    """The same path where all is well: an unproven mail, the typed code, and only then the change."""
    make = play.mailer.post
    (asked,) = play.act(
        "証明のない本人: 停止",
        make(GENBA, "停止", "停止お願いします。", proof="none"),
        Expect(GENBA.address, "ご本人の確認をお願いします", ("停止",)),
        state="held",
        changes=False,
    )
    play.act(
        "確認コードを入力して停止",
        make(GENBA, f"Re: {asked.subject}", phone(_code(asked), asked), proof="none", answers=asked),
        Expect(GENBA.address, "ご案内メールを停止しました"),
        facts=lambda: {"stopped": play.record.stopped(GENBA.address)},
    )
