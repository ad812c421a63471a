"""A ledger that is lost is made again from the WARC files alone: what runs wrote down beside their
captures, and for captures of which no run did, what reading them again gives.

The new ledger grows beside its place and is moved there when it is whole: whatever ends this in
between, what was there is as it was, and the same command begins anew. Half a ledger takes no room:
it goes when the command fails, or (after a kill) when it begins anew.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, UsageError
from archive.model.portal import Portal
from archive.search.index import open_indexed
from archive.search.index_check import rebuild_index
from archive.store import Connection, Store
from archive.store.put_in_place import put_in_place
from archive.store.query.optical import WantedPictures, count_picture_versions
from archive.store.query.rereading import count_versions
from archive.store.unfinished_merges import UnfinishedMerge, begun
from archive.store.write.found import begin_rebuild, end_rebuild, join_up, number_pages
from archive.warc.folder import WarcFolder, warc_files
from archive.warc.mark import Mark, held, read_mark
from archive.warc.scan import Damage
from archive.work import clock
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.reader_pool import Readers, worth_starting
from archive.work.preservation.backup_manifest import MERGED
from archive.work.preservation.rebuild_derived import Derived, derive_rest
from archive.work.preservation.rebuild_missing import missing
from archive.work.preservation.rebuild_rows import RowRestoring
from archive.work.preservation.rebuild_scan import archive_of, scan
from archive.work.preservation.rebuild_versions import Made, freshen_fields, remake_versions

DRAFT_SUFFIX: Final = ".rebuilding"


@dataclass(slots=True)
class Rebuilt:
    """What was made, and what could not be known.

    versions: all that the ledger has now. runs: those whose rows were found. lost: captures that
    runs name and that were not found. missing: a line for each file, run or group of captures that
    should be in the files.
    foreign: files of another archive, left alone. pictured: reports that are pictures, which nobody
    has looked at yet: what was read from them before is not there. written_at: when a run wrote
    down its rows last; None where none did.
    """

    captures: int = 0
    versions: int = 0
    runs: int = 0
    lost: int = 0
    missing: Sequence[str] = ()
    made: Made = field(default_factory=Made)
    derived: Derived = field(default_factory=Derived)
    damages: Sequence[Damage] = ()
    foreign: Sequence[str] = ()
    pictured: int = 0
    written_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged or missing, as far as can be told."""
        return not (
            self.damages or self.lost or self.missing or self.made.unread or self.made.differing
        )


def rebuild(
    home: Home,
    database: Path,
    *,
    catalogue: Sequence[Portal],
    replace: bool,
    step: Callable[[str], None] = lambda _: None,
) -> Rebuilt:
    """Makes the ledger at `database` from the home's WARC files. step: called with what is being
    done for everything that is done. catalogue: rows of portals, for captures of which no run wrote
    down whose they are.

    UsageError: there are no WARC files, or a ledger is there and `replace` is False.
    HomeLockedError: a crawl holds the archive. CannotRunError: the disk refuses.
    """
    if not warc_files(home.files):
        raise UsageError(f"there are no WARC files in {home.files}; give --home")
    if database.exists() and database.stat().st_size and not replace:
        raise UsageError(
            f"there is a ledger at {database}; --replace makes another in its place and keeps this"
            " one aside"
        )
    with home.locked("rebuild"):
        archive_id = _archive_id(home.files)
        mark = Mark(archive_id=archive_id, ledger=str(database.absolute()))
        with held(home.warc, mark):
            draft = database.with_name(database.name + DRAFT_SUFFIX)
            _remove(draft)
            try:
                with open_indexed(f"sqlite:///{draft.absolute()}") as store:
                    done = _made(store, home, archive_id, catalogue, step)
                put_in_place(draft, database)
            except BaseException:
                with suppress(CannotRunError):  # the error at hand says more
                    _remove(draft)
                raise
    return done


def _made(
    store: Store,
    home: Home,
    archive_id: str,
    catalogue: Sequence[Portal],
    step: Callable[[str], None],
) -> Rebuilt:
    with store.write() as connection:
        begin_rebuild(connection, archive_id)
    found = scan(home, store, archive_id, lambda: step("records"))
    sets = sorted(found.sets.whole().values(), key=lambda each: (each.written_at, each.run_id))
    done = Rebuilt(
        captures=found.captures, runs=len(sets), damages=found.damages, foreign=found.foreign
    )
    done.written_at = sets[-1].written_at if sets else None
    rows = RowRestoring(store, home.files, sets, found.damages)
    lost = rows.before_versions()
    done.lost = sum(lost.values())
    done.missing = tuple(missing(home, archive_id, found, store, lost))
    with store.write() as connection:
        join_up(connection)
    with closing(Readers(home.files, processes=worth_starting(found.captures))) as readers:
        done.made = remake_versions(store, readers, clock.now(), lambda: step("versions"))
        rows.after_versions()
        freshen_fields(store, readers)
        with store.write() as connection:
            number_pages(connection)
        if done.made.unread:
            rebuild_index(store)
        done.derived = derive_rest(
            store, catalogue, readers, found.sessions, lambda: step("captures without rows")
        )
    bring_up_to_date(store)
    with store.write() as connection:
        done.missing = (*done.missing, *_unfinished(connection, home, done.derived.halves))
        end_rebuild(connection)
        done.versions = count_versions(connection)
        done.pictured = count_picture_versions(connection, WantedPictures(engine=None))
    cover(store, None, now=clock.now(), anew=True)
    return done


def _unfinished(connection: Connection, home: Home, archive_ids: Iterable[str]) -> Iterator[str]:
    """A line for each archive whose merge was not finished when the ledger was lost; noted in the
    new one, too, where what is kept of that archive can end it.
    """
    for each in sorted(archive_ids):
        kept = (home.path / MERGED / each).absolute()
        if kept.is_dir():
            begun(connection, each, str(kept), None)
            yield str(UnfinishedMerge(home=str(kept), ledger=None))
        else:
            yield f"the rows of the runs of archive {each}, whose merge was not finished"


def _archive_id(folder: WarcFolder) -> str:
    """As the folder's mark says, else the first file that says so, else a new one."""
    mark = read_mark(folder)
    if mark is not None:
        return mark.archive_id
    named = (archive_of(path) for path in warc_files(folder))
    return next(filter(None, named), None) or str(uuid.uuid4())


def _remove(draft: Path) -> None:
    try:
        for suffix in ("", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise CannotRunError(f"cannot remove {draft}: {error.strerror}") from error
