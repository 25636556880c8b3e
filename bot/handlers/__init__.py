"""The table of mail commands: one module each, explicit, and a start refused where two claim one word."""

from collections.abc import Callable
from types import ModuleType

from bot.handlers import (
    agree,
    answer,
    application,
    approve,
    certificate,
    confirm,
    contract,
    copy,
    enrolled_already,
    enrolment_decision,
    form,
    help_,
    key_notice,
    list_,
    mailboxes,
    register_key,
    register_mailbox,
    register_orderer,
    remove_mailbox,
    review,
    status,
    stop,
    submit,
    verify,
)
from bot.mail import Mail
from bot.outcome import Desk, Outcome
from bot.requests import Request, Unclear, Word

Handle = Callable[[Request, Desk], Outcome]
Find = Callable[[Mail, Desk], Request | None]
Otherwise = Callable[[Unclear, Desk], Request | None]

MODULES: tuple[ModuleType, ...] = (
    copy,
    help_,
    status,
    stop,
    confirm,
    form,
    application,
    answer,
    agree,
    review,
    approve,
    contract,
    register_key,
    certificate,
    key_notice,
    list_,
    submit,
    enrolled_already,
    enrolment_decision,
    mailboxes,
    register_mailbox,
    register_orderer,
    remove_mailbox,
    verify,
)


def _table() -> tuple[dict[str, Word], dict[str, Handle]]:
    words: dict[str, Word] = {}
    handles: dict[str, Handle] = {}
    forms: set[tuple[str, str]] = set()
    for module in MODULES:
        for word in module.WORDS:
            claimed = {(role.value, form) for role in word.roles for form in word.forms}
            if word.name in words or forms & claimed:
                raise RuntimeError(f"{module.__name__}: {word.name} is claimed twice")
            forms |= claimed
            words[word.name] = word
            handles[word.name] = module.handle
    return words, handles


WORDS, TABLE = _table()
# Modules that recognise a mail as a whole, not by a word: asked in this order.
FINDERS: tuple[Find, ...] = tuple(module.find for module in MODULES if hasattr(module, "find"))
# Modules that take what no word explains.
OTHERWISE: tuple[Otherwise, ...] = tuple(m.otherwise for m in MODULES if hasattr(m, "otherwise"))
