"""`make bench`: measures, prints the tables, writes bench/RESULTS.md.

python -m bench [--reports 500] [--rounds 3]
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bench import crawling, reading
from bench.report import Row, limit, machine, table
from bench.site import report_pages

RESULTS = Path(__file__).with_name("RESULTS.md")
OURS = "our reading: text, fields, tables, figures, checks"
THEIRS = "trafilatura with its defaults: text"


def main() -> None:
    """Both measurements, crawling first."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--reports", type=int, default=500, help="pages of the generated site")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved repetitions")
    chosen = parser.parse_args()
    crawled, stored = crawling.rounds(chosen.rounds, reports=chosen.reports)
    read = read_rounds(chosen.rounds, pages=min(chosen.reports, 200))
    page = results_page(crawled, stored, read)
    RESULTS.write_text(page, encoding="utf-8")
    print(page)


def read_rounds(count: int, *, pages: int) -> list[Row]:
    """Reading, theirs and ours in turn, after a first page that loads what is loaded once."""
    sample = report_pages(pages, seed=7)
    jobs = {THEIRS: reading.theirs, OURS: reading.ours}
    speeds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job(sample[0])
    for _ in range(count):
        for name, job in jobs.items():
            speeds[name].append(reading.pages_per_s(sample, job))
    return [Row(name=name, pages=pages, pages_per_s=tuple(speeds[name])) for name in jobs]


def results_page(crawled: list[Row], stored: crawling.Stored, read: list[Row]) -> str:
    """RESULTS.md."""
    bare, first, again = crawled
    return f"""# What a crawl costs

Written by `make bench` on {datetime.now(UTC).date()}. Other machines give other numbers; the
ratios travel.

{machine()}

## Whole jobs

A generated TRS portal on loopback, served by a process of its own on the same machine;
{crawling.CONCURRENCY} connections, no delay. The bare fetch follows the same list links, parses
links and keeps nothing. The crawl keeps the wire's bytes in WARC files (fsync), reads every page
in other processes and settles it in two transactions. {len(first.cpu_s)} interleaved rounds, start
and end of the commands included; peak memory is the sum of proportional set sizes of the command
and its workers.

{table(crawled, base=bare)}

Stored by the first crawl: {stored.warc_bytes / first.pages / 1024:.1f} KiB of WARC and
{stored.ledger_bytes / first.pages / 1024:.1f} KiB of ledger a page; by the second
{stored.again_bytes / again.pages / 1024:.1f} KiB a page.

- {limit(first, "The first crawl")}
- {limit(again, "The second")}

## Reading alone

One process, the same pages in memory ({read[0].pages} reports of the 2021 form).

{table(read, base=read[0])}
"""


if __name__ == "__main__":
    main()
