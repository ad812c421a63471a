"""The ledger's rows as seals hash them: values of the analysts' views, no row numbers, so that a
digest outlives every change of the tables behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    bindparam,
    column,
    select,
    table,
    text,
)

from archive.store.schema import capture, cell, outcome, page, run, version, warc_file
from archive.store.types import Json, Query
from archive.store.views import query_of_numbers

_BATCH = 500
NumberRow = tuple[Any, ...]
FigureRow = tuple[object, ...]
CAPTURES = (
    "url", "captured_at", "status", "media_type", "payload_digest", "size", "warc_file",
    "warc_offset", "record_type", "rendered", "source", "source_sha256", "source_part",
    "source_offset", "source_record_id",
)  # fmt: skip
OUTCOMES = ("run", "url", "outcome", "reason", "at")
RUNS = (
    "run", "job", "mode", "started_at", "ended_at", "status", "verdict", "reason", "counts",
    "portals",
)  # fmt: skip
VERSIONS = (
    "url", "version", "content_hash", "captured_at", "title", "text", "supersedes", "body",
    "division", "reader_version",
)  # fmt: skip
# The columns of the view figures that are hashed.
FIGURES = (
    "form", "indicator", "applicant", "value", "unit", "printed", "state", "label", "place",
)  # fmt: skip
STATEMENTS = (
    "concept", "period", "unit", "value", "printed", "state", "line", "sentence",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVersion:
    """A version, by which code it was read and from which record."""

    url: str
    version: int
    reader: str
    warc_file: str
    warc_offset: int


def ended_runs(connection: Connection) -> dict[int, str]:
    """Runs that have outcomes and are not running, with their status, in their order."""
    query = (
        select(run.c.id, run.c.status)
        .where(run.c.status != "running")
        .where(select(outcome.c.run_id).where(outcome.c.run_id == run.c.id).exists())
        .order_by(run.c.id)
    )
    return dict(connection.execute(query).all())


def capture_rows(connection: Connection, file: str) -> Iterator[tuple[object, ...]]:
    """Every capture in a WARC file; without its outcome, which may come later."""
    yield from _rows(connection, "captures", CAPTURES, warc_file=file)


def outcome_rows(connection: Connection, run_id: int) -> Iterator[tuple[object, ...]]:
    """How every URL of a run ended."""
    yield from _rows(connection, "outcomes", OUTCOMES, run=run_id)


def run_row(connection: Connection, run_id: int) -> tuple[object, ...] | None:
    """One run, its last two values read from JSON; None when the ledger has none of that number."""
    *plain, counts, portals = RUNS
    values = [column(name) for name in plain] + [column(name, Json) for name in (counts, portals)]
    query = select(*values).select_from(table("runs")).where(column("run") == run_id)
    row = connection.execute(query).first()
    return None if row is None else tuple(row)


def version_row(connection: Connection, url: str, number: int) -> tuple[object, ...] | None:
    """One version; None when the ledger has none of that number. Behind the columns of the view
    those that only the latest version's document shows: kind, report_year, official.
    """
    row = connection.execute(_version_query(), {"url": url, "version": number}).first()
    return None if row is None else tuple(row)


@cache
def _version_query() -> Query:
    view = table("versions", *(column(name) for name in VERSIONS))
    return (
        select(*view.c, version.c.kind, version.c.report_year, version.c.official)
        .join_from(view, page, page.c.key == view.c.url)
        .join(version, (version.c.page_id == page.c.id) & (version.c.number == view.c.version))
        .where(view.c.url == bindparam("url"), view.c.version == bindparam("version"))
    )


def number_rows(connection: Connection, url: str, number: int) -> set[NumberRow]:
    """Every figure of one version: its cell, value, print and state."""
    found = connection.execute(_numbers(connection.dialect.name), {"url": url, "version": number})
    return set(map(tuple, found.all()))


def figure_rows(connection: Connection, rows: Iterable[NumberRow]) -> dict[NumberRow, FigureRow]:
    """The same figures in the columns of the view (FIGURES); those of no known cell are left out,
    as the view leaves them out.
    """
    listed = list(rows)
    cells: dict[int, Sequence[str | None]] = {}
    wanted = iter({row[0] for row in listed})
    while some := list(islice(wanted, _BATCH)):
        cells.update((each[0], each[1:]) for each in connection.execute(_cells(), {"some": some}))
    found: dict[NumberRow, FigureRow] = {}
    for row in listed:
        cell_id, value, printed, state = row
        if cell_id in cells:
            form, indicator, applicant, unit, label, place = cells[cell_id]
            found[row] = (
                form, indicator, applicant, value, unit, printed, state, label, place,
            )  # fmt: skip
    return found


@cache
def _numbers(dialect: str) -> TextClause:
    return text(query_of_numbers(dialect))


@cache
def _cells() -> Query:
    names = ("id", "form", "indicator", "applicant", "unit", "label", "place")
    wanted = cell.c.id.in_(bindparam("some", expanding=True))
    return select(*(cell.c[name] for name in names)).where(wanted)


def statement_rows(connection: Connection, url: str, number: int) -> Sequence[Sequence[object]]:
    """Every statement of one version."""
    query = _chosen("statements", STATEMENTS, ("url", "version"))
    return connection.execute(query, {"url": url, "version": number}).all()


def read_versions(connection: Connection) -> Iterator[ReadVersion]:
    """Every version, by URL and number."""
    query = (
        select(
            page.c.key.label("url"),
            version.c.number.label("version"),
            version.c.reader_version.label("reader"),
            warc_file.c.name.label("warc_file"),
            capture.c.warc_offset,
        )
        .join(page, page.c.id == version.c.page_id)
        .join(capture, capture.c.id == version.c.capture_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .order_by(page.c.key, version.c.number)
    )
    for row in connection.execute(query.execution_options(yield_per=_BATCH)).mappings():
        yield ReadVersion(**row)


def _rows(
    connection: Connection, view: str, names: tuple[str, ...], **where: object
) -> Iterator[tuple[object, ...]]:
    query = _chosen(view, names, tuple(where)).execution_options(yield_per=_BATCH)
    for some in connection.execute(query, where).partitions():
        yield from map(tuple, some)


@cache
def _chosen(view: str, names: tuple[str, ...], where: tuple[str, ...]) -> Query:
    """Built once: building a query costs more than running it."""
    columns: list[ColumnElement[object]] = [column(name) for name in names]
    query: Query = select(*columns).select_from(table(view))
    for name in where:
        query = query.where(column(name) == bindparam(name))
    return query
