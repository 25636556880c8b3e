"""Open the archives of a mail whose writer is known, with every password that was told for them (PPAP).

A password is never stored: each time it is read anew from the sealed notice that tells it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.deciding.items import Item
from bot.deciding.passwords import NOTICES_READ
from bot.ledger import Ledger
from bot.mail import Mail, Unreadable
from bot.reading.passwords import passwords_of
from bot.surety.party import Sender

ReadNotice = Callable[[int], Mail | Unreadable]


class Unpacks(Protocol):
    """The part of a conversation with a reading child that is needed here."""

    def unpack(self, passwords: Sequence[str]) -> tuple[Mail, tuple[int, ...]]:
        """Open the archives; return the mail with their files, and the places of the right passwords."""
        ...


@dataclass(frozen=True)
class Told:
    """Passwords to be tried, and for each the notice that told it; None for the mail's own words."""

    passwords: tuple[str, ...]
    sources: tuple[int | None, ...]

    def __repr__(self) -> str:
        return f"Told({len(self.passwords)} passwords)"


def has_archives(mail: Mail) -> bool:
    """Say whether the mail brings archives, and may have them opened: automatic mail may not."""
    return not mail.automatic and any(one.kind == "zip" for one in mail.attachments)


def waiting_notices(mail: Mail, sender: Sender, ledger: Ledger) -> tuple[int, ...]:
    """Return the notices that wait and may tell the password of this mail; none where it wants none."""
    if not any(one.encrypted for one in mail.attachments):
        return ()
    return ledger.password_notices(sender.party.id, sender.address)[:NOTICES_READ]


def unpacked(
    item: Item, mail: Mail, notices: tuple[int, ...], conversation: Unpacks, read: ReadNotice
) -> Item:
    """Return the item with the files in its archives, and with the notices that were tried and were right.

    Raises HelperFault where no reading helper can be started.
    """
    is_locked = any(one.encrypted for one in mail.attachments)
    told = _told(item, mail, notices, read) if is_locked else Told((), ())
    found, used = conversation.unpack(told.passwords)
    right = {told.sources[place] for place in used if place < len(told.sources)}
    content = mail.model_copy(update={"attachments": found.attachments})
    opened_by = tuple(one for one in notices if one in right)
    return replace(item, content=content, told_by=notices, opened_by=opened_by)


def _told(item: Item, mail: Mail, notices: tuple[int, ...], read: ReadNotice) -> Told:
    """Gather passwords: of the notice that has just come, of the mail itself, of notices that wait."""
    found: dict[str, int | None] = {}
    latest = item.known.get("password_from", "")
    for source in ([int(latest)] if latest else []) + [None] + list(notices):
        content = mail if source is None else read(source)
        if isinstance(content, Mail):
            for password in passwords_of(content):
                found.setdefault(password, source)
    return Told(tuple(found), tuple(found.values()))
