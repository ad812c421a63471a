"""Fills a ledger as a crawl of the whole country would, without the network: 250,000 reports of
40,000 bodies with 22 million figures, changed ones among them, lists, news, visits that brought
nothing. Rows are written by the ledger's own functions; what follows from all of them is computed
as behind a run. There are no WARC files: nothing of it can be replayed or read again.

python -m bench.filling HOME_OR_URL [--size 0.001]

Stopped, the same command goes on where it was.
"""

import argparse
import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from archive.search.index import open_indexed
from archive.store import Connection, Store
from archive.store.schema import figure, public_body, run, version
from archive.work.ingest.across_years import check_across_years
from archive.work.ingest.changes import note_changes
from archive.work.ingest.covering import cover
from archive.work.ingest.current_reports import choose_current_reports
from archive.work.ingest.similarity import MAX_REPORTS, note_similarity
from bench.country import portal_count
from bench.visits import Visits, first_visits, second_visits
from bench.written_runs import write_run

NOW: Final = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""When the last run was over."""
PORTALS_A_RUN: Final = 16


@dataclass(frozen=True, slots=True)
class Filled:
    """What an archive has."""

    versions: int
    bodies: int
    figures: int


def fill(place: Path | str, size: float, tell: "Tell") -> Filled:
    """Fills the ledger of a home or a database URL, and tells how far it is."""
    with open_indexed(place) as store:
        _write_runs(store, size, tell)
        _derive(store, tell)
        with store.read() as connection:
            return filled(connection)


def filled(connection: Connection) -> Filled:
    """What an archive has, counted."""
    versions, bodies, figures = (
        connection.scalar(select(func.count()).select_from(table)) or 0
        for table in (version, public_body, figure)
    )
    return Filled(versions=versions, bodies=bodies, figures=figures)


class Tell:
    """Prints a line with the time since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, what: str) -> None:
        """One line."""
        print(f"{time.monotonic() - self._began:7.0f} s  {what}", flush=True)


def _write_runs(store: Store, size: float, tell: Tell) -> None:
    """Every portal is visited twice; a run is one transaction."""
    portals = portal_count(size)
    starts = range(0, portals, PORTALS_A_RUN)
    groups = [range(at, min(at + PORTALS_A_RUN, portals)) for at in starts]
    wanted = [(numbers, first_visits) for numbers in groups]
    wanted += [(numbers, second_visits) for numbers in groups]
    with store.read() as connection:
        done = set(connection.scalars(select(run.c.id)))
    left = {each: run_id for run_id, each in enumerate(wanted, start=1) if run_id not in done}
    with _mapping(len(groups)) as mapped:
        made = (mapped(partial(visits, of=portals), numbers) for numbers, visits in left)
        for run_id, brought in zip(left.values(), _one_ahead(made), strict=True):
            with store.write(synced=False) as connection:
                write_run(connection, run_id, brought, store.on_versions)
            tell(f"run {run_id} of {len(wanted)}")


@contextmanager
def _mapping(runs: int) -> Iterator[Callable[..., Iterator[Visits]]]:
    """`map`, in processes of its own where there is much to do."""
    if runs == 1:
        yield map
        return
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool.map


def _one_ahead(made: Iterator[Iterator[Visits]]) -> Iterator[Iterator[Visits]]:
    """The next run's visits are made while one is written."""
    waiting = deque(islice(made, 2))
    while waiting:
        yield waiting.popleft()
        waiting.extend(islice(made, 1))


def _derive(store: Store, tell: Tell) -> None:
    """As behind a run, each until there is nothing left."""
    tell(f"{choose_current_reports(store):,} bodies and years have a report that speaks for them")
    cover(store, None, now=NOW)
    tell("which reports are there is known")
    check_across_years(store)
    tell("years are compared")
    tell(f"{note_changes(store):,} pairs of versions are compared")
    while (compared := note_similarity(store)) == MAX_REPORTS:
        tell(f"{compared:,} reports more are compared")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.filling", description=__doc__)
    parser.add_argument("place", help="a folder, or the URL of an empty database")
    parser.add_argument("--size", type=float, default=1.0, help="of a whole country (default 1)")
    chosen = parser.parse_args(arguments)
    tell = Tell()
    tell(str(fill(chosen.place, chosen.size, tell)))


if __name__ == "__main__":
    main()
