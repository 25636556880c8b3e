"""The columns of the directory as a table: what staff call them, and how a cell becomes a value and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.surety.orderer import Channel, DateBasis, Measure, Submission, SubmissionBy
from bot.surety.papers import KIND_NAMES, GuaranteeKind
from bot.surety.party import PartyKind, Role

ROLL = "名簿"  # a row is a mailbox of a party; a party without one has a row of its own
PROFILES = "発注者"  # a row is an orderer's profile
NUMBER = "番号"
_SEPARATOR = "、"


class BadCell(ValueError):
    """A cell holds nothing that this column accepts; the text says what it accepts."""


@dataclass(frozen=True)
class Column:
    """One column: its label, whose field it is, and both ways between cell and value."""

    label: str
    owner: str  # party, mailbox, orderer, or the kind of a submission
    field: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]


def _choice(names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """Read and show one of a closed list; the stored word itself is accepted too."""
    words = {label: word for word, label in names.items()}

    def read(cell: str) -> str:
        word = words.get(cell, cell)
        if word not in names:
            raise BadCell(f"accepts {_SEPARATOR.join(names.values())}")
        return word

    return read, lambda value: names[str(value)]


def _several(names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    read_one, show_one = _choice(names)

    def read(cell: str) -> list[str]:
        parts = cell.replace(",", _SEPARATOR).replace("，", _SEPARATOR).split(_SEPARATOR)
        return [read_one(part.strip()) for part in parts if part.strip()]

    order = list(names)
    return read, lambda value: _SEPARATOR.join(
        show_one(one) for one in sorted(map(str, value), key=order.index)
    )


def _read_date(cell: str) -> str:
    try:
        return date.fromisoformat(cell.replace("/", "-")).isoformat()
    except ValueError as error:
        raise BadCell("accepts a date, YYYY-MM-DD") from error


def _read_number(cell: str) -> int:
    try:
        return int(cell.replace(",", ""))
    except ValueError as error:
        raise BadCell("accepts a whole number") from error


_TEXT = (str, str)
_YES_NO = _choice({"True": "はい", "False": "いいえ"})
_BOOLEAN = (lambda cell: _YES_NO[0](cell) == "True", _YES_NO[1])
_DATE = (_read_date, lambda value: str(value.isoformat()))
_WHOLE = (_read_number, str)
_KINDS = {kind.value: name for kind, name in KIND_NAMES.items()}
_PAPERS = {"key_notice": "認証キー等のお知らせ", "certificate_print": "証書の写し"}


def _columns(
    owner: str, *rows: tuple[str, str, tuple[Callable[[str], Any], Callable[[Any], str]]]
) -> tuple[Column, ...]:
    return tuple(Column(label, owner, field, *ways) for label, field, ways in rows)


_PARTY_KINDS = {PartyKind.CONTRACTOR: "受注者", PartyKind.ORDERER: "発注者", PartyKind.SURETY: "保証会社"}

ROLL_COLUMNS = (
    *_columns(
        "party",
        (NUMBER, "number", _TEXT),
        ("種別", "kind", _choice({kind.value: name for kind, name in _PARTY_KINDS.items()})),
        ("名称", "name", _TEXT),
        ("住所", "address", _TEXT),
        ("代表者", "representative", _TEXT),
        ("電話", "phone", _TEXT),
        ("保証料一括納付", "monthly_billing", _BOOLEAN),
        ("ドメイン", "domain", _TEXT),
        ("代表アドレス", "registered_box", _TEXT),
        ("共用ドメイン可", "shared_domain_ok", _BOOLEAN),
    ),
    *_columns(
        "mailbox",
        ("メールアドレス", "address", _TEXT),
        ("担当者", "person", _TEXT),
        ("権限", "roles", _several({role.value: role.value for role in Role})),
    ),
)

_SUBMISSION = {
    "department": "担当課",
    "address": "宛先アドレス",
    "subject": "件名",
    "web_form": "申請フォーム",
    "phone": "到達確認の電話",
    "when": "提出の時期",
}
assert _SUBMISSION.keys() == Submission.model_fields.keys()


def _submission_columns(kind: GuaranteeKind) -> tuple[Column, ...]:
    rows = [(f"{KIND_NAMES[kind]}の{label}", field, _TEXT) for field, label in _SUBMISSION.items()]
    return _columns(kind.value, *rows)


_MEASURES = {Measure.DSURE: "D-Sure", Measure.MAIL: "メール", Measure.BOTH: "両方", Measure.PAPER: "書面"}
_CHANNELS = {Channel.MAIL: "メール", Channel.WEB_FORM: "申請フォーム", Channel.PAPER: "書面"}
_SUBMITTERS = {SubmissionBy.CONTRACTOR: "受注者", SubmissionBy.SURETY_ON_REQUEST: "依頼により保証会社"}
_BASES = {DateBasis.CONTRACT: "契約日", DateBasis.NOTICE: "公告日"}

PROFILE_COLUMNS = (
    *_columns(
        "orderer",
        (NUMBER, "party", _TEXT),
        ("宛名", "addressee", _TEXT),
        ("認める方法", "accepted_measure", _choice({k.value: v for k, v in _MEASURES.items()})),
        ("認証キーの発行", "key_issuer", _choice({"own": "当社", "external": "外部"})),
        ("根拠", "basis", _TEXT),
        ("適用開始日", "covered_from", _DATE),
        ("日付の基準", "date_basis", _choice({k.value: v for k, v in _BASES.items()})),
        ("対象の保証", "kinds", _several(_KINDS)),
        ("提出の方法", "channel", _choice({k.value: v for k, v in _CHANNELS.items()})),
        ("提出する者", "submission_by", _choice({k.value: v for k, v in _SUBMITTERS.items()})),
        ("前払金の上限(%)", "advance_percent", _WHOLE),
        ("前払金の端数(円)", "advance_floor_yen", _WHOLE),
        ("請求書の案内", "with_invoice", _TEXT),
        ("必要な書類", "required_papers", _several(_PAPERS)),
        ("証書も送る", "certificate_to_orderer", _BOOLEAN),
    ),
    *(column for kind in GuaranteeKind for column in _submission_columns(kind)),
)
