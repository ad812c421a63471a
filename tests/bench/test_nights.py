"""Nights that brought nothing are added as a crawl would leave them."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from archive.model.coverage import State
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.query.integrity import engine_faults
from archive.store.schema import capture, page, run
from archive.work.ingest.covering import cover
from archive.work.query.coverage import CoverageFilter, coverage
from bench.filling import fill
from bench.nights import add_nights

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)


def states(store: Store) -> list[tuple[int, int, State]]:
    rows = coverage(store, CoverageFilter(), now=NOW)
    return [(row.body_id, row.year, row.state) for row in rows]


def test_nights_are_sound_and_change_no_report(tmp_path: Path) -> None:
    fill(tmp_path, 0.0001, lambda _: None)
    with open_indexed(tmp_path) as store:
        before = states(store)
        with store.read() as connection:
            runs, captures = (
                connection.scalar(select(func.count()).select_from(each)) for each in (run, capture)
            )
            lists = connection.scalar(select(func.count()).where(page.c.kind == "list"))
            portals = connection.scalar(
                select(func.count(page.c.portal_key.distinct())).where(page.c.kind == "list")
            )
        assert list(add_nights(store, 12)) == [10, 12]
        with store.read() as connection:
            assert list(engine_faults(connection)) == []
            added = connection.scalar(select(func.count()).select_from(capture)) - captures
            assert added == 12 * lists
            assert connection.scalar(select(func.count()).select_from(run)) == runs + 12 * portals
        assert cover(store, None, now=NOW) > 0
        assert states(store) == before
