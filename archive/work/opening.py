"""Opens an archive to ask it: migrated when it is older, read-only where the disk is, its search
index brought up to today's rule.
"""

import os
from pathlib import Path

from archive.model.errors import UsageError
from archive.search.index import is_current, open_indexed, rebuild
from archive.store import Store
from archive.work.home import Home


def open_to_ask(place: str | Path) -> Store:
    """The ledger at a home folder or a database URL. UsageError: there is no archive."""
    if isinstance(place, str):
        return open_indexed(place)
    database = Home(place).database
    if not database.is_file():
        raise UsageError(f"there is no archive at {place}; crawl first, or give its --home")
    return open_indexed(place, read_only=not _writable(database))


def refresh_index(store: Store, place: str | Path) -> bool:
    """Builds the search index anew when another rule made it (or none did); False when it is
    current, or cannot be written: search is then slower, but finds the same.
    """
    with store.reading() as connection:
        if is_current(connection):
            return False
    if isinstance(place, Path) and not _writable(Home(place).database):
        return False
    with store.writing() as connection:
        rebuild(connection)
    return True


def _writable(database: Path) -> bool:
    return os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)
