"""How the commands over figures are spelled: table, compare, and what narrows an export."""

import argparse

from archive.cli.days import year, year_or_none
from archive.command import Deferred, Subparsers

BY = ("body", "place", "province", "year")
KINDS = ("government", "department", "township", "all")  # of archive.work.query.series


def add_tables(subparsers: Subparsers) -> None:
    """Adds table and compare; each sets `handler`."""
    _add_table(subparsers)
    _add_compare(subparsers)


def _add_table(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "table",
        help="numbers by body, place, province or year, with citations",
        description="INDICATOR is a key or name of a concept (requests_received, 行政复议数), which"
        " joins the forms of all years, or of one form's indicator (f21.s3.new); --list prints all."
        " Wide: a row a body or place, a column a year; long (also --json and files): a row a"
        " number, with URL, version and time of the capture it is from. Sums tell of how many"
        " bodies they are made and how many lack the number: absent is not zero. Governments are"
        " counted, as on the pages, since their reports mostly count those of their departments,"
        " too: --kind all has every body, and counts such requests twice.",
        epilog="example: gongkai table requests_answered --level county"
        " --from 2022 --to 2023 --change down\n"
        "         gongkai table reviews litigation --by place -o reviews.xlsx\n"
        "         gongkai table requests_received --applicant natural --by province\n"
        "         gongkai table --list",
    )
    subparser.add_argument(
        "indicators", metavar="INDICATOR", nargs="*", help="concept or indicator"
    )
    subparser.add_argument("--list", action="store_true", help="print concepts and indicators")
    subparser.add_argument("--by", choices=BY, default="body", help="what a row is (body)")
    _add_years(subparser)
    _add_places(subparser)
    subparser.add_argument("--level", choices=("province", "prefecture", "county", "township"),
                           help="only bodies of that level")  # fmt: skip
    subparser.add_argument("--kind", choices=KINDS, help="bodies of that kind (government; with"
                           " --level township all)")  # fmt: skip
    help_ = "only requests of these: natural, business, research, charity, legal, other_org"
    subparser.add_argument("--applicant", metavar="A", help=help_)
    subparser.add_argument("--certainty", choices=("table", "prose"), help="only numbers of tables,"
                           " or only those stated in prose")  # fmt: skip
    subparser.add_argument("--change", choices=("down", "up"), help="only what fell, or rose, from"
                           " the first year to the last, with by how much")  # fmt: skip
    add_corrected(subparser)
    form = subparser.add_mutually_exclusive_group()
    form.add_argument("--wide", action="store_true", help="a column a year (on a terminal)")
    form.add_argument("--long", action="store_true", help="a row a number (--json and files)")
    help_ = "write .csv, .jsonl, .parquet or .xlsx instead of printing"
    subparser.add_argument("-o", "--output", metavar="FILE", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.table:run_table"))


def _add_compare(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "compare",
        help="bodies side by side over the years",
        description="BODY is part of the name of a public body, its number, or a place (code or"
        " name), a blank and part of the name. A name that several bodies have is refused, and they"
        " are listed.",
        epilog="example: gongkai compare 崇川区人民政府 如东县 --indicator reviews --from 2019\n"
        "         gongkai compare '南京市 鼓楼区人民政府' '徐州市 鼓楼区人民政府' --json",
    )
    subparser.add_argument("bodies", metavar="BODY", nargs="+", help="public bodies, up to 20")
    subparser.add_argument("--indicator", metavar="I", action="append",
                           help="a concept or indicator; may be repeated (requests, reviews,"
                           " lawsuits, documents)")  # fmt: skip
    _add_years(subparser)
    subparser.set_defaults(handler=Deferred("archive.cli.table:run_compare"))


def add_row_filter(subparser: argparse.ArgumentParser, *, current: bool = True) -> None:
    """Adds what narrows an export to some rows. current: whether --current is among it."""
    rows = subparser.add_argument_group("only some rows, where the table has the column")
    rows.add_argument("--year", type=year_or_none if current else year, metavar="YEAR",
                      action="append", default=[],
                      help="of reports on that year; may be repeated, as all of these")  # fmt: skip
    _add_places(rows)
    rows.add_argument("--indicator", metavar="I", action="append", default=[],
                      help="of an indicator, or of all that a concept joins")  # fmt: skip
    rows.add_argument("--portal", metavar="KEY", action="append", default=[], help="of a portal")
    if current:
        rows.add_argument("--current", action="store_true", help="of pages' latest versions")


def add_corrected(subparser: argparse.ArgumentParser) -> None:
    """Adds --corrected, which asks for what people corrected."""
    help_ = "what people corrected (gongkai correct) in the place of what was read, marked as such"
    subparser.add_argument("--corrected", action="store_true", help=help_)


def _add_years(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("--from", dest="first", type=year, metavar="YEAR", help="first year")
    subparser.add_argument("--to", dest="last", type=year, metavar="YEAR", help="last year")


def _add_places(group: "argparse._ActionsContainer") -> None:
    group.add_argument("--division", metavar="PLACE", help="a place (code or name), with all below"
                       " it and all it took over")  # fmt: skip
