"""Whole jobs: `gongkai crawl` on an empty home, again on a full one, and the bare fetch."""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench import measure
from bench.ledger import bytes_by_table
from bench.report import Row
from bench.served import Served, serving

CONCURRENCY: Final = 16
BARE: Final = "bare Scrapy fetch"
FIRST: Final = "gongkai crawl, empty archive"
AGAIN: Final = "gongkai crawl --full, unchanged (304)"


@dataclass(slots=True)
class Runs:
    """What each round gave for one job: pages settled, the cost, processor seconds by stage and
    of the server meanwhile.
    """

    pages: list[int] = field(default_factory=list)
    costs: list[measure.Cost] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)
    server_cpu_s: list[float] = field(default_factory=list)

    def add(self, job: "Job", server_cpu_s: float) -> None:
        """One more round."""
        self.pages.append(job.pages)
        self.costs.append(job.cost)
        self.stages.append(job.stages)
        self.server_cpu_s.append(server_cpu_s)

    def ms_a_page(self, stage: str) -> float:
        """Processor milliseconds a page of a stage, median over the rounds."""
        return 1000 * statistics.median(
            spent.get(stage, 0.0) / pages
            for spent, pages in zip(self.stages, self.pages, strict=True)
        )

    def server_ms_a_page(self) -> float:
        """The same of the server."""
        pairs = zip(self.server_cpu_s, self.pages, strict=True)
        return 1000 * statistics.median(seconds / pages for seconds, pages in pairs)

    def row(self, name: str) -> Row:
        """The rounds as a row of the table."""
        pairs = zip(self.pages, self.costs, strict=True)
        return Row(
            name=name,
            pages=self.pages[0],
            pages_per_s=tuple(pages / cost.wall_s for pages, cost in pairs),
            cpu_s=tuple(cost.cpu_s for cost in self.costs),
            peak_bytes=tuple(cost.peak_bytes for cost in self.costs),
            idle_shares=tuple(cost.idle_share for cost in self.costs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a command: pages that ended, its cost, processor seconds by stage."""

    pages: int
    cost: measure.Cost
    stages: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes in the archive after the first crawl, by table too, and what the second added."""

    warc_bytes: int
    ledger_bytes: int
    again_bytes: int
    by_table: dict[str, int]


def rounds(count: int, *, reports: int, mixed: bool) -> tuple[dict[str, Runs], Stored, str]:
    """All jobs, `count` times, each round on a site of other numbers and in another order; what the
    last round stored; the server.
    """
    runs = {name: Runs() for name in (BARE, FIRST, AGAIN)}
    for number in range(count):
        with (
            serving(reports, seed=number + 1, mixed=mixed) as served,
            tempfile.TemporaryDirectory() as folder,
        ):
            if number % 2 == 0:
                _timed(runs[BARE], served, bare(served.url))
            stored = _twice(served, Path(folder) / "home", runs)
            if number % 2 == 1:
                _timed(runs[BARE], served, bare(served.url))
    return runs, stored, served.server


def _timed(runs: Runs, served: Served, job: Callable[[], Job]) -> None:
    before = served.cpu_s()
    done = job()
    runs.add(done, served.cpu_s() - before)


def _twice(served: Served, home: Path, runs: dict[str, Runs]) -> Stored:
    _timed(runs[FIRST], served, gongkai(served.url, home))
    warc_bytes = _bytes_under(home / "warc")
    ledger_bytes = _bytes_under(home) - warc_bytes
    by_table = bytes_by_table(home / "archive.sqlite")
    _timed(runs[AGAIN], served, gongkai(served.url, home, "--full"))
    return Stored(
        warc_bytes=warc_bytes,
        ledger_bytes=ledger_bytes,
        again_bytes=_bytes_under(home) - warc_bytes - ledger_bytes,
        by_table=by_table,
    )


def bare(url: str) -> Callable[[], Job]:
    """The bare fetch."""

    def run() -> Job:
        command = [sys.executable, "-m", "bench.baseline", url, str(CONCURRENCY)]
        cost = measure.run(command, environment=environment())
        return Job(pages=int(cost.output.split()[-1]), cost=cost)

    return run


def gongkai(url: str, home: Path, *options: str) -> Callable[[], Job]:
    """One crawl; its pages are those that ended with an outcome."""

    def run() -> Job:
        file = home.with_name("stages.json")
        command = [sys.executable, "-m", "bench.stages", str(file), "crawl", url, "--json"]
        command += ["--home", str(home), "--delay", "0", "--concurrency", str(CONCURRENCY)]
        cost = measure.run([*command, *options], environment=environment())
        verdict = json.loads(cost.output[cost.output.index("{") :])
        pages = sum(verdict["outcomes"].values())
        return Job(pages=pages, cost=cost, stages=json.loads(file.read_text()))

    return run


def environment() -> dict[str, str]:
    """This process's environment without settings of Gongkai."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}


def _bytes_under(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
