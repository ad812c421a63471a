"""A copy of a SQLite ledger while a crawl writes to it, and what a copy says of itself.

Nothing is migrated: an old ledger is copied as it is.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from archive.model.errors import CannotRunError
from archive.store.failures import failure

_PAGES: Final = 2_000
_TIMEOUT_S: Final = 30.0
# While one database is read and another is written (sqlite.org/rescode.html).
_OF_READING: Final = frozenset({
    "SQLITE_BUSY", "SQLITE_CORRUPT", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ",
    "SQLITE_LOCKED", "SQLITE_NOTADB",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """archive_id: "" in a ledger that has none yet. revision: of its schema. ends: how far every
    WARC file is committed, in bytes, by name. locations: the buckets of those that were moved.
    """

    archive_id: str
    revision: str
    ends: Mapping[str, int]
    locations: Mapping[str, str] = field(default_factory=dict)


def copy_sqlite(path: Path, target: Path, on_pages: Callable[[int, int], None]) -> None:
    """Copies a SQLite file with everything that is committed, of one moment, to `target`, durably.

    on_pages: called with the pages copied and all pages. CannotRunError: it cannot be read, or the
    disk refuses.
    """
    with _translated(path):
        source = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=_TIMEOUT_S,
            isolation_level=None,
        )  # fmt: skip
        with closing(source):
            # One snapshot for all pages: without it every commit of a crawl would begin the copy
            # anew (sqlite.org/c3ref/backup_finish.html).
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with _translated(path, target), closing(sqlite3.connect(target)) as copy:
                source.backup(
                    copy,
                    pages=_PAGES,
                    progress=lambda _, left, total: on_pages(total - left, total),
                )
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def facts_of(path: Path) -> LedgerFacts:
    """What a SQLite ledger says of itself. CannotRunError: it is none, or cannot be read."""
    with _translated(path):
        source = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
        with closing(source):
            tables = {row[0] for row in source.execute("SELECT name FROM sqlite_master")}
            if not {"alembic_version", "warc_file"} <= tables:
                raise CannotRunError(f"{path} is no ledger of an archive")
            [revision] = source.execute("SELECT version_num FROM alembic_version").fetchone()
            ends = dict(source.execute("SELECT name, committed_end FROM warc_file"))
            ids = source.execute("SELECT id FROM archive").fetchall() if "archive" in tables else []
            # Ledgers before schema 0024 know no buckets.
            columns = {row[1] for row in source.execute("PRAGMA table_info(warc_file)")}
            moved = "SELECT name, location FROM warc_file WHERE location IS NOT NULL"
            locations = dict(source.execute(moved)) if "location" in columns else {}
    return LedgerFacts(
        archive_id=ids[0][0] if ids else "", revision=str(revision), ends=ends, locations=locations
    )


@contextmanager
def _translated(path: Path, target: Path | None = None) -> Iterator[None]:
    """target: what is written to meanwhile: an error is its own, unless it is one of reading."""
    try:
        yield
    except sqlite3.Error as error:
        is_read = target is None or error.sqlite_errorname in _OF_READING
        known = failure(error, str(path if is_read else target))
        raise known or CannotRunError(f"cannot copy {path} to {target or path}: {error}") from error
