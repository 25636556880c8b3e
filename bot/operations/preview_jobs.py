"""Make the letters that are previewed: every template with its sample values, in the trial's office."""

from datetime import UTC, datetime
from typing import Any

from bot.app import office_of
from bot.operations.preview_samples import SAMPLES
from bot.operations.preview_values import CASE, KEY
from bot.operations.trial import trial_config
from bot.outcome import KeyRef, Letter, Section
from bot.surety.office import Office
from bot.writing.jobs import LetterJob
from bot.writing.letters import make_templates

KEYED = ("key_notice", "submission")  # the templates of letters that carry a key
LETTER_TEMPLATES = sorted(
    name.removesuffix(".txt")
    for name in make_templates().list_templates(["txt"])
    if not name.startswith("_") and name != "paper_key_notice.txt"
)


def trial_office() -> Office:
    """Return the office of the trial, whatever the environment says."""
    return office_of(trial_config({}))


def sample_section(template: str, number: int = 0) -> Section:
    """Make the section of one sample; one that carries the key notice names its key."""
    key = KeyRef(guarantee_number="2080001234", version=1) if template in KEYED else None
    return Section(template=template, values=SAMPLES[template][number], key=key)


def sample_job(office: Office, sections: tuple[Section, ...], **changes: Any) -> LetterJob:
    """Make the job of one letter of these sections, as the daemon would hand it to the writing helper."""
    letter = Letter(recipient="soumu@iyo-kensetsu.example", sections=sections, case_code=CASE, answers=True)
    job = LetterJob(
        letter=letter,
        office=office,
        salutation=("株式会社いよ建設　高橋様",),
        message_id="7.0123456789abcdef0123@hoshobin.example",
        written_at=datetime(2026, 11, 10, 1, 58, tzinfo=UTC),
        in_reply_to="first-1@iyo-kensetsu.example",
        references=(f"{CASE}@hoshobin.example", "first-1@iyo-kensetsu.example"),
        keys={"2080001234/1": KEY} if any(section.key for section in sections) else {},
    )
    return job.but(**changes)
