"""発注者 as a certificate names it, with its profile: what it accepts, from when, where, and how."""

from datetime import date
from enum import StrEnum
from typing import Literal

from bot.surety.papers import GuaranteeKind
from bot.values import Value


class Measure(StrEnum):
    """The electronic measure this orderer has accepted in its own terms."""

    DSURE = "dsure"
    MAIL = "mail"
    BOTH = "both"
    PAPER = "paper"


class Channel(StrEnum):
    """How the key notice reaches this orderer."""

    MAIL = "mail"
    WEB_FORM = "web_form"
    PAPER = "paper"


class SubmissionBy(StrEnum):
    """Who submits: the contractor, or the surety where the contractor asks for it."""

    CONTRACTOR = "contractor"
    SURETY_ON_REQUEST = "surety_on_request"


class DateBasis(StrEnum):
    """Which day of a work decides whether it is covered."""

    CONTRACT = "contract"  # 契約日
    NOTICE = "notice"  # 公告日


class Submission(Value):
    """How one kind of key notice is handed to this orderer."""

    department: str  # 契約課
    address: str = ""  # the mailbox, where the channel is mail
    subject: str = ""  # pattern with {work_number} {work_name} {contractor} {kind}
    web_form: str = ""  # name of the form, where the channel is a web form
    phone: str = ""  # 到達確認
    when: str = ""  # 契約書を持参する前に


class Orderer(Value):
    """One office-holder with its profile. Differences between orderers are data, never code."""

    id: int
    party_id: int
    addressee: str  # 松山市長
    accepted_measure: Measure
    key_issuer: Literal["own", "external"] = "own"  # external: a registry hands its keys over as a file
    basis: str = ""  # the clause of its 約款 or 要領; without one nothing electronic is issued
    covered_from: date | None = None
    date_basis: DateBasis = DateBasis.CONTRACT
    kinds: frozenset[GuaranteeKind] = frozenset()
    channel: Channel
    submission_by: SubmissionBy = SubmissionBy.CONTRACTOR
    submissions: dict[GuaranteeKind, Submission] = {}
    advance_percent: int | None = None  # upper limit for 前払金, where the orderer has one
    advance_floor_yen: int = 1  # 端数: advance amounts are cut to multiples of this
    with_invoice: str = ""  # note to the contractor about the 請求書, where there is one
    required_papers: frozenset[str] = frozenset({"key_notice"})
    certificate_to_orderer: bool = True  # 発注者確認用 goes along with the verification reply
