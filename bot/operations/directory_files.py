"""The directory as files for Excel: CSV (one table) and xlsx (both), read and written."""

import csv
import io
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from bot.operations.directory_columns import PROFILE_COLUMNS, PROFILES, ROLL
from bot.operations.directory_rows import COLUMNS, Rows, content, tables
from storage.directory import BadDirectory, DirectoryView, Imported, import_content, import_directory

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
# A cell that begins so is run as a formula by Excel; an apostrophe in front keeps it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
FORMATS = (".csv", ".xlsx")


def import_file(session: Session, path: Path) -> Imported:
    """Import a .toml, .csv or .xlsx file. Raises BadDirectory with every fault; nothing is stored then."""
    suffix = path.suffix.lower()
    if suffix not in (*FORMATS, ".toml"):
        raise BadDirectory(f"{path}: the name must end in .toml, {' or '.join(FORMATS)}")
    if suffix == ".toml":
        return import_directory(session, path)
    if path.stat().st_size > MAX_BYTES:
        raise BadDirectory(f"{path}: over {MAX_BYTES} bytes")
    given = _read_csv(path) if suffix == ".csv" else _read_xlsx(path)
    return import_content(session, content(given, str(path)), str(path))


def export_file(session: Session, path: Path, table: str) -> dict[str, int]:
    """Write the directory, mode 0600; a .csv holds one table. Return the number of rows of each.

    Raises BadDirectory for another format, or where the file exists.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadDirectory(f"{path}: the name must end in {' or '.join(FORMATS)}")
    made = tables(DirectoryView(session))
    made = {table: made[table]} if suffix == ".csv" else made
    data = _csv(made[table]) if suffix == ".csv" else _xlsx(made)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadDirectory(f"{path}: exists already") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return {name: len(rows) - 1 for name, rows in made.items()}


def _read_csv(path: Path) -> dict[str, Rows]:
    """Read UTF-8 (with or without a mark) or what a Japanese Excel writes (cp932)."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp932")
        except UnicodeDecodeError as error:
            raise BadDirectory(f"{path}: neither UTF-8 nor Shift_JIS") from error
    rows = [[_unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    return {_table_of(rows): _limited(rows, path)}


def _table_of(rows: Rows) -> str:
    own = {column.label for column in PROFILE_COLUMNS} - {column.label for column in COLUMNS[ROLL]}
    return PROFILES if rows and own & {label.strip() for label in rows[0]} else ROLL


def _limited(rows: Rows, path: Path) -> Rows:
    if len(rows) > MAX_ROWS:
        raise BadDirectory(f"{path}: over {MAX_ROWS} rows")
    return rows


def _read_xlsx(path: Path) -> dict[str, Rows]:
    """Read the two sheets by their names; values only, never formulas."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {sheet.title: sheet.iter_rows(values_only=True) for sheet in book.worksheets}
        given = {}
        for name, rows in sheets.items():
            if name in COLUMNS:
                given[name] = _limited([[_as_text(cell) for cell in row] for row in rows], path)
    except BadDirectory:
        raise
    except Exception as error:  # openpyxl raises what the archive below it raises
        raise BadDirectory(f"{path}: no readable xlsx file ({type(error).__name__})") from error
    if not given:
        raise BadDirectory(f"{path}: no sheet named {' or '.join(COLUMNS)}")
    return given


def _as_text(cell: Any) -> str:
    """Return a cell as people see it: Excel makes numbers and dates of what looks like them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "はい" if cell else "いいえ"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _csv(rows: Rows) -> bytes:
    """Write UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell.removeprefix("'")


def _xlsx(made: dict[str, Rows]) -> bytes:
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in made.items():
        sheet = book.create_sheet(name)
        for row, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells, start=1):
                made_cell = sheet.cell(row, column)
                made_cell.value = cell
                made_cell.data_type = "s"  # text, whatever it begins with
                made_cell.number_format = "@"
        for column, label in enumerate(rows[0], start=1):
            sheet.cell(1, column).font = Font(bold=True)
            sheet.column_dimensions[get_column_letter(column)].width = max(12, 2 * len(label) + 2)
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
