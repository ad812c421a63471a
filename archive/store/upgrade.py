"""Bringing a ledger to today's schema: made when new, migrated after a copy when old, refused
when newer. Views are rebuilt after every migration, so they never lag behind the tables.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from archive.model.errors import CannotRunError, LedgerGoneError, NewerHomeError
from archive.store.engine import for_writing, locate, open_engine
from archive.store.failures import failure
from archive.store.views import build_views, drop_views, views_are_current

# The schema of this code, and all earlier ones, oldest first.
REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
)
HEAD: Final = REVISIONS[-1]
# Tables that `gongkai move` makes: in a ledger that is not all there, and in one that was moved.
UNFINISHED: Final = "unfinished_move"
MOVED: Final = "moved_away"


def revision_of(connection: Connection) -> str | None:
    """The stored schema revision; None for an empty database. CannotRunError for a database
    that is not ours, LedgerGoneError for one whose ledger is elsewhere.
    """
    names = set(inspect(connection).get_table_names())
    if UNFINISHED in names:
        raise CannotRunError("the move of a ledger to here is not finished: run it again")
    if MOVED in names:
        place = connection.scalar(text(f"SELECT place FROM {MOVED}"))  # noqa: S608 - our own name
        raise LedgerGoneError(f"this ledger was moved to {place}: name that one")
    if "alembic_version" in names:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None
    if names:
        raise CannotRunError(f"this database is no archive: it holds {min(names)!r}")
    return None


def stored_revision(url_or_home: str | Path) -> str | None:
    """The schema revision of a ledger, which is only looked at; None for an empty database.
    CannotRunError: it cannot be read, or is none of ours.
    """
    engine = open_engine(locate(url_or_home), read_only=True)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except DBAPIError as error:
        raise CannotRunError(f"the ledger cannot be read: {error.orig}") from error
    finally:
        engine.dispose()


def check_current(connection: Connection) -> None:
    """Refuses a ledger that is not of today's schema: for readers, who may not migrate."""
    revision = revision_of(connection)
    _refuse_newer(revision)
    if revision != HEAD:
        raise CannotRunError(
            f"this archive has schema {revision or 'none'}, not {HEAD}: "
            "open it once with a command that writes, which migrates it after a copy"
        )


def bring_up(
    engine: Engine, path: Path | None, then: Callable[[Connection], None] | None = None
) -> None:
    """Makes or migrates the ledger; `path` is its SQLite file. One transaction, with `then` at its
    end: a crash leaves the old schema. NewerHomeError when the ledger is newer than this code.
    """
    with engine.connect() as connection:
        revision = revision_of(connection)
        current = revision == HEAD and views_are_current(connection)
    _refuse_newer(revision)
    if current and then is None:
        return
    if revision not in (None, HEAD) and path is not None:
        back_up(path, str(revision))
    with for_writing(engine.connect()) as connection, connection.begin():
        if not current:
            _migrate(connection)
        if then is not None:
            then(connection)


def back_up(path: Path, revision: str) -> Path:
    """Copies a SQLite file with everything committed to `NAME.bak-REVISION`; returns the copy."""
    target = path.with_name(f"{path.name}.bak-{revision}")
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        translated = failure(error, str(partial))
        raise translated or CannotRunError(f"cannot copy {path} to {partial}: {error}") from error
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.replace(target)
    return target


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise NewerHomeError(
            f"this archive has schema {revision}, newer than {HEAD}: "
            "install that version of Gongkai or choose another --home"
        )


def _migrate(connection: Connection) -> None:
    """Another process may have migrated while this one waited for the lock; then, as when only
    views changed, the views are all there is to do.
    """
    # Imported here: most starts find today's schema, and Alembic takes 0.2 s to import.
    command = import_module("alembic.command")
    config = import_module("alembic.config").Config()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gongkai schema'))"))
    if revision_of(connection) == HEAD:
        build_views(connection)
        return
    config.set_main_option("script_location", "archive.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    drop_views(connection)  # SQLite keeps columns that a view names
    command.upgrade(config, HEAD)
    build_views(connection)
