"""How the commands about what changed, who copied and how to cite are spelled."""

from archive.command import Deferred, Subparsers, count


def add_changes(subparsers: Subparsers) -> None:
    """Adds every command of this file; each sets `handler`."""
    _add_cite(subparsers)


def _add_cite(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "cite",
        help="a citation of one version, in words or as BibTeX",
        description="Prints how one version of a page is cited: a line as GB/T 7714 has it for "
        "electronic resources, and an English one. --json has every value: when it was captured "
        "(to the microsecond), its hash, and the WARC file that holds its bytes.",
        epilog="example: gongkai cite t20170220_1017.html --version 1 --home demo-data\n"
        "         gongkai cite t20170220_1017.html --bibtex >> sources.bib",
    )
    subparser.add_argument("url", metavar="URL", help="in any spelling, or a unique end of it")
    subparser.add_argument("--version", type=count, metavar="N", help="a version (the latest)")
    subparser.add_argument("--bibtex", action="store_true", help="as an entry of BibTeX")
    help_ = "where `gongkai replay` shows snapshots: its URL, which the citation then names"
    subparser.add_argument("--replay-url", metavar="URL", default="none", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.citation:run_cite"))
