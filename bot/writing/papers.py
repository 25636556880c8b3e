"""Which paper a reference means: what to draw, under which file name, for the letter writer."""

from collections.abc import Mapping

from bot.outcome import DocumentRef
from bot.surety.guarantee import Guarantee, certificate_paper, key_notice_paper
from bot.surety.office import Office
from bot.surety.orderer import Orderer
from bot.surety.papers import Rendition
from bot.surety.submitting import how_to_submit
from bot.writing.jobs import PaperJob

RENDITIONS = {
    "certificate_contractor": Rendition.CONTRACTOR,
    "certificate_orderer": Rendition.ORDERER,
}
_NAMES: Mapping[str, str] = {
    "certificate_contractor": "certificate-contractor-copy",
    "certificate_orderer": "certificate-orderer-copy",
    "key_notice": "key-notice",
}


def file_name(ref: DocumentRef) -> str:
    """Return an ASCII file name that tells certificate and key notice apart at a glance."""
    number = ref.of.partition(":")[2]
    version = f"-v{ref.version}" if ref.version > 1 else ""
    return f"{_NAMES[ref.kind]}_{number}{version}.pdf"


def paper_job(ref: DocumentRef, guarantee: Guarantee, orderer: Orderer, office: Office, key: str) -> PaperJob:
    """Make the drawing job of one paper. Raises KeyError for a kind that does not exist."""
    if ref.kind == "key_notice":
        notice = key_notice_paper(guarantee, office)
        how = how_to_submit(guarantee, orderer)
        return PaperJob.model_validate({"key_notice": notice, "key": key, "how": how})
    return PaperJob(certificate=certificate_paper(guarantee, office, RENDITIONS[ref.kind]))
