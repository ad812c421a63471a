"""Whole tables for other tools: an analysts' view written as .jsonl, .csv, .parquet or .xlsx.

Rows stream from one consistent state of the ledger in bounded memory; a file appears whole or not
at all. A warning names what a format cannot hold.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from archive.model.change import ChangeKind
from archive.model.errors import UsageError
from archive.model.personal_data import PersonalKind
from archive.store import Connection, Store
from archive.store.query.corrected import NumberCorrection
from archive.store.query.earlier_readings import earlier_figures, known_readers
from archive.store.query.questions import stream_batches, view_columns
from archive.store.views import correction_columns, described_columns
from archive.work.atomic_file import atomic_file
from archive.work.export.dictionary import dictionary
from archive.work.export.filters import RowFilter
from archive.work.export.hidden_parts import hidden_parts
from archive.work.export.masking import masked_row
from archive.work.export.tables import FORMATS, TABLES
from archive.work.export.writers import (
    Columns,
    CsvWriter,
    Heading,
    JsonLinesWriter,
    ParquetWriter,
    Row,
    Shape,
    Value,
    Writer,
)
from archive.work.export.xlsx import XlsxWriter

STREAMED = (".jsonl", ".csv")
ALL_ROWS = RowFilter()

_SHAPES = {
    "text": Shape.TEXT, "integer": Shape.WHOLE, "number": Shape.NUMBER, "boolean": Shape.FLAG,
    "date": Shape.DATE, "instant": Shape.INSTANT, "json": Shape.JSON,
}  # fmt: skip
_NUMBER_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Tables whose figures Excel has in sheets of their forms: together they are too many for a sheet.
_BY_FORM = ("figures", "figures_current")
# Tables in which corrections by people can stand in the place of what was read.
CORRECTED = ("figures", "figures_current")
_EVERY = 200
_Maker: TypeAlias = Callable[[BinaryIO, Sequence[Heading]], Writer]
Corrections: TypeAlias = Sequence[NumberCorrection] | None
_Opened: TypeAlias = AbstractContextManager[tuple[list[Heading], Iterator[Columns]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote. warnings: one line for each thing that the format cannot hold.
    masked: how many personal numbers of each kind were masked; None when that was not asked for.
    """

    rows: int
    warnings: tuple[str, ...]
    masked: Counter[PersonalKind] | None = None


def export_file(
    store: Store,
    name: str,
    path: Path,
    on_rows: Callable[[int], None],
    *,
    ending: str,
    reader: str | None = None,
    mask: bool = False,
    only: RowFilter = ALL_ROWS,
    corrected: Corrections = None,
) -> Exported:
    """Writes a table to a file in the format that `ending` names (.jsonl …). on_rows gets how
    many more rows are written. reader: figures as that version of the reader read them, whatever
    was read again since; None: as they are read today. mask: with stars for personal numbers
    (archive.model.personal_data). only: which rows. corrected: what people corrected, in the place
    of what was read, with columns that mark it; None: no such columns. UsageError: unknown table,
    ending, folder or reader, or no column to narrow by; CannotRunError: the disk refuses.
    """
    opened = _opened(store, name, reader, only, corrected)
    return _write_file(opened, name, path, on_rows, ending, mask=mask)


def export_rows(
    headings: list[Heading],
    rows: Iterable[list[Value]],
    name: str,
    path: Path,
    on_rows: Callable[[int], None],
    *,
    ending: str,
) -> Exported:
    """Writes rows that were made elsewhere, as `export_file` does. name: of an Excel sheet."""
    opened = nullcontext((headings, _as_columns(rows)))
    return _write_file(opened, name, path, on_rows, ending, mask=False)


def _write_file(
    opened: _Opened,
    name: str,
    path: Path,
    on_rows: Callable[[int], None],
    ending: str,
    *,
    mask: bool,
) -> Exported:
    ending = ending.lower()
    if ending not in FORMATS:
        raise UsageError(f"{path}: the ending says the format; use one of {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    with atomic_file(path) as fresh:
        return _export(opened, partial(file_writer, fresh, ending, name), on_rows, mask=mask)


def export_stream(
    store: Store,
    name: str,
    ending: str,
    stream: BinaryIO,
    on_rows: Callable[[int], None],
    *,
    reader: str | None = None,
    mask: bool = False,
    only: RowFilter = ALL_ROWS,
    corrected: Corrections = None,
) -> Exported:
    """Writes a table to an open stream; `ending` is .jsonl or .csv. reader, mask, only, corrected:
    as in `export_file`.
    """
    if ending not in STREAMED:
        raise UsageError(f"{ending} cannot be written to standard output; use -o FILE{ending}")
    made: _Maker = JsonLinesWriter if ending == ".jsonl" else CsvWriter
    opened = _opened(store, name, reader, only, corrected)
    return _export(opened, partial(made, stream), on_rows, mask=mask)


def shape_of(table: str, column: str) -> Shape:
    """What a column of an exported table holds."""
    described = described_columns()[table] + (correction_columns() if table in CORRECTED else ())
    return next(_SHAPES[each.type] for each in described if each.name == column)


def table_rows(store: Store, name: str) -> Iterator[dict[str, Value]]:
    """The rows of a table as exports spell them, column by name."""
    with _opened(store, name) as (headings, batches):
        names = [heading.name for heading in headings]
        for columns in batches:
            for row in zip(*columns, strict=True):
                yield dict(zip(names, row, strict=True))


def _export(
    opened: _Opened,
    writer_for: Callable[[list[Heading]], Writer],
    on_rows: Callable[[int], None],
    *,
    mask: bool,
) -> Exported:
    count = 0
    hidden: Counter[PersonalKind] = Counter()
    with opened as (headings, batches):
        writer = writer_for(headings)
        masked = partial(masked_row, headings=headings, hidden=hidden) if mask else None
        try:
            for columns in batches:
                writer.write_columns(_changed(columns, masked))
                count += len(columns[0])
                on_rows(len(columns[0]))
        except BaseException:
            writer.drop()
            raise
        writer.close()
    warnings = tuple(writer.warnings())
    return Exported(rows=count, warnings=warnings, masked=hidden if mask else None)


@contextmanager
def _opened(
    store: Store,
    name: str,
    reader: str | None = None,
    only: RowFilter = ALL_ROWS,
    corrected: Corrections = None,
) -> Iterator[tuple[list[Heading], Iterator[Columns]]]:
    if name not in TABLES:
        raise UsageError(f"there is no table {name!r}; tables are {', '.join(TABLES)}")
    wanted = only.by_column(name)
    if corrected is not None:
        check_corrected(name, reader)
    with store.read() as connection:
        if reader is not None:
            _refuse_unknown(connection, name, reader)
        with _view_columns(connection, name, wanted, reader, corrected) as opened:
            yield opened


@contextmanager
def view_rows(
    connection: Connection, name: str, wanted: Mapping[str, Collection[object]]
) -> Iterator[tuple[list[Heading], Iterator[Row]]]:
    """A table's columns, and its rows as exports have them, one by one. wanted: values by column.
    The engine lets go of the rows when the block ends, however far they were read.
    """
    with _view_columns(connection, name, wanted) as (headings, batches):
        yield headings, (row for columns in batches for row in zip(*columns, strict=True))


@contextmanager
def _view_columns(
    connection: Connection,
    name: str,
    wanted: Mapping[str, Collection[object]],
    reader: str | None = None,
    corrected: Corrections = None,
) -> Iterator[tuple[list[Heading], Iterator[Columns]]]:
    columns = view_columns(connection, name)
    if corrected is not None:
        columns += tuple(each.name for each in correction_columns())
    headings = [Heading(name=column, shape=shape_of(name, column)) for column in columns]
    of_reader = {} if reader is None else {"reader_version": (reader,)}
    hidden = hidden_parts(connection, name, columns)
    rows = stream_batches(
        connection, name, columns, only={**wanted, **of_reader}, corrected=corrected
    )
    with closing(rows) as today:
        earlier = (
            [row.get(column) for column in columns]
            for row in (earlier_figures(connection, reader) if reader is not None else ())
            if all(row.get(column) in values for column, values in wanted.items())
        )
        batches = chain((_columns(each) for each in today), _as_columns(earlier))
        typed = typer(headings)
        yield headings, (_changed(typed(each), hidden) for each in batches)


def _columns(rows: Sequence[Sequence[Any]]) -> Columns:
    return [*zip(*rows, strict=True)]


def _as_columns(rows: Iterable[Sequence[Any]]) -> Iterator[Columns]:
    left = iter(rows)
    while some := [*islice(left, _EVERY)]:
        yield _columns(some)


def _changed(columns: Columns, change: Callable[[list[Value]], list[Value]] | None) -> Columns:
    """The columns of some rows, when each row is changed; None: they stay."""
    if change is None:
        return columns
    return _columns([change(list(row)) for row in zip(*columns, strict=True)])


def typer(headings: Sequence[Heading]) -> Callable[[Sequence[Sequence[Any]]], Columns]:
    """Gives the columns of a view's rows, as the engine has them, their own types."""
    changed = [
        (place, _TYPED[heading.shape])
        for place, heading in enumerate(headings)
        if heading.shape in _TYPED
    ]

    def typed(columns: Sequence[Sequence[Any]]) -> Columns:
        of_type = list(columns)
        for place, made in changed:
            of_type[place] = [None if each is None else made(each) for each in columns[place]]
        return of_type

    return typed


def check_corrected(table: str, reader: str | None) -> None:
    """UsageError: corrections cannot stand in a table, or in what an earlier reader had read."""
    if table not in CORRECTED:
        raise UsageError(f"--corrected is for the tables {' and '.join(CORRECTED)}; leave it out")
    if reader is not None:
        raise UsageError("--reader is of figures as they were read: leave out --corrected")


def _refuse_unknown(connection: Connection, name: str, reader: str) -> None:
    if name != "figures":
        raise UsageError("--reader is for the table figures; leave it out")
    if reader not in (known := known_readers(connection)):
        raise UsageError(
            f"nothing was read by reader {reader}; readers are {', '.join(known) or 'none'}"
        )


def file_writer(path: Path, ending: str, name: str, headings: list[Heading]) -> Writer:
    """A writer of the format that `ending` names (.jsonl …), to a file of its own."""
    if ending == ".parquet":
        return ParquetWriter(path, headings)
    if ending == ".xlsx":
        by, pages = "form" if name in _BY_FORM else None, dictionary(name, headings)
        if name == "changes":
            typed = partial(_figures_typed, names=[each.name for each in headings])
            return XlsxWriter(path, headings, name, by=by, pages=pages, typed=typed)
        return XlsxWriter(path, headings, name, by=by, pages=pages)
    return _TextFile(path, JsonLinesWriter if ending == ".jsonl" else CsvWriter, headings)


def _figures_typed(row: Row, names: Sequence[str]) -> Row:
    """A row of changes whose numbers are numbers where a figure changed: `old` and `new` hold words
    as well, so that all formats whose columns have one type have texts there.
    """
    found = dict(zip(names, row, strict=True))
    if found["what"] == ChangeKind.FIGURE:
        found |= {name: _as_number(found[name]) for name in ("old", "new")}
    return [*found.values()]


def _as_number(value: Value) -> Value:
    return Decimal(value) if isinstance(value, str) and _NUMBER_TEXT.fullmatch(value) else value


class _TextFile:
    """A stream writer that owns its file."""

    def __init__(self, path: Path, made: _Maker, headings: list[Heading]) -> None:
        self._file = path.open("wb")
        self._writer = made(self._file, headings)
        self.write = self._writer.write
        self.write_columns = self._writer.write_columns
        self.warnings = self._writer.warnings

    def close(self) -> None:
        self._writer.close()
        self._file.close()

    def drop(self) -> None:
        self._file.close()


@lru_cache(maxsize=256)  # rows of one version have the same
def _instant(value: Any) -> Value:
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value


def _number(value: Any) -> Value:
    return Decimal(value) if isinstance(value, str) else value


def _nested(value: Any) -> Value:
    return _ordered(json.loads(value) if isinstance(value, str) else value)


def _ordered(value: Any) -> Value:
    """Counts come in the order of their names: PostgreSQL does not keep that of a JSON object."""
    if isinstance(value, dict) and all(isinstance(each, int) for each in value.values()):
        return dict(sorted(value.items()))
    return value  # type: ignore[no-any-return]  # what it holds is JSON's business


# Values as a view gives them, in their own type: SQLite knows no instants, flags or JSON.
_TYPED: Mapping[Shape, Callable[[Any], Value]] = {
    Shape.INSTANT: _instant, Shape.FLAG: bool, Shape.JSON: _nested, Shape.NUMBER: _number,
}  # fmt: skip
