"""Opens an archive: to ask it (migrated when it is older, its search index brought up to today's
rule; read-only where the disk is), or to crawl into it, held for that crawl alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.model.errors import UsageError
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import can_grow, locate, place_of, sqlite_path
from archive.store.frontier.ahead import bring_back
from archive.store.write.captures import archive_id, committed_ends
from archive.warc.mark import Mark
from archive.work.home import Home
from archive.work.ingest.folder import held_folder, refuse_lost_ledger
from archive.work.ingest.holdings import Differences, differences
from archive.work.ingest.recrawl import MAX_AHEAD
from archive.work.preservation.cdxj_index import warc_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An archive that a crawl holds. recovered: what a crash had left, one line for each file.
    lacking: where its WARC folder does not fit the ledger. ahead: which of the ledger's instants a
    wrong clock had set; they were brought back.
    """

    store: Store
    archive_id: str
    recovered: tuple[str, ...]
    lacking: Differences
    ahead: tuple[str, ...]

    def log_lines(self) -> Iterator[str]:
        """What the opening found that is worth a line in the log."""
        yield from (f"after a crash: {line}" for line in self.recovered)
        yield from self.lacking.faults()
        yield from self.ahead


def open_archive(place: str | Path) -> Store:
    """The ledger at a home folder or a database URL. UsageError: there is no archive."""
    database = sqlite_path(locate(place)) if isinstance(place, str) else Home(place).database
    if database is None:
        return open_indexed(place)
    if not database.is_file():
        raise UsageError(_nothing_at(place, database))
    return open_indexed(place, read_only=not _writable(database))


@contextmanager
def open_to_crawl(home: Home, place: str | Path, who: str, now: datetime) -> Iterator[Opened]:
    """Ledger and WARC folder, held for one crawl; a ledger is made where there is nothing yet.

    place: the home folder or a database URL. who: names this crawl to others. HomeLockedError:
    another crawl holds one of them. CannotRunError: they do not belong together, or the disk
    refuses.
    """
    with home.locked():
        refuse_lost_ledger(home.warc, sqlite_path(locate(place)))
        with open_indexed(place) as store, store.advisory_lock(who):
            with store.read() as connection:
                mine = Mark(archive_id=archive_id(connection), ledger=place_of(place))
                ends = committed_ends(connection)
            with held_folder(home.warc, mine, ends) as recovered:
                with store.write() as connection:
                    ahead = bring_back(connection, MAX_AHEAD, now)
                yield Opened(
                    store=store,
                    archive_id=mine.archive_id,
                    recovered=tuple(recovered),
                    lacking=differences(home.warc, ends),
                    ahead=tuple(ahead),
                )


def _nothing_at(place: str | Path, database: Path) -> str:
    folder = Home(place).warc if isinstance(place, Path) else database.parent
    if warc_files(folder):
        return (
            f"there is no ledger at {database}, only WARC files: restore it from a backup;"
            " `gongkai verify FILE…` checks the files"
        )
    return f"there is no archive at {place}; crawl first, or give its --home"


def _writable(database: Path) -> bool:
    return os.access(database, os.W_OK) and can_grow(database.parent)
