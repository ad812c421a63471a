"""Opens an archive for queries: migrated when it is older, its search index and codebook brought up
to today's; read-only where the disk is.
"""

import os
from pathlib import Path

from archive.codebook.digest import codebook_digest
from archive.model.errors import LostLedgerError, UsageError
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import can_grow, locate, place_of, sqlite_path
from archive.store.query.current_reports import is_chosen, uncounted_reports
from archive.store.upgrade import stored_revision
from archive.store.write.codebook import stored_digest
from archive.warc.folder import warc_files
from archive.warc.mark import read_mark
from archive.work.home import Home


def open_archive(place: str | Path) -> Store:
    """The ledger at a home folder or a database URL. UsageError: there is no archive.
    CannotRunError: its ledger is lost, or cannot be opened.
    """
    refuse_nothing(place)
    database = _database(place)
    read_only = database is not None and not _writable(database)
    store = open_indexed(place, read_only=read_only)
    if not read_only:
        _bring_up(store, crawling=isinstance(place, Path) and Home(place).is_crawled())
    return store


def _bring_up(store: Store, *, crawling: bool) -> None:
    """Fills what a release without it, or with other data, left to be filled; and, unless a crawl
    is at work that will do so, what a killed one did.
    """
    with store.read() as connection:
        known, chosen = stored_digest(connection) == codebook_digest(), is_chosen(connection)
        if chosen and not crawling:
            chosen = not uncounted_reports(connection)
    if known and chosen:
        return
    # Imported here: they know how bodies are named, which takes 0.2 s that most starts need not.
    from archive.work.codebook_rows import fill_codebook  # noqa: PLC0415 - see above
    from archive.work.ingest.current_reports import choose_current_reports  # noqa: PLC0415

    fill_codebook(store)
    if not chosen:
        choose_current_reports(store)


def open_for_serving(place: str | Path, *, within_s: float) -> Store:
    """The ledger brought up as `open_archive` does, then opened so that nothing can be written and
    no question takes longer than `within_s` seconds. UsageError: there is no archive.
    """
    open_archive(place).close()
    return Store.open(place, read_only=True, within_s=within_s)


def is_archive(place: str | Path) -> bool:
    """Whether there is a ledger at a home folder or a database URL: a file or a database that is
    empty is none. CannotRunError: the database cannot be asked.
    """
    database = _database(place)
    if database is None:
        return stored_revision(place) is not None
    return database.is_file() and database.stat().st_size > 0


def refuse_nothing(place: str | Path) -> None:
    """Raises UsageError where there is no archive, or it is elsewhere; LostLedgerError where there
    are WARC files whose ledger is lost. Nothing is made.
    """
    if is_archive(place):
        return
    database = _database(place)
    if database is not None:
        _refuse_lost(place, database)
    where = place_of(place) if database is None else place
    raise UsageError(f"there is no archive at {where}; crawl first, or give its --home")


def _database(place: str | Path) -> Path | None:
    return sqlite_path(locate(place)) if isinstance(place, str) else Home(place).database


def _refuse_lost(place: str | Path, database: Path) -> None:
    folder = Home(place).warc if isinstance(place, Path) else database.parent
    mark = read_mark(folder)
    if mark is not None and mark.ledger not in ("unknown", str(database.absolute())):
        is_there = "://" in mark.ledger or Path(mark.ledger).is_file()
        raise (UsageError if is_there else LostLedgerError)(
            f"there is no ledger at {database}; when these WARC files were last written it was at"
            f" {mark.ledger}: name that (GONGKAI_DATABASE_URL), or make it again with `gongkai"
            " rebuild`"
        )
    if warc_files(folder):
        raise LostLedgerError(
            f"there is no ledger at {database}, only WARC files: restore it from a backup, or make"
            " it again with `gongkai rebuild`"
        )


def _writable(database: Path) -> bool:
    return os.access(database, os.W_OK) and can_grow(database.parent)
