"""`make bench`: measures, prints the tables, writes bench/RESULTS.md.

python -m bench [--reports 1000] [--rounds 3] [--captures 20000]
                [--only crawling|reading|preserving|replaying|bucket|optical|national|scale]
                [--every 10]
                [--size 0.01] [--archive HOME_OR_URL]
"""

import argparse
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import bucket, crawling, optical, preserving, reading, replaying
from bench.crawling import AGAIN, BARE, FIRST, Runs, Stored
from bench.filling import Tell, fill
from bench.national import measured_costs
from bench.national_report import national_part
from bench.report import limit, machine, sections, table
from bench.scale import measured, scale_table
from bench.site import report_pages, saved_pages
from bench.stages import END, READ, STAGES
from bench.steps import counted, steps_table
from bench.steps import samples as step_samples

RESULTS = Path(__file__).with_name("RESULTS.md")
CRAWLING = "Whole jobs"
READING = "Reading alone"
PRESERVING = "Verify, import, reread"
REPLAYING = "Raw replay"
BUCKET = "Records in a bucket"
OPTICAL = "Reports that are pictures"
NATIONAL = "National scale"
SCALE = "An archive of the whole country"
ON_POSTGRESQL = "The same on PostgreSQL"
PARTS = (
    CRAWLING, READING, PRESERVING, REPLAYING, BUCKET, OPTICAL, NATIONAL, SCALE, ON_POSTGRESQL,
)  # fmt: skip
PART_NAMES = (
    "crawling", "reading", "preserving", "replaying", "bucket", "optical", "national", "scale",
)  # fmt: skip


def main() -> None:
    """All measurements, crawling first; what is not measured now stays as it was written."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--reports", type=int, default=1000, help="pages of the generated site")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved repetitions")
    parser.add_argument("--captures", type=int, default=20_000, help="URLs to replay")
    help_ = "simulate every so-many-th portal of the nation"
    parser.add_argument("--every", type=int, default=10, help=help_)
    parser.add_argument("--size", type=float, default=0.01, help="of a whole country, for scale")
    parser.add_argument("--archive", help="one that bench.filling made, for scale")
    parser.add_argument("--only", choices=PART_NAMES, help="keep the other tables")
    chosen = parser.parse_args()
    parts = sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if chosen.only in (None, "crawling"):
        parts[CRAWLING] = crawling_part(chosen.rounds, chosen.reports)
    if chosen.only in (None, "reading"):
        parts[READING] = reading_part(chosen.rounds, min(chosen.reports, 200))
    if chosen.only in (None, "preserving"):
        parts[PRESERVING] = preserving_part(chosen.rounds, chosen.reports)
    if chosen.only in (None, "replaying"):
        parts[REPLAYING] = replaying_part(chosen.captures)
    if chosen.only in (None, "bucket"):
        parts[BUCKET] = bucket_part(chosen.captures)
    if chosen.only in (None, "optical"):
        parts[OPTICAL] = optical_part()
    if chosen.only in (None, "national"):
        parts[NATIONAL] = national_part(measured_costs(parts[CRAWLING]), chosen.every)
    if chosen.only in (None, "scale"):
        is_server = (chosen.archive or "").startswith("postgresql")
        parts[ON_POSTGRESQL if is_server else SCALE] = scale_part(chosen.archive, chosen.size)
    page = results_page(parts)
    RESULTS.write_text(page, encoding="utf-8")
    print(page)


def results_page(parts: dict[str, str]) -> str:
    """RESULTS.md."""
    told = "\n\n".join(f"## {heading}\n\n{parts[heading]}" for heading in PARTS if heading in parts)
    return f"""# What a crawl costs

Written by `make bench`. Other machines give other numbers; the ratios travel. What was measured by
hand stands in [NOTES.md](NOTES.md).

{told}
"""


def crawling_part(rounds: int, reports: int) -> str:
    """The tables of whole jobs, with what they were taken on."""
    samples = {"Reports of the 2021 form": False, "A quarter of them prose without tables": True}
    tables = []
    for name, mixed in samples.items():
        runs, stored, server = crawling.rounds(rounds, reports=reports, mixed=mixed)
        tables.append(f"### {name}\n\n{jobs_part(runs, stored)}")
    told = "\n\n".join(tables)
    return f"""{taken_on()}

A generated TRS portal on loopback: list pages of 20 reports, served by {server} on the same
machine; {crawling.CONCURRENCY} connections, no delay. The bare fetch follows the same list links,
parses links and keeps nothing. The crawl keeps the wire's bytes in WARC files (fsync), reads every
page in other processes and records it in two transactions. {rounds} interleaved rounds, start and
end of the commands included; peak memory is the sum of proportional set sizes of the command and
its workers.

{told}"""


def jobs_part(runs: dict[str, Runs], stored: Stored) -> str:
    """The table of one portal's jobs, processor time by stage, bytes by table."""
    rows = {name: each.row(name) for name, each in runs.items()}
    first, again = rows[FIRST], rows[AGAIN]
    stages = (*STAGES.values(), READ, END)
    lines = ["| CPU ms a page | " + " | ".join((*stages, "the server")) + " |"]
    lines.append("|---" * (len(stages) + 2) + "|")
    for name, each in runs.items():
        spent = [f"{each.ms_a_page(stage):.1f}" if each.stages[0] else "" for stage in stages]
        lines.append(f"| {name} | {' | '.join(spent)} | {each.server_ms_a_page():.1f} |")
    tables = ", ".join(
        f"{name} {size / first.pages / 1024:.1f}"
        for name, size in stored.by_table.items()
        if size / first.pages >= 100
    )
    by_stage = "\n".join(lines)
    return f"""{table(list(rows.values()), base=rows[BARE])}

{by_stage}

Stored by the first crawl: {stored.warc_bytes / first.pages / 1024:.1f} KiB of WARC and
{stored.ledger_bytes / first.pages / 1024:.1f} KiB of ledger a page; by the second
{stored.again_bytes / again.pages / 1024:.1f} KiB a page. KiB a page by table, with its indexes:
{tables}.

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

{told}

Steps of a page that is read after others like it, the same at every run; `python -m bench.steps
--save` makes them the ones that a test compares with:

{steps_table({name: counted(pages) for name, pages in step_samples().items()})}"""


def preserving_part(rounds: int, reports: int) -> str:
    """The table of what archivists do with files."""
    found = preserving.rounds(rounds, reports=reports)
    return f"""{taken_on()}

Over the files of one first crawl, the mix of reports above; {rounds} rounds in turn, start and end
of the commands included. Import reads every page anew into an empty archive; reread reads every
version again and keeps the earlier reading beside it.

{preserving.preserving_table(found)}"""


def replaying_part(captures: int) -> str:
    """The tables of raw replay, and of fifty times as many captures."""
    counts = (captures, 50 * captures)
    tables = "\n\n".join(replaying.waits_table(replaying.waits(each), each) for each in counts)
    return f"""{taken_on()}

Raw captures (`id_`) over loopback, one after another on one connection, the servers in turn. Both
know the same files: pywb by a sorted CDXJ file, ours by the ledger. Captures beyond 20,000 share
the records of those before.

{tables}"""


def bucket_part(records: int) -> str:
    """The table of records in S3-compatible storage."""
    found, through = bucket.waits(records, asked=1_000)
    return f"""{taken_on()}

{records:,} records of 6 KB in one file; the bucket is moto's server, which is Python, on the same
machine. A server elsewhere adds its distance to each record.

{bucket.waits_table(found, through)}"""


def optical_part() -> str:
    """The table of reports that are pictures."""
    return f"""{taken_on()}

Reports of the 2021 form, two pages of 200 numbers each, printed as pictures by the tests'
generator; one thread. Other programs were at work: processor time travels, waits do not. Ours puts
each number into its cell, and wrong is a cell that says another one; of tesseract a number counts
as right when it is said as often as it is printed, wherever that be.

{optical.optical_table(optical.measured())}"""


def scale_part(place: str | None, size: float) -> str:
    """The table of answers. place: of an archive that is there; None: one of that size is made."""
    with TemporaryDirectory() as folder:
        if place is None:
            fill(folder, size, Tell())
        found = measured(place or folder)
    return f"""{taken_on()}

`python -m bench.filling` writes the archive through the ledger's own functions; a size of 1 is a
whole country. `gongkai serve` answers over loopback, one question at a time, each asked once before
it counts. Where other programs are at work the processor time travels, waits do not; it is that of
the server, and of PostgreSQL's processes that answer it. At the end {getloadavg()[2]:.0f} programs
wanted a processor, on an average of 15 minutes.

{scale_table(found)}"""


def taken_on() -> str:
    """When, and on which machine."""
    return f"Measured on {datetime.now(UTC).date()}: {machine()}"


if __name__ == "__main__":
    main()
