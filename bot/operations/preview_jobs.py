"""Make the letters that are previewed: every template with its sample values, in the trial's office."""

from datetime import UTC, datetime
from typing import Any

from bot.app import office_of
from bot.operations.preview_samples import ORDERERS, SAMPLES, STAFF, STRANGERS
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
# Reader -> mailbox and salutation, as the trial's directory has them.
READERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "contractor": ("soumu@iyo-kensetsu.example", ("株式会社いよ建設　高橋様",)),
    "orderer": ("keiyaku@city.iyonada.lg.example", ("伊予灘市　契約課 ご担当者様",)),
    "staff": ("shinsa@surety.example", ("審査 佐々木 様",)),
    "stranger": ("yamada@city.elsewhere.example", ()),
}


def trial_office() -> Office:
    """Return the office of the trial, whatever the environment says."""
    return office_of(trial_config({}))


def sample_section(template: str, number: int = 0) -> Section:
    """Make the section of one sample; one that carries the key notice names its key."""
    key = KeyRef(guarantee_number="2080001234", version=1) if template in KEYED else None
    return Section(template=template, values=SAMPLES[template][number], key=key)


def reader_of(section: Section) -> str:
    """Say who gets a letter that begins with this section: a name of READERS."""
    template, party = section.template, section.values.get("party")
    if template.startswith("staff_") or template in STAFF or party == "surety":
        return "staff"
    if template in ORDERERS or party == "orderer":
        return "orderer"
    return "stranger" if template in STRANGERS else "contractor"


def sample_job(
    office: Office, sections: tuple[Section, ...], reader: str = "contractor", **changes: Any
) -> LetterJob:
    """Make the job of one letter of these sections, as the daemon would hand it to the writing helper."""
    recipient, salutation = READERS[reader]
    letter = Letter(recipient=recipient, sections=sections, case_code=CASE, answers=True)
    job = LetterJob(
        letter=letter,
        office=office,
        salutation=salutation,
        message_id="7.0123456789abcdef0123@hoshobin.example",
        written_at=datetime(2026, 11, 10, 1, 58, tzinfo=UTC),
        in_reply_to="first-1@iyo-kensetsu.example",
        references=(f"{CASE}@hoshobin.example", "first-1@iyo-kensetsu.example"),
        keys={"2080001234/1": KEY} if any(section.key for section in sections) else {},
    )
    return job.but(**changes)
