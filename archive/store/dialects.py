"""The statements that SQLite and PostgreSQL spell differently."""

from collections.abc import Sequence
from functools import cache
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, TextClause, column, func, text
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# Values of fields up to so many characters are indexed on PostgreSQL, and no name is longer.
MAX_INDEXED = 500
# Options of indexes on PostgreSQL, whose B-trees refuse what is longer than 2,704 bytes. The schema
# goes without them, because SQLAlchemy loads that dialect to take them (80 ms of every start); the
# migrations make the indexes, and a test compares them with these.
POSTGRESQL_INDEXES = {
    "ix_page_url": {"using": "hash"},
    "ix_field_name": {"where": func.length(column("value")) <= MAX_INDEXED},
}


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the connection's dialect, which supports ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 40 ms

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_columns(
    connection: Connection,
    table: Table,
    version_id: int,
    names: tuple[str, ...],
    columns: Sequence[Sequence[Any]],
) -> None:
    """Inserts the rows of a version at positions 0, 1, 2 …; `columns` has the values of each named
    column as they are stored.
    """
    if connection.dialect.name == "postgresql":
        values = {f"c{n}": list(each) for n, each in enumerate(columns)}
        connection.execute(_unnested(table, names), {"version_id": version_id, **values})
        return
    marks = ", ".join("?" * (len(names) + 2))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} (version_id, position, {', '.join(names)}) VALUES ({marks})",  # noqa: S608 - our own names
        list(zip(repeat(version_id), count(), *columns, strict=False)),
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
