"""Where the ledger lies, and an engine whose every connection is durable.

SQLite: WAL with synchronous=FULL, so that a commit survives power loss (sqlite.org/wal.html
section 6); foreign keys on; writers start with BEGIN IMMEDIATE, because a reader that becomes a
writer half-way fails instead of waiting (sqlite.org/lang_transaction.html).

A transaction whose loss costs only work again may commit without a sync (`for_writing`). Both
engines then lose the latest such commits at most, never one in the middle: the log is read up to
where it ends, and the next synced commit syncs all that stands before it (SQLite with
synchronous=NORMAL, PostgreSQL with synchronous_commit=off).

One transaction writes at a time on PostgreSQL too, by an advisory lock: what several crawls find at
once never meets half-way. A server or client that is gone is noticed within a minute, so that it
holds nobody up.
"""

import json
import logging
import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from archive.model.errors import CannotRunError, UsageError
from archive.model.secrets import without_secrets
from archive.store.failures import translating
from archive.store.types import loaded

DATABASE_NAME = "archive.sqlite"
BUSY_TIMEOUT_MS = 30_000
# A report's figures lie on as many pages as it has cells (archive.store.reading_tables.figure):
# SQLite's own 2 MB do not hold those of two forms.
CACHE_KIB = 8_000
# What SQLAlchemy meets while it clears away, behind an interrupt or an error, it logs with a
# traceback, which Python prints where nobody takes the log: that end has its one line.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
_WRITES = "ledger_writes"
_SYNCED = "ledger_synced"
_READ_ONLY = "postgresql_readonly"
# Our number, and one for the schema that holds the archive.
_ALONE = "SELECT pg_advisory_xact_lock(26476, hashtext(current_schema()) & 2147483647)"
# What libpq takes (PostgreSQL 15, sections 34.1.2 and 20.3.2); milliseconds where no unit stands.
_CLIENT = {
    "connect_timeout": "10", "keepalives_idle": "20", "keepalives_interval": "10",
    "keepalives_count": "3", "tcp_user_timeout": "60000",
}  # fmt: skip
_SERVER = (
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = '60s'; SET idle_in_transaction_session_timeout = '30min';"
    " SET jit = off"  # compiling took 0.2 s of questions that are answered in 0.03 s
)


def locate(url_or_home: str | Path) -> URL:
    """The database URL for a home folder or a database URL; UsageError for a foreign one."""
    text = str(url_or_home)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text) / DATABASE_NAME))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise UsageError(f"{without_secrets(text)!r} is no database URL") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"{url.get_backend_name()} is not supported; use sqlite or postgresql")
    return url


def place_of(url_or_home: str | Path) -> str:
    """Where a ledger lies, for people: a file's whole path, or a URL without its password."""
    url = locate(url_or_home)
    path = sqlite_path(url)
    return shown(url) if path is None else str(path.absolute())


def shown(url: URL) -> str:
    """A database URL without its secrets."""
    return without_secrets(url.render_as_string())


def sqlite_path(url: URL) -> Path | None:
    """The SQLite file behind a URL; None on PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def open_engine(url: URL, *, read_only: bool) -> Engine:
    """An engine on the ledger at `url`; nothing is read yet. CannotRunError without a folder."""
    path = sqlite_path(url)
    if path is None:
        return _postgresql_engine(url, read_only=read_only)
    if not read_only:
        _make_folder(path.parent)
    target = _read_only_url(path) if read_only else URL.create("sqlite", database=str(path))
    engine = create_engine(
        target,
        json_serializer=partial(json.dumps, ensure_ascii=False),
        json_deserializer=loaded,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", partial(_set_up_sqlite, read_only=read_only))
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", translating(str(path)))
    return engine


def for_writing(connection: Connection, *, synced: bool = True) -> Connection:
    """The same connection, whose next transaction takes the write lock at once. synced: whether
    its commit survives a loss of power by itself, or only together with the next that does.
    """
    return connection.execution_options(**{_WRITES: True, _SYNCED: synced})


def end_reading(connection: Connection) -> None:
    """Ends what only read. Behind a ROLLBACK psycopg has the server forget every statement that it
    had prepared; where the server lets nothing be written, a COMMIT ends it as well.
    """
    if connection.get_execution_options().get(_READ_ONLY, False):
        connection.commit()


def conninfo(url: URL) -> str:
    """A PostgreSQL URL as libpq spells it, for other clients of the same database. UsageError: it
    is none.
    """
    if url.get_backend_name() != "postgresql":
        raise UsageError(
            "many machines share an archive on PostgreSQL alone: set GONGKAI_DATABASE_URL"
            " (postgresql+psycopg://user@host/name)"
        )
    named = {name: value for name, value in _CLIENT.items() if name not in url.query}
    there = url.set(drivername="postgresql").update_query_dict(named)
    return there.render_as_string(hide_password=False)


def _postgresql_engine(url: URL, *, read_only: bool) -> Engine:
    options = {_READ_ONLY: True} if read_only else {}
    engine = create_engine(
        url,
        json_serializer=partial(json.dumps, ensure_ascii=False),
        json_deserializer=loaded,
        execution_options=options,
        pool_pre_ping=True,
        pool_use_lifo=True,  # the connection that has most statements prepared
        connect_args={name: value for name, value in _CLIENT.items() if name not in url.query},
    )
    event.listen(engine, "connect", _set_up_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "handle_error", translating(shown(url)))
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRunError(f"cannot make {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise CannotRunError(f"cannot write to {folder}; choose another --home")


def can_grow(folder: Path) -> bool:
    """Whether files can be made in a folder: it may be written, and its disk has space."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK) and disk.f_bavail > 0


def _read_only_url(path: Path) -> URL:
    """A medium that cannot be written, or is full, and where no write-ahead log lies, holds no
    running writer: there the file is immutable, and SQLite needs no shared-memory file beside it.
    """
    query = {"mode": "ro", "uri": "true"}
    wal = path.with_name(path.name + "-wal")
    has_log = wal.exists() and wal.stat().st_size > 0
    if not can_grow(path.parent) and not has_log:
        query["immutable"] = "1"
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)


def _set_up_sqlite(
    raw: sqlite3.Connection, _entry: ConnectionPoolEntry, *, read_only: bool
) -> None:
    raw.isolation_level = None  # this module emits BEGIN itself
    cursor = raw.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if not read_only:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    wanted = "FULL" if options.get(_SYNCED, True) else "NORMAL"
    if connection.info.get(_SYNCED, "FULL") != wanted:  # cannot be changed inside a transaction
        connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
        connection.info[_SYNCED] = wanted
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_postgresql(raw: Any, _entry: ConnectionPoolEntry) -> None:
    with raw.cursor() as cursor:
        cursor.execute(_SERVER)
    raw.commit()


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_SYNCED, True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    if options.get(_WRITES, False):
        connection.exec_driver_sql(_ALONE)
