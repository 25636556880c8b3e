"""Have a mail's source verified in its reading child, where no border of ours speaks for it."""

from typing import TYPE_CHECKING

from bot.identity.authentication import Border
from bot.identity.direct import DirectRules, what_to_verify
from bot.mail import Envelope, Mail
from bot.reading.client import Conversation

if TYPE_CHECKING:
    from bot.dns import Resolver


def is_ours_to_verify(mail: Mail, envelope: Envelope, border: Border) -> bool:
    """Say whether to find out: nobody answers automatic mail, and without one From there is no source.

    What only its words make automatic may be a person's.
    """
    return not mail.is_machines and mail.from_address is not None and not border.authority(envelope)


def verified(
    mail: Mail, envelope: Envelope, rules: DirectRules, conversation: Conversation, resolver: "Resolver"
) -> Mail:
    """Return the mail with what could be found out of its source. Raises HelperFault."""
    found = conversation.verify(what_to_verify(envelope, mail, rules), resolver.for_one_mail())
    return mail.model_copy(update={"verification": found})
