"""The log: one line per mail event, inbox or letter id first. No subject, no text, no key is ever logged."""

import logging

log = logging.getLogger("hoshobin.mail")


def accepted(inbox_id: int, peer: str, sender: str, size: int) -> None:
    """A door stored a mail."""
    log.info("inbox=%d accepted peer=%s from=<%s> bytes=%d", inbox_id, peer, sender, size)


def fetched(inbox_id: int, account: str, uid: int, size: int) -> None:
    """A mailbox at a provider gave a mail."""
    log.info("inbox=%d fetched imap=%s uid=%d bytes=%d", inbox_id, account, uid, size)


def decided(inbox_id: int, state: str, note: str, milliseconds: float) -> None:
    """An item got its result."""
    log.info("inbox=%d %s ms=%.0f %s", inbox_id, state, milliseconds, note)


def delayed(inbox_id: int, reason: str) -> None:
    """An item goes back and is tried again."""
    log.info("inbox=%d later %s", inbox_id, reason)


def our_fault(inbox_id: int) -> None:
    """Deciding raised: a bug of ours; the traceback follows."""
    log.exception("inbox=%d our fault", inbox_id)


def written(letter_id: int, recipient: str, templates: str, size: int) -> None:
    """A letter has its bytes."""
    log.info("letter=%d written to=<%s> templates=%s bytes=%d", letter_id, recipient, templates, size)


def writing_failed(letter_id: int) -> None:
    """Writing raised: a bug of ours; the traceback follows."""
    log.exception("letter=%d writing failed", letter_id)


def sent(letter_id: int, recipient: str, milliseconds: float) -> None:
    """The relay took a letter."""
    log.info("letter=%d sent to=<%s> ms=%.0f", letter_id, recipient, milliseconds)


def not_sent(letter_id: int, state: str, reason: str) -> None:
    """The relay did not take a letter, or nobody knows."""
    log.warning("letter=%d %s %s", letter_id, state, reason)
