"""The index tables: which version contains which pairs of characters.

SQLite: a contentless FTS5 table without positions (detail=none), its rowid the version's id.
PostgreSQL: a side table of packed terms with a GIN index that unpacks them. Both hold every version
that is not hidden, superseded ones too (one in twenty: a search for those alone would read every
text), and nothing else. They are written inside the store's second transaction, so ledger and index
never disagree.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, literal_column, select, text
from sqlalchemy.sql.elements import ColumnElement

from archive.search.grams import GRAMS_VERSION, grams_of
from archive.search.packed_terms import CREATE_UNPACK, UNPACKED, number_of, packed
from archive.store import Store
from archive.store.rows import VersionText
from archive.store.schema import body, page, version
from archive.store.types import Query

_BATCH = 100
# By which rule of terms; an index of before holds latest versions only, or arrays of words.
_OF_LATEST = f"{GRAMS_VERSION}/{unicodedata.unidata_version}"
_MADE_BY = {"sqlite": f"{_OF_LATEST}/all", "postgresql": f"{_OF_LATEST}/all/packed"}
HIDDEN_KINDS = ("list",)

_CREATE = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE search_gram "
            "USING fts5(grams, content='', detail=none, tokenize='ascii')"
        ),
    ),
    "postgresql": (
        CREATE_UNPACK,
        (
            "CREATE TABLE search_gram (version_id bigint PRIMARY KEY, terms bytea NOT NULL)"
            " WITH (toast_tuple_target = 128)"  # rows that lie close together have short postings
        ),
        "ALTER TABLE search_gram ALTER terms SET STORAGE EXTERNAL",
    ),
}
# Made once the rows are there, which is faster and denser. Without fastupdate no search reads a
# list of what is yet to be indexed; without statistics none need unpacking for the planner.
_INDEX = {
    "sqlite": (),
    "postgresql": (
        "SET LOCAL maintenance_work_mem = '256MB'",
        (
            f"CREATE INDEX ix_search_gram ON search_gram USING gin ({UNPACKED})"
            " WITH (fastupdate = off)"
        ),
        "ALTER INDEX ix_search_gram ALTER COLUMN 1 SET STATISTICS 0",
    ),
}
_ADD = {
    "sqlite": "INSERT INTO search_gram (rowid, grams) VALUES (?, ?)",
    "postgresql": "INSERT INTO search_gram (version_id, terms) VALUES (:id, :terms)"
    " ON CONFLICT (version_id) DO UPDATE SET terms = excluded.terms",
}
# A contentless FTS5 table deletes a row only when given the very words that it was inserted with.
_REMOVE = {
    "sqlite": "INSERT INTO search_gram (search_gram, rowid, grams) VALUES ('delete', ?, ?)",
    "postgresql": "DELETE FROM search_gram WHERE version_id = :id",
}


def open_indexed(place: str | Path, *, read_only: bool = False) -> Store:
    """The ledger at `place` (a folder or a database URL), opened so that every version it stores
    is indexed in the same transaction; errors are those of Store.open. An index that is missing
    or made by another rule is built first, unless read_only.
    """
    store = Store.open(place, read_only=read_only, on_versions=index_versions)
    if not read_only:
        refresh(store)
    return store


def refresh(store: Store) -> bool:
    """Builds the index anew unless it is current; whether it did."""
    with store.read() as connection:
        if is_current(connection):
            return False
    with store.write() as connection:
        if is_current(connection):
            return False
        if connection.dialect.name == "sqlite" and _made_by(connection) == _OF_LATEST:
            _add_superseded(connection)
        else:
            rebuild(connection)
    return True


def index_versions(connection: Connection, entries: Sequence[VersionText]) -> None:
    """Puts versions into the index, in place of what stood there for them.

    Called inside the transaction that stores the versions. An index that is missing or made by
    another rule stays as it is until `refresh`: in the middle of a batch nobody knows which of
    its versions a new index would hold already. Search finds the same without it, only slower.
    """
    if not is_current(connection):
        return
    old = [each.replaces for each in entries if each.replaces is not None]
    removed = [
        (each.version_id, grams_of(each.title, each.text)) for each in old if not each.hidden
    ]
    _write(connection, _REMOVE, removed)
    added = [
        (each.version_id, each.terms or grams_of(each.title, each.text))
        for each in entries
        if not each.hidden
    ]
    _write(connection, _ADD, added)


def is_current(connection: Connection) -> bool:
    """Whether the index exists and was made by this very rule (ours, and Python's Unicode)."""
    return _made_by(connection) == _MADE_BY[connection.dialect.name]


def _made_by(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "search_state"):
        return None
    return connection.execute(text("SELECT made_by FROM search_state")).scalar()


def rebuild(connection: Connection) -> int:
    """Makes the index anew from the stored texts; gives how many versions it holds."""
    dialect = connection.dialect.name
    for table in ("search_gram", "search_state"):
        connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    for statement in _CREATE[dialect]:
        connection.execute(text(statement))
    count = _add(connection, searchable(connection))
    for statement in _INDEX[dialect]:
        connection.execute(text(statement))
    connection.execute(text("CREATE TABLE search_state (made_by text NOT NULL)"))
    made_by = {"made_by": _MADE_BY[dialect]}
    connection.execute(text("INSERT INTO search_state VALUES (:made_by)"), made_by)
    return count


def _add_superseded(connection: Connection) -> None:
    _add(connection, searchable(connection, version.c.number < page.c.versions))
    made_by = {"made_by": _MADE_BY["sqlite"]}
    connection.execute(text("UPDATE search_state SET made_by = :made_by"), made_by)


def _add(connection: Connection, texts: Iterator[tuple[int, str | None, str]]) -> int:
    count = 0
    while some := list(islice(texts, _BATCH)):
        _write(connection, _ADD, [(key, grams_of(title, content)) for key, title, content in some])
        count += len(some)
    return count


def candidates(dialect: str, terms: Sequence[str]) -> Query:
    """Ids of the versions that contain all of `terms`; too many at most, never too few."""
    if dialect == "sqlite":
        wanted = " AND ".join(f'"{term}"' for term in terms)
        return _sqlite_candidates(wanted)
    chosen: Query = select(literal_column("version_id").label("id")).select_from(
        text("search_gram")
    )
    held = text(f"{UNPACKED} @> CAST(:terms AS integer[])")
    return chosen.where(held.bindparams(terms=list(map(number_of, terms))))


def _sqlite_candidates(wanted: str) -> Query:
    rowid: ColumnElement[int] = literal_column("search_gram.rowid").label("id")
    matching = text("search_gram MATCH :wanted").bindparams(wanted=wanted)
    return select(rowid).select_from(text("search_gram")).where(matching)


def searchable(
    connection: Connection, *conditions: ColumnElement[bool]
) -> Iterator[tuple[int, str | None, str]]:
    """Id, title and text of every version that the index is to hold; of `version` and `page`."""
    held = (
        select(version.c.id, version.c.title, body.c.text)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.kind.not_in(HIDDEN_KINDS), *conditions)
        .order_by(version.c.id)
    )
    for row in connection.execute(held.execution_options(yield_per=200)):
        yield row.id, row.title, row.text


def _write(
    connection: Connection,
    statements: Mapping[str, str],
    rows: Sequence[tuple[int, str | list[str]]],
) -> None:
    """rows: id and terms of each version, the terms as a list or separated by blanks."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        joined = [
            (key, terms if isinstance(terms, str) else " ".join(terms)) for key, terms in rows
        ]
        connection.exec_driver_sql(statements["sqlite"], joined)
        return
    statement = text(statements["postgresql"])
    by_id = [
        {"id": key, "terms": packed(terms.split() if isinstance(terms, str) else terms)}
        for key, terms in rows
    ]
    connection.execute(statement, by_id)
