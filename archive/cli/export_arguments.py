"""How the commands that write data for others are spelled: export and dataset."""

from pathlib import Path

from archive.cli.table_arguments import add_corrected, add_row_filter
from archive.command import Deferred, Subparsers
from archive.work.export.tables import FORMATS, TABLES


def add_export(subparsers: Subparsers) -> None:
    """Adds export and dataset; each sets `handler`."""
    _add_table_export(subparsers)
    _add_dataset(subparsers)


def _add_table_export(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "export",
        help="a whole table as .jsonl, .csv, .parquet or .xlsx",
        description="Writes a table; the file's ending says the format. `-o -` writes .jsonl to "
        "standard output, or --format csv; `-o s3://BUCKET/PREFIX/FILE` writes it here first and"
        " sends it there whole (docs/how-to/s3.md). --by writes a file a year, or a portal, beside"
        " FILE (figures-2023.parquet); with --job workers do that, each part as it is then.",
        epilog="example: gongkai export figures -o figures.parquet --home demo-data\n"
        "         gongkai export figures_current --year 2023 --indicator reviews -o reviews.csv\n"
        "         gongkai export figures --by year -o /srv/share/figures.parquet --job",
    )
    subparser.add_argument("table", metavar="TABLE", choices=TABLES, help=", ".join(TABLES))
    subparser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="file, - or s3://…"
    )
    formats = [ending[1:] for ending in FORMATS]
    help_ = f"if the file name does not say it: {', '.join(formats)}"
    subparser.add_argument("--format", metavar="FORMAT", choices=formats, help=help_)
    help_ = "figures as that version of the reader read them, before they were read again"
    subparser.add_argument("--reader", metavar="N", help=help_)
    add_corrected(subparser)
    help_ = "stars for mobile and identity card numbers in words and fields (gongkai personal)"
    subparser.add_argument("--mask-personal", action="store_true", help=help_)
    subparser.add_argument("--by", choices=("year", "portal"), help="a file each")
    help_ = "leave it to workers, a job a file; FILE is where all machines see it"
    subparser.add_argument("--job", action="store_true", help=help_)
    add_row_filter(subparser)
    subparser.set_defaults(handler=Deferred("archive.cli.export:run_export"))


def _add_dataset(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "dataset",
        help="a folder of Parquet files for others, with codebook, citation and checksums",
        description="Writes figures_current, coverage, statements, changes, similarity, findings,"
        " citations, bodies, portals, indicators and rules to DIR, the first three by year, with a"
        " data package (datapackage.json), Croissant, CODEBOOK.md, CITATION.cff, SHA256SUMS and a"
        " README that says how each is loaded. An earlier dataset in DIR is replaced at the end, in"
        " one step. Dates are those of the archive's last run: the same archive gives the same"
        " bytes. Personal numbers get stars (gongkai personal). Of a table without the column of"
        " an option the rows of the pages that are left are written.",
        epilog="example: gongkai dataset -o dataset --license CC-BY-4.0 --creator 'Li Hua'\n"
        "         gongkai dataset -o jiangsu --division 320000 --year 2022 --year 2023",
    )
    subparser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True,
                           help="a new folder, or one with an earlier dataset")  # fmt: skip
    subparser.add_argument("--title", metavar="TEXT", help="what it is called")
    subparser.add_argument("--creator", metavar="NAME", action="append", default=[],
                           help="who makes it; may be repeated (anonymous)")  # fmt: skip
    subparser.add_argument("--license", metavar="L", default="notspecified", help="SPDX key such as"
                           " CC-BY-4.0, or URL of a text (none: nobody may use it)")  # fmt: skip
    subparser.add_argument("--url", metavar="URL", help="where it can be had")
    add_row_filter(subparser, current=False)
    subparser.set_defaults(handler=Deferred("archive.cli.dataset:run_dataset"))
