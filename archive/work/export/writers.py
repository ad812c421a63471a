"""Writers of rows, one a format. Each takes rows one by one and keeps only a small batch.
The one for Excel stands in xlsx.py.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | datetime | Decimal | dict[str, Any] | list[Any] | None
Row: TypeAlias = Sequence[Value]
# Rows as columns: most of a row's cost is gone when a column is spelled at once.
Columns: TypeAlias = Sequence[Sequence[Value]]

_BATCH_ROWS = 1_000
_BATCH_CHARACTERS = 8_000_000
# Of lines of text, and of what is kept of each column to spell the next lines.
_BATCH_LINES = 500
_KEPT, _SHORT = 4_000, 300
# A text of a page may be long: these few are in memory a second time.
_LINES_AT_ONCE = 25
# Of Parquet: small row groups make a footer of tens of MB and a sum that takes seconds; the bytes
# bound the memory where a row holds a whole text.
GROUP_ROWS = 120_000
_GROUP_BYTES = 64_000_000
# What a spreadsheet would run as a formula (OWASP, CSV injection), in both widths; tab and
# carriage return can hide one behind them.
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r]")
_NUMBER = re.compile(r"[+\-][0-9][0-9.,]*%?")
_QUOTED = re.compile(r'[,"\r\n]')


class Shape(StrEnum):
    """What a column holds, whatever the database calls it; a date is ISO 8601 text."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    INSTANT = "instant"
    JSON = "json"


# What has its spelling kept, and its type. Not numbers: True, 1 and 1.0 would be one key.
_REPEATED: Final[Mapping[Shape, type]] = {
    Shape.TEXT: str, Shape.DATE: str, Shape.WHOLE: int, Shape.FLAG: bool, Shape.INSTANT: datetime,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of an exported table."""

    name: str
    shape: Shape


class Writer(Protocol):
    """Takes rows, then is closed; `warnings` names what the format could not hold."""

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""

    def write_columns(self, columns: Columns) -> None:
        """Adds some rows, of which every heading has a column; one row at least."""

    def close(self) -> None:
        """Writes what is still held back."""

    def drop(self) -> None:
        """Lets go of everything without finishing: the rows are not wanted any more."""

    def warnings(self) -> list[str]:
        """One line for each thing that the format could not hold; [] when all is there."""


class _Lines:
    """Writes rows as lines of text, column by column: most cells of a table are spelled already,
    on the row above or some rows before it.
    """

    def __init__(
        self,
        stream: BinaryIO,
        spells: Sequence[Callable[[Value], str]],
        headings: Sequence[Heading],
        marks: tuple[str, str, str],
    ) -> None:
        """spells: of every column. marks: what stands before, between and behind cells."""
        self._stream, self._marks = stream, marks
        self._rows: list[Row] = []
        self._spells = [
            _Spellings(spell, heading.shape).__getitem__ if heading.shape in _REPEATED else spell
            for spell, heading in zip(spells, headings, strict=True)
        ]

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH_LINES:
            self.close()

    def write_columns(self, columns: Columns) -> None:
        """Adds some rows, of which every heading has a column."""
        self.close()
        before, between, behind = self._marks
        cells = (map(spell, column) for spell, column in zip(self._spells, columns, strict=True))
        rows = map(between.join, zip(*cells, strict=True))
        while some := [*islice(rows, _LINES_AT_ONCE)]:
            lines = (behind + before).join(some)
            self._stream.write(f"{before}{lines}{behind}".encode())

    def close(self) -> None:
        """Writes what is still held back; the stream belongs to somebody else."""
        if self._rows:
            rows, self._rows = self._rows, []
            self.write_columns([*zip(*rows, strict=True)])

    def drop(self) -> None:
        """The stream belongs to somebody else."""

    def warnings(self) -> list[str]:
        """Text holds everything."""
        return []


class _Spellings(dict[Value, str]):
    """How the values of a column are spelled, made when first asked for; some thousand are kept."""

    def __init__(self, spell: Callable[[Value], str], shape: Shape) -> None:
        super().__init__({None: spell(None)})
        self._spell, self._type = spell, _REPEATED[shape]

    def __missing__(self, value: Value) -> str:
        spelled = self._spell(value)
        if type(value) is self._type and len(spelled) <= _SHORT:
            if len(self) >= _KEPT:
                self.clear()
                self[None] = self._spell(None)
            self[value] = spelled
        return spelled


class JsonLinesWriter(_Lines):
    """One JSON object a line, UTF-8, nested values as they are."""

    def __init__(self, stream: BinaryIO, headings: Sequence[Heading]) -> None:
        spells = [partial(_json_item, f"{_as_json(each.name)}: ") for each in headings]
        super().__init__(stream, spells, headings, ("{", ", ", "}\n"))


class CsvWriter(_Lines):
    """UTF-8 with byte order mark, which Excel needs; text that a spreadsheet would run as a
    formula gets an apostrophe in front.
    """

    def __init__(self, stream: BinaryIO, headings: Sequence[Heading]) -> None:
        # An empty line would be no row.
        spell = _csv_cell if len(headings) > 1 else lambda value: _csv_cell(value) or '""'
        super().__init__(stream, [spell] * len(headings), headings, ("", ",", "\r\n"))
        stream.write("\ufeff".encode())
        head = ",".join(_quoted(heading.name) for heading in headings)
        stream.write(f"{head}\r\n".encode())


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
        self._rows: list[Row] = []
        self._characters = 0
        self._batches: list[Any] = []
        self._group_rows = self._group_bytes = 0

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        self._rows.append(row)
        self._characters += sum([len(str(row[place])) for place in self._long])
        if len(self._rows) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self._flush()

    def write_columns(self, columns: Columns) -> None:
        """Adds some rows, of which every heading has a column."""
        self._flush()
        values: list[Sequence[object]] = list(columns)
        for place, spelled in self._spelled:
            values[place] = [None if each is None else spelled(each) for each in columns[place]]
        arrays = [
            self._pa.array(column, type=field.type)
            for column, field in zip(values, self._schema, strict=True)
        ]
        batch = self._pa.record_batch(arrays, schema=self._schema)
        self._batches.append(batch)
        self._group_rows += batch.num_rows
        self._group_bytes += batch.nbytes
        if self._group_rows >= GROUP_ROWS or self._group_bytes >= _GROUP_BYTES:
            self._write_group()

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
        if self._rows:
            rows, self._rows, self._characters = self._rows, [], 0
            self.write_columns([*zip(*rows, strict=True)])

    def _write_group(self) -> None:
        if self._batches:
            table = self._pa.Table.from_batches(self._batches)
            self._file.write_table(table, row_group_size=self._group_rows)
            self._batches, self._group_rows, self._group_bytes = [], 0, 0


_as_json: Final = json.JSONEncoder(ensure_ascii=False).encode


def _json_item(name: str, value: Value) -> str:
    if type(value) is int:
        return f"{name}{value}"
    return name + _as_json(_json_value(value))


def _json_value(value: Value) -> object:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _csv_cell(value: Value) -> str:
    """A value as a CSV file has it, in quotes where it must be (RFC 4180)."""
    if type(value) is int:
        return str(value)
    return _quoted(_csv_value(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


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
