"""Writers of rows, one a format. Each takes rows one by one and keeps only a small batch.
The one for Excel stands in xlsx.py.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | datetime | Decimal | dict[str, Any] | list[Any] | None
Row: TypeAlias = Sequence[Value]

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
    """What a column holds, whatever the database calls it; a date is ISO 8601 text."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
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
    """Parquet with zstd; nested values as JSON text, instants as UTC timestamps. dates: whether
    dates are of that type; they are ISO 8601 text otherwise.
    """

    def __init__(self, path: Path, headings: Sequence[Heading], *, dates: bool = False) -> None:
        # Imported here: it takes 0.3 s, and only this format needs it.
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        types = {
            Shape.TEXT: pa.string(),
            Shape.JSON: pa.string(),
            Shape.WHOLE: pa.int64(),
            Shape.NUMBER: pa.float64(),
            Shape.FLAG: pa.bool_(),
            Shape.DATE: pa.date32() if dates else pa.string(),
            Shape.INSTANT: pa.timestamp("us", tz="UTC"),
        }
        self._pa = pa
        spelled: dict[Shape, Callable[[Value], object]] = {Shape.JSON: flat, Shape.NUMBER: flat}
        if dates:
            spelled[Shape.DATE] = day
        self._spelled = [
            (place, spelled[each.shape])
            for place, each in enumerate(headings)
            if each.shape in spelled
        ]
        # Texts of pages; other values are short.
        self._long = [
            place for place, each in enumerate(headings) if each.shape in (Shape.TEXT, Shape.JSON)
        ]
        self._schema = pa.schema([(heading.name, types[heading.shape]) for heading in headings])
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[list[object]] = []
        self._characters = 0
        self._batches: list[Any] = []
        self._group_rows = self._group_bytes = 0

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        values: list[object] = list(row)
        for place, spelled in self._spelled:
            values[place] = spelled(row[place])
        self._rows.append(values)
        self._characters += sum([len(str(values[place])) for place in self._long])
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


def flat(value: Value) -> object:
    """A value as a cell holds it: nested ones as JSON text, numbers as doubles."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return float(value) if isinstance(value, Decimal) else value


def day(value: Value) -> object:
    """The date that an ISO 8601 text names; None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _iso(instant: datetime) -> str:
    """ISO 8601 in UTC; the fraction only where there is one."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
