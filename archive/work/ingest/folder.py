"""The WARC folder of a crawl: whose it is, what a crash left in it, and what is not there.

A ledger and its WARC files belong together; each can be lost without the other, or be replaced by
an older copy. What of that can be seen is refused before anything is written.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from archive.model.errors import CannotRunError, UsageError
from archive.store import Connection
from archive.store.write.moved_files import file_places
from archive.warc.folder import BucketFolder, WarcFolder, local, warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.mark import Mark, held, mark_folder, read_mark, refuse_other
from archive.warc.recovery import is_own, recover


def refuse_lost_ledger(folder: WarcFolder, ledger: Path | None) -> None:
    """Raises CannotRunError where WARC files or their mark are there and the ledger is not: a new
    ledger would know nothing of them. ledger: its SQLite file; None looks at nothing.
    """
    if ledger is None or (ledger.is_file() and ledger.stat().st_size):
        return
    refuse_other(folder, Mark(archive_id="", ledger=str(ledger.absolute())))
    if warc_files(folder):
        raise _lost(folder, f"there is no ledger at {ledger}")


def refuse_elsewhere(connection: Connection, folder: WarcFolder) -> None:
    """Raises UsageError where WARC files were moved to a bucket that is not the one named, and are
    not in the folder either: all that reads them would call them lost.
    """
    refuse_moved({each.name: each.location for each in file_places(connection)}, folder)


def refuse_moved(locations: Mapping[str, str | None], folder: WarcFolder) -> None:
    """As `refuse_elsewhere`, of the files and the buckets that they were moved to."""
    named = folder.url if isinstance(folder, BucketFolder) else None
    for name, location in locations.items():
        if location in (None, named) or (local(folder) / name).is_file():
            continue
        raise UsageError(
            f"WARC files of this archive were moved to {location}:"
            f" export GONGKAI_WARC_URL={location}; when they were copied to another bucket"
            " since, `gongkai upload` takes them over"
        )


@contextmanager
def held_folder(folder: WarcFolder, mine: Mark, ends: Mapping[str, int]) -> Iterator[list[str]]:
    """Holds the folder for one crawl, with what a crash left in it put in order; gives one line for
    each file that was touched.

    ends: how far the ledger has committed each file. CannotRunError: the folder is another
    archive's, or holds files of which a new ledger knows nothing. HomeLockedError: another crawl
    writes there.
    """
    refuse_other(folder, mine)
    if not ends:
        # A crash of this very archive before its first commit leaves open files of its own.
        is_marked = read_mark(folder) is not None
        if not all(
            is_marked and path.name.endswith(OPEN_SUFFIX) and is_own(path, mine.archive_id)
            for path in warc_files(folder)
        ):
            raise _lost(folder, f"the ledger {mine.ledger} is new")
    with held(local(folder), mine) as fresh:
        yield recover(local(folder), ends, archive_id=mine.archive_id, fresh=fresh)


def shared_folder(folder: WarcFolder, mine: Mark) -> None:
    """Marks a folder that several workers write into, each its own files. CannotRunError: it is
    another archive's.
    """
    mark_folder(local(folder), mine)
    refuse_other(folder, mine)


def _lost(folder: WarcFolder, why: str) -> CannotRunError:
    return CannotRunError(
        f"{folder} holds the WARC files of an archive, and {why}: `gongkai rebuild` makes their"
        " ledger again; or restore it from a backup, or move that folder aside to begin anew (or"
        " name another: GONGKAI_WARC_URL)"
    )
