"""Tell 管理 that a letter did not leave, or could not be written."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Session

from bot.outcome import Letter, Section
from bot.surety.party import Role
from storage import letters
from storage.directory import DirectoryView
from storage.letters import LetterClaim
from storage.sealed import Sealer

FAILED = "staff_letter_failed"
PARKED = "staff_letter_parked"


def tell_managers(
    session: Session,
    sealer: Sealer,
    claim: LetterClaim,
    cause: str,
    template: str,
    values: Mapping[str, JsonValue],
    now: datetime,
) -> None:
    """Queue a letter to everybody of 管理, once a cause, unless this one itself told them of another.

    `values` are the template's beside `letter_id` and `recipient`.
    """
    letter = Letter.model_validate(letters.body_of(session, sealer, claim.letter_id))
    if any(one.template in (FAILED, PARKED) for one in letter.sections):
        return
    about: dict[str, JsonValue] = {"letter_id": claim.letter_id, "recipient": claim.recipient}
    told = Section(template=template, values={**about, **values})
    for number, box in enumerate(DirectoryView(session).staff(Role.MANAGE)):
        to_staff = Letter(recipient=box.address, sections=(told,), case_code=letter.case_code)
        letters.queue(
            session,
            sealer,
            cause_key=f"{cause}:{number}",
            recipient=box.address,
            body=to_staff.model_dump(mode="json"),
            templates=template,
            now=now,
            case_id=claim.case_id,
        )
