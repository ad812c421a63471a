"""Opens an archive to ask it: migrated when it is older, its search index brought up to today's
rule; read-only where the disk is.
"""

import os
from pathlib import Path

from archive.model.errors import UsageError
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import locate, sqlite_path
from archive.work.home import Home


def open_to_ask(place: str | Path) -> Store:
    """The ledger at a home folder or a database URL. UsageError: there is no archive."""
    database = sqlite_path(locate(place)) if isinstance(place, str) else Home(place).database
    if database is None:
        return open_indexed(place)
    if not database.is_file():
        raise UsageError(f"there is no archive at {place}; crawl first, or give its --home")
    return open_indexed(place, read_only=not _writable(database))


def _writable(database: Path) -> bool:
    return os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)
