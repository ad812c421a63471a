"""Workbooks (.xlsx, .xls): every visible sheet a table, read by calamine."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from struct import pack, unpack_from
from types import MappingProxyType
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from archive.model.reading import Cell, Table
from archive.reading.files.compound import compound, stream_of
from archive.reading.files.memory import as_file
from archive.reading.files.packed import Packed
from archive.reading.files.refusal import RefusedError
from archive.reading.html.celltext import folded
from archive.reading.html.grid import MAX_SLOTS

Value = int | float | str | bool | time | date | datetime | timedelta

_MAX_SHEETS: Final = 40
_MAX_LAID_OUT: Final = 8_000_000
_REFERENCE: Final = re.compile(
    rb"<(?:\w{1,10}:)?(?:c|row)\s[^<>]*?\br=[\"']([A-Za-z]{0,9})([0-9]{1,19})"
)
# Records of [MS-XLS] that hold cells: FORMULA, MULRK, MULBLANK, RSTRING, LABELSST, BLANK, NUMBER,
# LABEL, BOOLERR, FORMULA of older versions, RK.
_CELL_RECORDS: Final = frozenset(
    {0x06, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x206, 0x406, 0x27E}
)
_WIDE_RECORDS: Final = frozenset({0xBD, 0xBE})
_STRINGS: Final = 0xFC
_DIMENSIONS: Final = 0x200
_ONE_CELL: Final = MappingProxyType(
    {10: pack("<HHHHH", 0, 1, 0, 1, 0), 14: pack("<IIHHH", 0, 1, 0, 1, 0)}
)
_MIDNIGHT: Final = time()


def xlsx_blocks(body: bytes) -> list[str | Table]:
    """The sheets of a workbook (.xlsx). Raises RefusedError when it cannot be read.

    calamine lays a sheet out whole: two cells far apart would take gigabytes, so the parts are
    unpacked within limits and looked through before it sees them.
    """
    packed = Packed(body)
    for name in packed.names:
        part = packed.read(name)
        if name.lower().startswith("xl/worksheets/"):
            _refuse_scattered(part, name)
    return _sheets(body)


def xls_blocks(body: bytes) -> list[str | Table]:
    """The sheets of an old workbook (.xls). Raises RefusedError.

    Its stream is looked through and handed to calamine in a container of our own, see `compound`.
    """
    stream = stream_of(body, ("Workbook", "Book"))
    _refuse_false_records(stream)
    return _sheets(compound("Workbook", _with_modest_sizes(stream)))


def _with_modest_sizes(stream: bytes) -> bytes:
    """The stream with every DIMENSIONS record saying one cell: calamine takes memory for what they
    claim, and finds the cells without them.
    """
    made, at = bytearray(stream), 0
    while at + 4 <= len(made):
        kind, length = unpack_from("<HH", made, at)
        if kind == _DIMENSIONS and at + 4 + length <= len(made):
            size = _ONE_CELL.get(length, b"")
            made[at + 4 : at + 4 + length] = size.ljust(length, b"\0")
        at += 4 + length
    return bytes(made)


def _refuse_false_records(stream: bytes) -> None:
    """Refuses cells too far apart, and a table of strings that claims more than there are bytes
    ([MS-XLS] 2.4: records of type, length and data).
    """
    rows = columns = at = 0
    while at + 4 <= len(stream):
        kind, length = unpack_from("<HH", stream, at)
        if kind in _CELL_RECORDS and at + 8 <= len(stream):
            row, column = unpack_from("<HH", stream, at + 4)
            if kind in _WIDE_RECORDS and length >= 6 and at + 4 + length <= len(stream):
                column = max(column, unpack_from("<H", stream, at + 2 + length)[0])
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _STRINGS and _claims_too_much(stream, at):
            raise RefusedError("file_damaged", "the workbook claims more text than it has")
        at += 4 + length
    if rows * columns > _MAX_LAID_OUT:
        raise RefusedError("file_too_large", "a sheet's cells lie too far apart")


def _claims_too_much(stream: bytes, at: int) -> bool:
    return at + 12 <= len(stream) and unpack_from("<I", stream, at + 8)[0] * 3 > len(stream)


def _refuse_scattered(part: bytes, name: str) -> None:
    rows = columns = 0
    for found in _REFERENCE.finditer(part):
        rows = max(rows, int(found.group(2)) + 1)  # a row's cells may carry no place of their own
        columns = max(columns, _column(found.group(1)))
    if rows * columns > _MAX_LAID_OUT:
        raise RefusedError("file_too_large", "a sheet's cells lie too far apart", name)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _sheets(body: bytes) -> list[str | Table]:
    try:
        book = CalamineWorkbook.from_filelike(as_file(body))
        return list(_blocks(book))
    except PasswordError as error:
        message = "the workbook is protected by a password"
        raise RefusedError("file_encrypted", message, str(error)) from None
    except CalamineError as error:
        raise RefusedError("file_damaged", "the workbook is damaged", str(error)) from None
    except BaseException as error:
        # A panic of calamine's Rust comes as pyo3's PanicException, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise RefusedError("file_damaged", "the workbook is damaged", str(error)) from None


def _blocks(book: CalamineWorkbook) -> Iterator[str | Table]:
    for number, sheet in enumerate(book.sheets_metadata[:_MAX_SHEETS]):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            table = _table(book.get_sheet_by_index(number), sheet.name)
            if table is not None:
                yield table


def _table(sheet: CalamineSheet, name: str) -> Table | None:
    """A sheet as a table that begins at its first filled cell; None when it is empty."""
    if sheet.height * sheet.width > MAX_SLOTS:
        raise RefusedError("file_too_large", f"a sheet has more than {MAX_SLOTS} cells", name)
    if sheet.start is None:
        return None
    top, left = sheet.start
    rows = sheet.to_python(skip_empty_area=True)
    spans = _spans(sheet, top, left)
    covered = {
        (row + down, column + right)
        for (row, column), (height, width) in spans.items()
        for down in range(height)
        for right in range(width)
        if down or right
    }
    cells = tuple(_cells(rows, spans, covered))
    width = max((len(row) for row in rows), default=0)
    if not any(cell.text for cell in cells):
        return None
    return Table(cells=cells, rows=len(rows), columns=width, caption=name)


def _spans(sheet: CalamineSheet, top: int, left: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Merged ranges by their first cell, within the sheet's filled area."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        row, column = first_row - top, first_column - left
        height = min(last_row - top, sheet.height - 1) - row + 1
        width = min(last_column - left, sheet.width - 1) - column + 1
        if row >= 0 <= column and height > 0 < width:
            found[row, column] = (height, width)
    return found


def _cells(
    rows: Sequence[Sequence[Value]],
    spans: dict[tuple[int, int], tuple[int, int]],
    covered: set[tuple[int, int]],
) -> Iterator[Cell]:
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if (row, column) in covered:
                continue
            height, width = spans.get((row, column), (1, 1))
            yield Cell(text=printed(value), row=row, column=column, rowspan=height, colspan=width)


def printed(value: Value) -> str:
    """A cell's value as a reader of the sheet sees it, as far as its format is known.

    >>> printed(95.0), printed(0.5), printed(" 公开 "), printed("")
    ('95', '0.5', '公开', '')
    """
    if isinstance(value, str):
        return folded(value.replace("\r", "").replace("\n", "\v"))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}" if not value.is_integer() or abs(value) >= 1e15 else str(int(value))
    if isinstance(value, datetime) and value.time() == _MIDNIGHT:
        return value.date().isoformat()
    return str(value)
