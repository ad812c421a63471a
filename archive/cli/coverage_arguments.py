"""How the commands about which reports there are, and when they came, are spelled."""

import argparse

from archive.cli.days import year
from archive.command import Deferred, Subparsers, count
from archive.model.coverage import FIRST_YEAR, State


def add_coverage(subparsers: Subparsers) -> None:
    """Adds every command of this file; each sets `handler`."""
    _add_coverage(subparsers)
    _add_late(subparsers)


def _add_coverage(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "coverage",
        help="body × year: present, missing, late, not looked at, refused",
        description="One line a body, one column a year since 2008, for every portal of the "
        "catalogue and every body whose report is in the archive. Missing: the lists were read "
        "completely in a good run after the deadline and do not have it. Late: published after "
        "31 January (departments, since the reports on 2019) or 31 March. --state lists the "
        "reports of one state, each with the reason; --json has URLs, dates and reasons.",
        epilog="example: gongkai coverage --division 320613 --from 2014\n"
        "         (崇川区 with 港闸区, which it took over in 2020)\n"
        "         gongkai coverage --state missing --from 2023 --home demo-data",
    )
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    _add_division(subparser)
    subparser.add_argument("--from", dest="first", type=year, default=FIRST_YEAR, metavar="YEAR",
                           help=f"first year that reports cover ({FIRST_YEAR})")  # fmt: skip
    subparser.add_argument("--to", dest="last", type=year, metavar="YEAR", help="last year")
    states = [state.value for state in State]
    subparser.add_argument(
        "--state", metavar="STATE", choices=states, help=f"list these: {', '.join(states)}"
    )
    subparser.set_defaults(handler=Deferred("archive.cli.coverage:run_coverage"))


def _add_late(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "late",
        help="who published late, and by how many days",
        description="Lists the reports that were published after their deadline, the worst first, "
        "with the day that they print and the url. The deadline is 31 January of the next year for "
        "departments (since the reports on 2019) and 31 March for all others. Of several copies "
        "the one published first counts. Reports that print no day are neither in time nor late: "
        "they are counted apart (--undated lists them).",
        epilog="example: gongkai late --year 2023 --min-days 30 --home demo-data\n"
        "         gongkai late --by province",
    )
    subparser.add_argument("--year", type=year, metavar="Y", help="the year that reports cover")
    _add_division(subparser)
    help_ = "only those so many days late or more (1)"
    subparser.add_argument("--min-days", type=count, default=1, metavar="N", help=help_)
    told = subparser.add_mutually_exclusive_group()
    told.add_argument(
        "--by", choices=["body", "province", "year"], help="how many were late, by this"
    )
    told.add_argument("--undated", action="store_true", help="list those that print no day")
    subparser.add_argument("--limit", type=count, metavar="N", help="how many at most (all)")
    subparser.set_defaults(handler=Deferred("archive.cli.late:run_late"))


def _add_division(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument(
        "--division", metavar="PLACE",
        help="only bodies of a place (code or name), with all below it and all it took over",
    )  # fmt: skip
