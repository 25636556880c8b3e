"""発注者の宛名: does what was written begin with the title of a registered office-holder."""

import re

from bot.folding import fold, squash

# 大洲市長浜支所長 begins with 大洲市長 and is somebody else: a title grown together with more words that end
# like an office is another office.
_OFFICE_ENDING = re.compile("(?:長|者|知事|局|部|課|所|室|組合|企業団)$")
_COURTESY = re.compile("(?:様|殿|御中|あて|宛)$")
_BOUNDARY = " (、,・:/"


def starts_with_office(written: str, addressee: str) -> bool:
    """Tell whether `written` is the registered `addressee`, alone or followed by the office-holder's name.

    伊予灘市長 越智太郎 is 伊予灘市長; 松山市長 is not 松山市公営企業管理者.
    """
    title = squash(addressee)
    rest = _rest_after(_COURTESY.sub("", fold(written)).strip(), title)
    if not title or rest is None:
        return False
    return rest == "" or rest[0] in _BOUNDARY or _OFFICE_ENDING.search(rest) is None


def _rest_after(folded: str, title: str) -> str | None:
    """Return what follows the title, whose letters may stand apart; None where it is not the beginning."""
    place = 0
    for char in title:
        while folded[place : place + 1] == " ":
            place += 1
        if folded[place : place + 1] != char:
            return None
        place += 1
    return folded[place:]
