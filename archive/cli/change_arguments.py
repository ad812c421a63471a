"""How the commands about what changed, who copied and how to cite are spelled."""

import argparse

from archive.cli.days import year
from archive.command import Deferred, Subparsers, count
from archive.model.change import ChangeKind

_KINDS = [kind.value for kind in ChangeKind]
_BODY = "a public body: its number, part of its name, or a place, a blank and part of its name"


def add_changes(subparsers: Subparsers) -> None:
    """Adds every command of this file; each sets `handler`."""
    _add_changes(subparsers)
    _add_similar(subparsers)
    _add_cite(subparsers)


def _add_changes(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "changes",
        help="what was changed on pages after they were published, newest first",
        description="One line a change from a version of a page to the next: a figure, its title, "
        "lines of its text, a header field such as a date; and pages that are gone or came back. "
        "Lists are left out. What a better reader finds in the same capture is no change.",
        epilog="example: gongkai changes --since 2026-03 --what figure --home demo-data\n"
        "         gongkai changes --since 12 --portal pingtan --diff (since run 12)\n"
        "         gongkai changes --body 澄溪县财政局 --indicator requests_received --json",
    )
    subparser.add_argument("--since", metavar="DATE|RUN",
                           help="captured on or after a day (UTC; 2026, 2026-03, 2026-03-02), or "
                           "by this run and later ones")  # fmt: skip
    subparser.add_argument("--until", metavar="DATE", help="captured on or before a day (UTC)")
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    subparser.add_argument("--division", metavar="PLACE", help="a place (code or name), "
                           "with all below it and all it took over")  # fmt: skip
    subparser.add_argument("--body", metavar="NAME", help=_BODY)
    subparser.add_argument("--what", choices=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    subparser.add_argument("--indicator", metavar="KEY",
                           help="changed figures of one indicator or concept")  # fmt: skip
    subparser.add_argument("--limit", type=count, default=100, metavar="N", help="changes (100)")
    subparser.add_argument("--diff", action="store_true",
                           help="whole comparisons, words and figures")  # fmt: skip
    subparser.set_defaults(handler=Deferred("archive.cli.changes:run_changes"))


def _add_similar(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "similar",
        help="which reports copy last year's text, or another body's",
        description="Pairs of reports whose own words are alike, the most similar first: digits "
        "are masked, tables and the set phrases of the official formats left out. With one URL the "
        "pairs of that report; with two the passages that the first has of the second, whatever "
        "they are. Compared are the reports that speak for a body and year, from a similarity of "
        "0.8 on; at the end of each crawl.",
        epilog="example: gongkai similar --within --year 2024 --home demo-data\n"
        "         gongkai similar --body 澄溪县财政局 --show\n"
        "         gongkai similar t20250213_1001.html t20240129_1006.html",
    )
    subparser.add_argument("url", metavar="URL", nargs="*",
                           help="in any spelling, or a unique end of it")  # fmt: skip
    subparser.add_argument("--min", dest="least", type=_share, default=0.9, metavar="S",
                           help="the least similarity, 0.8 to 1 (0.9)")  # fmt: skip
    subparser.add_argument("--body", metavar="NAME", help=_BODY)
    subparser.add_argument("--year", type=year, metavar="YEAR",
                           help="the year that the later report covers")  # fmt: skip
    which = subparser.add_mutually_exclusive_group()
    which.add_argument("--within", action="store_true", help="of one body, between two years")
    which.add_argument("--across", action="store_true", help="of two bodies")
    subparser.add_argument("--show", action="store_true", help="the passages of each pair")
    subparser.add_argument("--limit", type=count, default=100, metavar="N", help="pairs (100)")
    subparser.set_defaults(handler=Deferred("archive.cli.similar:run_similar"))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.8 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a similarity of 0.8 to 1")
    return share


def _add_cite(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "cite",
        help="a citation of one version, in words or as BibTeX",
        description="Prints how one version of a page is cited: a line as GB/T 7714 has it for "
        "electronic resources, and an English one. --json has every value: when it was captured "
        "(to the microsecond), its hash, the WARC file that holds its bytes, and the seal that "
        "names it, where one does. Exit status 1 when that file is gone.",
        epilog="example: gongkai cite t20170220_1017.html --version 1 --home demo-data\n"
        "         gongkai cite t20170220_1017.html --bibtex >> sources.bib",
    )
    subparser.add_argument("url", metavar="URL", help="in any spelling, or a unique end of it")
    subparser.add_argument("--version", type=count, metavar="N", help="a version (the latest)")
    subparser.add_argument("--bibtex", action="store_true", help="as an entry of BibTeX")
    help_ = "where `gongkai replay` shows snapshots: its URL, which the citation then names"
    subparser.add_argument("--replay-url", metavar="URL", default="none", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.citation:run_cite"))
