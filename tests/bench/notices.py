"""A ledger full of registered guarantees, and the mails in which an orderer forwards their key notices."""

import random
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session, select

from bot import operations
from bot.app import office_of
from bot.config import load
from bot.ledger import Put, RegisterKey
from bot.surety.application import Application, ApplicationState
from bot.surety.authkey import new_key
from bot.surety.guarantee import Guarantee, GuaranteeState, certificate_paper, key_notice_paper
from bot.surety.office import Office
from bot.surety.papers import GuaranteeKind, Rendition
from bot.surety.work import Case, case_code
from bot.writing.documents.key_notice import key_notice_pdf
from storage import changes
from storage.directory import import_directory
from storage.opening import Opened, open_storage
from storage.tables import OrdererRow, PartyRow
from tests.bench import plain_receiver
from tests.daemons import write_config

ORDERER = "keiyaku@city.iyonada.lg.example"
CONTRACTOR = "soumu@iyo-kensetsu.example"
DESK = "hosho@hoshobin.example"
PLAIN_FILE = "plain.db"
DIRECTORY = Path(operations.__file__).with_name("trial_directory.toml")
_AT = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
_DAY = date(2026, 11, 16)
_FIRST_NUMBER = 2080100001
_TO_CONTRACTOR = ("契約書を持参する前に、契約課へ電子メールで提出してください。",)
_TO_ORDERER = (
    "この書面のPDFを添付して転送していただくと、保証の内容をお返しします。",
    "保証契約番号と認証キーを本文に書いて送っていただいても、同じご回答をします。",
)


@dataclass(frozen=True)
class Notice:
    """One registered guarantee with its key."""

    case: Case
    application: Application
    guarantee: Guarantee
    key: SecretStr


def prepare(room: Path, count: int, *, seen_before: bool) -> list[bytes]:
    """Fill a database of ours and one of the plain receiver's in `room`; return the orderer's mails.

    A guarantee that its orderer has seen before causes one letter, to the orderer; a first look is news
    for the contractor too.
    """
    config = load(write_config(room, "smtp://127.0.0.1:25"), {})
    office, rng = office_of(config), random.Random(20261116)
    opened = open_storage(config.storage.url, config.storage.key_file, stamps={"trial": "no"})
    opened.database.write(lambda session: import_directory(session, DIRECTORY))
    with opened.database.reading() as session:
        ids = _ids(session)
    notices = [_notice(index, *ids, rng, seen_before=seen_before) for index in range(count)]
    opened.database.write(lambda session: _register(session, opened, notices))
    opened.database.close()
    with closing(plain_receiver.make_record(room / PLAIN_FILE)) as record:
        record.executemany("INSERT INTO guarantee VALUES (?, ?, ?)", [_row(one, office) for one in notices])
        record.commit()
    return [_forwarded(index, one, office) for index, one in enumerate(notices)]


def _ids(session: Session) -> tuple[int, int]:
    contractor = session.exec(select(PartyRow.id).where(PartyRow.number == "C-10001")).one()
    orderer = session.exec(select(OrdererRow.id).where(OrdererRow.addressee == "伊予灘市長")).one()
    assert contractor is not None
    assert orderer is not None
    return contractor, orderer


def _notice(
    index: int, contractor_id: int, orderer_id: int, rng: random.Random, *, seen_before: bool
) -> Notice:
    serial = index + 1
    code = case_code(_DAY, serial, "7KP4")
    work_name = f"市道中央{serial}号線舗装補修工事(第{serial}工区)"
    case = Case(id=serial, code=code, contractor_id=contractor_id, orderer_id=orderer_id, work_name=work_name)
    application = Application(
        id=serial,
        case_id=serial,
        case_code=code,
        contractor_id=contractor_id,
        orderer_id=orderer_id,
        applicant=CONTRACTOR,
        state=ApplicationState.ISSUED,
        given={},
    )
    guarantee = Guarantee(
        id=serial,
        case_id=serial,
        case_code=code,
        application_id=serial,
        contractor_id=contractor_id,
        orderer_id=orderer_id,
        kind=GuaranteeKind.PERFORMANCE,
        state=GuaranteeState.REGISTERED,
        number=str(_FIRST_NUMBER + index),
        issued_on=_DAY,
        amount_yen=4_840_000,
        contract_price_yen=48_400_000,
        work_from=_DAY,
        work_to=date(2027, 3, 25),
        known_work_to=date(2027, 3, 25),
        work_name=work_name,
        work_number=f"第{serial}号",
        contractor_name="株式会社いよ建設　代表取締役　髙橋　健一",
        contractor_address="伊予灘市中央二丁目3番4号",
        orderer="伊予灘市長",
        key_version=1,
        verified_at=_AT if seen_before else None,
    )
    return Notice(case, application, guarantee, new_key(rng))


def _register(session: Session, opened: Opened, notices: list[Notice]) -> None:
    for one in notices:
        assert one.guarantee.number is not None
        puts = [Put(value=value) for value in (one.case, one.application, one.guarantee)]
        key = RegisterKey(guarantee_number=one.guarantee.number, version=1, issuer="own", key=one.key)
        changes.apply(session, opened.sealer, [*puts, key], _AT)


def _row(one: Notice, office: Office) -> tuple[str, str, str]:
    """Return what the plain receiver knows: number, key, and the certificate's values."""
    assert one.guarantee.number is not None
    certificate = certificate_paper(one.guarantee, office, Rendition.ORDERER)
    return one.guarantee.number, one.key.get_secret_value(), certificate.model_dump_json()


def _forwarded(index: int, one: Notice, office: Office) -> bytes:
    """Write the mail that forwards one key notice, as our border hands it on after a good signature."""
    texts = {"to_contractor": _TO_CONTRACTOR, "to_orderer": _TO_ORDERER}
    paper = key_notice_paper(one.guarantee, office).but(key=one.key, **texts)
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = "border.hoshobin.example; dkim=pass header.d=city.iyonada.lg.example"
    mail["Received"] = "from mail.city.iyonada.lg.example by border.hoshobin.example"
    mail["From"] = ORDERER
    mail["To"] = DESK
    mail["Subject"] = f"Fwd: 【電子保証】{one.guarantee.work_number} {one.guarantee.work_name}"
    mail["Date"] = "Mon, 16 Nov 2026 10:00:00 +0900"
    mail["Message-ID"] = f"<forwarded-{index}@city.iyonada.lg.example>"
    mail.set_content(
        "契約課です。添付の認証キー等のお知らせについて、内容の確認をお願いします。\n", cte="base64"
    )
    pdf = key_notice_pdf(paper)
    mail.add_attachment(pdf, "application", "pdf", filename=f"key-notice_{one.guarantee.number}.pdf")
    return mail.as_bytes()
