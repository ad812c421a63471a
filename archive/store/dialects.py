"""The statements that SQLite and PostgreSQL spell differently."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Select,
    Table,
    Text,
    TextClause,
    and_,
    any_,
    cast,
    func,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import sqlite

from archive.model.errors import CannotRunError
from archive.model.secrets import without_secrets
from archive.store.crawl_tables import IS_GONE, IS_RESPELLED, IS_UNFINISHED
from archive.store.failures import failure
from archive.store.reading_tables import (
    FIELD_IDS,
    IS_OF_PICTURES,
    IS_OTHER,
    cell,
    figure,
    layout_cell,
    version_layout,
)

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# Agencies up to so many characters are indexed on PostgreSQL, and no name is longer.
MAX_INDEXED = 500
# Options of indexes on PostgreSQL, whose B-trees refuse what is longer than 2,704 bytes. The schema
# goes without them, because SQLAlchemy loads that dialect to take them (80 ms of every start); the
# migrations make the indexes, and a test compares them with these.
POSTGRESQL_INDEXES = {
    "ix_page_url": {"using": "hash", "where": IS_RESPELLED},
    "ix_version_other": {"where": IS_OTHER},
    "ix_outcome_gone": {"where": IS_GONE},
    "ix_run_unfinished": {"where": IS_UNFINISHED},
    "ix_finding_pictures": {"where": IS_OF_PICTURES},
    "ix_field_agency": {
        "where": text(f"name_id = {FIELD_IDS['agency']} AND length(value) <= {MAX_INDEXED}")
    },
}


@dataclass(frozen=True, slots=True)
class FiguresByVersion:
    """The way from versions to `figure` and `cell`. tables: to select from. version_id, position:
    to choose and to order by, which leaves nothing to sort.
    """

    tables: FromClause
    version_id: ColumnElement[int]
    position: ColumnElement[int]


PRINTED_CELLS: Final = version_layout.join(
    layout_cell, layout_cell.c.layout_id == version_layout.c.layout_id
)
"""The cells that versions print."""
PRINTED_FIGURES: Final = PRINTED_CELLS.join(
    figure,
    and_(
        figure.c.cell_id == layout_cell.c.cell_id,
        figure.c.version_id == version_layout.c.version_id,
        figure.c.position == layout_cell.c.position,
    ),
)
"""The same with the figure of each."""
# SQLite has figures once, in the order of what they count: what a version prints leads to them.
_BY_LAYOUT: Final = FiguresByVersion(
    PRINTED_FIGURES.join(cell, cell.c.id == layout_cell.c.cell_id),
    version_layout.c.version_id,
    layout_cell.c.position,
)
_BY_INDEX: Final = FiguresByVersion(
    figure.join(cell, cell.c.id == figure.c.cell_id), figure.c.version_id, figure.c.position
)


def figures_by_version(connection: Connection) -> FiguresByVersion:
    """How a query goes from versions to their figures."""
    return _BY_INDEX if connection.dialect.name == "postgresql" else _BY_LAYOUT


def is_figure_of(
    connection: Connection, versions: Sequence[int] | Select[Any]
) -> ColumnElement[bool]:
    """SQL: whether a row is of one of these versions, for a query of the table `figure` alone."""
    if connection.dialect.name == "postgresql":
        return figure.c.version_id.in_(versions)
    printed = (
        select(layout_cell.c.cell_id, version_layout.c.version_id, layout_cell.c.position)
        .join(layout_cell, layout_cell.c.layout_id == version_layout.c.layout_id)
        .where(version_layout.c.version_id.in_(versions))
    )
    return tuple_(figure.c.cell_id, figure.c.version_id, figure.c.position).in_(printed)


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the connection's dialect, which supports ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 40 ms

        return postgresql.insert(table)
    return sqlite.insert(table)


def among(
    connection: Connection, column: ColumnElement[int], ids: Collection[int]
) -> ColumnElement[bool]:
    """SQL: whether a column has one of some ids. PostgreSQL takes them as one value: a list of five
    thousand takes it a tenth of a second to plan, and each length would be a statement of its own.
    As one text: its driver spells a list number by number, which takes Python ten times as long.
    """
    if connection.dialect.name == "postgresql":
        spelled = literal("{" + ",".join(map(str, ids)) + "}", Text)
        return column == any_(cast(spelled, ARRAY(BigInteger)))
    return column.in_(ids)


def insert_rows(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts rows, each with the values of the named columns in that order. What SQLAlchemy does
    for every row of an executemany, dicts made and taken apart, costs more than storing it.
    """
    marks = ", ".join([_mark(connection)] * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own names
    _run_many(connection, statement, _processors(connection.dialect, table, names), rows)


def copy_rows(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts many rows as `insert_rows` does, on PostgreSQL by COPY. CannotRunError: the server
    refuses.
    """
    if connection.dialect.name != "postgresql":
        insert_rows(connection, table, names, rows)
        return
    from psycopg import Error  # noqa: PLC0415 - an extra

    raw: Any = connection.connection.driver_connection
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    stored = _stored(_processors(connection.dialect, table, names), rows)
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in stored:
                copy.write_row(row)
    except Error as error:  # which SQLAlchemy does not see
        known = failure(error, without_secrets(connection.engine.url.render_as_string()))
        raise known or CannotRunError(f"{table.name} cannot be written: {error}") from error


def update_rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    *,
    key: str = "id",
) -> None:
    """Updates the named columns of the rows that have a key; each row has the columns' values, and
    the key behind them.
    """
    mark = _mark(connection)
    changes = ", ".join(f"{name} = {mark}" for name in names)
    statement = f"UPDATE {table.name} SET {changes} WHERE {key} = {mark}"  # noqa: S608 - our own names
    _run_many(connection, statement, _processors(connection.dialect, table, (*names, key)), rows)


def fresh_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids for rows to be inserted, in a transaction that writes. Asked for together: RETURNING
    answers row by row.
    """
    if connection.dialect.name == "postgresql":
        drawn = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)"
        )
        return list(connection.scalars(drawn, {"name": table.name, "n": count}))
    last = connection.scalar(select(func.max(table.c.id))) or 0
    return list(range(last + 1, last + 1 + count))


def _run_many(
    connection: Connection,
    statement: str,
    processors: tuple[tuple[int, Callable[[Any], Any]], ...],
    rows: Iterable[Sequence[Any]],
) -> None:
    if stored := _stored(processors, rows):
        connection.exec_driver_sql(statement, stored)


def _stored(
    processors: tuple[tuple[int, Callable[[Any], Any]], ...], rows: Iterable[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Rows whose values are in their stored form."""
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for place, process in processors if columns else ():
        columns[place] = map(process, columns[place])
    return list(zip(*columns, strict=True))


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


@cache
def _processors(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """What makes the stored form of a value, by the column's place; columns whose values are stored
    as they are have none.
    """
    found = (table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return tuple((place, each) for place, each in enumerate(found) if each is not None)


def insert_columns(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    versions: Mapping[int, Sequence[Sequence[Any]]],
) -> None:
    """Inserts the rows of some versions at positions 0, 1, 2 …; of each version the values of each
    named column as they are stored.
    """
    if connection.dialect.name == "postgresql":
        for version_id, columns in versions.items():
            values = {f"c{n}": list(each) for n, each in enumerate(columns)}
            connection.execute(_unnested(table, names), {"version_id": version_id, **values})
        return
    marks = ", ".join("?" * (len(names) + 2))
    rows = [
        row
        for version_id, columns in versions.items()
        for row in zip(repeat(version_id), count(), *columns, strict=False)
    ]
    if rows:
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} (version_id, position, {', '.join(names)}) VALUES ({marks})",  # noqa: S608 - our own names
            rows,
        )


@cache
def _unnested(table: Table, names: tuple[str, ...]) -> TextClause:
    arrays = ", ".join(f"CAST(:c{n} AS {each}[])" for n, each in enumerate(_types(table, names)))
    shown = ", ".join(f"c{n}" for n in range(len(names)))
    return text(
        f"INSERT INTO {table.name} (version_id, position, {', '.join(names)}) "  # noqa: S608 - our own names
        f"SELECT :version_id, n - 1, {shown} "
        f"FROM unnest({arrays}) WITH ORDINALITY AS r({shown}, n)"
    )


def _types(table: Table, names: tuple[str, ...]) -> list[str]:
    """The columns' types as PostgreSQL spells them."""
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 40 ms

    spelled = postgresql.dialect()  # type: ignore[no-untyped-call]  # as the library has it
    return [table.c[name].type.compile(spelled) for name in names]
