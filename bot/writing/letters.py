"""Turn a letter's sections into the bytes of one mail: wording from mail_templates/, headers, attachments."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import jinja2

from bot.clock import TOKYO
from bot.surety.money import yen
from bot.surety.wareki import wareki
from bot.wire_address import on_the_wire
from bot.writing.encoded_words import Folded, phrase, words
from bot.writing.html import to_html
from bot.writing.jobs import LetterJob, PaperJob, WrittenLetter
from bot.writing.signing import Signer, signed
from bot.writing.threads import thread_index
from bot.writing.wellformed import check

_WORK_NAME_CHARACTERS = 20
_SERVICE = re.compile(r"^【保証(?:便|確認)】")  # begins a title; once, in the subject, is enough
_STATE = re.compile(r"(?m)^(\w+): (.+)$")
_SPACE = re.compile(r"\s+")
# Marks that no mail program shows, and that make a filter, or the check of our own, refuse a letter.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# A Message-ID as it may go into a header of ours; the email package decodes =?…?= even there, line ends too.
_PLAIN_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{1,500}")


def make_templates() -> jinja2.Environment:
    """Load the wording. A value that a template does not get is an error, never an empty place."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("mail_templates", "."),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # plain text; the HTML part escapes everything
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # an included part ends its last row
    )
    states = dict(_STATE.findall(templates.get_template("_states.txt").render()))
    filters: dict[str, Callable[..., str]] = {
        "wareki": lambda text: wareki(date.fromisoformat(text)),
        "moment": _moment,
        "yen": yen,
        "short": _short,
        "monthday": lambda text: f"{date.fromisoformat(text).month}/{date.fromisoformat(text).day}",
        "state": lambda name: states[name],
    }
    templates.filters |= {name: _needing(make) for name, make in filters.items()}
    return templates


def _needing(make: Callable[..., str]) -> Callable[..., str]:
    """Let a filter say which value is missing, before it stumbles over it."""

    def filtered(value: object, *more: object) -> str:
        if isinstance(value, jinja2.Undefined):
            str(value)  # raises UndefinedError with the name
        return make(value, *more)

    return filtered


def _moment(text: str) -> str:
    """Print a moment as 令和8年11月13日 9時41分, Asia/Tokyo."""
    local = datetime.fromisoformat(text).astimezone(TOKYO)
    return f"{wareki(local.date())} {local.hour}時{local.minute:02d}分"


def _short(name: str, characters: int = _WORK_NAME_CHARACTERS) -> str:
    """Cut a work name for a subject."""
    return name if len(name) <= characters else name[: characters - 1] + "…"


def write(job: LetterJob, templates: jinja2.Environment, signers: Sequence[Signer] = ()) -> WrittenLetter:
    """Write one letter, sign it, and check it. The same job gives the same bytes.

    Raises Malformed where the letter breaks a rule of its own making: it must not leave.
    """
    sections = [_section(job, number, templates) for number in range(len(job.letter.sections))]
    subject = _subject(job, _title(job, [title for title, _ in sections]))
    body = templates.get_template("_letter.txt").render(
        salutation=job.salutation,
        sections=[text for _, text in sections],
        titles=[_SERVICE.sub("", title) for title, _ in sections],
        office=job.office,
        staff=job.letter.sections[0].template.startswith("staff_"),
        case_code=job.letter.case_code,
        code_in_subject=bool(job.letter.case_code) and job.letter.subject is None,
    )
    text = _UNSEEN.sub("", body.strip()) + "\n"
    message = _message(job, subject, text)
    data = signed(_encoded(message), signers, job.written_at)
    check(data, utf8=message.policy is SMTPUTF8)
    return WrittenLetter(subject=subject, text=text, data=data)


def _title(job: LetterJob, titles: list[str]) -> str:
    """Name the letter after its first section, or after its key notice: that is the paper to submit."""
    keyed = (title for title, one in zip(titles, job.letter.sections, strict=True) if one.key is not None)
    return next(keyed, titles[0])


def _section(job: LetterJob, number: int, templates: jinja2.Environment) -> tuple[str, str]:
    section = job.letter.sections[number]
    key = job.keys[f"{section.key.guarantee_number}/{section.key.version}"] if section.key else ""
    rendered = templates.get_template(f"{section.template}.txt").render(
        **section.values, office=job.office, key=key, case_code=job.letter.case_code
    )
    title, _, text = rendered.partition("\n---\n")
    return title.removeprefix("件名:").strip(), text.strip()


def paper_messages(job: PaperJob, templates: jinja2.Environment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the two messages of a key notice, to the contractor and to the orderer, a sentence a line."""
    assert job.key_notice is not None
    rendered = templates.get_template("paper_key_notice.txt").render(
        how=job.how, surety=job.key_notice.surety
    )
    first, _, second = rendered.partition("\n---\n")
    return tuple(_lines(first)), tuple(_lines(second))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _subject(job: LetterJob, title: str) -> str:
    if job.letter.subject is not None:
        return _one_line(job.office.subject_prefix + job.letter.subject)
    code = f" [{job.letter.case_code}]" if job.letter.case_code else ""
    return _one_line(f"{job.office.subject_prefix}{title}{code}")


def _one_line(text: str) -> str:
    """Return the text as a header may hold it: no line end, open or in an encoded-word (RFC 2047)."""
    return _UNSEEN.sub("", _SPACE.sub(" ", text)).replace("=?", "= ?")


def _message(job: LetterJob, subject: str, text: str) -> EmailMessage:
    desk, recipient = on_the_wire(job.office.desk), on_the_wire(job.letter.recipient)
    message = EmailMessage(policy=SMTP if (desk + recipient).isascii() else SMTPUTF8)
    message["From"] = Folded("From", [*phrase(_one_line(job.office.imprint.name)), f"<{desk}>"])
    message["To"] = recipient
    message["Subject"] = Folded("Subject", words(subject))
    message["Date"] = format_datetime(job.written_at.astimezone(TOKYO))
    message["Message-ID"] = f"<{job.message_id}>"
    _hang(message, job)
    # RFC 3834 §5: automatic mail says so, and asks not to be answered automatically. `All` would ask
    # Exchange to keep back its non-delivery reports too ([MS-OXCMAIL] §2.1.3.2.20): those are wanted.
    message["Auto-Submitted"] = "auto-replied" if job.letter.answers else "auto-generated"
    message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
    message.set_content(text, cte="base64")
    shown = to_html(text, subject, job.office.desk, job.letter.case_code)
    message.add_alternative(shown, subtype="html", cte="base64")
    for attachment in job.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.data, main, sub, filename=attachment.file_name)
    return message


def _hang(message: EmailMessage, job: LetterJob) -> None:
    """Say what the letter hangs on, for Outlook too, which shows as one what has one index and topic."""
    if _PLAIN_ID.fullmatch(job.in_reply_to):
        message["In-Reply-To"] = Folded("In-Reply-To", [f"<{job.in_reply_to}>"])
    if references := [one for one in job.references if _PLAIN_ID.fullmatch(one)]:
        message["References"] = Folded("References", [f"<{one}>" for one in references])
    if code := _one_line(job.letter.case_code or ""):
        message["Thread-Topic"] = Folded("Thread-Topic", words(code))
        message["Thread-Index"] = thread_index(job.office.domain, code, job.message_id, job.written_at)


def _encoded(message: EmailMessage) -> bytes:
    """Flatten with boundaries made from the Message-ID."""
    seed = str(message["Message-ID"])
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        digest = hashlib.sha256(f"{seed}{number}".encode()).hexdigest()[:24]
        part.set_boundary(f"=-{digest}")
    return message.as_bytes()
