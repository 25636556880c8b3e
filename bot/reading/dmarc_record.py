"""Which DMARC record holds for a From, and whose an organization a domain is (RFC 9989 §4.7, §4.10)."""

from dataclasses import dataclass

from bot.mail import DmarcRecord
from bot.reading.questions import Questions

_MOST_LABELS = 7  # of a name that is walked, after the first
_POLICIES = ("none", "quarantine", "reject")
_WEAKER = {"none": "none", "quarantine": "none", "reject": "quarantine"}  # t=y, §4.7


class DnsSilent(Exception):
    """The walk could not be made for now."""


@dataclass(frozen=True)
class _Found:
    """One record of a walk."""

    domain: str
    tags: dict[str, str]


def organization_of(domain: str, questions: Questions) -> str:
    """Return the organizational domain by the tree walk. Raises DnsSilent."""
    return _organization(domain, _walk(domain, questions))


def dmarc_record(domain: str, questions: Questions) -> DmarcRecord | None:
    """Return the record that holds for a From of this domain; None where nobody published one.

    Raises DnsSilent.
    """
    walked = _walk(domain, questions)
    organization = _organization(domain, walked)
    by_domain = {one.domain: one.tags for one in walked}
    public_suffixes = [one.domain for one in walked if one.tags.get("psd") == "y"]
    place = next((one for one in (domain, organization, *public_suffixes) if one in by_domain), None)
    if place is None:
        return None
    tags = by_domain[place]
    policy = _policy(tags.get("p", ""))
    if place != domain and tags.get("sp", "") in _POLICIES:
        policy = tags["sp"]
    if tags.get("t") == "y":
        policy = _WEAKER[policy]
    return DmarcRecord.model_validate(
        {
            "domain": place,
            "organization": organization,
            "policy": policy,
            "strict_dkim": tags.get("adkim") == "s",
            "strict_spf": tags.get("aspf") == "s",
        }
    )


def _policy(written: str) -> str:
    return written if written in _POLICIES else "none"


def _walk(domain: str, questions: Questions) -> list[_Found]:
    """Collect the records from the domain itself up to the top, longest name first (§4.10)."""
    found: list[_Found] = []
    labels = domain.split(".")
    while labels:
        tags = _record(".".join(labels), questions)
        if tags is not None:
            found.append(_Found(".".join(labels), tags))
            if tags.get("psd") in ("y", "n"):
                break
        labels = labels[max(1, len(labels) - _MOST_LABELS) :]
    return found


def _organization(domain: str, walked: list[_Found]) -> str:
    for one in walked:
        if one.tags.get("psd") == "n":
            return one.domain
        if one.tags.get("psd") == "y" and one.domain != domain:
            return ".".join(domain.split(".")[-one.domain.count(".") - 2 :])
    return walked[-1].domain if walked else domain


def _record(domain: str, questions: Questions) -> dict[str, str] | None:
    """Return the tags of the one record of a name; several count as none."""
    answer = questions.answer(f"_dmarc.{domain}", "TXT")
    if answer.outcome == "failed":
        raise DnsSilent(f"_dmarc.{domain}")
    records = [tags for tags in map(_tags, answer.values) if tags]
    return records[0] if len(records) == 1 else None


def _tags(text: str) -> dict[str, str] | None:
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    if next(iter(tags.items()), None) != ("v", "DMARC1"):
        return None
    return {name: value.lower() for name, value in tags.items()}
