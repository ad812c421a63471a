"""What should be in the WARC files that a ledger is made of and is not: whole files that a seal
names, runs of which there is no trace, records of run rows, captures that rows or revisits name.

What nothing names any more cannot be known: the last file of an archive without seals.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from archive.store import Store
from archive.store.write.found import unmet_originals
from archive.warc.folder import warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.work.home import Home
from archive.work.preservation.rebuild_scan import Scanned, Session
from archive.work.preservation.run_sets import RunSets
from archive.work.preservation.seal.chain import read_chain
from archive.work.preservation.seal.folder import seals_of, stored_seals


def missing(
    home: Home, archive_id: str, found: Scanned, store: Store, lost: Mapping[int, int]
) -> Iterator[str]:
    """One line for each file, run or group of captures that is missing. lost: how many captures
    the rows of each run name that were not found.
    """
    yield from _files(home, archive_id)
    yield from missing_runs(found.sets, found.sessions.values())
    for each in found.sets.incomplete():
        there = f"of {each.count} records" if each.count else "records, without the last one,"
        yield f"run {each.run_id}: {len(each.parts)} {there} with its rows are there"
    for run_id, count in sorted(lost.items()):
        yield f"run {run_id}: {count:,} of the captures that its rows name"
    with store.read() as connection:
        for file, count in unmet_originals(connection):
            yield f"{file}: the records that {count:,} of its captures repeat"


def _files(home: Home, archive_id: str) -> Iterator[str]:
    """Signatures do not matter here: a name that is no file's costs a line."""
    chain = read_chain(stored_seals(seals_of(home)))
    if chain.archive != archive_id:
        return
    there = {path.name.removesuffix(OPEN_SUFFIX) for path in warc_files(home.files)}
    for name in chain.files:
        if Path(name).name not in there:
            yield f"{name}: seal {chain.sealed_by[name]} names this file"


def missing_runs(sets: RunSets, sessions: Iterable[Session]) -> Iterator[str]:
    """A line for each gap in the numbers of the runs. When a run writes down its rows, those of all
    before have been written, or are now: behind the last that has rows, nothing can be said.
    """
    written = sets.run_ids()
    last = max(written, default=0)
    begun = (each.run_id for each in sessions if each.run_id is not None)
    known = sorted({0, *written, *(each for each in begun if each < last)})
    for before, after in pairwise(known):
        if after == before + 2:
            yield f"run {before + 1}: there is nothing of it"
        elif after > before + 2:
            yield f"runs {before + 1} to {after - 1}: there is nothing of them"
