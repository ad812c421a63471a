"""One archive's rows as another holds them: numbers translated, what tells a row, what is in force.
Used by `gongkai merge` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from archive.model.reading import Kind
from archive.store.dialects import insert_into, insert_rows, is_figure_of
from archive.store.rows import VersionText
from archive.store.schema import (
    body,
    cell,
    check_result,
    earlier_reading,
    field,
    field_word,
    figure,
    finding,
    held_checks,
    host,
    layout,
    layout_cell,
    link,
    outcome,
    page,
    public_body,
    run,
    site_marks,
    source,
    statement,
    statement_kind,
    version,
    version_layout,
    version_marks,
    warc_file,
)
from archive.store.types import Values

Row: TypeAlias = Mapping[str, Any] | RowMapping
Ids: TypeAlias = dict[int, int]
# Tables whose rows stand for one thing in every archive, with what tells it.
SHARED: Final[tuple[tuple[Table, tuple[str, ...]], ...]] = (
    (public_body, ("name", "division")),
    (cell, ("digest",)),
    (layout, ("digest",)),
    (field_word, ("digest",)),
    (site_marks, ("digest",)),
    (statement_kind, ("concept", "unit", "period")),
    (warc_file, ("name",)),
    (source, ("sha256",)),
)
_AT_ONCE: Final = 2_000
# What belongs to a version.
PARTS: Final = (
    field, version_marks, version_layout, figure, statement, held_checks, check_result, link,
    finding, earlier_reading,
)  # fmt: skip


class Translation:
    """Rows of a table with the numbers that what they refer to has here. A number of the row's own
    is left out. ids: by table, of there to here; what is not in it stays as it is named.
    """

    def __init__(self, table: Table, ids: Mapping[str, Ids]) -> None:
        self._ids = {}
        for column in table.c:
            for key in column.foreign_keys:
                if key.column.table.name in ids:
                    self._ids[column.name] = ids[key.column.table.name]
                elif key.column.name == "id":
                    self._ids[column.name] = {}
        self._names = [each.name for each in table.c if each.name != "id"]

    def __call__(self, row: Row) -> Values:
        """The row as it is to be here; a reference to what has not come is empty."""
        return {
            name: self._ids[name].get(row[name]) if name in self._ids else row[name]
            for name in self._names
        }


def count_pages(other: Connection) -> int:
    """How many pages an archive has."""
    return other.scalar(select(func.count()).select_from(page)) or 0


def file_names(other: Connection) -> list[str]:
    """The names of an archive's WARC files."""
    return list(other.scalars(select(warc_file.c.name).order_by(warc_file.c.name)))


def files_in_buckets(connection: Connection) -> int:
    """How many WARC files of an archive lie in a bucket."""
    return (
        connection.scalar(
            select(func.count()).select_from(warc_file).where(warc_file.c.location.is_not(None))
        )
        or 0
    )


def insert_values(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Inserts rows, all with the columns of the first."""
    if rows:
        names = tuple(map(str, rows[0]))
        insert_rows(connection, table, names, [tuple(row[name] for name in names) for row in rows])


def insert_missing(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Inserts the rows whose key is not there."""
    values = [dict(row) for row in rows]
    if values:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), values)


def take_layouts(connection: Connection, other: Connection, ids: Mapping[str, Ids]) -> None:
    """The cells of layouts that were not here before. ids: as in Translation."""
    had = set(connection.scalars(select(layout_cell.c.layout_id).distinct()))
    query = select(layout_cell).order_by(*layout_cell.primary_key)
    translate = Translation(layout_cell, ids)
    found = other.execute(query, execution_options={"yield_per": _AT_ONCE})
    for some in found.mappings().partitions():
        rows = map(translate, some)
        insert_values(connection, layout_cell, [r for r in rows if r["layout_id"] not in had])


def is_part_of(connection: Connection, table: Table, versions: Select[Any]) -> ColumnElement[bool]:
    """SQL: whether a row of a table of PARTS belongs to one of these versions."""
    if table is figure:
        return is_figure_of(connection, versions)
    return table.c.version_id.in_(versions)


def rest_hosts(connection: Connection, other: Connection) -> None:
    """A host rests as long as either archive says."""
    names = ("last_visit_at", "not_before_at", "rests_until")
    theirs = {row["host"]: row for row in other.execute(select(host)).mappings()}
    for mine in connection.execute(select(host)).mappings().all():
        row = theirs.get(mine["host"], mine)
        later = {n: row[n] for n in names if row[n] and (mine[n] is None or row[n] > mine[n])}
        if later:
            connection.execute(update(host).where(host.c.host == mine["host"]).values(later))


def identity(row: Row) -> tuple[object, ...]:
    """What tells a capture, as for files of others (archive.store.query.taken_in)."""
    names = ("page_id", "captured_at", "status", "payload_digest")
    return (*(row[name] for name in names), row["record_type"] == "revisit")


def moment(row: Row) -> tuple[datetime, int]:
    """Where a version stands in time."""
    return row["captured_at"], row["number"]


def in_force(line: Sequence[Row], row: Row) -> tuple[Row | None, Row | None]:
    """The version in force before a row; and the one that says the same: that, or the next. Rows
    of versions have their `captured_hash`, too.
    """
    before = next((e for e in reversed(line) if e["captured_at"] <= row["captured_at"]), None)
    after = next((e for e in line if e["captured_at"] > row["captured_at"]), None)
    hash_ = row["captured_hash"]
    return before, next((e for e in (before, after) if e and e["captured_hash"] == hash_), None)


def is_later(row: Row, mine: Row) -> bool:
    """Whether a page was captured there after it was here."""
    theirs, ours = row["last_captured_at"], mine["last_captured_at"]
    return theirs is not None and (ours is None or theirs > ours)


def version_texts(connection: Connection, version_ids: Iterable[int]) -> list[VersionText]:
    """What a search index is to have of some versions that are new to it."""
    rows = connection.execute(
        select(version.c.id, version.c.page_id, version.c.title, version.c.kind, body.c.text)
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.id.in_(list(version_ids)))
    )
    return [
        VersionText(
            version_id=row.id,
            page_id=row.page_id,
            title=row.title,
            text=row.text,
            hidden=row.kind == Kind.LIST,
        )
        for row in rows
    ]


def put_run(connection: Connection, values: Values, own: int | None) -> int:
    """Its number here. own: of the run whose place it takes, whose outcomes come again; None makes
    it.
    """
    values = {name: value for name, value in values.items() if name != "id"}
    if own is None:
        made = insert(run).values(values).returning(run.c.id)
        return int(connection.execute(made).scalar_one())
    connection.execute(update(run).where(run.c.id == own).values(values))
    connection.execute(delete(outcome).where(outcome.c.run_id == own))
    return own
