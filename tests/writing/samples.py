"""The samples of `hoshobin preview` as jobs to test. New ones belong in bot/operations/preview_samples.py."""

from typing import Any

from bot.operations.preview_jobs import KEYED, LETTER_TEMPLATES, sample_job, sample_section, trial_office
from bot.operations.preview_samples import SAMPLES
from bot.operations.preview_values import AT, CASE, CONTRACTOR, KEY, LONG_WORK, WORK
from bot.writing.jobs import JobAttachment, LetterJob

__all__ = [
    "AT",
    "CASE",
    "CASES",
    "CONTRACTOR",
    "KEY",
    "KEYED",
    "LETTER_TEMPLATES",
    "LONG_WORK",
    "OFFICE",
    "SAMPLES",
    "WORK",
    "letter_job",
    "with_papers",
]
CASES = [(name, number) for name, found in SAMPLES.items() for number in range(len(found))]
OFFICE = trial_office()


def letter_job(template: str, number: int = 0, **changes: Any) -> LetterJob:
    """Make the job of one sample."""
    return sample_job(OFFICE, (sample_section(template, number),), **changes)


def with_papers(job: LetterJob) -> LetterJob:
    """Attach two papers."""
    names = ("key-notice_2080001234.pdf", "certificate-contractor-copy_2080001234.pdf")
    papers = tuple(
        JobAttachment(file_name=name, media_type="application/pdf", data=bytes(range(256)) * 9)
        for name in names
    )
    return job.but(attachments=papers)
