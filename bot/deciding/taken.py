"""A mail that its words alone make automatic: a person's where it asks for something, else told to staff."""

import re

from bot.clock import tokyo_date
from bot.desk import World
from bot.folding import fold
from bot.handlers import WORDS
from bot.handlers.casework import to_role
from bot.mail import Mail
from bot.outcome import Letter, once_each
from bot.reading.keys_in_text import without_keys
from bot.requests import Kind, Request, Unclear, parse
from bot.surety.party import Role, Sender, Stranger

_KNOWN = ("absence", "moved")  # kinds whose words are plain: nobody needs to look at one
# 「確認が遅れます」「確認のうえ回答いたします」: programs say so of themselves; a 確認 must be a person's.
_OF_THEMSELVES = {"verify"}
# Whom else to ask, or what comes later: such a sentence of a notice asks us for nothing.
_NOT_OF_US = re.compile(
    r"(?:まで|へ|に)、?(?:お願い|ご?連絡|お知らせ|お電話|お?問い?合わ?せ)|代表|次第|以降|ホ[ーｰ]ムペ[ーｰ]ジ|サイト"
    r"|こちら(?!に)|(?<!お願い)(?<!お願いいた)(?<!お願い致)します[。.]?\s*\Z"
)
_LONGEST = 100  # characters of a subject in a letter to staff


def asks(mail: Mail, sender: Sender | Stranger) -> bool:
    """Say whether a registered writer's new words ask for something, or nearly; the subject does not count.

    A program's own words ask for nothing: what it repeats of our letters is quoted.
    """
    if not mail.automatic_soft or isinstance(sender, Stranger):
        return False
    mine = [word for word in WORDS.values() if sender.party.kind in word.roles]
    asked = parse("", mail.new_text, mine)
    near = asked.words if isinstance(asked, Unclear) else ()
    requests = asked.beside if isinstance(asked, Unclear) else asked
    meant = {one.word for one in requests if _is_binding(one) or not _NOT_OF_US.search(fold(one.sentence))}
    return bool({*near, *meant} - _OF_THEMSELVES)


def _is_binding(request: Request) -> bool:
    """Say whether it is one whole sentence of a closed list, 「この内容で申し込みます」: never by chance."""
    return WORDS[request.word].kind == Kind.BINDING


def told(mail: Mail, sender: Sender | Stranger, world: World) -> tuple[Letter, ...]:
    """Tell 審査 once a day and sender of a mail that words alone made automatic: a person may wait for us.

    Of a From that is not proven once a day and party: whoever forges one may forge many.
    """
    if not mail.automatic_soft or isinstance(sender, Stranger) or mail.automatic_kind in _KNOWN:
        return ()
    values = {
        "party": sender.party.name,
        "writer": sender.address,
        "subject": without_keys(mail.subject)[:_LONGEST],
        "sign": mail.automatic,
    }
    letters = to_role(world.directory, Role.EXAMINE, "staff_taken_for_automatic", values)
    name = f"taken for automatic:{writer_named(sender)}:{tokyo_date(world.now).isoformat()}"
    return once_each(letters, name)


def writer_named(sender: Sender) -> str:
    """Name who staff hear of once a day: unproven, the whole party, as a forger may write any From of it."""
    return sender.address if sender.proof.may_change else f"unproven {sender.party.id}"
