"""`make bench`: measures, prints the tables, writes bench/RESULTS.md.

python -m bench [--reports 500] [--rounds 3] [--only crawling|reading]
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bench import crawling, reading
from bench.report import limit, machine, sections, table
from bench.site import report_pages, saved_pages

RESULTS = Path(__file__).with_name("RESULTS.md")
CRAWLING = "Whole jobs"
READING = "Reading alone"


def main() -> None:
    """Both measurements, crawling first; what is not measured now stays as it was written."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--reports", type=int, default=500, help="pages of the generated site")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved repetitions")
    parser.add_argument("--only", choices=("crawling", "reading"), help="keep the other tables")
    chosen = parser.parse_args()
    parts = sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if chosen.only != "reading":
        parts[CRAWLING] = crawling_part(chosen.rounds, chosen.reports)
    if chosen.only != "crawling":
        parts[READING] = reading_part(chosen.rounds, min(chosen.reports, 200))
    page = results_page(parts)
    RESULTS.write_text(page, encoding="utf-8")
    print(page)


def results_page(parts: dict[str, str]) -> str:
    """RESULTS.md."""
    told = "\n\n".join(
        f"## {heading}\n\n{parts[heading]}" for heading in (CRAWLING, READING) if heading in parts
    )
    return f"""# What a crawl costs

Written by `make bench`. Other machines give other numbers; the ratios travel.

{told}
"""


def crawling_part(rounds: int, reports: int) -> str:
    """The table of whole jobs, with what it was taken on."""
    measured, stored = crawling.rounds(rounds, reports=reports)
    bare, first, again = measured
    return f"""{taken_on()}

A generated TRS portal on loopback, served by a process of its own on the same machine;
{crawling.CONCURRENCY} connections, no delay. The bare fetch follows the same list links, parses
links and keeps nothing. The crawl keeps the wire's bytes in WARC files (fsync), reads every page
in other processes and settles it in two transactions. {rounds} interleaved rounds, start
and end of the commands included; peak memory is the sum of proportional set sizes of the command
and its workers.

{table(measured, base=bare)}

Stored by the first crawl: {stored.warc_bytes / first.pages / 1024:.1f} KiB of WARC and
{stored.ledger_bytes / first.pages / 1024:.1f} KiB of ledger a page; by the second
{stored.again_bytes / again.pages / 1024:.1f} KiB a page.

- {limit(first, "The first crawl")}
- {limit(again, "The second")}"""


def reading_part(rounds: int, reports: int) -> str:
    """The tables of reading: generated reports, and saved pages where this machine has them."""
    samples = {
        "Generated reports of the 2021 form, with its three tables": report_pages(reports, seed=7)
    }
    if saved := saved_pages():
        samples["Real pages, saved from portals (not part of the repository)"] = saved
    tables = []
    for what, pages in samples.items():
        rows = reading.rounds(rounds, pages)
        tables.append(f"{what}:\n\n{table(rows, base=rows[0])}")
    told = "\n\n".join(tables)
    return f"""{taken_on()}

One process, pages in memory, the two in turn every {reading.TURN} pages; processor time, {rounds}
rounds.

{told}"""


def taken_on() -> str:
    """When, and on which machine."""
    return f"Measured on {datetime.now(UTC).date()}: {machine()}"


if __name__ == "__main__":
    main()
