"""Verify, reread and import over the files of a first crawl, beside `fastwarc check` on the same
files and trafilatura alone on the same pages.
"""

import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from bench import crawling, measure
from bench.report import MIB
from bench.served import serving

CHECK: Final = "fastwarc check, block digests"
VERIFY: Final = "gongkai verify FILE"
VERIFY_HOME: Final = "gongkai verify (files and ledger)"
DEEP: Final = "gongkai verify --deep (every version read again)"
IMPORT: Final = "gongkai import (compared, kept, read)"
TEXT: Final = "trafilatura with its defaults: text alone"
REREAD: Final = "gongkai reread (every version, as of an older reader)"


@dataclass(slots=True)
class Costs:
    """What each round of one job cost. things: records, or pages, that one round went through."""

    things: int
    costs: list[measure.Cost] = field(default_factory=list)

    def row(self, name: str, base: "Costs") -> str:
        """A row of the table; the ratio is of the medians."""
        speeds = [self.things / each.wall_s for each in self.costs]
        speed = statistics.median(speeds)
        of_base = statistics.median(base.things / each.wall_s for each in base.costs)
        cpu = 1000 * statistics.median(each.cpu_s for each in self.costs) / self.things
        peak = statistics.median(each.peak_bytes for each in self.costs) / MIB
        spread = f"{min(speeds):.0f}–{max(speeds):.0f}"
        return (
            f"| {name} | {self.things} | {speed:.0f} ({spread}) | {speed / of_base:.2f} "
            f"| {cpu:.2f} | {peak:.0f} MiB |"
        )


def rounds(count: int, *, reports: int) -> dict[str, Costs]:
    """All jobs, `count` times in turn, over the files of one crawl."""
    with (
        serving(reports, seed=1, mixed=True) as served,
        tempfile.TemporaryDirectory() as folder,
    ):
        home = Path(folder) / "home"
        pages = crawling.gongkai(served.url, home)().pages
        files = sorted((home / "warc").glob("*.warc.gz"))
        records = sum(1 for _ in _records(files))
        found = {name: Costs(records) for name in (CHECK, VERIFY, VERIFY_HOME, DEEP, IMPORT)}
        found |= {name: Costs(pages) for name in (TEXT, REREAD)}
        for number in range(count):
            for name, command in _commands(home, files, Path(folder) / str(number)):
                cost = measure.run(command, environment=crawling.environment())
                found[name].costs.append(cost)
        return found


def preserving_table(found: dict[str, Costs]) -> str:
    """A Markdown table; each ratio is against the other program's row above."""
    lines = [
        "| what | records | records/s, median (min–max) | ratio | CPU ms a record | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, costs in found.items():
        base = found[TEXT if name in (TEXT, REREAD) else CHECK]
        lines.append(costs.row(name, base))
    return "\n".join(lines)


def _commands(
    home: Path, files: Sequence[Path], scratch: Path
) -> Iterator[tuple[str, Sequence[str]]]:
    """The jobs of one round; what a job needs is made just before it begins."""
    gongkai = [sys.executable, "-m", "crawler.cli"]
    one_file = scratch / "all.warc.gz"  # gzip members may be joined
    scratch.mkdir()
    with one_file.open("wb") as target:
        for path in files:
            target.write(path.read_bytes())
    program = str(Path(sys.executable).with_name("fastwarc"))
    yield CHECK, [program, "check", "--quiet", str(one_file)]
    yield VERIFY, [*gongkai, "verify", str(one_file)]
    yield VERIFY_HOME, [*gongkai, "verify", "--home", str(home)]
    yield DEEP, [*gongkai, "verify", "--deep", "--home", str(home)]
    yield IMPORT, [*gongkai, "import", "--all", "--home", str(scratch / "new"), str(one_file)]
    yield TEXT, [sys.executable, "-m", "bench.preserving", str(one_file)]
    older = scratch / "older"
    shutil.copytree(home, older)
    with closing(sqlite3.connect(older / "archive.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE version SET reader_version = '1'")
    yield REREAD, [*gongkai, "reread", "--home", str(older)]
    shutil.rmtree(scratch)


def _records(files: Sequence[Path]) -> Iterator[object]:
    for path in files:
        with path.open("rb") as stream:
            yield from ArchiveIterator(stream, parse_http=False)


def extract_all(file: Path) -> int:
    """How many pages of a WARC file trafilatura took the text of."""
    import trafilatura  # noqa: PLC0415 - the other jobs do without

    count = 0
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            body = record.reader.read()
            count += trafilatura.extract(body) is not None
    return count


if __name__ == "__main__":
    os.write(1, f"{extract_all(Path(sys.argv[1]))}\n".encode())
