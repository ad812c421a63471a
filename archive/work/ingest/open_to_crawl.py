"""Opens an archive for one crawl, which alone holds it, or for one visit among those of other
workers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import locate, place_of, sqlite_path
from archive.store.frontier.ahead import bring_back
from archive.store.frontier.worker_leases import now_there
from archive.store.write.captures import archive_id, committed_ends
from archive.store.write.lost import known_places
from archive.warc.mark import Mark
from archive.work import clock
from archive.work.home import Home, this_process
from archive.work.ingest.folder import (
    held_folder,
    refuse_elsewhere,
    refuse_lost_ledger,
    shared_folder,
)
from archive.work.ingest.holdings import Differences, differences
from archive.work.ingest.leases import Leases
from archive.work.ingest.recrawl import MAX_AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An archive that a crawl holds. recovered: what a crash had left, one line for each file.
    lacking: where its WARC folder does not fit the ledger; None where that was not looked at.
    ahead: which of the ledger's instants a wrong clock had set; they were brought back.
    leases: what a visit holds of an archive that it shares; None where the crawl has all of it.
    """

    store: Store
    archive_id: str
    recovered: tuple[str, ...] = ()
    lacking: Differences | None = None
    ahead: tuple[str, ...] = ()
    leases: Leases | None = None

    def log_lines(self) -> Iterator[str]:
        """What the opening found that is worth a line in the log."""
        yield from (f"after a crash: {line}" for line in self.recovered)
        yield from self.lacking.faults() if self.lacking else ()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """For whom a visit is made, or a part of a large command. worker: the name of the worker, which
    its WARC files bear. visit: of which portal, by key. lasts: after how long a worker that says
    nothing counts as gone. due: only if the portal is due; else a person named it.
    """

    worker: str
    visit: str
    lasts: timedelta
    due: bool = True


def visit_of(portal_key: str) -> str:
    """Whoever visits a portal holds this key."""
    return f"visit:{portal_key}"


@contextmanager
def visit_held(store: Store, seat: Seat, command: str) -> Iterator[None]:
    """Holds the visit of a seat's portal for a moment, so that none is under way. HomeLockedError:
    another worker visits it, or a command holds the archive.
    """
    leases = Leases(store, f"worker {seat.worker} ({this_process(command)})", seat.lasts)
    try:
        leases.take([visit_of(seat.visit)])
        yield
    finally:
        leases.close()


@contextmanager
def open_to_visit(
    home: Home, place: str | Path, seat: Seat, *, command: str = "visit", key: str | None = None
) -> Iterator[Opened]:
    """Ledger and WARC folder for one visit, beside those of other workers; the time is the
    database's. What crashes left in the folder is the workers' own to put in order
    (archive.work.jobs). command: as others are told. key: what it holds; None: the visit.

    HomeLockedError: another worker visits the portal, or a command holds the archive.
    CannotRunError: ledger and folder do not belong together.
    """
    home.make()
    with open_indexed(place) as store:
        with store.read() as connection:
            clock.follow(now_there(connection))
            mine = Mark(archive_id=archive_id(connection), ledger=place_of(place))
            refuse_elsewhere(connection, home.files)
        shared_folder(home.files, mine)
        leases = Leases(store, f"worker {seat.worker} ({this_process(command)})", seat.lasts)
        held = key or visit_of(seat.visit)
        try:
            leases.take([held])
            leases.guard(held)
            yield Opened(store=store, archive_id=mine.archive_id, leases=leases)
        finally:
            leases.close()
