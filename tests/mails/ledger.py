"""The fixed ledger behind the corpus: the trial's directory, one open application, one registered work."""

from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session

from bot.ledger import Change, Put, RegisterKey
from bot.operations.trial import HERE
from bot.surety.application import Agreement, Application, ApplicationState
from bot.surety.enrolment import Enrolment, EnrolmentKind, EnrolmentState
from bot.surety.form_text import given_by
from bot.surety.form_values import ApplicationForm
from bot.surety.guarantee import Guarantee, GuaranteeState, SubmissionRecord
from bot.surety.papers import GuaranteeKind
from bot.surety.party import Role
from bot.surety.work import Case
from storage import changes
from storage.directory import DirectoryView, import_directory
from storage.opening import Opened, open_storage
from tests.surety.forms import UNDERSTOOD

AT = datetime(2026, 11, 10, 1, 58, tzinfo=UTC)
KEY = "K7M4P3XHW3"
SERVICE_KEY = "5a" * 32
OPEN_CASE = "R8-01234-7KQ4"
DONE_CASE = "R8-01188-3FWR"


def build(folder: Path, url: str = "") -> Opened:
    """Make the ledger, the same every time; without a URL, in a SQLite file in the folder."""
    key_file = folder / "service.key"
    key_file.write_text(SERVICE_KEY + "\n")
    key_file.chmod(0o600)
    url = url or f"sqlite:///{folder / 'ledger.db'}"
    opened = open_storage(url, key_file, stamps={"trial": "yes"})

    def job(session: Session) -> None:
        import_directory(session, Path(str(HERE / "trial_directory.toml")))
        changes.apply(session, opened.sealer, _changes(session), AT)

    opened.database.write(job)
    return opened


def form() -> ApplicationForm:
    """Return the sample application, understood."""
    return UNDERSTOOD.but(
        orderer="伊予灘市長", work_number="第123号", notice_on=None, documents={}, remarks=""
    )


def _changes(session: Session) -> tuple[Change, ...]:
    directory = DirectoryView(session)
    box = directory.mailbox("soumu@iyo-kensetsu.example")
    city = directory.orderer_named("伊予灘市長")
    assert box is not None
    assert city is not None
    iyo = box.party_id
    name = form().work_name
    done_name = "市道港線側溝改修工事"
    read_back = _application(1, 1, OPEN_CASE, iyo, city.id, form(), ApplicationState.READ_BACK)
    issued = _application(
        2, 2, DONE_CASE, iyo, city.id, form().but(work_name=done_name), ApplicationState.ISSUED
    )
    agreement = Agreement(terms=(), at=AT, mailbox="soumu@iyo-kensetsu.example")
    cases = [
        Case(id=1, code=OPEN_CASE, contractor_id=iyo, orderer_id=city.id, work_name=name),
        Case(id=2, code=DONE_CASE, contractor_id=iyo, orderer_id=city.id, work_name=done_name),
    ]
    guarantee = _guarantee(iyo, city.id, done_name)
    return (
        *(Put(value=case) for case in cases),
        Put(value=read_back),
        Put(value=issued.but(agreement=agreement)),
        Put(value=guarantee),
        RegisterKey(guarantee_number="2080001234", version=1, issuer="own", key=SecretStr(KEY)),
        Put(value=_asked()),
    )


def _asked() -> Enrolment:
    """Return an enrolment that waits for 「登録」 from its own mailbox."""
    company = {"company": "株式会社内子土木", "address": "内子町内子1番地", "phone": "0893-00-5678"}
    return Enrolment(
        number="E8-00456",
        kind=EnrolmentKind.PARTY,
        state=EnrolmentState.ASKED,
        address="soumu@uchiko-doboku.example",
        asked_at=AT,
        stated={**company, "representative": "代表取締役 内山 次郎", "person": "内山"},
        party_name=company["company"],
        role=Role.APPLY,
        person="内山",
    )


def _application(
    number: int, case: int, code: str, iyo: int, city: int, filled: ApplicationForm, state: ApplicationState
) -> Application:
    return Application(
        id=number,
        case_id=case,
        case_code=code,
        contractor_id=iyo,
        orderer_id=city,
        applicant="soumu@iyo-kensetsu.example",
        state=state,
        given=given_by(filled),
        form=filled,
        amounts_yen={GuaranteeKind.ADVANCE: 19_300_000, GuaranteeKind.PERFORMANCE: 4_840_000},
    )


def _guarantee(iyo: int, city: int, name: str) -> Guarantee:
    submission = SubmissionRecord(how="surety", at=AT, by="soumu@iyo-kensetsu.example", to="契約課")
    return Guarantee(
        id=1,
        case_id=2,
        case_code=DONE_CASE,
        application_id=2,
        contractor_id=iyo,
        orderer_id=city,
        kind=GuaranteeKind.PERFORMANCE,
        state=GuaranteeState.REGISTERED,
        number="2080001234",
        issued_on=date(2026, 11, 9),
        amount_yen=4_840_000,
        contract_price_yen=48_400_000,
        work_from=date(2026, 11, 17),
        work_to=date(2027, 3, 25),
        known_work_to=date(2027, 3, 25),
        work_name=name,
        work_number="第118号",
        contractor_name="株式会社いよ建設　代表取締役　髙橋　健一",
        contractor_address="伊予灘市中央二丁目3番4号",
        orderer="伊予灘市長",
        contact="総務 髙橋　089-000-1234",
        key_version=1,
        submission=submission,
    )
