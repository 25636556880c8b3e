"""The link behind a button: a new mail to the desk that asks exactly what the sentence beside it says."""

import re
from dataclasses import dataclass
from urllib.parse import quote

# What a person types themselves: the link leaves it out, so that nobody sends it as it stands.
_PLACEHOLDER = re.compile(r"\([^()]*\)\Z")
# Codes open a decision: they belong into the body, not into subjects, which are logged and listed.
_CODE = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
_SUBJECT_WITHOUT_WORDS = "ご返信"


@dataclass(frozen=True)
class ReplyMail:
    """A mail that a button begins; its reader sends it."""

    desk: str
    subject: str
    body: str

    @property
    def link(self) -> str:
        """Return the address as RFC 6068 has it, UTF-8 percent-encoded."""
        subject, body = (quote(one, safe="") for one in (self.subject, self.body))
        return f"mailto:{quote(self.desk, safe='@')}?subject={subject}&body={body}"


def reply_mail(desk: str, case_code: str | None, words: str) -> ReplyMail:
    """Make the mail that says these words about a case.

    A new subject may be read as a command. So it says the very words of the body; or, where these hold a code
    or wait for more, nothing that could be one. The case code comes first and routes the mail.
    """
    body = _PLACEHOLDER.sub("", words)
    title = body if body == words and not _CODE.search(body) else _SUBJECT_WITHOUT_WORDS
    subject = f"[{case_code}] {title}" if case_code else title
    return ReplyMail(desk=desk, subject=subject, body=body)
