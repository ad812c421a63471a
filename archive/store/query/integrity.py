"""Checks a ledger for damage: the engine's own check, and texts against their hashes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from archive.model.content import content_hash
from archive.model.errors import DamageError
from archive.model.reading import CheckState
from archive.store.dialects import PRINTED_CELLS, PRINTED_FIGURES
from archive.store.schema import (
    body,
    check_result,
    figure,
    held_checks,
    page,
    version,
    version_layout,
)
from archive.store.write.packed import unpack_held
from archive.store.write.texts import fits

_MAX_FAULTS: Final = 100
_AT_ONCE: Final = 100
# What NUL and lone surrogates were stored as: the hash was made before.
_REPLACED: Final = "\ufffd"
_INDEXES: Final = (
    "SELECT c.oid, c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'i'"
    " AND a.amname = 'btree' ORDER BY c.relname"
)
_TABLES: Final = (
    "SELECT c.oid, c.relname FROM pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFault:
    """A version of which something stored is not what was read."""

    url: str
    version: int
    message: str

    def __str__(self) -> str:
        return f"{self.url} version {self.version}: {self.message}"


def engine_faults(connection: Connection) -> Iterator[str]:
    """What the engine finds wrong with its own files, a line each, a hundred at most. SQLite:
    integrity_check and foreign_key_check. PostgreSQL: amcheck, where it is installed and allowed.
    """
    if connection.dialect.name == "postgresql":
        yield from _postgresql_faults(connection)
        return
    for (line,) in connection.execute(text(f"PRAGMA integrity_check({_MAX_FAULTS})")):
        if line != "ok":
            yield str(line)
    rows = connection.execute(text("PRAGMA foreign_key_check"))
    for table, row, parent, _ in rows.fetchmany(_MAX_FAULTS):
        yield f"row {row} of {table} refers to a row of {parent} that is not there"


def tables_to_check(connection: Connection) -> list[str]:
    """The names of the tables that `table_faults` takes, those of the crawl first; none on
    PostgreSQL, which checks its pages as it reads them (`failed_checksums`).
    """
    if connection.dialect.name == "postgresql":
        return []
    names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid"
    return list(connection.scalars(text(names)))


def table_faults(connection: Connection, table: str) -> list[str]:
    """What SQLite finds wrong with the pages of one table, a line each (`quick_check`)."""
    quoted = table.replace("'", "''")
    rows = connection.execute(text(f"PRAGMA quick_check('{quoted}')"))
    return [str(line) for (line,) in rows if line != "ok"]


def failed_checksums(connection: Connection) -> int | None:
    """How many pages PostgreSQL found damaged since its statistics began; None where it keeps no
    checksums (data_checksums), and on SQLite.
    """
    if connection.dialect.name != "postgresql":
        return None
    failures = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
    found = connection.scalar(text(failures))
    return None if found is None else int(found)


def figure_faults(connection: Connection) -> Iterator[str]:
    """Where the ledger has other figures than its versions print, in one line: views that go by
    version leave such out, sums count them. Which version lacks one, a deep look tells.
    """
    printed, stored, fitting = (
        connection.scalar(select(func.count()).select_from(each)) or 0
        for each in (PRINTED_CELLS, figure, PRINTED_FIGURES)
    )
    if not printed == stored == fitting:
        yield f"its versions print {printed:,} figures, {stored:,} are stored, {fitting:,} fit"


def figureless(connection: Connection, sums: Collection[str]) -> Iterator[VersionFault]:
    """Versions whose sums were reckoned and that have no figures, which the counts of
    `figure_faults` do not miss: nothing leads to them. sums: ids of the rules that add figures.
    """
    added = check_result.c.rule.in_(sums) & (check_result.c.state == CheckState.VIOLATED)
    failed = exists().where(check_result.c.version_id == version.c.id, added)
    layouts = exists().where(version_layout.c.version_id == version.c.id)
    query = (
        select(version.c.number, page.c.key, held_checks.c.packed, failed.label("failed"))
        .join(page, page.c.id == version.c.page_id)
        .outerjoin(held_checks, held_checks.c.version_id == version.c.id)
        .where(~layouts, held_checks.c.version_id.is_not(None) | failed)
        .order_by(version.c.id)
    )
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        message = "its sums were reckoned, and its figures are gone"
        try:
            gone = row.failed or any(each.rule in sums for _, each in unpack_held(row.packed))
        except DamageError as error:
            gone, message = True, str(error)
        if gone:
            yield VersionFault(url=row.key, version=row.number, message=message)


def text_faults(connection: Connection) -> Iterator[VersionFault]:
    """Versions whose text is not what its hashes were made of; read in portions."""
    columns = (version.c.id, version.c.number, version.c.content_hash, version.c.title,
               page.c.key, body)  # fmt: skip
    query = (
        select(*columns)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .order_by(version.c.id)
        .limit(_AT_ONCE)
    )
    last = 0
    while rows := connection.execute(query.where(version.c.id > last)).all():
        for row in rows:
            message = _text_fault(row.hash, row.text, row.codec, row.tables) or _content_fault(
                row.content_hash, row.title, row.text
            )
            if message:
                yield VersionFault(url=row.key, version=row.number, message=message)
        last = rows[-1].id


def _text_fault(hash_: str, stored: str, codec: str, tables: bytes | None) -> str | None:
    if fits(hash_, stored, codec, tables) or _REPLACED in stored:
        return None
    return "the stored text or its tables are not what was read: they do not fit their hash"


def _content_fault(hash_: str, title: str | None, stored: str) -> str | None:
    """Of a file the title is left out; where it has no text its bytes stand in, which only the WARC
    file has.
    """
    fitting = (content_hash(each, stored.split("\n")) == hash_ for each in (title, None))
    if any(fitting) or not stored or _REPLACED in f"{title}{stored}":
        return None
    return "the stored title and text do not fit the content hash"


def _postgresql_faults(connection: Connection) -> Iterator[str]:
    """Each check in a savepoint: an error is the finding, and one that is not permitted is none."""
    installed = "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'"
    if not connection.scalar(text(installed)):
        return
    for oid, name in connection.execute(text(_INDEXES)).all():
        found = _query(connection, "SELECT bt_index_check(CAST(:oid AS oid)::regclass, true)", oid)
        if isinstance(found, str):
            yield f"index {name}: {found}"
    for oid, name in connection.execute(text(_TABLES)).all():
        found = _query(
            connection, "SELECT msg FROM verify_heapam(CAST(:oid AS oid)::regclass)", oid
        )
        messages = [found] if isinstance(found, str) else found[:_MAX_FAULTS]
        yield from (f"table {name}: {message}" for message in messages)


def _query(connection: Connection, query: str, oid: int) -> str | list[str]:
    try:
        with connection.begin_nested():
            return [str(row[0]) for row in connection.execute(text(query), {"oid": oid})]
    except DBAPIError as error:
        refused = str(getattr(error.orig, "sqlstate", "")) == "42501"
        return [] if refused else str(error.orig).split("\n", 1)[0]
