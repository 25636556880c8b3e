"""The directory for Excel: what is exported can be imported again, and what is wrong is named by row."""

import csv
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.operations.directory_columns import PROFILE_COLUMNS, PROFILES, ROLL, ROLL_COLUMNS
from bot.operations.directory_files import _guarded, _unguarded, export_file, import_file
from bot.operations.directory_rows import content, tables
from bot.operations.trial import HERE
from bot.surety.orderer import Orderer
from bot.surety.party import Mailbox, Party
from storage.database import Database
from storage.directory import BadDirectory, DirectoryView, import_directory
from storage.opening import Opened

TRIAL = Path(str(HERE / "trial_directory.toml"))
EMPTY_ROW = [""] * len(ROLL_COLUMNS)


@pytest.fixture
def database(opened: Opened) -> Database:
    opened.database.write(lambda session: import_directory(session, TRIAL))
    return opened.database


def row(**cells: str) -> list[str]:
    """Make a row of the roll from labels."""
    return [cells.get(column.label, "") for column in ROLL_COLUMNS]


LABELS = [column.label for column in ROLL_COLUMNS]
BUILDER = row(
    番号="C-7", 種別="受注者", 名称="株式会社みなと工業", メールアドレス="a@minato.example", 権限="申込できる"
)


def everything(session: Session) -> list[object]:
    view = DirectoryView(session)
    return [(party, view.mailboxes(party.id), view.orderers(party.id)) for party in view.parties()]


@pytest.mark.parametrize("name", ["directory.xlsx", "directory.csv"])
def test_an_import_of_an_export_changes_nothing(database: Database, tmp_path: Path, name: str) -> None:
    with database.reading() as session:
        before = everything(session)
        export_file(session, tmp_path / name, ROLL)
    done = database.write(lambda session: import_file(session, tmp_path / name))
    with database.reading() as session:
        assert everything(session) == before
    assert (done.parties, done.mailboxes) == (5, 10)


def test_the_orderer_profiles_have_a_csv_of_their_own(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "orderers.csv"
    with database.reading() as session:
        before = everything(session)
        assert export_file(session, file, PROFILES) == {PROFILES: 2}
    assert database.write(lambda session: import_file(session, file)).orderers == 2
    with database.reading() as session:
        assert everything(session) == before


def test_a_whole_directory_moves_to_an_empty_database_as_xlsx(
    database: Database, tmp_path: Path, key_file: Path
) -> None:
    with database.reading() as session:
        export_file(session, tmp_path / "all.xlsx", ROLL)
        before = tables(DirectoryView(session))
    from storage.opening import open_storage

    other = open_storage(f"sqlite:///{tmp_path / 'other.db'}", key_file, stamps={"trial": "no"})
    try:
        other.database.write(lambda session: import_file(session, tmp_path / "all.xlsx"))
        with other.database.reading() as session:
            assert tables(DirectoryView(session)) == before
    finally:
        other.database.close()


def test_every_field_of_a_party_a_mailbox_and_a_profile_has_a_column() -> None:
    """A field without a column would be lost on the way through a table."""
    kept = {("party", f) for f in Party.model_fields} | {("mailbox", f) for f in Mailbox.model_fields}
    kept |= {("orderer", f) for f in Orderer.model_fields}
    columns = {(one.owner, one.field) for one in (*ROLL_COLUMNS, *PROFILE_COLUMNS)}
    made_here = {("party", "id"), ("mailbox", "party_id"), ("mailbox", "stopped"), ("orderer", "id")}
    assert kept - columns - made_here == {("orderer", "party_id"), ("orderer", "submissions")}


def test_an_export_is_for_its_owner_alone_and_overwrites_nothing(database: Database, tmp_path: Path) -> None:
    with database.reading() as session:
        export_file(session, tmp_path / "a.csv", ROLL)
        assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600
        with pytest.raises(BadDirectory, match="exists already"):
            export_file(session, tmp_path / "a.csv", ROLL)
        with pytest.raises(BadDirectory, match=r"must end in \.csv or \.xlsx"):
            export_file(session, tmp_path / "a.ods", ROLL)


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_what_a_japanese_excel_saves_is_read(database: Database, tmp_path: Path, encoding: str) -> None:
    file = write_csv(tmp_path / "roll.csv", [LABELS, BUILDER], encoding)
    assert database.write(lambda session: import_file(session, file)).mailboxes == 1
    with database.reading() as session:
        box = DirectoryView(session).mailbox("a@minato.example")
        assert box is not None
        assert DirectoryView(session).party(box.party_id).name == "株式会社みなと工業"


def test_numbers_dates_and_switches_that_excel_made_of_cells_are_read(
    database: Database, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = ROLL
    sheet.append(["番号", "種別", "名称", "保証料一括納付", "電話"])
    sheet.append([10077, "contractor", "株式会社数字", True, 890001234])
    book.save(tmp_path / "excel.xlsx")
    database.write(lambda session: import_file(session, tmp_path / "excel.xlsx"))
    with database.reading() as session:
        party = next(one for one in DirectoryView(session).parties() if one.number == "10077")
    assert (party.monthly_billing, party.phone) == (True, "890001234")


def test_columns_may_stand_in_any_order_and_be_left_out(database: Database, tmp_path: Path) -> None:
    rows = [["名称", "番号", "種別"], ["株式会社あべこべ", "C-9", "受注者"], ["", "", ""]]
    file = write_csv(tmp_path / "roll.csv", rows)
    assert database.write(lambda session: import_file(session, file)).parties == 6


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([["番号", "役職"], ["C-1", "x"]], ["名簿: no such column '役職'; it accepts 番号、種別"]),
        ([["番号", "番号"], ["C-1", "x"]], ["名簿: the column '番号' is there twice"]),
        ([["種別"], ["受注者"]], ["名簿: the column '番号' is missing"]),
        ([LABELS, row(種別="受注者", 名称="x")], ["名簿 row 2: 番号 is empty"]),
        (
            [LABELS, BUILDER, [*BUILDER[:1], "施主", *BUILDER[2:]]],
            ["名簿 row 3: 種別 = '施主': accepts 受注者、発注者、保証会社"],
        ),
        (
            [LABELS, BUILDER, row(番号="C-7", 種別="受注者", 名称="別の名前")],
            ["名簿 row 3: C-7 differs from its first row in name"],
        ),
        (
            [LABELS, row(番号="C-8", 種別="受注者", 名称="x", 権限="社長")],
            ["権限 = '社長': accepts 申込できる、"],
        ),
        (
            [LABELS, row(番号="C-8", 種別="受注者", 名称="x", メールアドレス="not one")],
            ["'not one' is not a mail"],
        ),
        ([["番号", "宛名", "適用開始日"], ["O-1", "x市長", "令和8年"]], ["accepts a date, YYYY-MM-DD"]),
        ([["番号", "宛名"], ["O-99", "x市長"]], ["orderer x市長: there is no party 'O-99'"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    database: Database, tmp_path: Path, rows: list[list[str]], faults: list[str]
) -> None:
    with database.reading() as session:
        before = everything(session)
    file = write_csv(tmp_path / "bad.csv", rows)
    with pytest.raises(BadDirectory) as refused:
        database.write(lambda session: import_file(session, file))
    assert all(fault in str(refused.value) for fault in faults), str(refused.value)
    with database.reading() as session:
        assert everything(session) == before


def test_all_faults_of_a_file_are_told_at_once() -> None:
    rows = [LABELS, row(種別="施主"), row(番号="C-1", 権限="社長"), row(番号="C-2", 保証料一括納付="たぶん")]
    with pytest.raises(BadDirectory) as refused:
        content({ROLL: rows}, "roll.csv")
    assert str(refused.value).startswith("roll.csv: 4 fault(s)")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"\x00" * 5000])
def test_what_is_no_xlsx_is_refused_in_one_sentence(database: Database, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.xlsx").write_bytes(data)
    with pytest.raises(BadDirectory, match="no readable xlsx file"):
        database.write(lambda session: import_file(session, tmp_path / "odd.xlsx"))


def test_a_name_that_looks_like_a_formula_is_text_in_both_formats(database: Database, tmp_path: Path) -> None:
    """Excel runs what begins with = or @ when somebody opens the file."""
    name = '=HYPERLINK("http://x.example","株式会社")'
    rows = [LABELS, row(番号="C-1", 種別="受注者", 名称=name)]
    database.write(lambda session: import_file(session, write_csv(tmp_path / "in.csv", rows)))
    with database.reading() as session:
        export_file(session, tmp_path / "out.csv", ROLL)
        export_file(session, tmp_path / "out.xlsx", ROLL)
    assert "'=HYPERLINK" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    cells = [cell for line in openpyxl.load_workbook(tmp_path / "out.xlsx")[ROLL] for cell in line]
    assert [cell.data_type for cell in cells if cell.value == name] == ["s"]


@given(st.text(max_size=20))
def test_what_is_guarded_is_what_it_was(text: str) -> None:
    assert _unguarded(_guarded(text)) == text
