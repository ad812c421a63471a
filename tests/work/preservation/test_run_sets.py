"""Which sets of a run's records are whole, and what is said of those that are not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from archive.model.frontier import WarcSpot
from archive.work.ingest import run_records
from archive.work.preservation.rebuild_missing import missing_runs
from archive.work.preservation.rebuild_scan import Session
from archive.work.preservation.run_sets import RunSets

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_records, "MAX_ROWS", 1)


def parts(run_id: int, days: int = 0) -> Iterator[bytes]:
    """Three records: two hosts, and the line that ends them."""
    rows = ({"row": "host", "host": name} for name in "abc")
    return run_records.parts_of(rows, "an-archive", run_id, BEGIN + timedelta(days=days))


def met(*blocks: bytes) -> RunSets:
    sets = RunSets()
    for number, block in enumerate(blocks):
        sets.meet(WarcSpot(file="a.warc.gz", offset=number, length=1), block)
    return sets


@pytest.mark.parametrize(("left_out", "count"), [(0, 3), (1, 3), (2, None)])
def test_a_set_that_lacks_a_record_is_incomplete(left_out: int, count: int | None) -> None:
    blocks = list(parts(1))
    del blocks[left_out]
    sets = met(*blocks)
    assert not sets.whole()
    [each] = sets.incomplete()
    assert (each.run_id, len(each.parts), each.count) == (1, 2, count)


def test_a_later_whole_set_stands_in_for_it() -> None:
    first, *_ = parts(1)
    assert met(first, *parts(1, days=1)).incomplete() == []


def test_what_was_written_last_and_lacks_a_record_is_told() -> None:
    """Without its end it is what a crash left of it."""
    first, second, third = parts(1, days=1)
    assert met(*parts(1), first, second).incomplete() == []
    [each] = met(*parts(1), second, third).incomplete()
    assert each.written_at == BEGIN + timedelta(days=1)


def test_runs_are_numbered_without_gaps() -> None:
    sets = met(*parts(2), *parts(6), *parts(7))
    begun = [Session(file="a", run_id=number, job=None) for number in (4, 9, None)]
    assert list(missing_runs(sets, begun)) == [
        "run 1: there is nothing of it",
        "run 3: there is nothing of it",
        "run 5: there is nothing of it",
    ]
    assert list(missing_runs(met(*parts(900_000_000)), ())) == [
        "runs 1 to 899999999: there is nothing of them"
    ]
    assert list(missing_runs(RunSets(), begun)) == []
