"""A ledger is copied row by row into a new one, on the same engine or the other.

Rows go in the order of their keys, a portion in a commit, so that the last key that is there says
where an ended copy goes on. Indexes and foreign keys are set aside meanwhile: the table
`unfinished_move` has the statements that make them again, and keeps everybody else out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    bindparam,
    collate,
    event,
    func,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from archive.model.errors import CannotRunError, UsageError
from archive.store import dialects
from archive.store.engine import for_writing, locate, open_engine, place_of, sqlite_path
from archive.store.schema import archive, metadata, page, portal, run
from archive.store.types import Query
from archive.store.upgrade import MOVED, UNFINISHED, bring_up

_AT_ONCE: Final = 2_000
_TABLES: Final = tuple(metadata.sorted_tables)
_BEGUN: Final = (run, portal, page)
OnRows = Callable[[int, str], None]

# What is set aside: its name, the statement that drops it, the one that makes it again.
_ASIDE: Final = {
    "sqlite": "SELECT name, 'DROP INDEX ' || name, sql FROM sqlite_master"
    " WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT conname, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass,"
    " conname), format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,"
    " pg_get_constraintdef(oid)) FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    " UNION ALL SELECT indexname, format('DROP INDEX %I', indexname), indexdef FROM pg_indexes"
    " WHERE schemaname = current_schema() AND tablename NOT LIKE 'search%'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}


@contextmanager
def snapshot(place: str | Path) -> Iterator[Connection]:
    """The ledger at `place` as it is at one moment, however long it is read."""
    url = locate(place)
    engine = open_engine(url, read_only=True)
    try:
        if sqlite_path(url) is not None:
            with engine.connect() as connection:
                yield connection
            return
        level = "REPEATABLE READ"
        with engine.connect().execution_options(isolation_level=level) as connection:
            # Files may be copied for hours between two questions.
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection
    finally:
        engine.dispose()


@contextmanager
def target(place: str | Path) -> Iterator[Engine]:
    """The database that a ledger is copied to. CannotRunError: it cannot be reached or written."""
    engine = open_engine(locate(place), read_only=False)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = OFF"))
    try:
        yield engine
    except DBAPIError as error:
        raise CannotRunError(f"{place_of(place)} cannot be written: {error.orig}") from error
    finally:
        engine.dispose()


def refuse_used(engine: Engine, mine: str | None) -> bool:
    """Whether a database has the unfinished copy of the archive `mine`. UsageError: it has anything
    else; an archive into which nothing has come counts as empty.
    """
    where = place_of(engine.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if not names:
            return False
        if archive.name not in names or MOVED in names:
            raise UsageError(f"{where} is not empty (it has {min(names)!r}): name a new database")
        known = connection.scalar(select(archive.c.id))
        if UNFINISHED in names and known in (None, mine):
            return True
        if UNFINISHED in names or any(_has_rows(connection, each) for each in _BEGUN):
            raise UsageError(f"{where} has an archive already ({known}): name a new database")
    return False


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is not None


def has_all(source: Connection, place: str | Path, mine: str, on_rows: OnRows) -> bool:
    """Whether the ledger at `place` is a whole copy of the archive `mine`, every row equal: what a
    move leaves that ended between its last two steps.
    """
    with target(place) as engine:
        with engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            if archive.name not in names or names & {UNFINISHED, MOVED}:
                return False
            if connection.scalar(select(archive.c.id)) != mine:
                return False
        for table in _TABLES:
            if not _is_equal(source, engine, table):
                return False
            on_rows(source.scalar(select(func.count()).select_from(table)) or 0, table.name)
    return True


def begin(engine: Engine, mine: str) -> None:
    """Makes the tables, empty and without indexes; does nothing where the copy of the archive
    `mine` was begun before. UsageError: as `refuse_used`.
    """
    if refuse_used(engine, mine):
        return
    # In the transaction that makes the tables: nobody ever sees an archive without anything.
    bring_up(engine, sqlite_path(engine.url), then=_empty)


def _empty(connection: Connection) -> None:
    for table in reversed(_TABLES):
        connection.execute(table.delete())
    connection.execute(text(f"CREATE TABLE {UNFINISHED} (name text, statement text)"))
    rows = connection.execute(text(_ASIDE[connection.dialect.name])).all()
    for name, drops, makes in rows:
        connection.exec_driver_sql(drops)
        connection.execute(
            text(f"INSERT INTO {UNFINISHED} VALUES (:name, :makes)"),  # noqa: S608 - our own name
            {"name": name, "makes": makes},
        )


def count_rows(source: Connection) -> int:
    """How many rows a ledger has."""
    return sum(source.scalar(select(func.count()).select_from(each)) or 0 for each in _TABLES)


def copy_rows(source: Connection, engine: Engine, on_rows: OnRows) -> None:
    """Copies all that is not there yet, and compares every row. A table that is not equal (the
    source was changed since its copy began) is copied anew. on_rows: called with how many rows are
    done, and the table.

    CannotRunError: a table is not equal even then, or the disk refuses.
    """
    for table in _TABLES:
        _copy(source, engine, table, on_rows)
        if _is_equal(source, engine, table):
            continue
        with for_writing(engine.connect()) as connection, connection.begin():
            connection.execute(table.delete())
        _copy(source, engine, table, lambda *_: None)
        if not _is_equal(source, engine, table):
            raise CannotRunError(
                f"{table.name} is not equal in both ledgers: the source stays as it is, and in use"
            )


def finish(engine: Engine, also: Callable[[Connection], object]) -> None:
    """Makes what was set aside, in one transaction with `also`, and opens the ledger to everybody.
    CannotRunError: a row refers to one that is not there.
    """
    with for_writing(engine.connect()) as connection, connection.begin():
        for [statement] in connection.execute(text(f"SELECT statement FROM {UNFINISHED}")).all():  # noqa: S608 - our own name
            connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            for table in _TABLES:
                _set_sequence(connection, table)
            # Nobody knows when autovacuum comes; questions of the first hour are planned by this.
            connection.exec_driver_sql("ANALYZE")
        elif broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise CannotRunError(f"a row of {broken[0]} refers to one of {broken[2]} that is gone")
        also(connection)
        connection.execute(text(f"DROP TABLE {UNFINISHED}"))


def note_moved(source: str | Path, place: str) -> None:
    """Marks a PostgreSQL ledger as moved to `place`: nobody opens it again."""
    with target(source) as engine, engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {MOVED} (place text)"))
        connection.execute(text(f"INSERT INTO {MOVED} VALUES (:place)"), {"place": place})  # noqa: S608 - our own name


def _copy(source: Connection, engine: Engine, table: Table, on_rows: OnRows) -> None:
    names = tuple(each.name for each in table.c)
    with engine.connect() as connection:
        keys = [each.desc() for each in _keys(table, connection)]
        last = connection.execute(select(*table.primary_key).order_by(*keys).limit(1)).first()
        before = connection.scalar(select(func.count()).select_from(table)) or 0
    on_rows(before, table.name)
    with source.execute(_in_order(table, source, last)) as rows:
        for some in rows.partitions(_AT_ONCE):
            with for_writing(engine.connect(), synced=False) as connection, connection.begin():
                dialects.copy_rows(connection, table, names, some)
            on_rows(len(some), table.name)


def _is_equal(source: Connection, engine: Engine, table: Table) -> bool:
    with (
        engine.connect() as connection,
        source.execute(_in_order(table, source, None)) as ours,
        connection.execute(_in_order(table, connection, None)) as theirs,
    ):
        return all(tuple(one or ()) == tuple(two or ()) for one, two in zip_longest(ours, theirs))


def _in_order(table: Table, connection: Connection, last: Any) -> Query:
    """All rows of a table behind the key `last`, by their keys."""
    keys = _keys(table, connection)
    query: Query = select(*table.c).order_by(*keys).execution_options(yield_per=_AT_ONCE)
    if last is None:
        return query
    values = [
        bindparam(None, value, type_=column.type)
        for column, value in zip(table.primary_key, last, strict=True)
    ]
    return query.where(tuple_(*keys) > tuple_(*values))


def _keys(table: Table, connection: Connection) -> list[ColumnElement[Any]]:
    """The columns of the key; text compares by its bytes on both engines."""
    if connection.dialect.name == "sqlite":
        return list(table.primary_key)
    return [
        collate(each, "C") if isinstance(each.type, Text) else each for each in table.primary_key
    ]


def _set_sequence(connection: Connection, table: Table) -> None:
    name = text("SELECT pg_get_serial_sequence(:table, 'id')")
    if "id" not in table.c or isinstance(table.c.id.type, Text):
        return
    sequence = connection.scalar(name, {"table": table.name})
    last = connection.scalar(select(func.max(table.c.id)))
    if sequence is not None and last is not None:
        connection.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})
