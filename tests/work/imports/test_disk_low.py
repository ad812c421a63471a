"""An import ends before its disk is full; what was taken in stays, and the same command goes on."""

from pathlib import Path

import pytest

from archive.model.errors import DiskLowError
from archive.model.outcome import Verdict
from archive.store import Store
from archive.store.query.questions import recent_runs
from archive.work import disk_guard
from archive.work.imports import importing
from tests.support.transactions import fetch
from tests.warc.making import answer
from tests.work.imports.making import REPORT, page, response, taken_in, written

YEARS = range(2009, 2024)


@pytest.mark.parametrize("looks", [1, 4, 16])
def test_it_ends_in_order_wherever_room_gets_scarce(
    looks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """looks: after how many of them; 15 records are looked at, then they are read."""
    records = [
        response(answer(page(year, year)), url=f"{REPORT}?{year}", at=f"{year + 1}-03-01T08:00:00Z")
        for year in YEARS
    ]
    theirs, home = written(tmp_path / "a.warc.gz", *records), tmp_path / "home"
    left = [2] * looks

    class Filling(disk_guard.DiskGuard):
        def check(self) -> None:
            room = left.pop() if left else 0
            self.free, self.every_s = lambda _: room, 0.0
            super().check()

    monkeypatch.setattr(importing, "DiskGuard", Filling)
    with pytest.raises(DiskLowError, match="make room and run the same command again"):
        taken_in(home, theirs, min_free=1)
    with Store.open(home) as store:
        [run] = fetch(store, recent_runs, limit=5)
    assert (run.status, run.verdict) == ("interrupted", Verdict.INTERRUPTED)
    assert "GONGKAI_MIN_FREE_GB" in (run.reason or "")
    monkeypatch.undo()
    report = taken_in(home, theirs)
    assert report.verdict is Verdict.GOOD
    with Store.open(home) as store:
        counts = [run.counts for run in fetch(store, recent_runs, limit=5)]
    assert sum(each.get("new", 0) for each in counts) >= len(YEARS), counts
