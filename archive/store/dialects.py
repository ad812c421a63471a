"""The statements that SQLite and PostgreSQL spell differently."""

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, TextClause, text
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the connection's dialect, which supports ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 40 ms

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_packed(
    connection: Connection, table: Table, columns: tuple[str, ...], version_id: int, packed: str
) -> None:
    """Inserts the rows of a version that stand in `packed`, a JSON array with one array of texts a
    row, at positions 0, 1, 2 …; the engine takes it apart, not Python.
    """
    statement = _packed_insert(table, columns, connection.dialect.name)
    connection.execute(statement, {"version_id": version_id, "packed": packed})


@cache
def _packed_insert(table: Table, columns: tuple[str, ...], dialect: str) -> TextClause:
    names = ", ".join(columns)
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 40 ms

        spelled = postgresql.dialect()  # type: ignore[no-untyped-call]  # as the library has it
        types = [table.c[name].type.compile(spelled) for name in columns]
        values = ", ".join(f"CAST(r.e->>{n} AS {each})" for n, each in enumerate(types))
        rows = "json_array_elements(CAST(:packed AS json)) WITH ORDINALITY AS r(e, n)"
        position = "r.n - 1"
    else:
        values = ", ".join(f"r.value ->> {n}" for n in range(len(columns)))
        rows, position = "json_each(:packed) AS r", "r.key"
    return text(
        f"INSERT INTO {table.name} (version_id, position, {names}) "  # noqa: S608 - our own names
        f"SELECT :version_id, {position}, {values} FROM {rows}"
    )
