"""Writers of rows, one a format. Each takes rows one by one and keeps only a small batch."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | datetime | Decimal | dict[str, Any] | list[Any] | None
Row: TypeAlias = Sequence[Value]

EXCEL_CELL = 32_767
EXCEL_ROWS = 1_048_576
_BATCH_ROWS = 1_000
_BATCH_CHARACTERS = 8_000_000
# Of Parquet: small row groups make a footer of tens of MB and a sum that takes seconds; the bytes
# bound the memory where a row holds a whole text.
GROUP_ROWS = 120_000
_GROUP_BYTES = 64_000_000
# What a spreadsheet would run as a formula (OWASP, CSV injection), in both widths; tab and
# carriage return can hide one behind them.
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r]")
_NUMBER = re.compile(r"[+\-][0-9][0-9.,]*%?")


class Shape(StrEnum):
    """What a column holds, whatever the database calls it."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of an exported table."""

    name: str
    shape: Shape


class Writer(Protocol):
    """Takes rows, then is closed; `warnings` names what the format could not hold."""

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""

    def close(self) -> None:
        """Writes what is still held back."""

    def drop(self) -> None:
        """Lets go of everything without finishing: the rows are not wanted any more."""

    def warnings(self) -> list[str]:
        """One line for each thing that the format could not hold; [] when all is there."""


class JsonLinesWriter:
    """One JSON object a line, UTF-8, nested values as they are."""

    def __init__(self, stream: BinaryIO, headings: Sequence[Heading]) -> None:
        self._stream = stream
        self._names = [heading.name for heading in headings]

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        plain = {name: _json_value(value) for name, value in zip(self._names, row, strict=True)}
        self._stream.write(json.dumps(plain, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Everything is written already."""

    def drop(self) -> None:
        """The stream belongs to somebody else."""

    def warnings(self) -> list[str]:
        """JSON holds everything."""
        return []


class CsvWriter:
    """UTF-8 with byte order mark, which Excel needs; text that a spreadsheet would run as a
    formula gets an apostrophe in front.
    """

    def __init__(self, stream: BinaryIO, headings: Sequence[Heading]) -> None:
        self._stream = stream
        self._line = io.StringIO(newline="")
        self._csv = csv.writer(self._line)
        stream.write("\ufeff".encode())
        self._put([heading.name for heading in headings])

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        self._put([_csv_value(value) for value in row])

    def close(self) -> None:
        """Everything is written already."""

    def drop(self) -> None:
        """The stream belongs to somebody else."""

    def warnings(self) -> list[str]:
        """CSV holds everything, as text."""
        return []

    def _put(self, cells: Sequence[str]) -> None:
        self._csv.writerow(cells)
        self._stream.write(self._line.getvalue().encode())
        self._line.seek(0)
        self._line.truncate()


class ParquetWriter:
    """Parquet with zstd; nested values as JSON text, instants as UTC timestamps."""

    def __init__(self, path: Path, headings: Sequence[Heading]) -> None:
        # Imported here: it takes 0.3 s, and only this format needs it.
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        types = {
            Shape.TEXT: pa.string(),
            Shape.JSON: pa.string(),
            Shape.WHOLE: pa.int64(),
            Shape.NUMBER: pa.float64(),
            Shape.FLAG: pa.bool_(),
            Shape.INSTANT: pa.timestamp("us", tz="UTC"),
        }
        self._pa = pa
        self._schema = pa.schema([(heading.name, types[heading.shape]) for heading in headings])
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[list[object]] = []
        self._characters = 0
        self._batches: list[Any] = []
        self._group_rows = self._group_bytes = 0

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        flat = [_flat(value) for value in row]
        self._rows.append(flat)
        self._characters += sum(len(value) for value in flat if isinstance(value, str))
        if len(self._rows) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Writes the last row group and the footer."""
        self._flush()
        self._write_group()
        self._file.close()

    def drop(self) -> None:
        """Closes the file, however far it came."""
        self._file.close()

    def warnings(self) -> list[str]:
        """Parquet holds everything."""
        return []

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = [
            self._pa.array(column, type=field.type)
            for column, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        batch = self._pa.record_batch(columns, schema=self._schema)
        self._batches.append(batch)
        self._group_rows += batch.num_rows
        self._group_bytes += batch.nbytes
        self._rows, self._characters = [], 0
        if self._group_rows >= GROUP_ROWS or self._group_bytes >= _GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        if self._batches:
            table = self._pa.Table.from_batches(self._batches)
            self._file.write_table(table, row_group_size=self._group_rows)
            self._batches, self._group_rows, self._group_bytes = [], 0, 0


class XlsxWriter:
    """An Excel workbook. Text stays text, formulas included; a cell holds 32,767 characters and a
    sheet 1,048,576 rows: longer text is cut with a warning, more rows go to a further sheet.
    """

    def __init__(self, path: Path, headings: Sequence[Heading], title: str) -> None:
        # Imported here: it takes 0.2 s, and only this format needs it.
        from openpyxl import Workbook  # noqa: PLC0415
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

        self._path, self._title = path, title
        self._names = [heading.name for heading in headings]
        self._book = Workbook(write_only=True)
        self._cell = WriteOnlyCell
        self._illegal: re.Pattern[str] = ILLEGAL_CHARACTERS_RE
        self._sheets = self._in_sheet = self._row = 0
        self._cut: list[str] = []
        self._cut_count = self._illegal_count = 0
        self._new_sheet()

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        if self._in_sheet >= EXCEL_ROWS:
            self._new_sheet()
        self._row += 1
        self._in_sheet += 1
        self._sheet.append(
            [self._value(_flat(value), name) for name, value in zip(self._names, row, strict=True)]
        )

    def close(self) -> None:
        """Writes the workbook."""
        self._book.save(self._path)

    def drop(self) -> None:
        """Ends the sheets, whose rows wait in temporary files."""
        for sheet in self._book.worksheets:
            sheet.close()

    def warnings(self) -> list[str]:
        """Which cells were cut, and how many characters XML cannot hold."""
        notes = []
        if self._cut_count:
            where = ", ".join(self._cut) + (", …" if self._cut_count > len(self._cut) else "")
            notes.append(
                f"{self._cut_count} cells are longer than Excel's {EXCEL_CELL:,} characters and "
                f"were cut ({where}); .parquet and .jsonl hold the whole text"
            )
        if self._illegal_count:
            notes.append(
                f"{self._illegal_count} cells had control characters that Excel cannot hold; "
                "they stand as U+FFFD"
            )
        return notes

    def _new_sheet(self) -> None:
        self._sheets += 1
        title = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet = self._book.create_sheet(title)
        self._sheet.append(self._names)
        self._in_sheet = 1

    def _value(self, value: object, name: str) -> object:
        if isinstance(value, datetime):
            return _iso(value)
        if not isinstance(value, str):
            return value
        text = self._illegal.sub("\ufffd", value)
        self._illegal_count += text != value
        cell = self._cell(self._sheet, self._fitted(text, name))
        cell.data_type = "s"  # or openpyxl takes =… for a formula and #N/A for an error
        return cell

    def _fitted(self, text: str, name: str) -> str:
        """Excel counts in UTF-16 units."""
        if len(text) * 2 <= EXCEL_CELL:
            return text
        units = text.encode("utf-16-le", "replace")
        if len(units) <= EXCEL_CELL * 2:
            return text
        self._cut_count += 1
        if len(self._cut) < 5:
            self._cut.append(f"row {self._row + 1} {name}")
        return units[: EXCEL_CELL * 2].decode("utf-16-le", "ignore")


def _json_value(value: Value) -> object:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return guarded(value)
    return str(value)


def guarded(text: str) -> str:
    """`text` that no spreadsheet takes for a formula; signed numbers and dashes stay.

    >>> guarded("=1+1"), guarded("-5"), guarded("——")
    ("'=1+1", '-5', '——')
    """
    if not _FORMULA.match(text) or _NUMBER.fullmatch(text) or not text.strip("-－+＋ "):
        return text
    return "'" + text


def _flat(value: Value) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return float(value) if isinstance(value, Decimal) else value


def _iso(instant: datetime) -> str:
    """ISO 8601 in UTC; the fraction only where there is one."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
