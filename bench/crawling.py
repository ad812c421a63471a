"""Whole jobs: `gongkai crawl` on an empty home, again on a full one, and the bare fetch."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench import measure
from bench.report import Row
from bench.site import serving

CONCURRENCY: Final = 16
BARE: Final = "bare Scrapy fetch"
FIRST: Final = "gongkai crawl, empty archive"
AGAIN: Final = "gongkai crawl --full, unchanged (304)"


@dataclass(slots=True)
class Runs:
    """What each round gave for one job: pages settled, and the cost."""

    pages: list[int] = field(default_factory=list)
    costs: list[measure.Cost] = field(default_factory=list)

    def add(self, pages: int, cost: measure.Cost) -> None:
        """One more round."""
        self.pages.append(pages)
        self.costs.append(cost)

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
class Stored:
    """Bytes in the archive after the first crawl, and what the second added."""

    warc_bytes: int
    ledger_bytes: int
    again_bytes: int


def rounds(count: int, *, reports: int) -> tuple[list[Row], Stored]:
    """All jobs, `count` times, each round on a site of other numbers and in another order."""
    runs = {name: Runs() for name in (BARE, FIRST, AGAIN)}
    stored = Stored(warc_bytes=0, ledger_bytes=0, again_bytes=0)
    for number in range(count):
        with serving(reports, seed=number + 1) as url, tempfile.TemporaryDirectory() as folder:
            if number % 2 == 0:
                runs[BARE].add(*bare(url))
            stored = _twice(url, Path(folder) / "home", runs)
            if number % 2 == 1:
                runs[BARE].add(*bare(url))
    return [runs[name].row(name) for name in runs], stored


def _twice(url: str, home: Path, runs: dict[str, Runs]) -> Stored:
    runs[FIRST].add(*gongkai(url, home))
    warc_bytes = _bytes_under(home / "warc")
    ledger_bytes = _bytes_under(home) - warc_bytes
    runs[AGAIN].add(*gongkai(url, home, "--full"))
    again_bytes = _bytes_under(home) - warc_bytes - ledger_bytes
    return Stored(warc_bytes=warc_bytes, ledger_bytes=ledger_bytes, again_bytes=again_bytes)


def bare(url: str) -> tuple[int, measure.Cost]:
    """Pages and cost of the bare fetch."""
    command = [sys.executable, "-m", "bench.baseline", url, str(CONCURRENCY)]
    cost = measure.run(command, environment=_environment())
    return int(cost.output.split()[-1]), cost


def gongkai(url: str, home: Path, *options: str) -> tuple[int, measure.Cost]:
    """Pages that ended with an outcome, and cost, of one crawl."""
    command = [str(Path(sys.executable).with_name("gongkai")), "crawl", url, "--json"]
    command += ["--home", str(home), "--delay", "0", "--concurrency", str(CONCURRENCY), *options]
    cost = measure.run(command, environment=_environment())
    told = json.loads(cost.output[cost.output.index("{") :])
    return sum(told["outcomes"].values()), cost


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}


def _bytes_under(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
