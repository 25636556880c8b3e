"""The loop guard: what is a loop, and what waits because too much came (RFC 3834 §2).

Four layers: our letters mark themselves automatic; automatic mail is detected and never answered; more than
an hour's share of one sender, or in one thread, waits; and what says the same again and again is ignored.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from bot.clock import tokyo_date
from bot.deciding.items import Decision
from bot.desk import World
from bot.folding import squash
from bot.handlers.casework import to_role
from bot.mail import Mail
from bot.outcome import Letter, Outcome, TryLater, once_each
from bot.requests import thread_title
from bot.surety.party import Role, Sender, Stranger
from bot.surety.work import Case

LOOP_REPEATS = 3  # the very same content of one writer within an hour: somebody answers our answers
SAME_WORDS = 5  # the same new words under the same title from one party within an hour, whatever they quote
A_DAY = 8  # hours' repeats of what is not proven in one day: more is a loop, whoever it is
THREAD_A_DAY = 5  # hours' shares of one thread in one day: nobody has that much to say in it
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def words_digest(mail: Mail) -> str:
    """Digest what a writer says anew and the thread it is said in, without what the mail quotes."""
    text = f"{squash(thread_title(mail.subject))}\0{squash(mail.new_text)}"
    return hashlib.sha256(text.encode()).hexdigest()


def thread_digest(mail: Mail, case: Case | None) -> str:
    """Digest what names the thread: its case, or else its subject; '' where a mail has neither."""
    name = case.code if case is not None else squash(thread_title(mail.subject))
    return hashlib.sha256(f"thread\0{name}".encode()).hexdigest() if name else ""


def loop(mail: Mail, sender: Sender | Stranger, world: World) -> str:
    """Return in English why a mail is taken for part of a loop; '' where it is not.

    A proven mail is compared only with proven ones: a forger can silence nobody. What is not proven may be a
    forger's, or the true writer's behind a forger: the hour's repeats wait (TryLater), only those of a day
    are a loop.
    """
    if sender.address is None:
        return ""
    for repeats, most, what in _repeats(mail, sender, world):
        if repeats(world.now - HOUR) < most:
            continue
        if (
            sender.proof.may_change
            or isinstance(sender, Stranger)
            or repeats(world.now - DAY) >= most * A_DAY
        ):
            return f"loop: the same {what} again and again"
        raise TryLater(f"the same {what} again and again, and not proven", gives_way=True)
    return ""


def _repeats(
    mail: Mail, sender: Sender | Stranger, world: World
) -> Iterator[tuple[Callable[[datetime], int], int, str]]:
    """Give how often this was said since a moment, how often it may be, and what "this" is."""
    ledger, proven, address = world.ledger, sender.proof.may_change, sender.address
    assert address is not None

    def content(since: datetime) -> int:
        return ledger.same_content_since(address, mail.content_digest, since, proven=proven)

    yield content, LOOP_REPEATS, "content"
    if isinstance(sender, Stranger):
        return
    # Where only a domain is registered its addresses are one writer; so are a party's proven mailboxes.
    writer = address if sender.mailbox is not None and not proven else None
    party, digest = sender.party.id, words_digest(mail)

    def words(since: datetime) -> int:
        return ledger.same_words_since(party, digest, since, proven=proven, address=writer)

    yield words, SAME_WORDS, "words in one thread"


def endless(thread: str, sender: Sender, world: World) -> str:
    """Return why a thread has become a loop, though each mail of it says something else; '' if not."""
    if not thread:
        return ""
    most = world.office.letters_an_hour_in_a_thread * THREAD_A_DAY
    count = world.ledger.mails_in_thread_since(
        sender.party.id, thread, world.now - DAY, proven=sender.proof.may_change
    )
    return f"loop: over {most} mails in one thread in a day" if count >= most else ""


def slow_down(sender: Sender, thread: str, world: World) -> None:
    """Raise TryLater where a sender, or its party in one thread, has had its share of this hour.

    Where only a domain is registered its addresses count as one: a responder may change its own.
    """
    since, proven, office = world.now - HOUR, sender.proof.may_change, world.office
    if sender.mailbox is not None:
        sent = world.ledger.mails_since(sender.address, since, proven=proven)
    else:
        sent = world.ledger.mails_of_party_since(sender.party.id, since, proven=proven)
    if sent >= office.letters_an_hour:
        raise TryLater("more mails in an hour than are answered at once", gives_way=not proven)
    if not thread:
        return
    sent = world.ledger.mails_in_thread_since(sender.party.id, thread, since, proven=proven)
    if sent >= office.letters_an_hour_in_a_thread:
        raise TryLater("more mails in one thread in an hour than are answered at once", gives_way=not proven)


def broken(reason: str, sender: Sender | Stranger, world: World) -> Decision:
    """Break a loop: nothing is answered; 管理 hears of it once a day and party."""
    letters = _told(sender, world) if isinstance(sender, Sender) else ()
    return Decision("ignored", reason, Outcome(note=reason, letters=letters), sender)


def _told(sender: Sender, world: World) -> tuple[Letter, ...]:
    values = {"party": sender.party.name, "writer": sender.address, "phone": sender.party.phone}
    letters = to_role(world.directory, Role.MANAGE, "staff_loop", values)
    name = f"loop:{sender.party.id}:{tokyo_date(world.now).isoformat()}"
    return once_each(letters, name)
