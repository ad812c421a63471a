"""Opens an archive for one crawl, which alone holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import locate, place_of, sqlite_path
from archive.store.frontier.ahead import bring_back
from archive.store.write.captures import archive_id, committed_ends
from archive.store.write.lost import known_places
from archive.warc.mark import Mark
from archive.work.home import Home, this_process
from archive.work.ingest.folder import held_folder, refuse_elsewhere, refuse_lost_ledger
from archive.work.ingest.holdings import Differences, differences
from archive.work.ingest.recrawl import MAX_AHEAD


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


@contextmanager
def open_to_crawl(home: Home, place: str | Path, command: str, now: datetime) -> Iterator[Opened]:
    """Ledger and WARC folder, held for one crawl; a ledger is made where there is nothing yet.

    place: the home folder or a database URL. command: crawl or import, as others are told.
    HomeLockedError: another command holds one of them. CannotRunError: they do not belong together,
    or disk or bucket refuse. UsageError: files were moved to a bucket that is not named.
    """
    with home.locked(command):
        refuse_lost_ledger(home.files, sqlite_path(locate(place)))
        with open_indexed(place) as store, store.advisory_lock(this_process(command)):
            with store.read() as connection:
                mine = Mark(archive_id=archive_id(connection), ledger=place_of(place))
                ends = committed_ends(connection)
                known = frozenset(file for file, _ in known_places(connection))
                refuse_elsewhere(connection, home.files)
            with held_folder(home.files, mine, ends) as recovered:
                with store.write() as connection:
                    ahead = bring_back(connection, MAX_AHEAD, now)
                yield Opened(
                    store=store,
                    archive_id=mine.archive_id,
                    recovered=tuple(recovered),
                    lacking=differences(home.files, ends, known),
                    ahead=tuple(ahead),
                )
