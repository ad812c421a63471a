"""New ledgers on SQLite without their migrations: 27 revisions take a quarter of a second of the
processor, and a thousand tests begin with a new archive. The first new ledger of a process is made
by the migrations; the next ones by what it then consisted of, statement by statement, in the same
transaction, with an id of their own. `tests/store` goes through the migrations each time, as does
every command that is a process of its own; tests/store/test_upgrade.py compares the two. The
codebook's 4,000 rows are kept likewise, as SQLite takes them.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Final

from sqlalchemy import Connection

from archive.store import upgrade
from archive.work import codebook_rows

_MIGRATE: Final = upgrade._migrate
_STORE_CODEBOOK: Final = codebook_rows.store_codebook
_CODEBOOK: Final = ("indicator", "concept", "rule", "division", "codebook")
_Statement = tuple[str, tuple[object, ...]]


def make_from_the_first() -> None:
    """From now on new ledgers of this process, and of those forked from it, are made so."""
    made: list[_Statement] = []
    upgrade._migrate = partial(_make, made)
    codebook_rows.store_codebook = partial(_store_codebook, {})
    codebook_rows._divisions = cache(codebook_rows._divisions)


@contextmanager
def by_migrations() -> Iterator[None]:
    """Every ledger that is made meanwhile goes through all revisions, as those of users do."""
    before, upgrade._migrate = upgrade._migrate, _MIGRATE
    try:
        yield
    finally:
        upgrade._migrate = before


def _make(made: list[_Statement], connection: Connection) -> None:
    new = connection.dialect.name == "sqlite" and upgrade.revision_of(connection) is None
    if not (new and made):
        _MIGRATE(connection)
        if new:
            made[:] = list(_statements(connection))
        return
    for statement, values in made:
        connection.exec_driver_sql(statement, values)
    connection.exec_driver_sql("UPDATE archive SET id = ?", (str(uuid.uuid4()),))


def _statements(connection: Connection) -> Iterator[_Statement]:
    """What makes an empty database the same: tables, indexes and views, in their order, and rows."""
    listed = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).all()
    for _, _, sql in listed:
        yield sql, ()
    for kind, name, _ in listed:
        if kind == "table":
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}"):  # noqa: S608 - a table of ours
                marks = ", ".join("?" * len(row))
                yield f"INSERT INTO {name} VALUES ({marks})", tuple(row)  # noqa: S608 - the same


def _store_codebook(
    kept: dict[str, list[tuple[str, list[tuple[object, ...]]]]],
    connection: Connection,
    digest: str,
    **rows: object,
) -> None:
    """What `store_codebook` does; its rows by the digest of what they are made from."""
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite or digest not in kept:
        _STORE_CODEBOOK(connection, digest, **rows)
        if is_sqlite:
            kept[digest] = [_kept(connection, name) for name in _CODEBOOK]
        return
    for name, (insert, values) in zip(_CODEBOOK, kept[digest], strict=True):
        connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - a table of ours
        connection.exec_driver_sql(insert, values)


def _kept(connection: Connection, table: str) -> tuple[str, list[tuple[object, ...]]]:
    rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 - a table of ours
    marks = ", ".join("?" * len(rows[0]))
    return f"INSERT INTO {table} VALUES ({marks})", [tuple(row) for row in rows]  # noqa: S608 - the same
