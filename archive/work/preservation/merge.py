"""`gongkai merge`: another archive comes into this one, with its captures, versions, outcomes and
runs. Its ledger and seals are kept as they are, in a home of their own below `merged/`.
"""

import os
import shutil
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, UsageError
from archive.search.index import rebuild
from archive.store import Connection, Store, moving
from archive.store.copying import copy_sqlite
from archive.store.engine import DATABASE_NAME, locate, place_of, sqlite_path
from archive.store.merged_rows import count_pages, file_names, files_in_buckets
from archive.store.merging import (
    Merging,
    differing_readers,
    waiting_captures,
)
from archive.store.query.run_facts import unrecorded_runs
from archive.store.unfinished_merges import unfinished_merges
from archive.warc.growing import sync_folder
from archive.warc.mark import MARK_NAME, read_mark, rewrite_mark
from archive.warc.record import JOB_FIELD
from archive.warc.writer import WarcWriter
from archive.work import clock
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.ingest.current_reports import choose_current_reports
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.open_to_crawl import Opened, open_to_crawl
from archive.work.ingest.run_records import write_run_records
from archive.work.preservation.backup_manifest import IMPORTS, MERGED
from archive.work.preservation.run_sets import taken_over
from archive.work.preservation.verify_round import NOTED_IN

_NOT_KEPT: Final = shutil.ignore_patterns(
    "archive.sqlite*", "crawl.lock", "logs", "warc", IMPORTS, NOTED_IN, ".*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came: numbers that were not here when this merge was begun, be it that it was ended and
    went on. kept: the other archive's ledger and seals.
    """

    archive_id: str
    runs: int
    captures: int
    versions: int
    kept: Path


def merge(
    home: Home,
    place: str | Path,
    other: Home,
    source: str | Path,
    *,
    on_total: Callable[[int], None],
    on_pages: Callable[[int], None],
    at_end: Callable[[], None] = lambda: None,
) -> Merged:
    """Takes the archive at `other`, with its ledger at `source`, into that at `place`; the same
    again adds what is new there. at_end: what belongs to it besides; it counts as unfinished till
    that is done.

    UsageError: both are one archive, or the other has captures that were not read, or both read the
    same pages by different readers. HomeLockedError: a crawl is at work. CannotRunError: a disk or
    database refuses; the same call goes on.
    """
    now = clock.now()
    with moving.snapshot(source) as rows:
        if moved := files_in_buckets(rows):
            raise UsageError(
                f"{moved:,} WARC files of {other.path} lie in a bucket: merge takes them from a"
                " folder alone"
            )
    with (
        open_to_crawl(home, place, "merge", now) as mine,
        open_to_crawl(other, source, "merge", now) as theirs,
        moving.snapshot(source) as rows,
    ):
        _refuse(mine, theirs, rows, other)
        on_total(count_pages(rows))
        merging = Merging(mine.store, rows, theirs.archive_id)
        is_apart = place_of(source) != place_of(other.path)
        merging.begin(str(other.path.absolute()), place_of(source) if is_apart else None)
        names = file_names(rows)
        _take_files(home, other, names)
        keep_ledger = partial(_keep_ledger, source, rows, theirs.archive_id)
        kept = _keep(home, other, theirs.archive_id, names, keep_ledger)
        _note(home, (theirs.archive_id, *taken_over(other)))
        for count in merging.pages():
            on_pages(count)
        _finish(mine.store, home, mine.archive_id)
        at_end()
        merging.end()
    return Merged(
        archive_id=theirs.archive_id, runs=merging.runs, captures=merging.captures,
        versions=merging.versions, kept=kept,
    )  # fmt: skip


def _refuse(mine: Opened, theirs: Opened, rows: Connection, other: Home) -> None:
    """Raises UsageError where two archives cannot become one."""
    if mine.archive_id == theirs.archive_id:
        raise UsageError(
            f"{other.path} is this very archive ({mine.archive_id}), or a copy of it: `gongkai"
            " restore` makes an archive of a copy"
        )
    if waiting := waiting_captures(rows):
        raise UsageError(
            f"{waiting:,} captures of {other.path} wait to be read: run its crawl to the end"
        )
    if halves := unfinished_merges(rows):
        raise UsageError(f"{other.path} is not whole: {halves[0]}")
    with mine.store.read() as connection:
        differing = differing_readers(connection, rows)
    if differing:
        raise UsageError(
            f"{differing:,} pages of both archives were read by different readers, so nobody"
            " can tell what is the same: run `gongkai reread` in both"
        )


def _finish(store: Store, home: Home, archive_id: str) -> None:
    """What follows from all versions; and the rows of the runs that came, beside their captures."""
    choose_current_reports(store)
    bring_up_to_date(store)
    writer = WarcWriter(
        home.warc,
        host_software=f"gongkai/{version('gongkai')}",
        about_crawl=(("hostname", socket.gethostname()), (JOB_FIELD, "merge")),
        operator=os.environ.get("GONGKAI_CONTACT"),
        archive_id=archive_id,
        now=clock.now,
        new_id=lambda: str(uuid.uuid4()),
    )
    with store.write() as connection:
        if wanted := unrecorded_runs(connection, empty=True):
            write_run_records(connection, writer, wanted, clock.now())
    writer.close()
    cover(store, None, now=clock.now(), anew=True)


def _take_files(home: Home, other: Home, names: list[str]) -> None:
    """Copies of the WARC files, and of imported originals, each whole or not at all. A file that
    is missing there is missing here, as `verify` tells.
    """
    for name in names:
        _take(other.warc / name, home.warc / name)
    for path in sorted((other.path / IMPORTS).glob("*")):
        _take(path, home.path / IMPORTS / path.name)


def _take(path: Path, target: Path) -> None:
    if not path.is_file():
        return
    size = path.stat().st_size
    if target.exists():
        if target.stat().st_size != size:
            raise CannotRunError(f"{target} and {path} have one name and are two files")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(path, draft)
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise CannotRunError(f"cannot copy {path} to {target}: {error.strerror}") from error


def _keep(
    home: Home,
    other: Home,
    other_id: str,
    names: list[str],
    keep_ledger: Callable[[Path], None],
) -> Path:
    """Ledger, seals and portals of the other archive as they are, with the WARC files that they
    speak of under second names. The ledger is a SQLite file then, wherever it was.
    """
    target = home.path / MERGED / other_id
    draft, former = target.with_name(f".{other_id}.new"), target.with_name(f".{other_id}.old")
    try:
        for half in (draft, former):
            shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(other.path, draft, ignore=_NOT_KEPT, copy_function=_second_name)
        keep_ledger(draft)
        (draft / "warc").mkdir()
        for name in (*names, MARK_NAME):
            path = (other if name == MARK_NAME else home).warc / name
            if path.is_file():
                _second_name(str(path), str(draft / "warc" / name))
        if target.exists():
            target.rename(former)
        draft.rename(target)
        shutil.rmtree(former, ignore_errors=True)
    except OSError as error:
        raise CannotRunError(f"cannot write to {target}: {error.strerror}") from error
    return target


def _keep_ledger(source: str | Path, rows: Connection, other_id: str, folder: Path) -> None:
    path = sqlite_path(locate(source))
    if path is not None:
        copy_sqlite(path, folder / DATABASE_NAME, lambda *_: None)
        return
    with moving.target(folder) as engine:
        moving.begin(engine, other_id)
        moving.copy_rows(rows, engine, lambda *_: None)
        moving.finish(engine, rebuild)


def _second_name(path: str, target: str) -> str:
    """WARC files never change: a link is enough. Anything else is copied."""
    if path.endswith(".gz"):
        with suppress(OSError):
            os.link(path, target)
            return target
    return str(shutil.copy2(path, target))


def _note(home: Home, archive_ids: Sequence[str]) -> None:
    mark = read_mark(home.warc)
    if mark is not None:
        merged = dict.fromkeys((*mark.merged, *archive_ids))
        merged.pop(mark.archive_id, None)  # which the other one has taken in
        rewrite_mark(home.warc, replace(mark, merged=tuple(merged)))
